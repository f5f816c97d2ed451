"""The relay: a blind sequencer of sealed entries, and mailboxes beside it."""
