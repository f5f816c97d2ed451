"""The proof of a fork, out of one profile and before anybody's eyes."""

import asyncio
import json
import resource
import stat
import time
from dataclasses import replace

import pytest
from msgspec import structs

from privity.cli.app import main
from privity.cli.render import render
from privity.client.errors import StorageFull, TransferFailed
from privity.client.sentences import Exit
from privity.client.socket import serve
from privity.client.verbs.again import ChangedSince, NotFailed
from privity.client.verbs.evidence import NoEvidence
from privity.core.seen import KnownFork
from privity.core.state import Status
from privity.identity.signing import Signer
from privity.wire.entry import chain_of_links
from privity.wire.evidence import open_evidence
from privity.wire.heads import Fork, Head, SignedHead, log_hash, sign_head

MINUTE = 30_000_000
SIGNER = Signer(bytes(range(32)))


def forked(person, seq, found=None):
    """Let a device have seen two histories of its only chat, which part at `seq`."""
    ((chat_id, chat),) = person.state.chats.items()
    name = log_hash(chat.log_id, person.state.account.host)
    before, link = b"b" * 32, b"l" * 64
    places = ((seq, b"a" * 32), (seq + 1, chain_of_links(before, link)))
    heads = tuple(
        SignedHead.decode(sign_head(SIGNER, Head(1, name, at, chain, MINUTE)))
        for at, chain in places
    )
    fork = Fork.of(SIGNER.public, heads, before, [link])
    known = KnownFork(chat.log_id, found or int(time.time()), fork.encode())
    stopped = structs.replace(chat, status=Status.STUCK, cause="equivocation")
    person.session.driver._state = replace(
        person.state, forks={chat_id: known}, chats={chat_id: stopped}
    )
    return chat, fork


async def test_evidence_is_written_once_for_its_owner_alone(pair, tmp_path):
    ana, _ = pair
    with pytest.raises(NoEvidence):
        await ana.do("repair.evidence", "Ben", str(tmp_path))
    assert list(tmp_path.glob("*.evidence")) == []
    chat, fork = forked(ana, 7)
    made = await ana.do("repair.evidence", "Ben", str(tmp_path))
    (path,) = tmp_path.glob("*.evidence")
    assert made.path == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    data = path.read_bytes()
    assert open_evidence(data).fork == fork
    assert chat.log_id not in data
    assert chat.chat_id not in data
    assert made.evidence.log == log_hash(chat.log_id, "localhost").hex()
    assert "a hash of the log's id" in render(made)
    with pytest.raises(TransferFailed) as again:
        await ana.do("repair.evidence", "Ben", str(path))
    assert again.value.reason == "file_exists"
    assert path.read_bytes() == data


