"""The page tells nothing to whoever is not the client that let it in, and forgets."""

import re
import threading

import pytest
from pages import until
from playwright.sync_api import expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve
from windows import befriend

SIGN = '{"jsonrpc":"2.0","method":"ui.countersign","params":{"countersign":"00"}}'
LOCKED = (
    '{"jsonrpc":"2.0","method":"ui.phase","params":{"phase":"locked","profile":"x",'
    '"version":"1","relay":"","error":null}}'
)


@pytest.mark.parametrize("first", [SIGN, LOCKED])
def test_a_program_that_takes_the_port_of_a_window_that_ended_hears_nothing(
    person, show, first
):
    ana = person("Ana")
    page = show(ana)
    until(page, "document.querySelector('.panes') !== null")
    port = int(re.findall(r":(\d+)/", page.url)[0])
    came, heard = threading.Event(), []

    def impostor(socket):
        came.set()
        try:
            socket.send(first)
            socket.send(LOCKED)
            heard.extend(socket)
        except ConnectionClosed:
            return

    ana.close()
    chosen = {"select_subprotocol": lambda _, offered: offered[0]}
    with serve(impostor, "127.0.0.1", port, **chosen) as taken:
        threading.Thread(target=taken.serve_forever, daemon=True).start()
        for _ in range(100):
            page.wait_for_timeout(100)
            if came.is_set():
                break
        assert came.is_set()
        expect(page.get_by_text("privity open")).to_be_visible()
        page.wait_for_timeout(500)
        expect(page.get_by_label("Passphrase")).to_have_count(0)
        taken.shutdown()
    assert heard == []
    page.errors.clear()


def test_the_lock_takes_away_what_stands_over_the_chats(person, show):
    ana, ben = person("Ana"), person("Ben")
    page = show(ana)
    ben.open()
    befriend(ana, ben)
    ben("send", "Ana", "for nobody else")
    chat = page.get_by_role("link", name=re.compile("for nobody else"))
    page.goto(page.url.partition("#")[0] + chat.get_attribute("href"))
    said = page.get_by_role("log").get_by_text("for nobody else")
    said.click(button="right")
    page.get_by_role("menuitem", name="Details").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    ana("lock")
    expect(page.get_by_role("heading", name="Privity is locked")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Ben")).to_have_count(0)
