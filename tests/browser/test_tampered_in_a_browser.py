"""A file that is changed on its way is refused by the browser, and does not run."""

import asyncio
import threading

import pytest

from privity.client.profile import Profile
from privity.web import site
from privity.web.serving import running


class Changed:
    """A window that has one file other than its hashes say, in a thread."""

    def __init__(self, profile, path, more) -> None:
        bodies = {at: (site.UI / at[1:]).read_bytes() for at in site.load().read}
        bodies[path] += more
        self._site = site.build(bodies, site.read_integrity())
        self._profile = profile
        self._ready = threading.Event()
        self._over = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(20)
        return self.link

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with running(self._profile, self._site) as served:
            self.link = served.link()
            self._ready.set()
            await self._over.wait()


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/app.mjs", b"\ndocument.title = 'taken';"),
        ("/vendor/htm.mjs", b"\ndocument.title = 'taken';"),
        ("/rpc.mjs", b"\ndocument.title = 'taken';"),
    ],
)
def test_a_module_that_was_changed_does_not_run(tmp_path, chromium, path, more):
    profile = Profile(tmp_path / "p")
    profile.create()
    with Changed(profile, path, more) as link:
        page = chromium.new_context().new_page()
        told = []
        page.on("console", lambda m: told.append(m.text))
        page.goto(link)
        page.wait_for_timeout(500)
        assert page.title() == "Privity"
        assert page.evaluate("sessionStorage.length") == 0
        assert any("integrity" in line.lower() for line in told), told
        page.context.close()


def test_the_first_screen_asks_for_its_modules_at_once_and_once(tmp_path, chromium):
    profile = Profile(tmp_path / "p")
    profile.create()
    with Changed(profile, "/style/base.css", b"") as link:
        page = chromium.new_context().new_page()
        page.goto(link)
        page.locator("main.gate h1").wait_for()
        asked = page.evaluate(
            "performance.getEntriesByType('resource')"
            ".filter((one) => one.name.endsWith('.mjs'))"
            ".map((one) => [new URL(one.name).pathname, one.startTime])"
        )
        named = page.evaluate(
            "[...document.querySelectorAll('[rel=modulepreload]')]"
            ".map((one) => new URL(one.href).pathname)"
        )
        paths = [path for path, _ in asked]
        assert len(paths) == len(set(paths))
        gates = {path for path in paths if path.startswith("/begin/")}
        app = paths.index("/app.mjs")
        assert set(paths[: app + 1]) == {*named, "/app.mjs"}
        assert gates <= set(paths[app + 1 :])
        page.context.close()
