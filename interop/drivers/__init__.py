"""One driver for each implementation; each is the main program of its process."""
