"""The table of blobs, on the log side; it knows neither uploader nor chat."""

__all__ = ["BLOB_TABLES"]

BLOB_TABLES = (
    # `offset` counts the bytes that are durable; `sha256` stands once all are there.
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
