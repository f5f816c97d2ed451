"""Messaging Layer Security (RFC 9420): sans-I/O, over audited primitives.

`Group` is the state machine; `PublicGroup` follows a group without its secrets;
`make_key_package` lets others add us. Whatever goes wrong with input is a
`ProtocolError` (which names its `Rule`), a `Stale` or an `Unsupported` of
`privity.errors`, and leaves the state as it was.

Not here yet, and refused by name: X.509
credentials, pre-shared keys, reinitialisation, branching, external commits and
senders.
"""

from privity.mls.committing import CommitOptions
from privity.mls.credentials import Credential, CredentialType
from privity.mls.extensions import (
    Extension,
    ExtensionType,
    RequiredCapabilities,
    find_extension,
)
from privity.mls.failures import (
    CommitRequired,
    ConfirmationTagMismatch,
    GroupInfoMismatch,
    OwnCommit,
    PathSlotFailed,
    WrongEpoch,
)
from privity.mls.group import (
    Application,
    Group,
    JoinResult,
    PendingCommit,
    Proposed,
    StagedCommit,
)
from privity.mls.group_context import GroupContext
from privity.mls.hpke import HPKECiphertext
from privity.mls.key_packages import KeyPackage
from privity.mls.leaf_validation import check_lifetime, validate_key_package
from privity.mls.nodes import Capabilities, LeafNode
from privity.mls.own_keys import (
    LAST_RESORT,
    KeyPackageBundle,
    LeafIdentity,
    make_key_package,
)
from privity.mls.proposals import Add, Proposal, Remove, Update
from privity.mls.public_group import PublicGroup, verify_group_info
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite, Random, suite
from privity.mls.welcome import GroupInfo, Welcome

__all__ = [
    "LAST_RESORT",
    "Add",
    "Application",
    "Capabilities",
    "CipherSuite",
    "CommitOptions",
    "CommitRequired",
    "ConfirmationTagMismatch",
    "Credential",
    "CredentialType",
    "Extension",
    "ExtensionType",
    "Group",
    "GroupContext",
    "GroupInfo",
    "GroupInfoMismatch",
    "HPKECiphertext",
    "JoinResult",
    "KeyPackage",
    "KeyPackageBundle",
    "LeafIdentity",
    "LeafNode",
    "OwnCommit",
    "PathSlotFailed",
    "PendingCommit",
    "Proposal",
    "Proposed",
    "PublicGroup",
    "Random",
    "Remove",
    "RequiredCapabilities",
    "Rule",
    "StagedCommit",
    "Update",
    "Welcome",
    "WrongEpoch",
    "check_lifetime",
    "find_extension",
    "make_key_package",
    "suite",
    "validate_key_package",
    "verify_group_info",
]
