"""The names of what lies in a relay's data directory."""

__all__ = ["ACCOUNTS_NAME", "BLOBS_NAME", "LOCK_NAME", "LOGS_NAME", "MARK_NAME"]

ACCOUNTS_NAME = "accounts.sqlite"
LOGS_NAME = "logs.sqlite"
BLOBS_NAME = "blobs"
LOCK_NAME = "lock"
MARK_NAME = "watermark"
