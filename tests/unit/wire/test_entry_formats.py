import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.errors import DecodeError
from privity.wire.entry import (
    NO_TAG,
    Header,
    Kind,
    chain,
    chain_of_links,
    digest,
    digest_of_links,
    links,
)
from privity.wire.stamp import make_stamp, place_of, stamp_of_links

U64 = st.integers(0, 2**64 - 1)
HASH = st.binary(min_size=32, max_size=32)
ID = st.binary(min_size=16, max_size=16)


@st.composite
def headers(draw):
    kind = draw(st.sampled_from(Kind))
    opens = kind is Kind.COMMIT and draw(st.booleans())
    extra = st.none() | HASH if kind is Kind.COMMIT else st.none()
    return Header(
        version=1,
        log_id=draw(ID),
        kind=kind,
        parent=draw(U64),
        generation=draw(U64),
        idem=draw(ID),
        tag=draw(HASH) if kind is Kind.APP else NO_TAG,
        opens=opens,
        next_access_pk=draw(HASH) if opens else None,
        next_lobby_pk=draw(HASH) if opens else None,
        welcome_hash=draw(extra),
        checkpoint_hash=draw(HASH) if opens else draw(extra),
    )


@given(headers())
def test_a_header_is_read_as_it_was_written(header):
    assert Header.parse(header.encode()) == header


@given(headers(), st.data())
def test_the_short_way_to_decode_agrees_with_the_long_one(header, data):
    encoded = bytearray(header.encode())
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= data.draw(st.integers(0, 255))
    try:
        slow = Header.decode(bytes(encoded))
    except DecodeError:
        with pytest.raises(DecodeError):
            Header.parse(bytes(encoded))
        return
    try:
        fast = Header.parse(bytes(encoded))
    except DecodeError:
        return
    assert fast == slow
    assert fast.encode() == bytes(encoded)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_are_the_canonical_header(data):
    try:
        header = Header.parse(data)
    except DecodeError:
        return
    assert header.encode() == data


@given(headers(), st.binary(max_size=64), HASH)
def test_what_is_known_of_an_unread_entry_continues_the_chain(header, envelope, before):
    encoded = header.encode()
    both = links(encoded, envelope)
    assert chain(before, encoded, envelope) == chain_of_links(before, both)
    assert digest(encoded, envelope) == digest_of_links(both)


@given(headers(), st.binary(max_size=64), HASH, U64, U64)
def test_both_ways_to_a_stamp_agree(header, envelope, key, seq, minute):
    encoded = header.encode()
    place = place_of(
        header.log_id, seq, minute, header.idem, encoded, envelope, header.tag
    )
    fast = stamp_of_links(key, header, seq, minute, links(encoded, envelope))
    assert make_stamp(key, place) == fast
