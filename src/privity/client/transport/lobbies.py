"""Calls to a chat's lobby: a nonce, then one signed call, both anonymous."""

from privity.client.transport.http import Call, HttpPlane, call
from privity.core import requests
from privity.core.effects import Cause
from privity.core.lobby_calls import Call as LobbyCall
from privity.core.lobby_calls import LobbyRequest, lobby_call
from privity.core.requests import Answer
from privity.wire import http
from privity.wire import lobby as wire

__all__ = ["ask_lobby"]

_PATHS: dict[type[LobbyCall], str] = {
    wire.PostPlea: "/v1/lobby/pleas",
    wire.ListPleas: "/v1/lobby/pleas/list",
    wire.DropPlea: "/v1/lobby/pleas/drop",
    wire.PostAnswer: "/v1/lobby/answers",
    wire.ReadAnswers: "/v1/lobby/answers/read",
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
    await plane.tell(made)
    return requests.Done()


def _waiting(one: wire.WaitingPlea) -> requests.WaitingPlea:
    return requests.WaitingPlea(one.plea_id, one.generation, one.body)
