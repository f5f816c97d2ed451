"""Commands that another process serves: every one of them, without a passphrase."""

import asyncio
import json
import os
import signal

import msgspec
import pytest
import segno

from privity.cli import watching
from privity.cli.app import main
from privity.cli.options import Options
from privity.cli.output import Mode
from privity.client.socket import serve
from privity.client.verbs import params


@pytest.fixture
async def served(pair, capsys):
    """Ana's profile, served; gives a function that runs commands on it."""
    ana, ben = pair
    root = ana.session.profile.root

    async def command(*arguments, as_json: bool = True):
        capsys.readouterr()
        options = ["--profile", str(root), *(["--json"] if as_json else [])]
        status = await asyncio.to_thread(main, [*options, *map(str, arguments)])
        out = capsys.readouterr().out
        return status, json.loads(out) if as_json and out else out

    async with serve(root, ana.service):
        yield command, ana, ben


async def test_every_command_is_served(served, tmp_path):
    command, _, ben = served

    async def well(*arguments):
        status, envelope = await command(*arguments)
        assert status == 0, (arguments, envelope)
        return envelope["data"]

    file = tmp_path / "f.txt"
    file.write_text("content")
    assert (await well("send", "Ben", "hello"))["messages"][0]["state"] == "sent"
    await well("edit", "Ben", "last", "hello again")
    await ben.has_text("Ana", "hello again")
    await ben.do("send", "Ana", "hi")
    await ben.do("send", "Ana", "hi too")
    await well("react", "Ben", "last", "👍")
    await well("react", "Ben", "last", "👍", "--remove")
    await well("send", "Ben", "--file", file, "--reply", "last")
    await well("save", "Ben", "last", "--to", tmp_path / "copy.txt")
    assert (tmp_path / "copy.txt").read_text() == "content"
    await well("unsend", "Ben", "last")
    assert len((await well("history", "Ben", "--limit", 3))["messages"]) == 3
    assert (await well("group", "new", "Us"))["chat"]["title"] == "Us"
    await well("group", "add", "Us", "Ben", "--text", "come")
    await ben.until(lambda: ben.state.requests)
    await ben.do("accept", "Us")
    chat = (await well("group", "list"))["chats"][0]["chat"]
    await ben.until(lambda: any(c.kind == "group" for c in ben.state.chats.values()))
    await well("group", "title", chat, "We")
    assert (await well("group", "remove", "We", "Ben"))["done"]
    assert (await well("group", "leave", "We"))["status"] == "left"
    await well("verify", "Ben", "--confirm")
    assert (await well("doctor"))["well"]
    await well("block", "Ben")
    await well("block", "Ben", "--undo")
    assert len((await well("contacts"))["contacts"]) == 1
    status, envelope = await command("decline", "nobody")
    assert (status, envelope["error"]["code"]) == (3, "not_found")


async def test_a_person_sees_digits_and_a_code_to_scan(served):
    command, _, _ = served
    status, text = await command("verify", "Ben", as_json=False)
    assert status == 0
    assert "privity verify --confirm Ben" in text
    assert "█" in text
    await command("verify", "Ben", "--confirm")
    _, text = await command("verify", "Ben", as_json=False)
    assert "█" not in text
    _, text = await command("doctor", as_json=False)
    assert "agrees with the relay's" in text


async def test_a_picture_of_their_code_verifies_a_person(served, tmp_path):
    command, _, ben = served
    path = tmp_path / "code.png"
    shown = (await ben.do("verify", "Ana")).qr
    segno.make(shown, error="l", micro=False).save(str(path), scale=5, border=4)
    status, told = await command("verify", "Ben", "--qr", path)
    assert (status, told["data"]["verified"]) == (0, True)
    await command("verify", "Ben", "--doubt")
    segno.make("another code", micro=False).save(str(path), scale=5)
    status, told = await command("verify", "Ben", "--qr", path)
    assert told["error"]["code"] == "malformed_input"
    path.write_bytes(b"no picture")
    for arguments, code in (
        (("verify", "Ben", "--qr", path), "code_unread"),
        (("verify", "Ben", "--qr", tmp_path / "absent"), "not_a_file"),
        (("verify", "Ben", "--qr", path, "--scanned", "x"), "usage"),
        (("join", "--qr", path), "code_unread"),
        (("join",), "usage"),
    ):
        _, told = await command(*arguments)
        assert told["error"]["code"] == code, arguments
    link = (await ben.do("invite")).link
    segno.make(link, error="l", micro=False).save(str(path), scale=4, border=4)
    _, told = await command("join", "--qr", path)
    assert told["error"]["code"] != "code_unread"


async def test_doctor_ends_with_one_where_something_is_unwell(served, monkeypatch):
    command, ana, _ = served
    monkeypatch.setattr(ana.session.driver.network, "_connection", None)
    status, envelope = await command("doctor")
    assert status == 1
    assert not envelope["data"]["well"]


async def test_a_watch_through_the_socket_ends_when_it_is_told_to(served, capsys):
    _, ana, ben = served
    options = Options(ana.session.profile.root, None, Mode.JSONL)
    seen = []

    async def watch():
        await watching._watch(options, params.Watch())

    task = asyncio.create_task(watch())

    def collect():
        seen.extend(capsys.readouterr().out.splitlines())
        return seen

    await ana.until(collect)
    await ben.do("send", "Ana", "seen?")
    await ana.until(lambda: any("seen?" in line for line in collect()))
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(5):
        await task
    events = [msgspec.json.decode(line)["data"]["event"] for line in seen]
    assert events[0] == "ready"
    assert "message" in events


async def test_lock_ends_who_serves_the_profile(people, capsys):
    (ana,) = await people("Ana")
    root = ana.session.profile.root

    async def holder():
        async with serve(root, ana.service):
            await ana.session.stopping.wait()
        ana.lock.release()

    holding = asyncio.create_task(holder())
    await asyncio.sleep(0.05)
    locking = asyncio.create_task(
        asyncio.to_thread(main, ["--profile", str(root), "--json", "lock"])
    )
    async with asyncio.timeout(5):
        await holding
    assert await locking == 0
    assert json.loads(capsys.readouterr().out)["data"]["stopped"]
