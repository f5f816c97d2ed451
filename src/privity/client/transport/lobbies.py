"""Calls to a chat's lobby: a nonce, then one signed call, both anonymous."""

from privity.client.transport.http import Call, HttpPlane, call
from privity.core import requests
from privity.core.effects import Cause
from privity.core.lobby_calls import Call as LobbyCall
from privity.core.lobby_calls import LobbyRequest, lobby_call
from privity.core.requests import Answer
from privity.core.straight import is_whole
from privity.wire import http
from privity.wire import lobby as wire
from privity.wire.codes import RETRYABLE, Refusal

__all__ = ["ask_lobby", "read_children", "read_commits"]

_PATHS: dict[type[LobbyCall], str] = {
    wire.PostPlea: "/v1/lobby/pleas",
    wire.ListPleas: "/v1/lobby/pleas/list",
    wire.DropPlea: "/v1/lobby/pleas/drop",
    wire.PostAnswer: "/v1/lobby/answers",
    wire.ReadAnswers: "/v1/lobby/answers/read",
    wire.ReadCommits: "/v1/lobby/commits",
}


async def ask_lobby(
    plane: HttpPlane, host: str, request: LobbyRequest, token: bytes, cause: Cause
) -> Answer:
    """Return the lobby's answer; raises Refusal, Unreachable, Misbehaved."""
    asked = Call("POST", "/v1/nonce", "/v1/nonce", cause)
    nonce = (await plane.ask(asked, http.Nonce)).nonce
    body = lobby_call(request, host, nonce, token)
    made = call("POST", _PATHS[type(body)], body, cause)
    if isinstance(body, wire.ListPleas):
        pleas = (await plane.ask(made, wire.WaitingPleas)).pleas
        return requests.Pleas(tuple(_waiting(one) for one in pleas))
    if isinstance(body, wire.ReadAnswers):
        answers = (await plane.ask(made, wire.Answers)).answers
        return requests.AnswersRead(tuple(answers))
    if isinstance(body, wire.ReadCommits):
        commits = (await plane.ask(made, wire.Commits)).commits
        return requests.Commits(tuple(commits))
    await plane.tell(made)
    return requests.Done()


async def read_commits(
    plane: HttpPlane, host: str, asked: requests.RejoinWalk, cause: Cause
) -> tuple[tuple[int, int], ...]:
    """Return the commits of the generations that a walk names, as far as they are told.

    A generation that the relay refuses, or that has more, ends them: a road through
    it is no proof. Raises Unreachable, Misbehaved, and a Refusal that time cures.
    """
    found: list[tuple[int, int]] = []
    for generation, seed in asked.lobbies:
        request = requests.ReadCommits(asked.log_id, generation, seed)
        told = await _whole(plane, host, request, cause)
        if told is None:
            break
        found += told
    return tuple(found)


async def read_children(
    plane: HttpPlane, host: str, asked: requests.RejoinWalk, cause: Cause
) -> tuple[int, ...] | None:
    """Return the commits under the named one, or None where not all are told.

    Raises as `read_commits` does.
    """
    if not asked.lobby_seed:
        return None
    request = requests.ReadCommits(asked.log_id, asked.generation, asked.lobby_seed)
    told = await _whole(plane, host, request, cause)
    if told is None:
        return None
    return tuple(seq for seq, parent in told if parent == asked.commit_seq)


async def _whole(
    plane: HttpPlane, host: str, request: requests.ReadCommits, cause: Cause
) -> tuple[tuple[int, int], ...] | None:
    try:
        told = await ask_lobby(plane, host, request, b"", cause)
    except Refusal as refusal:
        if refusal.code in RETRYABLE:
            raise
        return None
    if isinstance(told, requests.Commits) and is_whole(told.commits):
        return told.commits
    return None


def _waiting(one: wire.WaitingPlea) -> requests.WaitingPlea:
    return requests.WaitingPlea(one.plea_id, one.generation, one.body)
