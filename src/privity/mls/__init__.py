"""Messaging Layer Security (RFC 9420): sans-I/O, over audited primitives."""
