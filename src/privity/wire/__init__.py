"""What travels between a client and a relay: entries, frames, HTTP bodies, codes."""
