"""The window: the client's page in its owner's browser, served on loopback alone."""
