"""The recovery key on paper: 32 random bytes as fourteen groups of four letters.

Format: docs/spec/recovery-key.md. 32 bytes and a 24-bit checksum are 56 letters of
base32 exactly. A slip of the pen is found, and named by its group; nothing is ever
corrected in silence. What the key seals is in `self_storage`.
"""

import hmac
from collections.abc import Iterator, Mapping
from enum import StrEnum, unique
from hashlib import sha256
from itertools import product

from privity.errors import DecodeError, UsageError
from privity.identity.ids import Random
from privity.identity.secret import Secret
from privity.identity.text import from_base32, to_base32

__all__ = [
    "GROUPS",
    "GROUP_SIZE",
    "KEY_SIZE",
    "RecoveryKeyError",
    "RecoveryKeyProblem",
    "ask_back",
    "check_answer",
    "new_recovery_key",
    "parse_recovery_key",
    "render_recovery_key",
]

KEY_SIZE = 32
GROUPS = 14
GROUP_SIZE = 4
_CHECK_SIZE = 3
_LETTERS = GROUPS * GROUP_SIZE
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_LOOKALIKE = {"0": "o", "8": "b"}
_MAX_ONES = 6


@unique
class RecoveryKeyProblem(StrEnum):
    """What is wrong with a typed recovery key, told to a person."""

    LENGTH = "a recovery key has 14 groups of 4 letters"
    LETTER = "a recovery key has only the letters A to Z and the digits 2 to 7"
    CHECK = "a letter is wrong or two are swapped; compare with your copy"
    ANSWER = "that is not what stands there; look at your copy again"


class RecoveryKeyError(DecodeError):
    """A typed key that is not one; `group` counts from 1, 0 where it is unknown."""

    def __init__(self, problem: RecoveryKeyProblem, group: int = 0) -> None:
        super().__init__(problem.value + (f" (group {group})" if group else ""))
        self.problem = problem
        self.group = group


def new_recovery_key(random: Random) -> Secret:
    """Return a fresh recovery key."""
    return Secret(random(KEY_SIZE))


def render_recovery_key(key: Secret) -> str:
    """Return the text to write down: fourteen groups of four capital letters."""
    return "-".join(_groups(key))


def parse_recovery_key(text: str) -> Secret:
    """Return the key that a person typed; case, spaces and dashes do not matter.

    0 is read as O, 8 as B, 1 as I or L, whichever the checksum agrees with. Raises
    RecoveryKeyError; where exactly one changed letter explains it, with its group.
    """
    letters = _letters_of(text)
    for candidate in _readings(letters):
        key = _checked(candidate)
        if key is not None:
            return key
    raise RecoveryKeyError(RecoveryKeyProblem.CHECK, _likely_group(letters))


def ask_back(random: Random, count: int = 3) -> tuple[int, ...]:
    """Return which groups to ask a person for, in order, counted from 1."""
    if not 0 < count <= GROUPS:
        raise UsageError(f"between 1 and {GROUPS} groups can be asked for")
    order = sorted(range(1, GROUPS + 1), key=lambda _: random(8))
    return tuple(sorted(order[:count]))


def check_answer(key: Secret, answer: Mapping[int, str]) -> None:
    """Accept the groups that a person typed back, or raise RecoveryKeyError.

    `answer` maps the numbers that `ask_back` gave to what was typed.
    """
    groups = _groups(key)
    if not answer or not set(answer) <= set(range(1, GROUPS + 1)):
        raise UsageError(f"groups are numbered from 1 to {GROUPS}")
    for number, typed in sorted(answer.items()):
        wanted = groups[number - 1].lower()
        read = _tolerant(typed).replace("1", "i")
        if not hmac.compare_digest(
            read.replace("l", "i").encode(), wanted.replace("l", "i").encode()
        ):
            raise RecoveryKeyError(RecoveryKeyProblem.ANSWER, number)


def _groups(key: Secret) -> list[str]:
    if len(key) != KEY_SIZE:
        raise UsageError(f"a recovery key has {KEY_SIZE} bytes")
    data = key.reveal()
    text = to_base32(data + _checksum(data)).upper()
    return [text[at : at + GROUP_SIZE] for at in range(0, _LETTERS, GROUP_SIZE)]


def _checksum(data: bytes) -> bytes:
    return sha256(b"privity recovery-key check v1" + data).digest()[:_CHECK_SIZE]


def _letters_of(text: str) -> str:
    letters = _tolerant(text)
    for at, letter in enumerate(letters):
        if letter not in _ALPHABET and letter != "1":
            group = at // GROUP_SIZE + 1
            raise RecoveryKeyError(RecoveryKeyProblem.LETTER, group)
    if len(letters) != _LETTERS:
        raise RecoveryKeyError(RecoveryKeyProblem.LENGTH)
    return letters


def _tolerant(text: str) -> str:
    kept = (c for c in text.lower() if not c.isspace() and c not in "-–_.,")
    return "".join(_LOOKALIKE.get(c, c) for c in kept)


def _readings(letters: str) -> Iterator[str]:
    """Yield the ways to read the ones in `letters`; bounded, so that it ends."""
    parts = letters.split("1")
    ones = len(parts) - 1
    if ones > _MAX_ONES:
        raise RecoveryKeyError(RecoveryKeyProblem.LETTER)
    for choice in product("il", repeat=ones):
        yield parts[0] + "".join(map("".join, zip(choice, parts[1:], strict=True)))


def _checked(letters: str) -> Secret | None:
    data = from_base32(letters)
    key, check = data[:KEY_SIZE], data[KEY_SIZE:]
    return Secret(key) if hmac.compare_digest(check, _checksum(key)) else None


def _likely_group(letters: str) -> int:
    """Return the one group in which a single other letter would make the key right."""
    text = letters.replace("1", "i")
    groups = {
        at // GROUP_SIZE + 1
        for at in range(_LETTERS)
        for letter in _ALPHABET
        if _checked(text[:at] + letter + text[at + 1 :]) is not None
    }
    return groups.pop() if len(groups) == 1 else 0