async def test_a_full_disk_leaves_no_part_of_a_file_in_the_way(pair, tmp_path):
    ana, _ = pair
    forked(ana, 7)
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, kept[1]))
    try:
        with pytest.raises(StorageFull):
            await ana.do("repair.evidence", "Ben", str(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert list(tmp_path.glob("*.evidence")) == []
    await ana.do("repair.evidence", "Ben", str(tmp_path))
    (path,) = tmp_path.glob("*.evidence")
    assert open_evidence(path.read_bytes())


async def test_the_command_names_the_file_and_what_it_gives_away(
    pair, tmp_path, capsys, monkeypatch
):
    ana, _ = pair
    _, fork = forked(ana, 7)
    monkeypatch.chdir(tmp_path)
    root = str(ana.session.profile.root)
    asked = ["--profile", root, "repair", "evidence", "Ben"]
    async with serve(ana.session.profile.root, ana.service):
        capsys.readouterr()
        assert await asyncio.to_thread(main, asked) == 0
        (path,) = tmp_path.glob("privity-fork-*.evidence")
        said = capsys.readouterr().out
        named = [*asked, "--out", str(tmp_path / "own")]
        assert await asyncio.to_thread(main, named) == 0
        again = await asyncio.to_thread(main, ["--json", *named])
        assert again == Exit.ERROR
    assert str(path) in said
    assert "can tell which other heads are of this chat" in " ".join(said.split())
    assert open_evidence((tmp_path / "own").read_bytes()).fork == fork


@pytest.fixture
async def evidence(pair, tmp_path):
    ana, _ = pair
    forked(ana, 7, found=1_800_000_000)
    path = tmp_path / "proof"
    await ana.do("repair.evidence", "Ben", str(path))
    return path


def checked(capsys, path, *options):
    capsys.readouterr()
    status = main(["--profile", "/nowhere", *options, "evidence", "verify", str(path)])
    out = capsys.readouterr()
    return status, out.out or out.err


def checked_here(capsys, path):
    status, out = checked(capsys, path, "--json")
    return status, json.loads(out)


async def test_anybody_can_check_it_without_a_profile(evidence, validate, capsys):
    status, told = await asyncio.to_thread(checked_here, capsys, evidence)
    assert status == 0
    validate("evidence.verify", told["data"])
    assert told["data"]["key"] == SIGNER.public.hex()
    assert told["data"]["first"]["seq"] == 7
    status, said = await asyncio.to_thread(checked, capsys, evidence)
    assert status == 0
    assert "one key signed two histories of one log" in said
    assert SIGNER.public.hex() in said
    assert "at 2027-01-15 08:00 UTC that entry 7 ends with 6161616161616161…" in said
    assert "in which entry 7 ends with 6262626262626262…" in said
    assert "only said by whoever made the file" in said


async def test_what_proves_nothing_is_refused_by_name(evidence, tmp_path, capsys):
    data = evidence.read_bytes()
    files = {
        "evidence_damaged": data[:-40] + b"x" + data[-39:],
        "evidence_foreign": b"a holiday picture",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        status, told = await asyncio.to_thread(checked_here, capsys, path)
        assert (status, told["error"]["code"]) == (Exit.VERIFICATION, name)
    status, told = await asyncio.to_thread(checked_here, capsys, tmp_path / "missing")
    assert (status, told["ok"]) == (Exit.NOT_FOUND, False)


async def test_doctor_counts_what_the_other_history_may_not_have(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "before")
    await ben.has_text("Ana", "before")
    ((chat_id, _),) = ben.state.chats.items()
    upto = ben.session.newest_seq(chat_id)
    await ana.do("send", "Ben", "one")
    await ana.do("send", "Ben", "two")
    await ben.do("send", "Ana", "three")
    for text in ("one", "two", "three"):
        await ben.has_text("Ana", text)
    await ben.until(lambda: not ben.state.jobs)
    assert "history" not in {c.name.split()[0] for c in (await ben.do("doctor")).checks}
    forked(ben, upto + 1)
    for asked in ((), ("Ana",)):
        found = await ben.do("doctor", *asked)
        (check,) = [c for c in found.checks if c.name.startswith("history")]
        assert not check.ok
        assert f"part at entry {upto + 1} at the latest" in check.detail
        assert "2 of Ana" in check.detail
        assert "1 of Ben" in check.detail
        assert "privity repair evidence" in check.next
        assert "privity resend" in check.next


def goes_on(person):
    """Let a device be back in its only chat, of which it has seen two histories."""
    chat, _ = forked(person, 3)
    active = {chat.chat_id: structs.replace(chat, status=Status.ACTIVE)}
    person.session.driver._state = replace(person.state, chats=active)


async def test_what_was_sent_into_one_of_two_histories_can_be_said_again(pair):
    ana, ben = pair
    text = "only in one of them"
    sent = await ben.do("send", "Ana", text)
    with pytest.raises(NotFailed):
        await ben.do("resend", "Ana", sent.messages[0].message)
    goes_on(ben)
    again = await ben.do("resend", "Ana", sent.messages[0].message)
    assert again.state == "sent"
    assert (await ben.texts("Ana")).count(text) == 2
    await ana.has_text("Ben", text)


async def test_where_another_device_saw_another_log_one_s_words_go_again(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "hello")
    await ben.has_text("Ana", "hello")
    sent = await ben.do("send", "Ana", "only in one of them")
    ((key, tally),) = [
        (key, tally) for key, tally in ben.state.tallies.items() if tally.key
    ]
    unlike = {**ben.state.tallies, key: structs.replace(tally, elsewhere=1 << 20)}
    ben.session.driver._state = replace(ben.state, tallies=unlike)
    assert (await ben.do("resend", "Ana", sent.messages[0].message)).state == "sent"
    await ana.has_text("Ben", "only in one of them")
    with pytest.raises(NotFailed):
        await ana.do("resend", "Ben", sent.messages[0].message)


async def test_what_was_deleted_or_edited_in_one_history_is_not_said_again(pair):
    ana, ben = pair
    for text in ("deleted", "edited", "as it was"):
        await ben.do("send", "Ana", text)
    rows = {m.text: m.message for m in (await ben.do("history", "Ana")).messages}
    await ben.do("unsend", "Ana", rows["deleted"])
    await ben.do("edit", "Ana", rows["edited"], "other words")
    await ana.has_text("Ben", "other words")
    goes_on(ben)
    for text in ("deleted", "edited"):
        with pytest.raises(ChangedSince):
            await ben.do("resend", "Ana", rows[text])
    assert (await ben.do("resend", "Ana", rows["as it was"])).state == "sent"
    assert (await ben.texts("Ana")).count("edited") == 0
