"""Commits whose envelope is a blob: fetched before they are judged, in their turn."""

import pytest
from forger import Forger
from town import Person

from privity.core import committing
from privity.core import inputs as i
from privity.core.errors import Reason
from privity.core.events import MessageDropped, Notice
from privity.core.requests import FetchBlob
from privity.core.state import Status
from privity.wire.codes import Code, Refusal
from privity.wire.entry import BlobRef, Header, Kind


@pytest.fixture(autouse=True)
def _every_commit_is_big(monkeypatch):
    """A cold path of a full group has 290 KB; here what has one counts as big."""
    monkeypatch.setattr("privity.core.committing.COMMIT_ENVELOPE", 1_000)
    monkeypatch.setattr("privity.wire.entry.COMMIT_ENVELOPE", 1_000)


def entries(trio):
    log = trio.ana.state.chats[trio.chat]
    rows = trio.town.logs.execute(
        "SELECT header, envelope FROM entries WHERE log_id = ? ORDER BY seq",
        (log.log_id,),
    )
    return [(Header.parse(header), envelope) for header, envelope in rows]


def newest_blob(trio):
    """Return the id of the blob that the newest big commit is in."""
    refs = [e for h, e in entries(trio) if h.kind is Kind.BIG_COMMIT]
    return BlobRef.parse(refs[-1]).blob_id


def remove_cem(trio):
    """Let Ana commit the removal of Cem, and nobody read it yet."""
    trio.town.now_ms += 5_000
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    assert trio.ana.act()


def agree(trio, *people):
    groups = [person.state.groups[trio.chat] for person in people]
    return len({group.epoch_authenticator for group in groups}) == 1


def stands(person, chat):
    return person.state.groups[chat], person.state.chats[chat].cursor


def test_a_chat_whose_commits_are_big_is_like_any_other(trio):
    kinds = {h.kind for h, _ in entries(trio) if h.is_commit}
    assert kinds == {Kind.BIG_COMMIT}
    for person in trio.everybody:
        person.say(trio.chat, f"one of {len(person.rows)}")
    trio.town.run()
    texts = [person.texts(trio.chat)[-3:] for person in trio.everybody]
    assert texts[0] == texts[1] == texts[2]
    assert agree(trio, *trio.everybody)


def test_what_comes_behind_a_big_commit_waits_for_its_blob(trio):
    remove_cem(trio)
    trio.ana.act()
    while trio.ana.act():
        pass
    trio.ana.say(trio.chat, "behind it")
    while trio.ana.act():
        pass
    reads = trio.town.shelf.reads
    trio.town.run()
    assert trio.ben.texts(trio.chat)[-1] == "behind it"
    # Ben's and Cem's; who committed has the bytes.
    assert trio.town.shelf.reads == reads + 2
    assert agree(trio, trio.ana, trio.ben)
    assert trio.cem.state.chats[trio.chat].status is Status.REMOVED


def without_checkpoints(monkeypatch):
    """Let who adds bring no checkpoint, so that a joiner has a road to walk."""
    parts = committing._parts
    monkeypatch.setattr(committing, "_parts", lambda *args: (parts(*args)[0], b""))


def test_a_joiner_walks_over_big_commits(trio, town, make_friends, ask, monkeypatch):
    without_checkpoints(monkeypatch)
    for name in ("Dan", "Eva"):
        newcomer = town.person(name)
        make_friends(town, trio.ana, newcomer)
        trio.ana.take(i.AddMembers(trio.chat, (newcomer.id,)))
        town.run()
        newcomer.take(i.Accept(ask(newcomer)))
        town.run()
        assert newcomer.state.chats[trio.chat].status is Status.ACTIVE
        assert agree(trio, *trio.everybody, newcomer)


def test_a_walk_with_more_bytes_than_it_may_have_is_refused(
    trio, town, make_friends, ask, monkeypatch, shown
):
    monkeypatch.setattr("privity.core.roads.MAX_BYTES", 1_500)
    without_checkpoints(monkeypatch)
    dan = town.person("Dan")
    make_friends(town, trio.ana, dan)
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    reads = town.shelf.reads
    dan.take(i.Accept(ask(dan)))
    town.run()
    chat = dan.state.chats[trio.chat]
    assert (chat.status, chat.cause) == (Status.STUCK, Reason.JOIN.value)
    assert "missing or altered" in shown(dan, Notice)[-1].detail
    # Ben and Cem read the commit; Dan nothing.
    assert town.shelf.reads == reads + 2


