"""The stored values of repair: what a chat keeps of its past, my plea, others' pleas.

docs/spec/plea.md.
"""

from enum import StrEnum, unique

from privity.core.values import Value

__all__ = ["Help", "LobbyKey", "Past", "Plight", "Repair", "Stage"]


class LobbyKey(Value, frozen=True):
    """What opens the lobby to pleas: the seal's key and the Ed25519 seed.

    `since` is when this device learned them (Unix seconds).
    """

    generation: int
    seal: bytes
    seed: bytes
    since: int


class Help(Value, frozen=True):
    """An answer that this device gave, or a leaf that came back before its eyes.

    `credential` is of the leaf; `plea_id` is empty for what was only seen. `parent` is
    the commit that the answer told of.
    """

    credential: bytes
    plea_id: bytes
    parent: int
    at: int


class Past(Value, frozen=True):
    """What this device keeps of a chat's past, all of it bounded.

    `lobbies` are oldest first; `road` are the commits of my road, of which the last
    began my epoch; `gaps` are (first, last) seqs that this device can't read. Since the
    last message that it could read, messages were `expired`.
    """

    lobbies: tuple[LobbyKey, ...] = ()
    road: tuple[int, ...] = ()
    helps: tuple[Help, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    expired: bool = False


@unique
class Stage(StrEnum):
    """How far the repair of a stuck chat has come.

    `PLEADING`: the members were asked. `ANSWERED`: reading what an answer names.
    `REJOINING`: my commit is on its way. `HOPELESS`: nobody can be asked.
    """

    PLEADING = "pleading"
    ANSWERED = "answered"
    REJOINING = "rejoining"
    HOPELESS = "hopeless"


class Repair(Value, frozen=True):
    """My own plea: where a chat stopped, and how far its repair has come.

    `private` opens the answers; `digest` names the sealed plea, `generation` its lobby.
    `seq` and `parent` are where this device stood. `since` is when it stopped, `posted`
    when this plea was made (Unix seconds). `answer` is the one in use, encoded;
    `failed` are the hashes of those that led nowhere, `alone` of those whose road has
    forks, so that one account does not do. `sure`: more than the answer's giver speaks
    for it; `witness` is the answer of another account, encoded, that names the same.
    `members` are the accounts that were in the chat when it stopped here; empty where
    that is not known, and then only a person can decide between answers.
    `confirmed`: a person wants to go where only one account says. `told`: the owner
    knows that nobody answers.
    """

    chat_id: bytes
    plea_id: bytes
    generation: int
    private: bytes
    digest: bytes
    cause: str
    seq: int
    parent: int
    since: int
    posted: int
    stage: Stage = Stage.PLEADING
    answer: bytes = b""
    failed: tuple[bytes, ...] = ()
    confirmed: bool = False
    told: bool = False
    sure: bool = False
    alone: tuple[bytes, ...] = ()
    witness: bytes = b""
    members: tuple[bytes, ...] = ()


class Plight(Value, frozen=True):
    """The plea of somebody else, on which a person has to decide; `why` is a code."""

    chat_id: bytes
    plea_id: bytes
    generation: int
    body: bytes
    account_id: bytes
    device_id: bytes
    cause: str
    why: str
    received: int
