"""Every word of the window is there in every language, in all its plural forms."""

import json
import re
from pathlib import Path

import pytest

import privity

UI = Path(privity.__file__).parent / "web" / "ui"
LOCALES = UI / "locale"
PLURALS = {
    "en": {"one", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
    "ja": {"other"},
}
"""The categories of the CLDR for whole numbers."""

TRANSLATIONS = sorted(set(PLURALS) - {"en"})
MODULES = sorted(
    path
    for path in UI.rglob("*.mjs")
    if not {"vendor", "i18n"} & set(path.relative_to(UI).parts)
)
HIDING = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
SAME_EVERYWHERE = {"about.name"} | {
    f"key.{name}" for name in ("Ctrl", "Enter", "PageDown", "PageUp", "Shift")
}
_COMMAND = re.compile(r"<code\b.*?</code>", re.DOTALL)
_TEXT = re.compile(r">([^<>]*)<")
_LABEL = re.compile(
    r"\b(?:aria-label|aria-description|placeholder|title|alt|label)=[\"']([^\"']*)[\"']"
)
_HOLE = re.compile(r"\$\{")


def catalogue(language):
    pairs = json.loads(
        (LOCALES / f"{language}.json").read_text(), object_pairs_hook=list
    )
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), "a key stands twice"
    return {
        key: dict(entry) if isinstance(entry, list) else entry for key, entry in pairs
    }


def forms(entry):
    return list(entry.values()) if isinstance(entry, dict) else [entry]


def values(text):
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_languages_are_those_whose_plurals_are_known():
    assert {path.stem for path in LOCALES.glob("*.json")} == set(PLURALS)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_no_key_is_missing_and_none_is_left_over(language):
    assert set(catalogue(language)) == set(catalogue("en"))


@pytest.mark.parametrize("language", sorted(PLURALS))
def test_keys_stand_in_order_so_that_they_are_found(language):
    assert list(catalogue(language)) == sorted(catalogue(language))


@pytest.mark.parametrize("language", sorted(PLURALS))
def test_a_count_has_every_plural_form_of_the_language(language):
    counted = {
        key: set(entry)
        for key, entry in catalogue(language).items()
        if isinstance(entry, dict)
    }
    assert {
        key: found for key, found in counted.items() if found != PLURALS[language]
    } == {}
    english = {k for k, entry in catalogue("en").items() if isinstance(entry, dict)}
    assert set(counted) == english


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_names_the_same_values(language):
    wrong = {}
    for key, entry in catalogue(language).items():
        wanted = set().union(*map(values, forms(catalogue("en")[key])))
        named = set().union(*map(values, forms(entry)))
        if not (wanted - {"count"} <= named <= wanted):
            wrong[key] = named ^ wanted
    assert wrong == {}


@pytest.mark.parametrize("language", sorted(PLURALS))
def test_words_are_not_empty_and_hide_no_marks(language):
    bad = [
        key
        for key, entry in catalogue(language).items()
        for text in forms(entry)
        if not text.strip() or HIDING.search(text)
    ]
    assert bad == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_is_not_the_english_text(language):
    english = catalogue("en")
    same = [
        key
        for key, entry in catalogue(language).items()
        if entry == english[key] and re.search("[A-Za-z]{4}", str(entry))
    ]
    assert [key for key in same if key not in SAME_EVERYWHERE] == []


def test_every_key_that_a_module_says_is_in_the_catalogue():
    known = set(catalogue("en"))
    said = {
        (key, path.name)
        for path in MODULES
        for key in re.findall(r"\btx?\(\s*'([a-z_0-9.]+)'", path.read_text())
    }
    assert {(key, name) for key, name in said if key not in known} == set()


def holes_cut(source):
    """Return a source with each `${…}` made empty, whatever is nested in it."""
    kept, depth, at = [], 0, 0
    while at < len(source):
        if _HOLE.match(source, at):
            depth, at = depth + 1, at + 2
        elif depth and source[at] in "{}":
            depth, at = depth + (1 if source[at] == "{" else -1), at + 1
        else:
            if not depth or source[at] == "\n":
                kept.append(source[at])
            at += 1
    return "".join(kept)


def templates(source):
    """Yield the text of each html`…`, the nested ones too."""
    for found in re.finditer(r"\bhtml`", source):
        inside = holes_cut(source[found.end() :])
        yield inside.split("`", 1)[0]


def hard_coded(source):
    for template in templates(source):
        # What is typed into a terminal is the same in every language.
        markup = ">" + _COMMAND.sub("", template) + "<"
        for text in _TEXT.findall(markup) + _LABEL.findall(markup):
            if re.search(r"[^\W\d_]{2}", text.removeprefix("https://")):
                yield " ".join(text.split())


def test_no_text_is_written_into_a_template():
    said = {path.name: list(hard_coded(path.read_text())) for path in MODULES}
    assert {name: found for name, found in said.items() if found} == {}


@pytest.mark.parametrize(
    "source",
    [
        "html`<p>Hello ${name}</p>`",
        "html`<p aria-label='Close it'></p>`",
        "html`<b>${list.map((x) => html`<i>inner words</i>`)}</b>`",
    ],
)
def test_the_search_for_written_text_finds_it(source):
    assert list(hard_coded(source))


def test_the_search_lets_words_of_the_catalogue_be():
    source = (
        "html`<p class='a b' aria-label=${t('common.add')}>${t('common.back')}: </p>`"
    )
    assert list(hard_coded(source)) == []
