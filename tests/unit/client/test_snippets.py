"""A snippet shows the place of the words, marked, and changes nothing else."""

import pytest

from privity.client.snippets import LENGTH, plain, snippet, spaced, words_in


def marked(text, query):
    pieces = snippet(text, words_in(query))
    return "".join(f"[{p.text}]" if p.found else p.text for p in pieces)


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Grüße aus Zürich", "zur", "Grüße aus [Zürich]"),
        ("one two one", "one tw", "[one] [two] [one]"),
        ("oneself", "one two", "oneself"),
        ("明日は東京へ", "東京", "明日は[東][京]へ"),
        ("foo-bar", "foo-b", "[foo]-[bar]"),
        ("no such word", "zzz", "no such word"),
        ("", "a", ""),
    ],
)
def test_words_are_marked_as_the_index_finds_them(text, query, shown):
    assert marked(text, query) == shown


def test_a_long_text_is_cut_around_the_first_word():
    text = "before " * 100 + "needle" + " behind" * 100
    pieces = snippet(text, ["needle"])
    joined = "".join(piece.text for piece in pieces)
    assert joined.startswith("…")
    assert joined.endswith("…")
    assert len(joined) == LENGTH + 2
    assert [piece.text for piece in pieces if piece.found] == ["needle"]


def test_pieces_of_a_short_text_are_the_text():
    text = "\u202emarkup <b>&amp;</b>\n\u0301 zalgo\u0336"
    assert "".join(p.text for p in snippet(text, words_in("b"))) == text


def test_what_is_indexed_comes_back_as_it_was():
    text = "明日 tomorrow 東京"
    assert plain(spaced(text)) == text
    assert spaced("ascii") == "ascii"
