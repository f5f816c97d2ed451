"""What an operator sees of a running relay: events, health, upkeep."""
