"""Extensions, and those that RFC 9420 itself defines (§11.1, §12.1.8.1, §13).

An extension is opaque until somebody asks for its content. A list that arrives is
checked once, when its structure is validated: no type twice, and every extension
that we know decodes to its last byte.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from privity.codec import U16, Nested, Opaque, Struct, Uint, Vector
from privity.errors import RuleViolation
from privity.mls.credentials import Credential
from privity.mls.rules import Rule

__all__ = [
    "ApplicationId",
    "Extension",
    "ExtensionType",
    "Extensions",
    "ExternalPub",
    "ExternalSender",
    "ExternalSenders",
    "RequiredCapabilities",
    "check_extensions",
    "find_extension",
    "required_capabilities",
]


class ExtensionType(IntEnum):
    """RFC 9420 §17.3; values that are not listed here are legal and opaque."""

    APPLICATION_ID = 1
    RATCHET_TREE = 2
    REQUIRED_CAPABILITIES = 3
    EXTERNAL_PUB = 4
    EXTERNAL_SENDERS = 5


@dataclass(frozen=True, slots=True)
class Extension(Struct):
    """RFC 9420 §13, `struct Extension`."""

    extension_type: U16
    extension_data: Opaque


Extensions = Annotated[tuple[Extension, ...], Vector(Nested(Extension))]


@dataclass(frozen=True, slots=True)
class ApplicationId(Struct):
    """RFC 9420 §5.3.3, `struct ApplicationID`."""

    application_id: Opaque


@dataclass(frozen=True, slots=True)
class RequiredCapabilities(Struct):
    """RFC 9420 §11.1, `struct RequiredCapabilities`."""

    extension_types: Annotated[tuple[int, ...], Vector(Uint(2))] = ()
    proposal_types: Annotated[tuple[int, ...], Vector(Uint(2))] = ()
    credential_types: Annotated[tuple[int, ...], Vector(Uint(2))] = ()


@dataclass(frozen=True, slots=True)
class ExternalPub(Struct):
    """RFC 9420 §12.4.3.2, `struct ExternalPub`."""

    external_pub: Opaque


@dataclass(frozen=True, slots=True)
class ExternalSender(Struct):
    """RFC 9420 §12.1.8.1, `struct ExternalSender`."""

    signature_key: Opaque
    credential: Credential


@dataclass(frozen=True, slots=True)
class ExternalSenders(Struct):
    """RFC 9420 §12.1.8.1, the content of `external_senders`."""

    senders: Annotated[tuple[ExternalSender, ...], Vector(Nested(ExternalSender))]


_KNOWN: dict[int, type[Struct]] = {
    ExtensionType.APPLICATION_ID: ApplicationId,
    ExtensionType.REQUIRED_CAPABILITIES: RequiredCapabilities,
    ExtensionType.EXTERNAL_PUB: ExternalPub,
    ExtensionType.EXTERNAL_SENDERS: ExternalSenders,
}


def find_extension(extensions: tuple[Extension, ...], kind: int) -> bytes | None:
    """Return the content of the extension of that type, if the list has one (§13)."""
    for extension in extensions:
        if extension.extension_type == kind:
            return extension.extension_data
    return None


def required_capabilities(extensions: tuple[Extension, ...]) -> RequiredCapabilities:
    """Return what a GroupContext requires of members; raises DecodeError."""
    data = find_extension(extensions, ExtensionType.REQUIRED_CAPABILITIES)
    if data is None:
        return RequiredCapabilities()
    return RequiredCapabilities.decode(data)


def check_extensions(extensions: tuple[Extension, ...]) -> None:
    """Refuse a type that stands twice and known content that does not decode.

    Raises RuleViolation or DecodeError. The content of `ratchet_tree` is checked
    where it is used, since only a tree can say what a tree must be.
    """
    seen: set[int] = set()
    for extension in extensions:
        kind = extension.extension_type
        if kind in seen:
            raise RuleViolation(Rule.DUPLICATE_EXTENSION, str(kind))
        seen.add(kind)
        known = _KNOWN.get(kind)
        if known is not None:
            known.decode(extension.extension_data)
