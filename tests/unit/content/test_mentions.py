"""People named in a text: found by their account, whatever the words say."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.content.mentions import MOST_MENTIONS, mention, mentions_in, spoken
from privity.content.uris import account_uri

ANA = b"a" * 16
URI = account_uri(ANA)


def test_a_mention_is_a_link_to_the_account_as_mimi_writes_it():
    assert mention(ANA, "Ana") == f"[@Ana]({URI})"
    text = f"Thanks, {mention(ANA, 'Ana')}!"
    (one,) = mentions_in(text)
    assert (one.account_id, one.name) == (ANA, "Ana")
    assert text[one.start : one.end] == f"[@Ana]({URI})"
    assert spoken(text) == "Thanks, @Ana!"


@given(st.text(min_size=1, max_size=80))
def test_every_name_can_be_written_and_names_one_account(name):
    (one,) = mentions_in(f"x {mention(ANA, name)} y")
    assert one.account_id == ANA
    assert mentions_in(mention(ANA, name))[0].end == len(mention(ANA, name))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"<{URI}>", 1),
        (f"[Ana]({URI})", 1),
        (f"[@Ana](privity:a/{'x' * 26})", 0),
        ("@Ana", 0),
        (f"[@Ana]({URI}x)", 0),
        (f"[@Ana]({URI.upper()})", 0),
        ("[@Ana](privity:c/aaaaaaaaaaaaaaaaaaaaaaaaaa)", 0),
        (f"[@Ana]({URI}) " * 200, MOST_MENTIONS),
    ],
)
def test_only_a_link_to_an_account_is_a_mention(text, count):
    assert len(mentions_in(text)) == count


@pytest.mark.parametrize("piece", ["[", "[@a](", "\\[", f"[@a]({URI}", "<privity:a/"])
def test_no_text_takes_longer_than_it_is(piece):
    began = time.perf_counter()
    mentions_in((piece * 16_384)[:16_384])
    assert time.perf_counter() - began < 1
