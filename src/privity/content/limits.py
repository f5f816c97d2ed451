"""Sizes that content keeps, in bytes, on both sides alike."""

__all__ = [
    "CONTENT",
    "CONTENT_TYPE",
    "DESCRIPTION",
    "EXPIRY",
    "FILE",
    "FILENAME",
    "LANGUAGE",
    "PARTS",
    "PART_LEVELS",
    "REACTION",
    "REPORTED",
    "TEXT",
    "THUMBNAIL",
    "TITLE",
    "TOPIC",
    "URI",
]

CONTENT = 56 * 1024
"""One message; sealed and padded, it still fits an application entry of 64 KiB."""
TEXT = 16 * 1024
THUMBNAIL = 24 * 1024
REACTION = 64
TITLE = 256
"""A chat's title, a display name."""
TOPIC = 4096
URI = 512
CONTENT_TYPE = 255
LANGUAGE = 255
DESCRIPTION = 1024
EXPIRY = 366 * 86_400
"""Seconds after reading; §9.1 calls more than a year nonsensical."""
FILENAME = 255
REPORTED = 500
"""Messages in one report of what was delivered and read."""
PARTS = 1024
PART_LEVELS = 4
FILE = 3 * 1024 * 1024 * 1024
"""A file's plaintext; sealed and padded, it still fits a blob of 4 GiB."""
