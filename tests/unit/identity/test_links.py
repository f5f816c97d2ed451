from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.errors import UsageError
from privity.identity.links import (
    PREFIX,
    ContactLink,
    Link,
    LinkError,
    LinkExpired,
    LinkProblem,
    RegisterLink,
    RelayAddress,
    check_link_usable,
    parse_link,
    render_link,
)
from privity.identity.text import to_base64url

RELAY = RelayAddress(b"chat.example", b"https://chat.example:8443", b"f" * 32)
REGISTER = RegisterLink(RELAY, b"s" * 16, 1_800_000_000, 1, b"WELCOME-1")
CONTACT = ContactLink(
    relay=RELAY,
    secret=b"s" * 16,
    expiry=0,
    uses=0,
    account_id=b"a" * 16,
    identity_key=b"k" * 32,
    mailbox_ids=(b"m" * 16, b"n" * 16),
    reply_key=b"x" * 1216,
    code=b"",
)


def text_of(body, version=1):
    """Render what the honest renderer refuses to render."""
    return PREFIX + to_base64url(Link(version=version, body=body).encode())


def problem_of(text):
    with pytest.raises(LinkError) as caught:
        parse_link(text)
    assert caught.value.problem.value in str(caught.value)
    return caught.value.problem


@pytest.mark.parametrize("body", [REGISTER, CONTACT])
def test_a_link_reads_back_with_white_space_around_it(body):
    assert parse_link(f"  {render_link(body)}\n") == body


@pytest.mark.parametrize(
    "url",
    [
        "https://chat.example",
        "http://localhost:80",
        "http://127.0.0.1:1",
        "https://[2001:db8::1]:443",
        "http://[::1]",
        "https://a.b/privity/x",
    ],
)
def test_https_anywhere_and_http_at_home_are_taken(url):
    body = replace(REGISTER, relay=replace(RELAY, url=url.encode()))
    assert parse_link(render_link(body)) == body


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://chat.example",
        "ftp://chat.example",
        "https://",
        "https://a/?q",
        "https://u@chat.example",
        "https://a:0",
        "https://a/",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "https://chat.example\n",
        "https://é.example",
    ],
)
def test_an_unsafe_address_is_refused_on_both_sides(url):
    body = replace(REGISTER, relay=replace(RELAY, url=url.encode()))
    assert problem_of(text_of(body)) is LinkProblem.BAD_ADDRESS
    with pytest.raises(UsageError):
        render_link(body)


@pytest.mark.parametrize("host", [b"", b"Chat.example", b"a b", b"\xff"])
def test_a_host_that_is_none_is_refused(host):
    body = replace(REGISTER, relay=replace(RELAY, host=host))
    assert problem_of(text_of(body)) is LinkProblem.BAD_ADDRESS


@pytest.mark.parametrize("text", ["", "hello", "https://chat.example", "privity:"])
def test_another_text_is_not_a_link(text):
    assert problem_of(text) is LinkProblem.NOT_A_LINK


def test_links_of_other_versions_say_so():
    assert problem_of("privity:2#AAAA") is LinkProblem.OTHER_VERSION
    assert problem_of(text_of(REGISTER, version=2)) is LinkProblem.OTHER_VERSION


@pytest.mark.parametrize(
    "body",
    [
        replace(REGISTER, relay=replace(RELAY, fingerprint=b"short")),
        replace(CONTACT, mailbox_ids=()),
        replace(CONTACT, mailbox_ids=(b"m" * 16,) * 2),
    ],
)
def test_a_link_that_contradicts_itself_is_damaged(body):
    assert problem_of(text_of(body)) is LinkProblem.DAMAGED


@given(st.integers(min_value=len(PREFIX), max_value=len(render_link(REGISTER)) - 1))
def test_a_link_cut_short_anywhere_is_damaged(size):
    assert problem_of(render_link(REGISTER)[:size]) is LinkProblem.DAMAGED


@pytest.mark.parametrize("behind", ["A", "AAAA", "=", "%", "A" * 9000])
def test_a_link_with_something_behind_it_is_damaged(behind):
    assert problem_of(render_link(REGISTER) + behind) is LinkProblem.DAMAGED


def test_a_link_of_an_unknown_kind_is_damaged():
    data = bytearray(Link(version=1, body=REGISTER).encode())
    data[1] = 3
    assert problem_of(PREFIX + to_base64url(bytes(data))) is LinkProblem.DAMAGED


def test_a_link_expires_at_its_time_and_zero_is_never():
    check_link_usable(REGISTER, now=REGISTER.expiry - 1)
    check_link_usable(CONTACT, now=2**40)
    with pytest.raises(LinkExpired):
        check_link_usable(REGISTER, now=REGISTER.expiry)


def test_the_secret_of_a_link_does_not_print():
    assert "ssss" not in repr(CONTACT)
    assert "WELCOME" not in repr(REGISTER)
