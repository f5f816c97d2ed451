import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.content.franking import (
    AppPayload,
    FrankedAuthData,
    FrankPlace,
    frank,
    open_franked,
    seal_franked,
)
from privity.content.rules import Rule
from privity.errors import DecodeError, UsageError

PLACE = FrankPlace(log_id=b"l" * 16, group_id=b"g" * 16, idem=b"i" * 16)
PAYLOAD = AppPayload(
    version=1,
    frank_salt=b"s" * 32,
    counter=7,
    seen_seq=41,
    seen_chain=b"c" * 32,
    gap_root=b"",
    app_data=b"content",
)


def test_the_tag_is_an_hmac_over_length_prefixed_fields():
    fields = (b"privity/frank/v1", b"l" * 16, b"g" * 16, b"i" * 16, b"content")
    data = b"".join(bytes([len(field)]) + field for field in fields)
    assert frank(b"s" * 32, PLACE, b"content") == hmac.digest(b"s" * 32, data, "sha256")


@given(st.binary(max_size=100), st.sampled_from([b"", b"r" * 32]))
def test_what_is_franked_opens(app_data, gap_root):
    payload = replace(PAYLOAD, app_data=app_data, gap_root=gap_root)
    signed = seal_franked(payload, PLACE)
    opened = open_franked(signed.tag, PLACE, signed.encode(), payload.encode())
    assert opened == payload


def test_what_is_not_franked_may_change_between_attempts():
    signed = seal_franked(PAYLOAD, PLACE)
    later = replace(PAYLOAD, seen_seq=99, seen_chain=b"d" * 32, gap_root=b"r" * 32)
    assert seal_franked(later, PLACE) == signed


def test_a_header_with_another_tag_is_rejected(rejects):
    signed = seal_franked(PAYLOAD, PLACE)
    with rejects(Rule.FRANK_HEADER):
        open_franked(bytes(32), PLACE, signed.encode(), PAYLOAD.encode())


@pytest.mark.parametrize(
    ("field", "rule"), [("log_id", Rule.FRANK_LOG), ("idem", Rule.FRANK_IDEM)]
)
def test_a_frame_moved_to_another_log_or_entry_is_rejected(rejects, field, rule):
    signed = seal_franked(PAYLOAD, PLACE)
    with rejects(rule):
        open_franked(
            signed.tag,
            replace(PLACE, **{field: b"x" * 16}),
            signed.encode(),
            PAYLOAD.encode(),
        )


@pytest.mark.parametrize(
    "changes", [{"app_data": b"contenT"}, {"frank_salt": b"t" * 32}]
)
def test_a_tag_that_does_not_open_is_rejected(rejects, changes):
    signed = seal_franked(PAYLOAD, PLACE)
    other = replace(PAYLOAD, **changes)
    with rejects(Rule.FRANK_TAG):
        open_franked(signed.tag, PLACE, signed.encode(), other.encode())


def test_a_tag_of_another_group_is_rejected(rejects):
    signed = seal_franked(PAYLOAD, replace(PLACE, group_id=b"h" * 16))
    with rejects(Rule.FRANK_TAG):
        open_franked(signed.tag, PLACE, signed.encode(), PAYLOAD.encode())


def test_a_consistent_tag_over_nothing_real_is_rejected(rejects):
    signed = FrankedAuthData(bytes(32), PLACE.log_id, PLACE.idem)
    with rejects(Rule.FRANK_TAG):
        open_franked(bytes(32), PLACE, signed.encode(), PAYLOAD.encode())


@pytest.mark.parametrize("changes", [{"version": 2}, {"gap_root": b"short"}])
def test_a_payload_of_another_version_or_shape_is_refused_both_ways(changes):
    odd = replace(PAYLOAD, **changes)
    signed = seal_franked(PAYLOAD, PLACE)
    with pytest.raises(DecodeError):
        open_franked(signed.tag, PLACE, signed.encode(), odd.encode())
    with pytest.raises(UsageError):
        seal_franked(odd, PLACE)


@pytest.mark.parametrize("data", [b"", bytes(63), bytes(65)])
def test_authenticated_data_of_another_size_is_refused(data):
    with pytest.raises(DecodeError):
        open_franked(bytes(32), PLACE, data, PAYLOAD.encode())


def test_a_salt_of_another_size_is_our_own_fault():
    with pytest.raises(UsageError):
        frank(bytes(31), PLACE, b"")


def test_content_does_not_print_with_its_payload():
    assert "hush" not in repr(replace(PAYLOAD, app_data=b"hush"))
