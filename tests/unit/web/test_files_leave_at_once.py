"""Files are small and many, so none waits for an acknowledgement of its own head."""

import asyncio
import socket

import httpx2

from privity.web.serving import running


async def test_a_body_does_not_wait_until_its_head_is_acknowledged(
    profile, monkeypatch
):
    accept, waits = socket.socket.accept, []

    def noted(listening):
        connection, address = accept(listening)
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        waits.append(not told)
        return connection, address

    monkeypatch.setattr(socket.socket, "accept", noted)
    async with running(profile) as served:
        url = f"http://{served.host}/app.mjs"
        answer = await asyncio.to_thread(httpx2.get, url)
        assert answer.status_code == 200
    assert waits == [False]
