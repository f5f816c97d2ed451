"""Links are found where they stand, and what is odd about them is named."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.cli.links import link_lines
from privity.client import link_safety
from privity.client.link_safety import MOST_LINKS, links_in
from privity.client.link_warnings import WORDS, Warn
from privity.client.verbs import results

GOOD = "https://example.com"


def only(text, **options):
    (link,) = links_in(text, **options)
    return link


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"see {GOOD}/a.", f"{GOOD}/a"),
        (f"({GOOD}/x_(y)), you know", f"{GOOD}/x_(y)"),
        ("**www.example.com**!", "www.example.com"),
        (f"<{GOOD}>", GOOD),
        (f"[{GOOD}]({GOOD})", GOOD),
        ("write [a@b.example](mailto:a@b.example)", "a@b.example"),
    ],
)
def test_a_plain_link_is_found_without_its_sentence(text, shown):
    link = only(text)
    assert (link.text, link.warnings, link.opens) == (shown, (), True)


@pytest.mark.parametrize(
    "text",
    ["none here", "xhttps://a.example", "file.py", "[@Ana](privity:a/abc)", "[x]()"],
)
def test_what_is_no_link_stays_text(text):
    assert links_in(text) == ()


def test_a_range_names_exactly_what_stands_there():
    text = f"😀 [here]({GOOD}/x) and {GOOD}"
    first, second = links_in(text)
    assert text[first.start : first.end] == f"[here]({GOOD}/x)"
    assert text[second.start : second.end] == GOOD


def test_in_a_plain_text_markdown_is_no_link():
    assert links_in("[a](mailto:b@c.example)", markdown=False) == ()
    assert only(f"[a]({GOOD})", markdown=False).text == GOOD


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("http://example.com", {"insecure"}),
        ("https://example.com@evil.example/", {"user_info"}),
        ("https://example.com:pw@evil.example/", {"user_info"}),
        ("https://аррӏе.example", {"lookalike", "punycode"}),  # noqa: RUF001
        ("https://xn--80ak6aa92e.example", {"lookalike", "punycode"}),
        ("https://раypal.example", {"lookalike", "mixed_scripts", "punycode"}),  # noqa: RUF001
        ("https://münchen.example", {"punycode"}),
        ("https://例え.example", {"punycode"}),
        ("https://a\u202egro.elpmaxe", {"direction", "punycode"}),
        ("https://a\u200bb.example", {"invisible", "punycode"}),
        ("https://good.example\\@evil.example", {"malformed"}),
        ("[go](https:evil.example)", {"malformed", "text_differs"}),
        ("https://ex%61mple.com", {"malformed"}),
        ("https://93.184.216.34/", {"address"}),
        ("https://0x7f.1/", {"address", "near"}),
        ("https://2130706433/", {"address", "near"}),
        ("https://[::1]:8080/", {"address", "near"}),
        ("https://router/", {"near"}),
        ("https://printer.local/", {"near"}),
        ("[here](https://example.com)", {"text_differs"}),
        ("[https://example.com/a](http://example.com/a)", {"insecure", "text_differs"}),
        ("[bank.example](https://evil.example)", {"poses"}),
        ("[https://bank.example](https://bank.example.evil.example)", {"poses"}),
        ("[x](javascript:alert(1))", {"scheme"}),
        ("[x](file:///etc/passwd)", {"scheme"}),
        ("<data:text/html,hi>", {"scheme"}),
        ("[x](relative/path)", {"scheme"}),
    ],
)
def test_what_is_odd_about_a_link_has_a_name(text, warnings):
    assert {str(warn) for warn in only(text).warnings} == warnings


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "https://good.example\\@evil.example",
        "https://a\u202eb.example",
        "https://" + "a" * 64 + ".example",
        f"{GOOD}/{'x' * 3000}",
    ],
)
def test_what_apps_read_in_two_ways_is_not_offered_to_be_opened(text):
    assert only(text).opens is False


@pytest.mark.parametrize(
    "shown",
    [
        "example.com/a",
        "https://example.com/a",
        "https://example.com:443/a",
        "www.example.com/a",
    ],
)
def test_a_text_that_means_the_same_place_is_not_odd(shown):
    assert only(f"[{shown}]({GOOD}/a)").warnings == ()


def test_a_link_says_where_it_leads_in_letters_and_as_it_is_asked_for():
    link = only("https://user@bücher.example:8443/a?b#c")
    assert link.target == "https://xn--bcher-kva.example:8443/a?b#c"
    assert link.host == "bücher.example"


def test_a_text_full_of_links_has_an_end():
    assert len(links_in(f"{GOOD} " * 500)) == MOST_LINKS


@pytest.mark.parametrize(
    "piece",
    ["[", "[a](", "](", "(", ")", "www.", "https://a.", "[](<", "[a](b ", "\\[", "<a:"],
)
def test_no_text_takes_longer_than_it_is(piece):
    began = time.perf_counter()
    links_in((piece * 16_384)[:16_384])
    links_in("https://" + (piece * 16_384)[:16_384])
    links_in("[a](b" + " " * 16_384)
    assert time.perf_counter() - began < 1


@given(st.text(alphabet="[]()<>:/.@\\ ahtpsw.é\u202e0x%#?-"))
def test_every_text_has_its_links_in_order_and_inside(text):
    links = links_in(text)
    ends = [0, *(link.end for link in links)]
    assert all(a <= b.start < b.end for a, b in zip(ends, links, strict=False))
    assert all(link.end <= len(text) for link in links)


def test_every_warning_has_its_words():
    assert WORDS.keys() == set(Warn)
    assert link_safety.MOST_LINKS == 100


def shown_as(link):
    return results.Link(
        link.start,
        link.end,
        link.text,
        link.target,
        link.host,
        link.opens,
        tuple(map(str, link.warnings)),
    )


def test_a_terminal_shows_where_a_posing_link_leads_and_nothing_of_a_good_one():
    links = links_in(f"[bank.example](https://evil.example/\u202ex) {GOOD}")
    lines = list(link_lines(map(shown_as, links)))
    assert len(lines) == 1
    assert lines[0].startswith("! bank.example → evil.example: shows one address")
    assert "\u202e" not in lines[0]
