import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.errors import DecodeError, UsageError
from privity.identity.handles import Handle, check_host, check_name, parse_handle
from privity.identity.ids import id_from_text, id_to_text, new_id
from privity.identity.text import (
    from_base32,
    from_base64url,
    to_base32,
    to_base64url,
)


@given(st.binary(min_size=16, max_size=16))
def test_an_id_has_one_text_and_the_text_one_id(value):
    text = id_to_text(value)
    assert len(text) == 26
    assert id_from_text(text) == value


@given(st.text(max_size=30))
def test_any_text_is_refused_or_is_the_text_of_its_id(text):
    try:
        value = id_from_text(text)
    except DecodeError:
        return
    assert id_to_text(value) == text


@pytest.mark.parametrize(
    "text", ["", "a" * 25, "a" * 27, "A" * 26, "a" * 25 + "b", "a" * 25 + "=", "é" * 26]
)
def test_ids_of_another_length_case_or_spelling_are_refused(text):
    with pytest.raises(DecodeError):
        id_from_text(text)


def test_an_id_of_another_size_is_our_own_fault():
    with pytest.raises(UsageError):
        id_to_text(bytes(15))


def test_a_new_id_is_what_the_given_randomness_gives(random):
    assert len(new_id(random)) == 16
    assert new_id(random) != new_id(random)


@given(st.binary(max_size=80))
def test_both_alphabets_round_trip(data):
    assert from_base32(to_base32(data)) == data
    assert from_base64url(to_base64url(data)) == data


@pytest.mark.parametrize("text", ["a", "ab==", "AA", "ab\n", "ä"])
def test_base32_that_is_not_canonical_is_refused(text):
    with pytest.raises(DecodeError):
        from_base32(text)


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A+", "AA\n", "ä"])
def test_base64url_that_is_not_canonical_is_refused(text):
    with pytest.raises(DecodeError):
        from_base64url(text)


@pytest.mark.parametrize(
    "text", ["ana@chat.example", "a.b-c_9@localhost", "007@10.0.0.1"]
)
def test_handles_read_and_render_the_same(text):
    handle = parse_handle(text)
    assert isinstance(handle, Handle)
    assert str(handle) == text


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 33, "Ana", "-ana", ".ana", "an a", "anä", "ana\n", "a@na"]
)
def test_names_outside_the_alphabet_are_refused(name):
    with pytest.raises(DecodeError):
        check_name(name)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "Chat.example",
        "-a.example",
        "a-.example",
        "a..b",
        "a.",
        "a_b",
        "a" * 64,
        "a:80",
        ".".join(["a" * 60] * 5),
        "chat.example\n",
    ],
)
def test_hosts_that_are_no_lowercase_names_are_refused(host):
    with pytest.raises(DecodeError):
        check_host(host)


def test_a_handle_needs_its_host():
    with pytest.raises(DecodeError):
        parse_handle("ana")
