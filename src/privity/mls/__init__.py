"""Messaging Layer Security (RFC 9420): sans-I/O, over audited primitives.

`Group` is the state machine; `PublicGroup` follows a group without its secrets;
`make_key_package` lets others add us. Whatever goes wrong with input is a
`ProtocolError` (which names its `Rule`), a `Stale` or an `Unsupported` of
`privity.errors`, and leaves the state as it was.

SelfRemove is of draft-ietf-mls-extensions; nothing else of that draft is here.
"""

from privity.mls.authentication import (
    AuthenticationService,
    check_commit,
    check_members,
    check_proposed,
)
from privity.mls.committing import CommitOptions
from privity.mls.credentials import Credential, CredentialType
from privity.mls.events import (
    Application,
    JoinResult,
    PendingCommit,
    Proposed,
    StagedCommit,
)
from privity.mls.extensions import (
    Extension,
    ExtensionType,
    ExternalSender,
    ExternalSenders,
    RequiredCapabilities,
    find_extension,
)
from privity.mls.external_commit import ExternalJoin
from privity.mls.failures import (
    CommitRequired,
    ConfirmationTagMismatch,
    GroupEnded,
    GroupInfoMismatch,
    OwnCommit,
    PathSlotFailed,
    UnknownPsk,
    UnknownStateVersion,
    WrongEpoch,
)
from privity.mls.frames import Said, epoch_of_frame, open_frame
from privity.mls.framing import SenderType
from privity.mls.grease import grease_extension, greased
from privity.mls.group import Group
from privity.mls.group_context import GroupContext
from privity.mls.hpke import HPKECiphertext
from privity.mls.key_packages import KeyPackage
from privity.mls.leaf_validation import (
    check_lifetime,
    check_total_lifetime,
    validate_key_package,
)
from privity.mls.messages import MLSMessage
from privity.mls.nodes import Capabilities, LeafNode
from privity.mls.outsiders import Epoch, propose_from_outside, propose_own_add
from privity.mls.own_keys import (
    LAST_RESORT,
    KeyPackageBundle,
    LeafIdentity,
    make_key_package,
)
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import (
    Add,
    ExternalPSK,
    GroupContextExtensions,
    PreSharedKey,
    PreSharedKeyID,
    Proposal,
    ProposalType,
    ReInit,
    Remove,
    ResumptionPSK,
    ResumptionPSKUsage,
    SelfRemove,
    UnknownProposal,
    Update,
)
from privity.mls.psks import KnownPsks
from privity.mls.public_group import PublicGroup, verify_group_info
from privity.mls.rules import Rule
from privity.mls.successors import branch, reinitialize
from privity.mls.suites import CipherSuite, Random, suite
from privity.mls.welcome import GroupInfo, Welcome

__all__ = [
    "LAST_RESORT",
    "Add",
    "Application",
    "AuthenticationService",
    "Capabilities",
    "CipherSuite",
    "CommitOptions",
    "CommitRequired",
    "ConfirmationTagMismatch",
    "Credential",
    "CredentialType",
    "Epoch",
    "Extension",
    "ExtensionType",
    "ExternalJoin",
    "ExternalPSK",
    "ExternalSender",
    "ExternalSenders",
    "Group",
    "GroupContext",
    "GroupContextExtensions",
    "GroupEnded",
    "GroupInfo",
    "GroupInfoMismatch",
    "HPKECiphertext",
    "JoinResult",
    "KeyPackage",
    "KeyPackageBundle",
    "KnownPsks",
    "LeafIdentity",
    "LeafNode",
    "MLSMessage",
    "OwnCommit",
    "PathSlotFailed",
    "PendingCommit",
    "PreSharedKey",
    "PreSharedKeyID",
    "Proposal",
    "ProposalType",
    "Proposed",
    "PublicGroup",
    "Random",
    "ReInit",
    "Remove",
    "RequiredCapabilities",
    "ResumptionPSK",
    "ResumptionPSKUsage",
    "Rule",
    "Said",
    "SelfRemove",
    "SenderType",
    "SentProposal",
    "StagedCommit",
    "UnknownProposal",
    "UnknownPsk",
    "UnknownStateVersion",
    "Update",
    "Welcome",
    "WrongEpoch",
    "branch",
    "check_commit",
    "check_lifetime",
    "check_members",
    "check_proposed",
    "check_total_lifetime",
    "epoch_of_frame",
    "find_extension",
    "grease_extension",
    "greased",
    "make_key_package",
    "open_frame",
    "propose_from_outside",
    "propose_own_add",
    "reinitialize",
    "suite",
    "validate_key_package",
    "verify_group_info",
]
