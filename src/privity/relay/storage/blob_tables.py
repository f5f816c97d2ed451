"""The tables of blobs, on the log side; they know no uploader.

No chat either, but for the blobs that are envelopes of commits.
"""

__all__ = ["BLOB_TABLES"]

BLOB_TABLES = (
    # `offset` counts the bytes that are durable; `sha256` stands once all are there.
    # `days` is for how long the uploader wants it kept, 0 for as long as may be.
    """
    CREATE TABLE blobs (
        blob_id BLOB PRIMARY KEY,
        key_hash BLOB NOT NULL,
        size INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        sha256 BLOB,
        day INTEGER NOT NULL,
        days INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # Which entries have a blob for their envelope; it is not forgotten before them.
    """
    CREATE TABLE held_blobs (
        log_id BLOB NOT NULL,
        seq INTEGER NOT NULL,
        blob_id BLOB NOT NULL,
        PRIMARY KEY (log_id, seq)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX holders ON held_blobs (blob_id)",
)
