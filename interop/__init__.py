"""Our MLS in groups with two other implementations of it, each in its own process."""