def test_a_blob_that_comes_late_stops_nobody(trio):
    remove_cem(trio)
    blob_id = newest_blob(trio)
    kept = trio.town.shelf.files[blob_id]
    trio.town.shelf.files[blob_id] = kept[:-1]
    trio.town.run(seconds=3)
    assert trio.ben.state.chats[trio.chat].status is Status.ACTIVE
    trio.town.shelf.files[blob_id] = kept
    trio.town.run()
    assert agree(trio, trio.ana, trio.ben)


@pytest.mark.parametrize("how", ["missing", "altered", "longer"])
def test_a_blob_that_is_not_there_stops_a_device_by_name_and_its_chat_heals(
    trio, shown, how
):
    """Not `invalid`: the others have it, and what it says is unknown here."""
    remove_cem(trio)
    blob_id = newest_blob(trio)
    before = stands(trio.ben, trio.chat)
    files = trio.town.shelf.files
    if how == "missing":
        trio.town.logs.execute("DELETE FROM blobs WHERE blob_id = ?", (blob_id,))
    else:
        files[blob_id] = files[blob_id][:-1] + (b"x" if how == "altered" else b"xyz")
    stopped = []
    while not stopped and (trio.ben.act() or trio.ben.requests or _wait(trio)):
        chat = trio.ben.state.chats[trio.chat]
        stopped += [chat.cause] if chat.status is Status.STUCK else []
    assert stopped == [Reason.BLOB.value]
    assert stands(trio.ben, trio.chat) == before
    assert not shown(trio.ben, MessageDropped)
    trio.town.run(seconds=60)
    assert trio.ben.state.chats[trio.chat].status is Status.ACTIVE
    assert agree(trio, trio.ana, trio.ben)


def _wait(trio):
    trio.town.now_ms += 1_000
    trio.ben.take(i.Tick())
    return True


@pytest.mark.parametrize("end", [Person.crash, Person.disconnect])
def test_whose_process_or_connection_ends_while_a_blob_is_read_goes_on(trio, end):
    remove_cem(trio)
    while not any(isinstance(s.request, FetchBlob) for s in trio.ben.requests):
        assert trio.ben.act()
    end(trio.ben)
    trio.ben.connect()
    trio.town.run()
    assert agree(trio, trio.ana, trio.ben)


def test_blobs_that_are_off_the_road_are_not_read(trio):
    """A vandal pays for them and makes nobody fetch 4 MiB."""
    forger = Forger(trio.ben, trio.chat, frozen=True)
    remove_cem(trio)
    seq = len(entries(trio))
    reads = trio.town.shelf.reads
    for _ in range(3):
        forger.big_junk(after=seq)
        seq = forger.seq
    trio.town.run()
    assert trio.town.shelf.reads == reads + 2
    assert agree(trio, trio.ana, trio.ben)


def test_a_big_commit_that_holds_junk_is_invalid_for_everybody(trio, shown):
    Forger(trio.ben, trio.chat).big_junk()
    before = [stands(p, trio.chat)[0] for p in (trio.ana, trio.cem)]
    trio.town.run(seconds=0)
    after = [stands(p, trio.chat)[0] for p in (trio.ana, trio.cem)]
    assert before == after
    for person in (trio.ana, trio.cem):
        assert shown(person, MessageDropped)[-1].cause == Reason.ENVELOPE.value
        assert person.state.chats[trio.chat].status is Status.ACTIVE


@pytest.mark.parametrize("code", [Code.WRONG_OFFSET, Code.NO_SUCH_BLOB, Code.TOO_SOON])
def test_a_commit_whose_upload_fails_is_sent_again_as_it_is(trio, monkeypatch, code):
    """Another call of the upload may still be under way where a connection broke."""
    refused = []
    real = trio.town.shelf.take

    def take(request, day):
        if request.blob and not refused:
            refused.append(request)
            raise Refusal(code)
        real(request, day)

    monkeypatch.setattr(trio.town.shelf, "take", take)
    remove_cem(trio)
    assert refused
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.REMOVED
    assert agree(trio, trio.ana, trio.ben)
    (frame,) = [f for f in trio.ana.sent_frames if f.header == refused[0].header]
    assert frame.envelope == refused[0].envelope
