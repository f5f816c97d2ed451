"""The lobby beside a log: pleas, their answers, who may do what with them.

Steps on the log side's database; a Refusal leaves nothing behind. The relay can read
neither pleas nor answers: it bounds them and asks for the right key, and that is all.
Format: docs/spec/lobby.md.
"""

import hmac
from hashlib import sha256

from privity.errors import NotAuthentic
from privity.identity import labels
from privity.identity.signing import verify_with_label
from privity.relay.branches import heard, hearers
from privity.relay.lobby_room import (
    forget_pleas,
    make_room_for_answer,
    make_room_for_plea,
)
from privity.relay.storage.store import Connection
from privity.relay.tokens import TokenKind, spend
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.lobby import (
    Act,
    DropPlea,
    ListPleas,
    LobbyClaim,
    PostAnswer,
    PostPlea,
    ReadAnswers,
    ReadCommits,
    WaitingPlea,
)

__all__ = [
    "answer",
    "answers",
    "check_claim",
    "commits",
    "drop",
    "drop_old",
    "plead",
    "waiting",
]

Call = PostPlea | ReadAnswers | ListPleas | PostAnswer | DropPlea | ReadCommits
_ACTS: dict[type[Call], Act] = {
    PostPlea: Act.PLEAD,
    ReadAnswers: Act.READ,
    ListPleas: Act.LIST,
    PostAnswer: Act.ANSWER,
    DropPlea: Act.DROP,
    ReadCommits: Act.COMMITS,
}
_BY_LOBBY_KEY = (Act.PLEAD, Act.READ, Act.COMMITS)
_DAY_MINUTES = 24 * 60


def check_claim(logs: Connection, host: str, call: Call, minute: int) -> None:
    """Accept a call that the right key signed.

    A lobby key serves until 400 days after the closing of its generation, an access key
    while its generation is open. Raises Refusal: NO_SUCH_LOG, WRONG_GENERATION, GONE,
    NOT_AUTHENTIC.
    """
    act = _ACTS[type(call)]
    by_lobby = act in _BY_LOBBY_KEY
    key = _key(logs, call, minute, by_lobby=by_lobby)
    plea_id, body = _subject(call)
    claim = LobbyClaim(
        version=1,
        host=host.encode(),
        relay_nonce=call.nonce,
        log_id=call.log_id,
        generation=call.generation,
        act=act,
        plea_id=plea_id,
        body_hash=sha256(body).digest(),
    )
    try:
        verify_with_label(key, labels.LOBBY, claim.encode(), call.signature)
    except NotAuthentic:
        name = "lobby" if by_lobby else "access"
        detail = f"this is not the generation's {name} key"
        raise Refusal(Code.NOT_AUTHENTIC, detail) from None


def _key(logs: Connection, call: Call, minute: int, *, by_lobby: bool) -> bytes:
    row = logs.execute(
        "SELECT access_pk, lobby_pk, closed_by FROM generations"
        " WHERE log_id = ? AND generation = ?",
        (call.log_id, call.generation),
    ).fetchone()
    if row is None:
        known = logs.execute("SELECT 1 FROM logs WHERE log_id = ?", (call.log_id,))
        code = Code.WRONG_GENERATION if known.fetchone() else Code.NO_SUCH_LOG
        raise Refusal(code, "no such generation")
    access_pk, lobby_pk, closed_by = row
    if not by_lobby and closed_by:
        raise Refusal(Code.WRONG_GENERATION, "a later opening closed this generation")
    if by_lobby and closed_by and _is_over(logs, call.log_id, closed_by, minute):
        raise Refusal(Code.GONE, f"the lobby key is {limits.LOBBY_KEY_DAYS} days old")
    return bytes(lobby_pk if by_lobby else access_pk)


def _is_over(logs: Connection, log_id: bytes, seq: int, minute: int) -> bool:
    """Tell whether the commit that closed a generation is older than its lobby key."""
    (at,) = logs.execute(
        "SELECT minute FROM entries WHERE log_id = ? AND seq = ?", (log_id, seq)
    ).fetchone()
    return minute - int(at) > limits.LOBBY_KEY_DAYS * _DAY_MINUTES


def _subject(call: Call) -> tuple[bytes, bytes]:
    """Return the plea that a call is about, and the sealed body that it brings."""
    match call:
        case PostPlea() | PostAnswer():
            return call.plea_id, call.body
        case ReadAnswers() | DropPlea():
            return call.plea_id, b""
        case ListPleas() | ReadCommits():
            return bytes(limits.ID), b""


def plead(logs: Connection, call: PostPlea, day: int) -> list[int]:
    """Store a plea for a token; returns the generations that may hear of it.

    A repeat changes nothing, and nobody hears of it. A full lobby makes room.

    Raises Refusal: MALFORMED (another plea has this id), TOKEN_NEEDED, TOKEN_SPENT.
    """
    row = logs.execute(
        "SELECT generation, body FROM pleas WHERE log_id = ? AND plea_id = ?",
        (call.log_id, call.plea_id),
    ).fetchone()
    if row is not None:
        if row[0] != call.generation or not hmac.compare_digest(row[1], call.body):
            raise Refusal(Code.MALFORMED, "this id named another plea")
        return []
    spend(logs, TokenKind.PLEA, call.token)
    make_room_for_plea(logs, call.log_id, call.generation)
    logs.execute(
        "INSERT INTO pleas (number, log_id, plea_id, generation, day, body)"
        " SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?"
        " FROM pleas WHERE log_id = ?",
        (call.log_id, call.plea_id, call.generation, day, call.body, call.log_id),
    )
    return hearers(logs, call.log_id, call.generation)


