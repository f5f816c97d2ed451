"""The command line: `privity`. Thin: every command is a verb of `client.verbs`."""
