"""How relays keep out of each other's way: advisory locks, all taken at the beginning.

A step with keys shares the database with others and has the buckets of its keys for
itself; one without has the whole database. Each transaction takes the lock of the
database first and then its buckets in their order, so nobody waits in a circle. The
locks end with the transaction, once it is durable and seen by all.
"""

from collections.abc import Iterable
from zlib import crc32

__all__ = ["BUCKETS", "begin", "bucket_of"]

BUCKETS = 4_096
"""Keys share a lock where they are of one bucket; bounds the locks of a batch."""
_DATABASE, _BUCKET = 1, 2


def bucket_of(key: bytes) -> int:
    """Return the bucket whose lock stands for a key's."""
    return crc32(key) % BUCKETS


def begin(keys: Iterable[bytes]) -> str:
    """Return the statements that begin a transaction with the locks of its keys."""
    buckets = sorted({bucket_of(key) for key in keys})
    if not buckets:
        return f"BEGIN; SELECT pg_advisory_xact_lock({_DATABASE}, 0)"
    listed = ",".join(map(str, buckets))
    return (
        f"BEGIN; SELECT pg_advisory_xact_lock_shared({_DATABASE}, 0);"  # noqa: S608
        f" SELECT pg_advisory_xact_lock({_BUCKET}, bucket)"
        f" FROM unnest('{{{listed}}}'::int[]) AS bucket"
    )
