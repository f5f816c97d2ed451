"""What a foreign page, another user of the machine, or a clumsy program may try."""

import asyncio
import json
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from privity.web import app, patience, site
from privity.web.sessions import LAUNCH_SECONDS, LaunchRefused, Sessions


async def status_of(page, request: str) -> int:
    """Send a request as it stands and return the status of its answer."""
    host, port = page.served.host.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.encode())
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return int(line.split()[1]) if line else 0


async def refused_socket(page, **options):
    with pytest.raises(InvalidStatus) as refused:
        async with page.connect(**options):
            pass
    return refused.value.response.status_code


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "localhost:{port}", ""]
)
async def test_a_name_that_resolves_to_this_machine_gets_nothing(opened, host):
    page = await opened()
    named = host.format(port=page.served.host.split(":")[1])
    assert await status_of(page, f"GET / HTTP/1.1\r\nhost: {named}\r\n\r\n") == 421


async def test_two_hosts_in_one_request_get_nothing(opened):
    page = await opened()
    host = f"host: {page.served.host}\r\n"
    request = f"GET / HTTP/1.1\r\n{host}host: evil.example\r\n\r\n"
    assert await status_of(page, request) in {400, 421}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
async def test_a_form_on_another_page_can_not_redeem_a_token(opened, headers):
    page = await opened()
    token = page.launch_token
    assert (await page.redeem(token, **headers)).status_code == 403
    assert (await page.redeem(token)).status_code == 200


async def test_a_request_that_says_nothing_of_its_origin_can_not_redeem_one(opened):
    page = await opened()
    url = f"{page.origin}/launch"
    answer = await page.http.post(url, json={"token": page.launch_token})
    assert answer.status_code == 403


async def test_a_form_can_not_say_that_it_is_json(opened):
    page = await opened()
    headers = {"origin": page.origin, "content-type": "text/plain"}
    body = json.dumps({"token": page.launch_token})
    url = f"{page.origin}/launch"
    answer = await page.http.post(url, content=body, headers=headers)
    assert answer.status_code == 415


async def test_another_page_may_lead_here_but_embed_and_read_nothing(opened):
    page = await opened()
    far = {"sec-fetch-site": "cross-site"}
    goes = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    embeds = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    asked = [
        ("/", far | goes, 200),
        ("/", far | embeds, 403),
        ("/app.mjs", far | goes, 403),
        ("/app.mjs", far | {"sec-fetch-mode": "no-cors"}, 403),
    ]
    for path, headers, status in asked:
        answer = await page.http.get(f"{page.origin}{path}", headers=headers)
        assert answer.status_code == status, (path, headers)
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_launch_token_works_once_and_a_guess_never(opened):
    page = await opened()
    token = page.launch_token
    assert (await page.redeem(token)).status_code == 200
    for wrong in (token, "", "0" * 64, token[:-1]):
        answer = await page.redeem(wrong)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "launch_refused"


def test_a_launch_token_is_late_after_a_minute():
    now = [1000.0]
    sessions = Sessions(lambda: now[0])
    late, good = sessions.new_launch(), sessions.new_launch()
    now[0] += LAUNCH_SECONDS
    assert sessions.knows(sessions.redeem(good))
    now[0] += 0.1
    with pytest.raises(LaunchRefused):
        sessions.redeem(late)


async def test_the_window_of_another_port_knows_no_session_of_this_one(
    opened, tmp_path
):
    from privity.client.profile import Profile

    first = await opened()
    other = Profile(tmp_path / "other")
    other.create()
    second = await opened(other)
    second.session = first.session
    assert (await second.media("a", "b")).status_code == 401
    assert await refused_socket(second) == 403
    assert await refused_socket(first, origin=second.origin) == 403


async def test_nothing_sets_a_cookie(opened):
    page = await opened()
    answers = [
        await page.redeem(page.launch_token),
        await page.redeem("wrong"),
        *[await page.http.get(f"{page.origin}{p}") for p in ("/", "/app.mjs", "/no")],
    ]
    assert ["set-cookie" in one.headers for one in answers] == [False] * 5


async def test_without_a_bearer_there_are_neither_files_nor_calls(opened):
    page = await opened()
    for shown in ("", "Bearer", "Bearer wrong", f"Basic {page.session}"):
        headers = {"origin": page.origin, "authorization": shown}
        for method, path in (("GET", "/media/a/b"), ("POST", "/upload?name=x")):
            url = f"{page.origin}{path}"
            answer = await page.http.request(method, url, headers=headers)
            assert answer.status_code == 401, (method, shown)
    for offered in (
        ["privity.v1"],
        ["privity.v1", "session.wrong"],
        [f"session.{page.session}"],
        ["privity.v1", f"session.{page.session}", "session.other"],
    ):
        assert await refused_socket(page, protocols=offered) == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
async def test_a_socket_of_a_foreign_origin_is_refused(opened, origin):
    page = await opened()
    assert await refused_socket(page, origin=origin) == 403


async def test_the_session_is_not_said_back(opened):
    page = await opened()
    async with page.connect() as socket:
        assert socket.subprotocol == "privity.v1"


