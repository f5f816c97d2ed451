"""Proposals of those who are not members (RFC 9420 §12.1.8).

An external sender is listed in the GroupContext; a client may propose its own Add.
Both know the group's name and epoch from elsewhere. Members decide.
"""

from typing import NamedTuple

from privity.mls.framing import (
    FramedContent,
    FramedContentAuthData,
    PublicMessage,
    Sender,
    SenderType,
    WireFormat,
)
from privity.mls.key_packages import KeyPackage
from privity.mls.messages import MLSMessage
from privity.mls.own_keys import LeafIdentity
from privity.mls.proposals import Add, Proposal
from privity.mls.protection import sign
from privity.mls.suites import CipherSuite

__all__ = ["Epoch", "propose_from_outside", "propose_own_add"]


class Epoch(NamedTuple):
    """One epoch of one group, as somebody outside knows it (§12.1.8).

    `group_id` and `epoch` are those of its GroupContext (§8.1).
    """

    suite: CipherSuite
    group_id: bytes
    epoch: int


def propose_from_outside(
    to: Epoch, index: int, signature_private: bytes, proposal: Proposal
) -> bytes:
    """Return a proposal of an external sender as an encoded MLSMessage (§12.1.8.1).

    `index` is its place in `external_senders`, `signature_private` as in
    `LeafIdentity`. Members accept Add, Remove, PreSharedKey, ReInit and
    GroupContextExtensions.
    """
    sender = Sender(SenderType.EXTERNAL, index)
    return _message(to, sender, signature_private, proposal)


def propose_own_add(to: Epoch, me: LeafIdentity, key_package: KeyPackage) -> bytes:
    """Return a client's wish to be added, as an encoded MLSMessage (§12.1.8)."""
    sender = Sender(SenderType.NEW_MEMBER_PROPOSAL)
    return _message(to, sender, me.signing_key(to.suite), Add(key_package))


def _message(to: Epoch, sender: Sender, private: bytes, proposal: Proposal) -> bytes:
    content = FramedContent(to.group_id, to.epoch, sender, b"", proposal)
    # Who is outside signs without the GroupContext (§6.1).
    signature = sign(to.suite, private, WireFormat.PUBLIC_MESSAGE, content, b"")
    return MLSMessage(
        PublicMessage(content, FramedContentAuthData(signature), None)
    ).encode()
