"""The profile's socket: JSON-RPC by lines, for this user alone."""

import asyncio
import json
import os
import socket as sockets
import stat
from contextlib import suppress

import pytest

from privity.client import socket
from privity.client.errors import Damaged, Unreachable
from privity.client.lookup import NotFound
from privity.client.verbs import params, results, watch_results


class Echo:
    """Verbs without a client: `react` answers, `send` reports, `watch` counts."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()

    async def call(self, name, asked, report):
        if name == "edit":
            raise NotFound("planted")
        if name == "doctor":
            raise ZeroDivisionError
        if name == "chats":
            try:
                await asyncio.sleep(60)
            finally:
                self.cancelled.set()
        for done in range(3 if name == "send" else 0):
            report(results.Progress("f", done, 2))
        return results.Sent("a" * 26, "b" * 26, getattr(asked, "chat", ""), 7)

    async def stream(self, _name, _asked):
        for seq in range(3):
            yield watch_results.WatchDropped("a" * 26, seq, "tag", "")


@pytest.fixture
async def served(tmp_path):
    echo = Echo()
    async with socket.serve(tmp_path, echo):
        remote = await socket.connect(tmp_path)
        yield remote, tmp_path, echo
        await remote.close()


def react(chat="x"):
    return params.React(chat, "last", "👍")


async def test_a_verb_is_done_in_the_other_process(served):
    remote, _, _ = served
    result = await remote.call("react", react("chat"), lambda _: None)
    assert (result.state, result.seq) == ("chat", 7)


async def test_progress_and_items_arrive_before_the_answer(served):
    remote, _, _ = served
    told = []
    with pytest.raises(Unreachable):  # Echo's Sent is no SentList
        await remote.call("send", params.Send("x", "y"), told.append)
    assert [progress.done for progress in told] == [0, 1, 2]
    items = [item.seq async for item in remote.stream("watch", params.Watch())]
    assert items == [0, 1, 2]


async def test_a_refusal_keeps_its_code_and_advice(served):
    remote, _, _ = served
    with pytest.raises(socket.RemoteFailure) as refused:
        await remote.call("edit", params.Edit("a", "b", "c"), lambda _: None)
    assert refused.value.failure.code == "not_found"
    assert refused.value.failure.next
    with pytest.raises(socket.RemoteFailure) as refused:
        await remote.call("doctor", params.Nothing(), lambda _: None)
    assert refused.value.failure.code == "internal_error"


async def test_calls_run_side_by_side(served):
    remote, _, _ = served
    slow = asyncio.create_task(remote.call("chats", params.Nothing(), lambda _: None))
    await asyncio.sleep(0)
    assert (await remote.call("react", react(), lambda _: None)).seq == 7
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


async def test_a_cancelled_call_is_cancelled_over_there(served):
    remote, _, echo = served
    call = asyncio.create_task(remote.call("chats", params.Nothing(), lambda _: None))
    await asyncio.sleep(0.05)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    async with asyncio.timeout(5):
        await echo.cancelled.wait()


async def test_when_the_holder_goes_every_call_ends_by_name(tmp_path):
    async with socket.serve(tmp_path, Echo()):
        remote = await socket.connect(tmp_path)
        call = asyncio.create_task(
            remote.call("chats", params.Nothing(), lambda _: None)
        )
        await asyncio.sleep(0.05)
    with pytest.raises((Unreachable, socket.RemoteFailure)):
        await call
    with pytest.raises(Unreachable):
        await remote.call("react", react(), lambda _: None)
    await remote.close()
    assert not (tmp_path / "sock").exists()
    assert await socket.connect(tmp_path) is None


async def test_the_socket_is_its_owners_alone(served):
    _, root, _ = served
    assert stat.S_IMODE((root / "sock").stat().st_mode) == 0o600


async def test_another_user_is_turned_away(tmp_path, monkeypatch):
    async with socket.serve(tmp_path, Echo()):
        remote = await socket.connect(tmp_path)
        monkeypatch.setattr(socket.os, "getuid", lambda: os.geteuid() + 1)
        with pytest.raises(Unreachable):
            await remote.call("react", react(), lambda _: None)
        await remote.close()


async def test_nothing_is_said_to_another_user_s_process(served, monkeypatch):
    _, root, _ = served
    monkeypatch.setattr(socket.os, "getuid", lambda: os.geteuid() + 1)
    with pytest.raises(Damaged):
        await socket.connect(root)


async def test_a_long_path_is_no_obstacle(tmp_path):
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    async with socket.serve(deep, Echo()):
        remote = await socket.connect(deep)
        assert (await remote.call("react", react(), lambda _: None)).seq == 7
        await remote.close()


async def test_a_socket_left_over_by_a_killed_process_is_replaced(tmp_path):
    left = sockets.socket(sockets.AF_UNIX)
    left.bind(str(tmp_path / "sock"))
    left.close()
    assert await socket.connect(tmp_path) is None
    async with socket.serve(tmp_path, Echo()):
        remote = await socket.connect(tmp_path)
        assert remote is not None
        await remote.close()


@pytest.mark.parametrize(
    ("line", "number", "code"),
    [
        (b"nonsense\n", -32600, "malformed_input"),
        (b'{"jsonrpc":"2.0","method":"react"}\n', -32600, "malformed_input"),
        (b'{"jsonrpc":"2.0","id":1,"method":"nope"}\n', -32601, "not_found"),
        (b'{"jsonrpc":"2.0","id":1,"method":"react"}\n', -32602, "malformed_input"),
        (b'{"jsonrpc":"1.0","id":1,"method":"chats"}\n', -32600, "malformed_input"),
        (
            b'{"jsonrpc":"2.0","id":1,"method":"chats","params":{"x":1}}\n',
            -32602,
            "malformed_input",
        ),
        (
            (
                b'{"jsonrpc":"2.0","id":1,"method":"save","params":'
                b'{"chat":"a","message":"b","to":"relative"}}\n'
            ),
            -32602,
            "malformed_input",
        ),
    ],
)
async def test_what_is_no_call_is_refused_by_name(served, line, number, code):
    _, root, _ = served
    reader, writer = await asyncio.open_unix_connection(str(root / "sock"))
    writer.write(line)
    error = json.loads(await reader.readline())["error"]
    assert (error["code"], error["data"]["code"]) == (number, code)
    writer.close()
    await writer.wait_closed()


async def test_an_endless_line_ends_the_connection(served):
    _, root, _ = served
    reader, writer = await asyncio.open_unix_connection(str(root / "sock"))
    writer.write(b"x" * (3 * socket.LINE))
    # What was not read over there yet resets the connection.
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
