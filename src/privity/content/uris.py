"""The URIs that stand in content: `privity:a/<account>`, `privity:c/<chat>`, blobs."""

from privity.errors import DecodeError
from privity.identity.handles import check_host
from privity.identity.ids import id_from_text, id_to_text

__all__ = [
    "account_uri",
    "blob_url",
    "chat_uri",
    "parse_account_uri",
    "parse_blob_url",
    "parse_chat_uri",
]

_ACCOUNT = "privity:a/"
_CHAT = "privity:c/"
_BLOB = "privity-blob:"


def account_uri(account_id: bytes) -> str:
    """Return the URI of an account, as sender and in mentions."""
    return _ACCOUNT + id_to_text(account_id)


def chat_uri(chat_id: bytes) -> str:
    """Return the URI of a chat, which MIMI calls the room."""
    return _CHAT + id_to_text(chat_id)


def blob_url(host: str, blob_id: bytes) -> str:
    """Return where the relay `host` keeps a sealed file."""
    return f"{_BLOB}{host}/{id_to_text(blob_id)}"


def parse_account_uri(uri: str) -> bytes:
    """Return the account id, or raise DecodeError."""
    return _id_behind(_ACCOUNT, uri)


def parse_chat_uri(uri: str) -> bytes:
    """Return the chat id, or raise DecodeError."""
    return _id_behind(_CHAT, uri)


def parse_blob_url(url: str) -> tuple[str, bytes]:
    """Return host and blob id, or raise DecodeError."""
    if not url.startswith(_BLOB):
        raise DecodeError("not the address of a blob")
    host, _, blob_id = url.removeprefix(_BLOB).partition("/")
    check_host(host)
    return host, id_from_text(blob_id)


def _id_behind(prefix: str, uri: str) -> bytes:
    if not uri.startswith(prefix):
        raise DecodeError(f"a URI that does not begin with {prefix}")
    return id_from_text(uri.removeprefix(prefix))
