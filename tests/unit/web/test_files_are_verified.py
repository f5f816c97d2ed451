"""`privity ui verify`: disk, constants, wheel and memory say the same, or where not."""

import shutil
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest

from privity.web import site
from privity.web.verify import verify


@pytest.fixture
def ui(tmp_path):
    return shutil.copytree(site.UI, tmp_path / "privity" / "web" / "ui")


def wrong(found):
    return {one.path: one.wrong for one in found.files if one.wrong}


def test_the_files_of_this_checkout_are_as_they_were_made():
    found = verify()
    assert found.well
    assert {"/app.mjs", "/index.html"} <= {one.path for one in found.files}


def test_each_way_to_differ_has_its_words(ui):
    (ui / "app.mjs").write_text("changed")
    (ui / "rpc.mjs").unlink()
    (ui / "more.mjs").write_text("")
    found = verify(ui=ui)
    assert not found.well
    assert wrong(found) == {
        "/app.mjs": "changed on the disk",
        "/rpc.mjs": "missing on the disk",
        "/more.mjs": "unknown, on the disk",
    }


def test_the_list_of_the_wheel_is_compared(ui, tmp_path):
    lines = []
    for path in site.paths_of_files(ui):
        body = b"other" if path == "/app.mjs" else (ui / path[1:]).read_bytes()
        digest = urlsafe_b64encode(sha256(body).digest()).decode().rstrip("=")
        lines.append(f"privity/web/ui{path},sha256={digest},{len(body)}\n")
    record = tmp_path / "privity-1.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("".join(lines))
    found = verify(ui=ui, package=tmp_path / "privity")
    assert found.by_wheel
    assert wrong(found) == {"/app.mjs": "changed in the wheel"}


def test_a_window_that_serves_something_else_is_found():
    memory = dict(site.load().read)
    assert verify(memory).well
    assert verify(memory).by_window
    memory["/app.mjs"] = "sha256-other"
    assert wrong(verify(memory)) == {"/app.mjs": "changed in the open window"}


async def test_the_page_can_ask_for_it(opened):
    page = await opened()
    found = await page.do("ui.files")
    assert found["well"]
    assert found["by_window"]