def waiting(logs: Connection, call: ListPleas) -> list[WaitingPlea]:
    """Return what the caller's generation hears and has not dropped, as it came."""
    rows = logs.execute(
        "SELECT plea_id, generation, body,"
        " (SELECT count(*) FROM answers AS a"
        "  WHERE a.log_id = pleas.log_id AND a.plea_id = pleas.plea_id)"
        " FROM pleas WHERE log_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM dropped_pleas AS d WHERE d.log_id = pleas.log_id"
        "  AND d.generation = ? AND d.plea_id = pleas.plea_id) ORDER BY number",
        (call.log_id, call.generation),
    )
    found = [WaitingPlea(*row) for row in rows.fetchall()]
    lobbies = {one.generation for one in found}
    mine = heard(logs, call.log_id, call.generation, lobbies)
    return [one for one in found if one.generation in mine]


def answer(logs: Connection, call: PostAnswer) -> None:
    """Store an answer beside those that are there, or in place of one; once.

    Raises Refusal: NO_SUCH_PLEA, LOBBY_FULL.
    """
    place = (call.log_id, call.plea_id)
    if not _is_heard(logs, call):
        raise Refusal(Code.NO_SUCH_PLEA, "no plea of this id waits there")
    if call.body in _answers(logs, *place):
        return
    if not make_room_for_answer(logs, *place, call.generation):
        raise Refusal(Code.LOBBY_FULL, "it has as many answers as it may have")
    logs.execute(
        "INSERT INTO answers (number, log_id, plea_id, generation, body)"
        " SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?"
        " FROM answers WHERE log_id = ? AND plea_id = ?",
        (*place, call.generation, call.body, *place),
    )


def answers(logs: Connection, call: ReadAnswers) -> list[bytes]:
    """Return the answers to a plea of the caller's generation.

    Raises Refusal: NO_SUCH_PLEA, also for one that was dropped before any answer came.
    """
    if _home_of(logs, call) != call.generation:
        raise Refusal(Code.NO_SUCH_PLEA, "no plea of this id waits there")
    found = _answers(logs, call.log_id, call.plea_id)
    dropped = "SELECT 1 FROM dropped_pleas WHERE log_id = ? AND plea_id = ?"
    if not found and logs.execute(dropped, (call.log_id, call.plea_id)).fetchone():
        raise Refusal(Code.NO_SUCH_PLEA, "somebody dropped it, and nobody answered")
    return found


def commits(logs: Connection, call: ReadCommits) -> list[tuple[int, int]]:
    """Return (seq, parent) of the first commits that state a generation, by seq.

    All that a key of the generation reads from the entries; here also when they are
    gone.
    """
    rows = logs.execute(
        "SELECT seq, parent FROM commits WHERE log_id = ? AND stated = ?"
        " ORDER BY seq LIMIT ?",
        (call.log_id, call.generation, limits.ROAD_COMMITS),
    )
    return [(int(seq), int(parent)) for seq, parent in rows]


def drop(logs: Connection, call: DropPlea) -> None:
    """Hide a plea from the caller's generation and what is opened behind it.

    Others still see it: a dead branch has a generation too, and a key to it. Nothing
    happens to a plea that the caller does not hear.
    """
    if not _is_heard(logs, call):
        return
    logs.execute(
        "INSERT INTO dropped_pleas (log_id, generation, plea_id)"
        " SELECT log_id, ?, plea_id FROM pleas WHERE log_id = ? AND plea_id = ?"
        " ON CONFLICT DO NOTHING",
        (call.generation, call.log_id, call.plea_id),
    )


def drop_old(logs: Connection, today: int) -> None:
    """Delete the pleas that waited for fourteen days, and all that belongs to none."""
    rows = logs.execute(
        "SELECT log_id, plea_id FROM pleas WHERE day <= ?", (today - limits.PLEA_DAYS,)
    )
    forget_pleas(logs, rows.fetchall())


def _answers(logs: Connection, log_id: bytes, plea_id: bytes) -> list[bytes]:
    rows = logs.execute(
        "SELECT body FROM answers WHERE log_id = ? AND plea_id = ? ORDER BY number",
        (log_id, plea_id),
    )
    return [bytes(row[0]) for row in rows]


def _home_of(logs: Connection, call: PostAnswer | ReadAnswers | DropPlea) -> int | None:
    """Return the generation in whose lobby a plea was posted, if it is there."""
    row = logs.execute(
        "SELECT generation FROM pleas WHERE log_id = ? AND plea_id = ?",
        (call.log_id, call.plea_id),
    ).fetchone()
    return None if row is None else int(row[0])


def _is_heard(logs: Connection, call: PostAnswer | DropPlea) -> bool:
    """Tell whether a plea waits that the caller's generation hears."""
    home = _home_of(logs, call)
    return home is not None and bool(heard(logs, call.log_id, call.generation, [home]))
