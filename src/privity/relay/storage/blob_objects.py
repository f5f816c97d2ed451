"""Blobs as objects behind S3, one object for each part that was sent.

    3f/3f62…/000000000000    the first part, by id and offset in hex
    3f/3f62…/000000400000    the next

A part is one atomic `PUT`, and over what a call that failed has left at this offset. So
nothing has to be put together at the end, and nothing lies about half sent that costs
money. Which parts belong to a blob a listing tells; of what is read it is remembered,
since a finished blob does not change.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store

from privity.relay.config import BlobSettings
from privity.relay.storage.blob_store import BlobsAway

if TYPE_CHECKING:
    from obstore.store import S3Config

__all__ = ["BlobObjects", "open_s3"]

_LISTED = 1_000
_REMEMBERED = 1_024
_PLENTY = 1 << 60

Part = tuple[int, int]
"""Offset and size."""
T = TypeVar("T")


class BlobObjects:
    """The objects of one store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._read_lately: OrderedDict[bytes, list[Part]] = OrderedDict()

    def write_part(self, blob_id: bytes, offset: int, data: bytes) -> None:
        """Put one object; raises BlobsAway."""
        path = _path(blob_id, offset)
        _asked(lambda: obstore.put(self._store, path, data, use_multipart=False))

    def digest_of_part(self, blob_id: bytes, size: int) -> bytes:
        """Return SHA-256 of the parts, or b"" where they are not `size` bytes in a row.

        Raises BlobsAway.
        """
        digest, end = sha256(), 0
        for offset, length in self._parts(blob_id):
            wanted = min(length, size - end)
            if wanted <= 0 or offset != end:
                break
            digest.update(self._range(blob_id, offset, 0, wanted))
            end += wanted
        return digest.digest() if end == size else b""

    def finish(self, blob_id: bytes) -> None:
        """Do nothing: the row alone says that a blob is whole."""

    def read(self, blob_id: bytes, offset: int, size: int) -> bytes:
        """Return at most `size` bytes, of one part.

        Raises BlobsAway, and FileNotFoundError where the part is gone.
        """
        for start, length in self._known_parts(blob_id):
            if start <= offset < start + length:
                wanted = min(size, start + length - offset)
                return self._range(blob_id, start, offset - start, wanted)
        raise FileNotFoundError

    def has_lost(self, blob_id: bytes) -> bool:
        """Return False: a store that lacks an object is likelier to be another one."""
        del blob_id
        return False

    def remove(self, blob_id: bytes) -> None:
        """Delete all parts, the first one last; raises BlobsAway."""
        self._read_lately.pop(blob_id, None)
        for offset, _ in reversed(self._parts(blob_id)):
            with suppress(FileNotFoundError):
                _asked(partial(obstore.delete, self._store, _path(blob_id, offset)))

    def ids(self) -> Iterator[bytes]:
        """Yield each id once; raises BlobsAway."""
        last = b""
        for path, _ in self._list(None):
            try:
                blob_id = bytes.fromhex(path.split("/")[1])
            except (ValueError, IndexError):
                continue
            if blob_id != last:
                yield blob_id
                last = blob_id

    def free_bytes(self) -> int:
        """Return much: a store says no when it is full."""
        return _PLENTY

    def _known_parts(self, blob_id: bytes) -> list[Part]:
        parts = self._read_lately.get(blob_id)
        if parts is None:
            parts = self._read_lately[blob_id] = self._parts(blob_id)
            if len(self._read_lately) > _REMEMBERED:
                self._read_lately.popitem(last=False)
        return parts

    def _parts(self, blob_id: bytes) -> list[Part]:
        found = self._list(_folder(blob_id))
        return sorted((int(path.rpartition("/")[2], 16), size) for path, size in found)

    def _list(self, prefix: str | None) -> Iterator[tuple[str, int]]:
        stream = obstore.list(  # pyright: ignore[reportUnknownMemberType]
            self._store, prefix, chunk_size=_LISTED
        )
        while chunk := _asked(lambda: next(stream, None)):
            for one in chunk:
                yield one["path"], one["size"]

    def _range(self, blob_id: bytes, part: int, start: int, length: int) -> bytes:
        path = _path(blob_id, part)
        try:
            found = _asked(
                lambda: obstore.get_range(self._store, path, start=start, length=length)
            )
        except FileNotFoundError:
            self._read_lately.pop(blob_id, None)
            raise
        return bytes(found)


def open_s3(settings: BlobSettings) -> BlobObjects:
    """Return the blobs of a bucket, `s3://bucket/prefix`; asks it nothing yet."""
    bucket, _, prefix = settings.url.removeprefix("s3://").partition("/")
    config: S3Config = {"region": settings.region}
    if settings.access_key_id:
        config["access_key_id"] = settings.access_key_id
        config["secret_access_key"] = settings.secret_access_key
    if settings.endpoint:
        config["endpoint"] = settings.endpoint
    store = S3Store(
        bucket,
        prefix=prefix.strip("/") or None,
        config=config,
        client_options={
            "allow_http": settings.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=3),
            "timeout": timedelta(seconds=30),
        },
        retry_config={
            "max_retries": 2,
            "retry_timeout": timedelta(seconds=10),
            "backoff": {
                "base": 2,
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=1),
            },
        },
    )
    return BlobObjects(store)


def _asked(act: Callable[[], T]) -> T:
    """Do what asks the store; of what went wrong only this much is told."""
    try:
        return act()
    except FileNotFoundError:
        raise FileNotFoundError from None
    except (BaseError, OSError, TimeoutError):
        raise BlobsAway from None


def _folder(blob_id: bytes) -> str:
    return f"{blob_id.hex()[:2]}/{blob_id.hex()}"


def _path(blob_id: bytes, offset: int) -> str:
    return f"{_folder(blob_id)}/{offset:012x}"
