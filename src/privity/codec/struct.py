"""Structures that are declared once and know both ways of their encoding."""

from collections.abc import Callable
from operator import attrgetter, methodcaller
from types import MemberDescriptorType
from typing import Any, NamedTuple, Self, get_type_hints

from privity.codec.fields import Bytes, FieldType, Nested, Uint
from privity.codec.reader import MAX_VARINT, Reader, write_opaque
from privity.errors import UsageError

__all__ = ["Struct"]


class _Plan(NamedTuple):
    """A class worked out once: for each field (get, write), and (read, set)."""

    writes: tuple[tuple[Callable[[Any], Any], Callable[[bytearray, Any], None]], ...]
    reads: tuple[tuple[Callable[[Reader], Any], Callable[[Any, Any], None]], ...]


_plans: dict[type, _Plan] = {}


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
        cls = type(self)
        for get, write in (_plans.get(cls) or _plan(cls)).writes:
            write(out, get(self))

    def encode(self) -> bytes:
        """Return the encoding of this structure."""
        out = bytearray()
        self.write(out)
        return bytes(out)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one structure from `reader`, which may hold more."""
        # Nobody has seen the value yet, so its slots are filled past `frozen`; the
        # constructor of a frozen dataclass takes three times as long.
        value = cls.__new__(cls)
        for read, put in (_plans.get(cls) or _plan(cls)).reads:
            put(value, read(reader))
        return value

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Return the structure that `data` encodes, whole and canonically."""
        reader = Reader(data)
        value = cls.read(reader)
        reader.finish()
        return value


def _plan(cls: type) -> _Plan:
    if hasattr(cls, "__post_init__"):
        raise UsageError(f"{cls.__name__} is read without its __post_init__")
    hints: dict[str, Any] = get_type_hints(cls, include_extras=True)
    names: list[str] = list(cls.__dataclass_fields__)  # type: ignore[attr-defined]
    fields = [(name, _field_of(name, hints[name])) for name in names]
    plan = _Plan(
        tuple((attrgetter(name), _writing(field)) for name, field in fields),
        tuple((_reading(field), _setting(cls, name)) for name, field in fields),
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


# The commonest fields are read and written without the detour over their types.


def _reading(field: FieldType) -> Callable[[Reader], Any]:
    match field:
        case Nested(kind=kind):
            return kind.read
        case Uint(size=size):
            return methodcaller("uint", size)
        case Bytes(limit=limit) if limit == MAX_VARINT:
            return Reader.opaque
    return field.read


def _writing(field: FieldType) -> Callable[[bytearray, Any], None]:
    if isinstance(field, Bytes) and field.limit == MAX_VARINT:
        return write_opaque
    return field.write


def _setting(cls: type, name: str) -> Callable[[Any, Any], None]:
    slot = getattr(cls, name, None)
    if not isinstance(slot, MemberDescriptorType):
        raise UsageError(f"{cls.__name__} is not slotted")
    return slot.__set__
