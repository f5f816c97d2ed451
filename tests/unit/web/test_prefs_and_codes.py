"""What the window keeps of its looks, and the codes that it draws."""

import segno

PREFS = {
    "theme": "dark",
    "textSize": 130,
    "enterSends": False,
    "notifications": False,
    "language": "ar",
}


async def test_choices_outlive_the_window_and_are_read_while_it_is_locked(
    account, opened
):
    page = await opened(account)
    assert (await page.call("ui.prefs"))["result"]["theme"] == "auto"
    await page.call("ui.prefs", prefs=PREFS)
    again = await opened(account)
    assert (await again.call("ui.state"))["result"]["phase"] == "locked"
    assert (await again.call("ui.prefs"))["result"] == PREFS
    assert (account.root / "window.json").stat().st_mode & 0o777 == 0o600


async def test_an_unknown_choice_is_refused_and_changes_nothing(account, opened):
    page = await opened(account)
    await page.call("ui.prefs", prefs=PREFS)
    for wrong in ({"theme": "pink"}, {"textSize": 4000}, {"language": "../en"}):
        answer = await page.call("ui.prefs", prefs={**PREFS, **wrong})
        assert "error" in answer, wrong
    assert "error" in await page.call("ui.prefs", prefs={**PREFS, "more": 1})
    assert (await page.call("ui.prefs"))["result"] == PREFS


async def test_a_damaged_file_of_choices_is_the_default(account, opened):
    page = await opened(account)
    await page.call("ui.prefs", prefs=PREFS)
    (account.root / "window.json").write_bytes(b'{"theme": 5')
    assert (await page.call("ui.prefs"))["result"]["theme"] == "auto"


async def test_without_a_profile_nothing_is_written(opened, profile):
    page = await opened()
    assert (await page.call("ui.prefs", prefs=PREFS))["result"] == PREFS
    assert not (profile.root / "window.json").exists()


async def test_a_code_is_drawn_as_rows_of_modules(opened):
    page = await opened()
    rows = (await page.call("ui.qr", text="hello"))["result"]["rows"]
    wanted = segno.make("hello", error="l", micro=False).matrix
    assert rows == ["".join(map(str, row)) for row in wanted]


async def test_a_text_too_long_for_a_code_is_refused(opened):
    page = await opened()
    assert "error" in await page.call("ui.qr", text="x" * 2049)
    assert "error" in await page.call("ui.qr", text="")
    # Letters of several bytes are more than the code holds, at a lawful length.
    assert "error" in await page.call("ui.qr", text="語" * 2048)