async def test_a_window_shows_its_page_that_it_let_it_in_before_all_else(opened):
    page = await opened()
    token = page.launch_token
    let_in = (await page.redeem(token)).json()
    page.session = let_in["session"]
    for _ in range(2):
        async with page.connect() as socket:
            first = json.loads(await asyncio.wait_for(socket.recv(), 10))
            assert first["method"] == "ui.countersign"
            assert first["params"] == {"countersign": let_in["countersign"]}
    other = (await page.redeem(page.launch_token)).json()
    assert other["countersign"] != let_in["countersign"]


async def next_answer(socket):
    """Return the next message that is no notification."""
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if "method" not in message:
            return message


@pytest.mark.parametrize("sent", [b"x" * (1 << 20), b"\0\1"])
async def test_a_frame_that_is_too_large_or_no_text_ends_the_socket(opened, sent):
    page = await opened()
    async with page.connect(max_size=None) as socket:
        await socket.send(sent.decode() + "y" if len(sent) > 9 else sent)
        with pytest.raises(ConnectionClosed):
            await next_answer(socket)
    assert (await page.call("ui.state"))["result"]["phase"] == "new"


async def test_what_is_no_call_is_answered_and_harms_nobody(opened):
    page = await opened()
    for sent in ("", "[]", "{", '"x"', "null", '{"jsonrpc":"2.0"}', "\ud7ff" * 9):
        await page.socket.send(sent)
        answer = await next_answer(page.socket)
        assert answer["error"]["code"] == -32600
    assert (await page.call("ui.state"))["result"]["phase"] == "new"


async def test_the_body_of_a_launch_is_short(opened):
    page = await opened()
    assert (await page.redeem("x" * 5000)).status_code == 400


async def test_a_launch_that_is_no_text_is_refused(opened):
    page = await opened()
    told = {"origin": page.origin, "content-type": "application/json"}
    for body in (b'{"token":"\xed\xa0\x80"}', b'{"token":"\\ud800"}'):
        url = f"{page.origin}/launch"
        answer = await page.http.post(url, content=body, headers=told)
        assert answer.status_code == 400


async def test_a_launch_that_drips_is_given_up(opened, monkeypatch):
    monkeypatch.setattr(app, "_BODY_SECONDS", 0.1)
    page = await opened()
    request = (
        f"POST /launch HTTP/1.1\r\nhost: {page.served.host}\r\n"
        f"origin: {page.origin}\r\n"
        "content-type: application/json\r\ncontent-length: 90\r\n\r\n{"
    )
    assert await status_of(page, request) == 408


@pytest.mark.parametrize("begun", ["", "GET / HT", "GET / HTTP/1.1\r\nhost: 127"])
async def test_a_connection_that_says_nothing_whole_is_closed(
    opened, monkeypatch, begun
):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.1)
    page = await opened()
    assert await status_of(page, begun) == 0


async def test_a_head_that_drips_behind_an_answer_is_closed_too(opened, monkeypatch):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.1)
    page = await opened()
    host, port = page.served.host.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /no HTTP/1.1\r\nhost: {page.served.host}\r\n\r\n".encode())
    assert await reader.readline() == b"HTTP/1.1 404 Not Found\r\n"
    writer.write(b"GET /")
    await asyncio.wait_for(reader.read(), 10)
    assert reader.at_eof()
    writer.close()


@pytest.mark.parametrize(
    "path",
    [
        "/../site.py",
        "/%2e%2e/site.py",
        "/..%2fsite.py",
        "//etc/passwd",
        "/index.html/..",
        "/index.html",
        "/integrity.txt",
        "/app.mjs%00",
        "/APP.MJS",
        "/vendor",
        "/vendor/",
    ],
)
async def test_a_path_that_is_not_one_of_ours_leads_nowhere(opened, path):
    page = await opened()
    request = f"GET {path} HTTP/1.1\r\nhost: {page.served.host}\r\n\r\n"
    assert await status_of(page, request) == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
async def test_no_other_method_does_anything(opened, method):
    page = await opened()
    headers = {"origin": page.origin}
    answer = await page.http.request(method, f"{page.origin}/", headers=headers)
    assert answer.status_code == 405


async def test_the_policy_and_the_headers_are_exactly_these(opened):
    page = await opened()
    answer = await page.http.get(f"{page.origin}/")
    import_map = answer.text.partition('<script type="importmap">')[2]
    digest = site.integrity_of(import_map.partition("</script>")[0].encode())
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; script-src 'self' '{digest}'; style-src 'self';"
        " img-src 'self' blob:; media-src blob:; connect-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )
    expected = {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-dns-prefetch-control": "off",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    assert expected.items() <= dict(answer.headers).items()
    assert "server" not in answer.headers


async def test_a_refusal_has_the_same_headers(opened):
    page = await opened()
    for path in ("/no", "/media/a/b"):
        answer = await page.http.get(f"{page.origin}{path}")
        assert answer.status_code in {401, 404}
        assert "trusted-types 'none'" in answer.headers["content-security-policy"]


async def test_the_window_listens_on_loopback_alone(opened):
    page = await opened()
    port = f":{int(page.served.host.split(':')[1]):04X}"
    assert listening_on(port) == {f"0100007F{port}"}


def listening_on(port):
    """Return the addresses that sockets listen on at a port, as the kernel has them."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    places = [line.split()[1:4] for line in lines]
    return {at for at, _, state in places if state == "0A" and at.endswith(port)}
