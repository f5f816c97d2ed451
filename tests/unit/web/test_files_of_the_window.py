"""The window's files are what the wheel says, and name no address but their own."""

import re

import pytest

from privity.web import site
from privity.web.preload import imported_by
from tools import ui_hashes

ADDRESS = re.compile(rb"(?:https?|wss?|ftp):(?://|\\/\\/)([^\s\"'<>`]*)", re.IGNORECASE)
KNOWN = {
    b"www.w3.org/1998/Math/MathML",
    b"www.w3.org/1999/xhtml",
    b"www.w3.org/1999/xlink",
    b"www.w3.org/2000/svg",
}
"""Names of vocabularies, which nobody asks a server for."""


@pytest.fixture(scope="module")
def bodies():
    return {
        path: (site.UI / path[1:]).read_bytes() for path in site.paths_of_files(site.UI)
    }


def test_the_written_hashes_are_those_of_the_files():
    """If this fails: python -m tools.ui_hashes."""
    assert site.INTEGRITY.read_text() == ui_hashes.text()


def test_no_file_names_an_address_but_its_own(bodies):
    named = {
        (path, address)
        for path, body in bodies.items()
        if "LICENSE" not in path
        for address in ADDRESS.findall(body)
        if not address.startswith(b"${location.host}") and address not in KNOWN
    }
    assert named == set()


def test_an_address_would_be_found():
    assert ADDRESS.findall(b'fetch("https://cdn.example/x.js")') == [
        b"cdn.example/x.js"
    ]


def test_every_module_is_loaded_by_its_hash(bodies):
    page = site.load().files["/"].body.decode()
    for path in bodies:
        if path.endswith(".mjs"):
            assert f'"{path}":"{site.integrity_of(bodies[path])}"' in page


def test_the_page_names_all_that_its_first_screen_runs_by_hash(bodies):
    page = site.load().files["/"].body.decode()
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)" (.*)>', page)
    assert all(
        rest == f'integrity="{site.integrity_of(bodies[path])}"' for path, rest in named
    )
    paths = [path for path, _ in named]
    assert len(paths) == len(set(paths))
    assert {"/vendor/signals-core.mjs", "/chats/row.mjs", "/i18n/isolate.mjs"} <= set(
        paths
    )
    # What is imported while the window runs waits until it is wanted.
    assert not {"/app.mjs", "/talk/page.mjs", "/types.mjs"} & set(paths)


def test_imports_of_all_kinds_are_followed_and_those_of_later_are_not():
    bodies = {
        "/a.mjs": b"import { x, y } from './in/b.mjs';\nimport d from 'bare';\n"
        b"import('./later.mjs');\n/** @type {import('./types.mjs').T} */",
        "/in/b.mjs": b"export {\n  one,\n  two as three,\n} from '../c.mjs';",
        "/c.mjs": b"import * as b from './in/b.mjs'; export * from './e.mjs';",
        "/d.mjs": b'import{n as t,o}from"bare2";export const from = "./later.mjs";',
        "/e.mjs": b"",
        "/f.mjs": b"",
        "/later.mjs": b"",
        "/types.mjs": b"",
    }
    names = {"bare": "/d.mjs", "bare2": "/f.mjs"}
    found = imported_by("/a.mjs", bodies, names)
    assert found == ["/in/b.mjs", "/d.mjs", "/c.mjs", "/f.mjs", "/e.mjs"]


def test_a_changed_file_is_named_and_nothing_is_served(tmp_path):
    for path in site.paths_of_files(site.UI):
        target = tmp_path / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((site.UI / path[1:]).read_bytes())
    site.load(tmp_path)
    (tmp_path / "vendor" / "htm.mjs").write_text("export default 1;")
    with pytest.raises(site.WindowChanged, match=r"/vendor/htm\.mjs"):
        site.load(tmp_path)
    (tmp_path / "vendor" / "htm.mjs").unlink()
    with pytest.raises(site.WindowChanged, match=r"/vendor/htm\.mjs"):
        site.load(tmp_path)


def test_a_file_that_nobody_counted_is_not_served(tmp_path):
    for path in site.paths_of_files(site.UI):
        target = tmp_path / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((site.UI / path[1:]).read_bytes())
    (tmp_path / "more.mjs").write_text("")
    with pytest.raises(site.WindowChanged, match=r"/more\.mjs"):
        site.load(tmp_path)


def test_a_page_has_no_script_of_its_own_but_the_import_map(bodies):
    source = bodies["/index.html"].decode()
    assert re.findall(r"<script[^>]*>([^<]+)</script>", source) == []
    assert " style=" not in source
    assert not re.search(r"\son[a-z]+=", source)


def test_a_browser_is_told_to_keep_nothing_that_is_typed_to_others(bodies):
    # Otherwise it keeps drafts and words of searches on its disk.
    area = re.search(rb"<textarea\b.*?/>", bodies["/talk/composer.mjs"], re.DOTALL)
    assert area
    assert b'autocomplete="off"' in area[0]
    before, _, _ = bodies["/parts/field.mjs"].partition(b"...more,")
    assert b"autocomplete: 'off'" in before
    search = re.search(rb"<input\b.*?/>", bodies["/chats/pane.mjs"], re.DOTALL)
    assert search
    assert b'autocomplete="off"' in search[0]


def test_a_browser_is_told_not_to_hand_the_page_to_a_translator(bodies):
    assert b'translate="no"' in bodies["/index.html"]
    assert b'<meta name="google" content="notranslate">' in bodies["/index.html"]


def test_a_passphrase_that_is_shown_is_given_to_no_spelling_checker(bodies):
    fields = bodies["/begin/passphrase.mjs"].split(b"<${Field}")[1:]
    assert len(fields) == 2
    assert all(b"spellcheck=${false}" in one for one in fields)


def test_a_face_is_shown_from_memory_or_not_at_all(bodies):
    # What a person's `picture` says is a name of it, and no address of this window.
    face = bodies["/parts/avatar.mjs"]
    before, shown, _ = face.partition(b"<img src=${picture}")
    assert shown
    assert before.rstrip().endswith(b"? html`")
    assert b"picture.startsWith('blob:')" in before
