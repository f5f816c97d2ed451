"""Structures that are declared once and know both ways of their encoding."""

from typing import Any, Self, get_type_hints

from privity.codec.fields import FieldType, Nested
from privity.codec.reader import Reader
from privity.errors import UsageError

__all__ = ["Struct"]

_plans: dict[type, tuple[tuple[str, FieldType], ...]] = {}


class Struct:
    """The base of a frozen, slotted dataclass whose fields carry their types.

    Fields are written in the order in which they stand. A field that is itself
    a `Struct` needs no annotation beyond its class.

        @dataclass(frozen=True, slots=True)
        class KDFLabel(Struct):
            length: U16
            label: Opaque
            context: Opaque
    """

    __slots__ = ()

    def write(self, out: bytearray) -> None:
        """Append the encoding of this structure."""
        for name, field in _plan(type(self)):
            field.write(out, getattr(self, name))

    def encode(self) -> bytes:
        """Return the encoding of this structure."""
        out = bytearray()
        self.write(out)
        return bytes(out)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one structure from `reader`, which may hold more."""
        return cls(*[field.read(reader) for _, field in _plan(cls)])

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Return the structure that `data` encodes, whole and canonically."""
        reader = Reader(data)
        value = cls.read(reader)
        reader.finish()
        return value


def _plan(cls: type) -> tuple[tuple[str, FieldType], ...]:
    plan = _plans.get(cls)
    if plan is None:
        hints: dict[str, Any] = get_type_hints(cls, include_extras=True)
        plan = tuple(
            (name, _field_of(name, hint))
            for name, hint in hints.items()
            if name in cls.__dataclass_fields__  # type: ignore[attr-defined]
        )
        _plans[cls] = plan
    return plan


def _field_of(name: str, hint: Any) -> FieldType:
    for extra in getattr(hint, "__metadata__", ()):
        if hasattr(extra, "write") and hasattr(extra, "read"):
            return extra  # type: ignore[no-any-return]
    if isinstance(hint, type) and issubclass(hint, Struct):
        return Nested(hint)
    raise UsageError(f"field {name} does not say how it is encoded")
