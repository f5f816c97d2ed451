"""What content must not do; each rule has a test that breaks it."""

from enum import unique

from privity import errors

__all__ = ["Rule"]


@unique
class Rule(errors.Rule):
    """A requirement whose violation makes us drop a message or a file."""

    SENDER = "the sender URI names another account than the leaf's"
    ROOM = "the room URI names another chat than this one"

    FRANK_HEADER = "the tag in the header is not the one that the sender signed"
    FRANK_LOG = "the signed log id is not the log's"
    FRANK_IDEM = "the signed idem is not the entry's"
    FRANK_TAG = "the tag does not open with the salt and the content inside"

    FILE_CHUNK_SIZE = "a chunk does not have the size that its place gives it"
    FILE_CHUNK = "a chunk is changed, moved, or of another file"
    FILE_AFTER_LAST = "a chunk behind the last one"
    FILE_TRUNCATED = "a file that ends before its last chunk"
    FILE_PADDING = "a file's padding is not zero"
    FILE_HASH = "the sealed file is not the one that the message commits to"
    FILE_ROOT = "the opened file is not the one that the message commits to"
