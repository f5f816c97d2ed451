"""The tables of the log side that are not of logs: tokens and blobs.

A blob's row knows neither who uploaded it nor which chat speaks of it.
"""

__all__ = ["BLOB_SCHEMA", "TOKEN_SCHEMA"]

TOKEN_SCHEMA = (
    """
    CREATE TABLE tokens (
        hash BLOB PRIMARY KEY,
        kind TEXT NOT NULL,
        day INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

BLOB_SCHEMA = (
    """
    CREATE TABLE blobs (
        blob_id BLOB PRIMARY KEY,
        key_hash BLOB NOT NULL,
        size INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        sha256 BLOB,
        day INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)
"""`offset` counts the bytes that are durable; `sha256` stands once all are there."""
