"""The lobby of a log: pleas and answers, as bodies of HTTPS calls and what they sign.

A lobby lies beside the sequence of a log. Who has the lobby key of any generation may
plead there and read what was answered; who has the newest access key reads the pleas,
answers them and takes junk away. Format: docs/spec/lobby.md.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

import msgspec

from privity.codec import U8, U64, Enumerated, Fixed, Opaque, Struct
from privity.wire import limits

__all__ = [
    "Act",
    "Answers",
    "Commits",
    "DropPlea",
    "ListPleas",
    "LobbyClaim",
    "PostAnswer",
    "PostPlea",
    "ReadAnswers",
    "ReadCommits",
    "WaitingPlea",
    "WaitingPleas",
]

Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
PleaBody = Annotated[bytes, msgspec.Meta(min_length=1, max_length=limits.PLEA)]
AnswerBody = Annotated[bytes, msgspec.Meta(min_length=1, max_length=limits.ANSWER)]


class Act(IntEnum):
    """What is asked of a lobby: PLEAD, READ, COMMITS by a lobby key, else by access."""

    PLEAD = 1
    READ = 2
    LIST = 3
    ANSWER = 4
    DROP = 5
    COMMITS = 6


@dataclass(frozen=True, slots=True)
class LobbyClaim(Struct):
    """What the key of a generation signs for one call ("Privity 1.0 lobby").

    `body_hash` is the SHA-256 of the sealed plea or answer, of nothing where there is
    none; `plea_id` is zeros where no plea is meant.
    """

    version: U8
    host: Opaque
    relay_nonce: Annotated[bytes, Fixed(32)]
    log_id: Annotated[bytes, Fixed(16)]
    generation: U64
    act: Annotated[Act, Enumerated(Act, 1)]
    plea_id: Annotated[bytes, Fixed(16)]
    body_hash: Annotated[bytes, Fixed(32)]


class _Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    log_id: Id
    generation: Seq
    nonce: Hash
    """Of `POST /v1/nonce`."""
    signature: Signature


class PostPlea(_Call, frozen=True):
    """POST /v1/lobby/pleas: the same plea again costs nothing."""

    plea_id: Id
    body: PleaBody
    token: Annotated[bytes, msgspec.Meta(max_length=limits.TOKEN)] = b""


class ReadAnswers(_Call, frozen=True):
    """POST /v1/lobby/answers/read: by the lobby key that the plea was posted with."""

    plea_id: Id


class ListPleas(_Call, frozen=True):
    """POST /v1/lobby/pleas/list: all that waits and was not dropped by this key."""


class PostAnswer(_Call, frozen=True):
    """POST /v1/lobby/answers: the same answer again is stored once."""

    plea_id: Id
    body: AnswerBody


class DropPlea(_Call, frozen=True):
    """POST /v1/lobby/pleas/drop: hide a plea from this generation's readers."""

    plea_id: Id


class ReadCommits(_Call, frozen=True):
    """POST /v1/lobby/commits: who follows whom in a generation, by its lobby key."""


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class WaitingPlea(_Body, frozen=True):
    """A plea, the generation whose lobby key posted it, and how many answers it has."""

    plea_id: Id
    generation: Seq
    body: PleaBody
    answers: Seq


class WaitingPleas(_Body, frozen=True):
    """The answer to a LIST, oldest day first."""

    pleas: Annotated[list[WaitingPlea], msgspec.Meta(max_length=limits.PLEAS_PER_LOG)]


class Answers(_Body, frozen=True):
    """The answers to one plea, in the order of their coming."""

    answers: Annotated[
        list[AnswerBody], msgspec.Meta(max_length=limits.ANSWERS_PER_PLEA)
    ]


class Commits(_Body, frozen=True):
    """(seq, parent) of the commits under a generation's epochs, by seq.

    `limits.ROAD_COMMITS` of them are the first ones, and there may be more.
    """

    commits: Annotated[
        list[tuple[Seq, Seq]], msgspec.Meta(max_length=limits.ROAD_COMMITS)
    ]
