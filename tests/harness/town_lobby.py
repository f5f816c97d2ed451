"""The lobbies of a town: the relay's own steps, asked by the engine's requests."""

from typing import Any

from privity.core import requests as r
from privity.core.lobby_calls import LobbyRequest, lobby_call
from privity.core.straight import is_whole
from privity.relay import lobby
from privity.wire import lobby as wire
from privity.wire.codes import Refusal

__all__ = ["ask_lobby", "children_of", "commits_of"]


def ask_lobby(town: Any, host: str, request: LobbyRequest, token: bytes) -> r.Answer:
    """Return the lobby's answer; a new plea rings with all who follow its log."""
    minute = town.now_ms // 60_000
    call = lobby_call(request, host, bytes(32), token)
    lobby.check_claim(town.logs, host, call, minute)
    match call:
        case wire.PostPlea():
            hear = lobby.plead(town.logs, call, minute // 1440)
            town.rung.append((call.log_id, hear))
        case wire.ReadAnswers():
            return r.AnswersRead(tuple(lobby.answers(town.logs, call)))
        case wire.ListPleas():
            found = lobby.waiting(town.logs, call)
            pleas = [r.WaitingPlea(p.plea_id, p.generation, p.body) for p in found]
            return r.Pleas(tuple(pleas))
        case wire.PostAnswer():
            lobby.answer(town.logs, call)
        case wire.DropPlea():
            lobby.drop(town.logs, call)
        case wire.ReadCommits():
            return r.Commits(tuple(lobby.commits(town.logs, call)))
    return r.Done()


def commits_of(
    town: Any, host: str, asked: r.RejoinWalk
) -> tuple[tuple[int, int], ...]:
    """Return the commits that a walk asks for, as the client's transport does."""
    found: list[tuple[int, int]] = []
    for generation, seed in asked.lobbies:
        told = _whole(town, host, r.ReadCommits(asked.log_id, generation, seed))
        if told is None:
            break
        found += told
    return tuple(found)


def children_of(town: Any, host: str, asked: r.RejoinWalk) -> tuple[int, ...] | None:
    """Return the commits under the one that a walk names, as the transport does."""
    if not asked.lobby_seed:
        return None
    request = r.ReadCommits(asked.log_id, asked.generation, asked.lobby_seed)
    told = _whole(town, host, request)
    if told is None:
        return None
    return tuple(seq for seq, parent in told if parent == asked.commit_seq)


def _whole(
    town: Any, host: str, request: r.ReadCommits
) -> tuple[tuple[int, int], ...] | None:
    try:
        told = ask_lobby(town, host, request, b"")
    except Refusal:
        return None
    if isinstance(told, r.Commits) and is_whole(told.commits):
        return told.commits
    return None
