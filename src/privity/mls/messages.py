"""MLSMessage: whatever travels between clients of MLS (RFC 9420 §6)."""

from dataclasses import dataclass
from typing import Annotated, Self

from privity.codec import Reader, Select, Struct, write_uint
from privity.mls.framing import PrivateMessage, PublicMessage, WireFormat
from privity.mls.group_context import check_version
from privity.mls.key_packages import KeyPackage
from privity.mls.nodes import MLS_10
from privity.mls.welcome import GroupInfo, Welcome

__all__ = ["MLSMessage"]

_Body = PublicMessage | PrivateMessage | Welcome | GroupInfo | KeyPackage

_BODY = Select(
    2,
    {
        WireFormat.PUBLIC_MESSAGE: PublicMessage,
        WireFormat.PRIVATE_MESSAGE: PrivateMessage,
        WireFormat.WELCOME: Welcome,
        WireFormat.GROUP_INFO: GroupInfo,
        WireFormat.KEY_PACKAGE: KeyPackage,
    },
)


@dataclass(frozen=True, slots=True)
class MLSMessage(Struct):
    """RFC 9420 §6, `struct MLSMessage`; the version is always mls10."""

    body: Annotated[_Body, _BODY]

    def write(self, out: bytearray) -> None:
        """Append the encoding."""
        write_uint(out, MLS_10, 2)
        _BODY.write(out, self.body)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one message."""
        check_version(reader)
        return cls(_BODY.read(reader))
