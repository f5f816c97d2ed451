"""What a device reads of a log to come back, as the client's transport reads it."""

from typing import Any

from msgspec import structs
from town_lobby import children_of, commits_of

from privity.core import requests as r
from privity.relay import reading
from privity.wire import frames
from privity.wire.entry import Header

__all__ = ["rejoin_walk", "walked"]


def walked(entry: frames.AnyEntry) -> r.WalkedEntry | r.WalkedHidden:
    """Return an entry as a walk gives it to the engine."""
    if not isinstance(entry, frames.Entry) or not Header.parse(entry.header).is_commit:
        return r.WalkedHidden(entry.seq, entry.links)
    return r.WalkedEntry(entry.seq, entry.header, entry.envelope)


def rejoin_walk(person: Any, host: str, asked: r.RejoinWalk) -> r.Walked:
    """Read the road by parent, the answer's head, and the first child behind it."""
    town = person.town
    where = asked.log_id, asked.generation, asked.checkpoint_seq
    part = reading.part(town.logs, frames.Fetch(0, *where, "checkpoint"))
    made = r.Walked(part, (), b"", b"", road=_road(person, asked))
    if asked.head:
        head, before = _one(person, asked, asked.head)
        made = structs.replace(made, entries=(head,), before=before)
    under = children_of(town, host, asked)
    told = commits_of(town, host, asked)
    made = structs.replace(made, commits=told, children=under)
    if behind := asked.behind(under):
        child, in_front = _one(person, asked, behind)
        made = structs.replace(made, child=child, in_front=in_front)
    return town.shelf.walked(asked, made)


def _road(person: Any, asked: r.RejoinWalk) -> tuple[r.WalkedEntry, ...]:
    found, at = [], asked.commit_seq
    while at > asked.checkpoint_seq:
        entry, _ = _one(person, asked, at)
        if not isinstance(entry, r.WalkedEntry):
            break
        found.append(entry)
        at = min(Header.parse(entry.header).parent, at - 1)
    return tuple(found)


def _one(
    person: Any, asked: r.RejoinWalk, seq: int
) -> tuple[r.WalkedEntry | r.WalkedHidden, bytes]:
    batch = person.read(asked.log_id, asked.generation, seq - 1)
    return walked(batch.entries[0]), batch.before
