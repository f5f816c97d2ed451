"""Sizes and counts that both sides refuse to exceed; bytes unless a name says else."""

__all__ = [
    "ADDS_PER_COMMIT",
    "ANSWER",
    "ANSWERS_PER_PLEA",
    "APP_ENVELOPE",
    "BATCH",
    "BIG_COMMIT",
    "BLOB",
    "BLOB_DAYS",
    "BLOB_PART",
    "CHECKPOINT",
    "CHILDREN_NAMED",
    "COME_BACK",
    "COME_BACK_SECONDS",
    "COMMIT_ENVELOPE",
    "COMMIT_SPACING_MS",
    "DEVICES_PER_ACCOUNT",
    "DEVICE_LIST",
    "FIRST_ADDS",
    "FOLLOWED_LOGS",
    "FRAME",
    "FRAMES_IN_CONTAINER",
    "GENERATIONS_THAT_DROP",
    "HTTP_BODY",
    "ID",
    "KEY_PACKAGE",
    "KEY_PACKAGES_ONE_TIME",
    "KEY_PACKAGES_RESERVED",
    "KEY_PACKAGE_LIFETIME",
    "LEASE_SECONDS",
    "LOBBY_KEY_DAYS",
    "MAILBOX_CONTACTS",
    "MAILBOX_DOORS",
    "MAILBOX_MESSAGE",
    "MAILBOX_POST",
    "MAILBOX_REQUESTS",
    "NONCE",
    "PLEA",
    "PLEAS_PER_GENERATION",
    "PLEAS_PER_LOG",
    "PLEA_DAYS",
    "ROAD_COMMITS",
    "SELF_STORAGE",
    "SIGNAL",
    "TOKEN",
    "TOKENS_PER_CALL",
    "TOLL_MINUTES",
    "WELCOME",
    "WINDOW_BYTES",
    "WINDOW_ENTRIES",
    "WORK",
]

ID = 16
NONCE = 32

APP_ENVELOPE = 64 * 1024
COMMIT_ENVELOPE = 48 * 1024
BIG_COMMIT = 4 * 1024 * 1024
"""The envelope of a larger commit is a blob, of at most this."""
WELCOME = 256 * 1024
CHECKPOINT = 1024 * 1024
ADDS_PER_COMMIT = 8
FIRST_ADDS = 128
"""Of a log's first commit; its Welcome then still fits."""
COMMIT_SPACING_MS = 2_000
"""The first child of a commit is taken no sooner than this after it."""
LEASE_SECONDS = 10
"""For so long a lease keeps the free child of a commit for one connection."""

CHILDREN_NAMED = 256
"""So many children of a commit a refusal names, the first ones."""
TOLL_MINUTES = 60
"""For so long after a further child all commits of its generation cost a token."""

FRAME = 2 * 1024 * 1024
"""One WebSocket message; an opening commit with its checkpoint must fit."""
FRAMES_IN_CONTAINER = 1_024
FOLLOWED_LOGS = 4_096
BATCH = 8_192
"""Entries that a client takes at once; a relay sends far fewer."""
WINDOW_ENTRIES = 512
WINDOW_BYTES = 4 * 1024 * 1024
"""How much of one log a relay sends ahead of the reader's acknowledgement."""

SIGNAL = 128
"""Every signal has exactly this size."""

PLEA = 4 * 1024
PLEAS_PER_LOG = 32
PLEAS_PER_GENERATION = 4
"""Pleas under one lobby key that may wait for an answer; the newest ones stay."""
PLEA_DAYS = 14
ANSWER = 8 * 1024
ANSWERS_PER_PLEA = 8
GENERATIONS_THAT_DROP = 64
"""Of a log; what an older one dropped of pleas is forgotten."""
ROAD_COMMITS = 4_096
"""So many commits of one generation a lobby tells of, the first ones."""
LOBBY_KEY_DAYS = 400
"""How long after the closing of its generation a lobby key serves."""

COME_BACK = "come back within "
"""The reason with which a stopping relay closes a WebSocket, in front of seconds."""
COME_BACK_SECONDS = 30
"""The most that it may ask for, and that a client waits for it."""

MAILBOX_MESSAGE = 8_192
"""Every mailbox message has exactly this size."""
MAILBOX_POST = 16 * 1024
"""The HTTP body that brings one, in JSON at the longest."""
MAILBOX_REQUESTS = 20
MAILBOX_DOORS = 64
"""Ways in that a closed lane of requests leaves open."""
WORK = 12
"""Every proof of work has exactly this size."""
MAILBOX_CONTACTS = 1_000

KEY_PACKAGE = 8 * 1024
KEY_PACKAGES_ONE_TIME = 20
KEY_PACKAGES_RESERVED = 12
"""One-time packages that only holders of the mailbox access key can claim."""
KEY_PACKAGE_LIFETIME = 30 * 86_400
DEVICES_PER_ACCOUNT = 16
DEVICE_LIST = 16 * 1024
SELF_STORAGE = 64 * 1024
TOKEN = 84
"""Every single-use token has exactly this size."""
TOKENS_PER_CALL = 50
HTTP_BODY = 1536 * 1024
"""Any HTTP body but a blob's; a new log brings its first checkpoint."""

BLOB_PART = 4 * 1024 * 1024
BLOB_DAYS = 36_500
"""The most that an uploader may ask for; how long a blob stays the relay decides."""
BLOB = 4 * 1024 * 1024 * 1024
