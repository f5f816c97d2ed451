import pytest

from privity.content.uris import (
    account_uri,
    blob_url,
    chat_uri,
    parse_account_uri,
    parse_blob_url,
    parse_chat_uri,
)
from privity.errors import DecodeError

ID = bytes(range(16))


def test_uris_read_back():
    assert parse_account_uri(account_uri(ID)) == ID
    assert parse_chat_uri(chat_uri(ID)) == ID
    assert parse_blob_url(blob_url("chat.example", ID)) == ("chat.example", ID)


@pytest.mark.parametrize("uri", ["", "privity:c/" + "a" * 26, "privity:a/", "im:ana"])
def test_what_is_no_account_is_refused(uri):
    with pytest.raises(DecodeError):
        parse_account_uri(uri)


@pytest.mark.parametrize(
    "url", ["", "https://a/b", "privity-blob:a", "privity-blob:A/" + "a" * 26]
)
def test_what_is_no_blob_is_refused(url):
    with pytest.raises(DecodeError):
        parse_blob_url(url)
