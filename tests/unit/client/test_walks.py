"""What a walk holds of a log, whatever a relay sends on its connection."""

import secrets

import pytest
from log_plane import Chat
from msgspec import structs

from privity.client.errors import Misbehaved
from privity.client.transport import walks
from privity.client.transport.walks import Collector
from privity.core.requests import WalkedEntry, WalkedHidden
from privity.wire import frames, limits
from privity.wire.codes import Code, Refusal
from privity.wire.entry import Kind


@pytest.fixture
def chat():
    return Chat()


@pytest.fixture
def collector(chat):
    return Collector(chat.log_id)


def entry(chat, seq, kind=Kind.APP, size=60_000):
    header = chat.header(kind, 0, 0).encode()
    return frames.Entry(seq, 1, 1, bytes(32), header, secrets.token_bytes(size))


def sent(chat, *entries):
    return frames.Entries(
        chat.log_id, 0, list(entries), b"b" * 32, bytes(32), len(entries)
    )


def test_of_what_is_no_commit_only_the_links_are_held(chat, collector):
    kinds = [Kind.APP, Kind.COMMIT, Kind.PROPOSAL, Kind.BIG_COMMIT]
    came = [entry(chat, seq, kind) for seq, kind in enumerate(kinds, 1)]
    collector(sent(chat, *came))
    app, commit, proposal, big = collector.take()
    assert (app, proposal) == tuple(
        WalkedHidden(came[at].seq, came[at].links) for at in (0, 2)
    )
    assert (commit, big) == tuple(
        WalkedEntry(came[at].seq, came[at].header, came[at].envelope) for at in (1, 3)
    )
    assert collector.before == b"b" * 32


def test_more_than_was_asked_for_ends_the_walk(chat, collector):
    many = [frames.Hidden(seq, bytes(64)) for seq in range(limits.WINDOW_ENTRIES)]
    collector(sent(chat, *many))
    with pytest.raises(Misbehaved, match="more entries"):
        collector(sent(chat, frames.Hidden(limits.WINDOW_ENTRIES, bytes(64))))
    assert len(collector.take()) == limits.WINDOW_ENTRIES
    collector(sent(chat, *many))


def test_more_commits_than_a_walk_may_hold_are_refused_by_name(
    chat, collector, monkeypatch
):
    monkeypatch.setattr(walks, "MAX_COMMITS", 100_000)
    collector(sent(chat, *[entry(chat, seq, Kind.COMMIT) for seq in range(1, 10)]))
    held = sum(len(getattr(one, "envelope", b"")) for one in collector._batch)
    assert held == 2 * 60_000
    with pytest.raises(Refusal) as refused:
        collector.take()
    assert refused.value.code is Code.TOO_LARGE


@pytest.mark.parametrize(
    "frame",
    [
        lambda chat: frames.Synced(1),
        lambda chat: structs.replace(sent(chat), log_id=bytes(16)),
        lambda chat: sent(chat, structs.replace(entry(chat, 1), header=b"none")),
    ],
    ids=["another frame", "another log", "a header that is none"],
)
def test_what_belongs_to_no_walk_ends_it(chat, collector, frame):
    with pytest.raises(Misbehaved):
        collector(frame(chat))
    assert collector.take() == []
