"""The engine's lobby requests as signed calls: for whoever has a fresh nonce.

docs/spec/lobby.md. The keys are in the requests; here they sign and stay behind.
"""

from hashlib import sha256

from msgspec import structs

from privity.core import requests as r
from privity.identity import labels
from privity.identity.signing import sign_with_label
from privity.wire import lobby as wire

__all__ = ["Call", "LobbyRequest", "lobby_call"]

LobbyRequest = (
    r.PostPlea | r.ReadAnswers | r.ListPleas | r.PostAnswer | r.DropPlea | r.ReadCommits
)
Call = (
    wire.PostPlea
    | wire.ReadAnswers
    | wire.ListPleas
    | wire.PostAnswer
    | wire.DropPlea
    | wire.ReadCommits
)


def lobby_call(
    request: LobbyRequest, host: str, nonce: bytes, token: bytes = b""
) -> Call:
    """Return the call that a request is, signed for one nonce of one relay."""
    call, act, seed = _unsigned(request, nonce, token)
    plea_id = bytes(16)
    if not isinstance(call, wire.ListPleas | wire.ReadCommits):
        plea_id = call.plea_id
    body = call.body if isinstance(call, wire.PostPlea | wire.PostAnswer) else b""
    claim = wire.LobbyClaim(
        version=1,
        host=host.encode(),
        relay_nonce=nonce,
        log_id=call.log_id,
        generation=call.generation,
        act=act,
        plea_id=plea_id,
        body_hash=sha256(body).digest(),
    )
    signature = sign_with_label(seed, labels.LOBBY, claim.encode())
    return structs.replace(call, signature=signature)


def _unsigned(
    request: LobbyRequest, nonce: bytes, token: bytes
) -> tuple[Call, wire.Act, bytes]:
    place = (request.log_id, request.generation, nonce, bytes(64))
    match request:
        case r.PostPlea(lobby_seed=seed, plea_id=name, body=body):
            return wire.PostPlea(*place, name, body, token), wire.Act.PLEAD, seed
        case r.ReadAnswers(lobby_seed=seed, plea_id=name):
            return wire.ReadAnswers(*place, name), wire.Act.READ, seed
        case r.ListPleas(access_seed=seed):
            return wire.ListPleas(*place), wire.Act.LIST, seed
        case r.PostAnswer(access_seed=seed, plea_id=name, body=body):
            return wire.PostAnswer(*place, name, body), wire.Act.ANSWER, seed
        case r.DropPlea(access_seed=seed, plea_id=name):
            return wire.DropPlea(*place, name), wire.Act.DROP, seed
        case r.ReadCommits(lobby_seed=seed):
            return wire.ReadCommits(*place), wire.Act.COMMITS, seed
