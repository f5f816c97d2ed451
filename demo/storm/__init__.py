"""A storm: relays are killed while people write, and somebody keeps a journal of it.

`make demo STORY=storm` shows it, `make chaos-relay` lets it rage for longer. Nothing
here asks a relay what it has lost: the journal knows what was acknowledged.
"""
