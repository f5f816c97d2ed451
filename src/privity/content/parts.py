"""The parts of a MIMI message (draft-ietf-mimi-content-08 §4.4, §4.5).

    NestedPart = [disposition, language, (NullPart // SinglePart //
                                          ExternalPart // MultiPart)]

Each part is an array whose third item, the cardinality, says what follows. The
limits of `limits` are kept when writing and when reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from privity.content import limits
from privity.content.cbor import Value
from privity.content.shapes import U8, U16, U32, U64, array, octets, text, uint
from privity.errors import DecodeError

__all__ = [
    "Disposition",
    "ExternalPart",
    "MultiPart",
    "NestedPart",
    "NullPart",
    "PartSemantics",
    "SinglePart",
    "part_from_value",
    "part_to_value",
    "walk",
]


class Disposition(IntEnum):
    """What a part is meant for; a number without a name here is read as RENDER."""

    UNSPECIFIED = 0
    RENDER = 1
    REACTION = 2
    PROFILE = 3
    INLINE = 4
    ICON = 5
    ATTACHMENT = 6
    SESSION = 7
    PREVIEW = 8


class PartSemantics(IntEnum):
    """How the parts of a MultiPart belong together."""

    CHOOSE_ONE = 0
    SINGLE_UNIT = 1
    PROCESS_ALL = 2


@dataclass(frozen=True, slots=True)
class NullPart:
    """Nothing: the body of a deletion."""

    disposition: int
    language: str = ""


@dataclass(frozen=True, slots=True)
class SinglePart:
    """Content that stands in the message itself."""

    disposition: int
    language: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExternalPart:
    """Content that is kept elsewhere, and what it takes to fetch and open it."""

    disposition: int
    language: str
    content_type: str
    url: str
    expires: int
    size: int
    enc_alg: int
    key: bytes = field(repr=False)
    nonce: bytes
    aad: bytes
    hash_alg: int
    content_hash: bytes
    description: str
    filename: str


@dataclass(frozen=True, slots=True)
class MultiPart:
    """Two or more parts and how they belong together."""

    disposition: int
    language: str
    semantics: PartSemantics
    parts: tuple["NestedPart", ...]


NestedPart: TypeAlias = NullPart | SinglePart | ExternalPart | MultiPart

_NULL, _SINGLE, _EXTERNAL, _MULTI = range(4)


def part_to_value(part: NestedPart) -> list[Value]:
    """Return the CBOR array of a part."""
    front: list[Value] = [int(part.disposition), part.language]
    match part:
        case NullPart():
            return [*front, _NULL]
        case SinglePart():
            return [*front, _SINGLE, part.content_type, part.content]
        case ExternalPart():
            return [*front, _EXTERNAL, *_external_fields(part)]
        case MultiPart():
            parts: list[Value] = [part_to_value(inner) for inner in part.parts]
            return [*front, _MULTI, int(part.semantics), parts]


def part_from_value(value: Value, levels: int = limits.PART_LEVELS) -> NestedPart:
    """Return the part that a CBOR value is, or raise DecodeError.

    `levels` is how many levels of parts may stand from here on.
    """
    if levels == 0:
        raise DecodeError("parts nested too deeply")
    items = array(value)
    if len(items) < 3:
        raise DecodeError("a part without disposition, language or cardinality")
    disposition = uint(items[0], U8)
    language = text(items[1], limits.LANGUAGE)
    cardinality, rest = uint(items[2], _MULTI), items[3:]
    if cardinality == _NULL and not rest:
        return NullPart(disposition, language)
    if cardinality == _SINGLE and len(rest) == 2:
        return _single(disposition, language, rest)
    if cardinality == _EXTERNAL and len(rest) == 12:
        return _external(disposition, language, rest)
    if cardinality == _MULTI and len(rest) == 2:
        return _multi(disposition, language, rest, levels)
    raise DecodeError("a part with a field too few or too many")


def walk(part: NestedPart) -> Iterator[NestedPart]:
    """Yield a part and all inside it, depth first: the order of part indexes."""
    yield part
    if isinstance(part, MultiPart):
        for inner in part.parts:
            yield from walk(inner)


def _single(disposition: int, language: str, rest: list[Value]) -> SinglePart:
    content_type = text(rest[0], limits.CONTENT_TYPE)
    is_text = content_type.startswith("text/")
    content = octets(rest[1], limits.TEXT if is_text else limits.THUMBNAIL)
    return SinglePart(disposition, language, content_type, content)


def _external(disposition: int, language: str, rest: list[Value]) -> ExternalPart:
    return ExternalPart(
        disposition=disposition,
        language=language,
        content_type=text(rest[0], limits.CONTENT_TYPE),
        url=text(rest[1], limits.URI),
        expires=uint(rest[2], U32),
        size=uint(rest[3], U64),
        enc_alg=uint(rest[4], U16),
        key=octets(rest[5], U8),
        nonce=octets(rest[6], U8),
        aad=octets(rest[7], U8),
        hash_alg=uint(rest[8], U8),
        content_hash=octets(rest[9], U8),
        description=text(rest[10], limits.DESCRIPTION),
        filename=text(rest[11], limits.FILENAME),
    )


def _external_fields(part: ExternalPart) -> list[Value]:
    return [
        part.content_type,
        part.url,
        part.expires,
        part.size,
        part.enc_alg,
        part.key,
        part.nonce,
        part.aad,
        part.hash_alg,
        part.content_hash,
        part.description,
        part.filename,
    ]


def _multi(
    disposition: int, language: str, rest: list[Value], levels: int
) -> MultiPart:
    semantics = PartSemantics(uint(rest[0], PartSemantics.PROCESS_ALL))
    inner = array(rest[1])
    if len(inner) < 2:
        raise DecodeError("a MultiPart of fewer than two parts")
    parts = tuple(part_from_value(item, levels - 1) for item in inner)
    return MultiPart(disposition, language, semantics, parts)
