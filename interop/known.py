"""What another implementation is known to refuse although RFC 9420 allows it.

Each case is recognised by its cause in what was refused, not by the peer's words: a
refusal for any other reason fails the walk. docs/architecture/interop.md lists them.
"""

from interop.roster import MLS_RS, TS_MLS
from privity.mls import tree_math
from privity.mls.framing import PrivateMessage, PublicMessage
from privity.mls.messages import MLSMessage
from privity.mls.proposals import Commit
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.suites import suite

__all__ = [
    "MISSES_ITS_REMOVAL",
    "NO_PATH_FOR_EXTENSIONS",
    "NO_UNEVEN_TREE",
    "READS_ANY_OCTET",
    "USES_A_KEY_UP",
    "has_lost_its_leaf_to_another",
    "is_read_by_ts_mls_all_the_same",
    "is_too_uneven_for_ts_mls",
    "lacks_the_path_of_extensions",
    "may_use_a_key_up",
]

NO_UNEVEN_TREE = "ts-mls refuses to join by a tree that is valid"
MISSES_ITS_REMOVAL = "ts-mls misses its removal, its leaf being taken at once"
READS_ANY_OCTET = "ts-mls reads any odd presence octet as absent"
NO_PATH_FOR_EXTENSIONS = "ts-mls commits new extensions without the path they need"
USES_A_KEY_UP = "mls-rs uses a message's key up on a forgery of it"


def is_too_uneven_for_ts_mls(suite_code: int, tree: bytes) -> bool:
    """Say whether ts-mls 1.6.4 refuses to join by a tree, whoever made it.

    A leaf that is unmerged at a parent must be so at the parents between (§12.4.3.1).
    ts-mls demands of all parents above the leaf, up to the root, that their whole lists
    are equal; a commit from one half of the tree after two additions is enough.
    """
    nodes = RatchetTree.decode(suite(suite_code), tree)
    for at in range(1, len(nodes.nodes), 2):
        parent = nodes.parent(at)
        for leaf in parent.unmerged_leaves if parent else ():
            above = tree_math.direct_path(tree_math.node_of(leaf), nodes.size)
            found = [nodes.parent(one) for one in above]
            lists = {one.unmerged_leaves for one in found if one}
            if len(lists) > 1:
                return True
    return False


def has_lost_its_leaf_to_another(
    suite_code: int, name: str, before: bytes, after: bytes
) -> bool:
    """Say whether a commit removed a member and gave its leaf to whom it added.

    ts-mls 1.6.4 then misses its own removal: it looks only whether its leaf is blank
    after the commit, but Adds come after Removes (§12.3) and take the leftmost blank
    leaf (§12.1.1). It goes on, and can't open the path.
    """
    crypto = suite(suite_code)
    old, new = RatchetTree.decode(crypto, before), RatchetTree.decode(crypto, after)
    identity = name.encode()
    return any(
        leaf.credential.identity == identity and new.leaf(index) is not None
        for index, leaf in old.members()
        if all(other.credential.identity != identity for _, other in new.members())
    )


def may_use_a_key_up(kind: str, message: bytes) -> bool:
    """Say whether the refusal of a changed message may move a peer's state.

    mls-rs takes the key of a PrivateMessage out of its ratchet before it knows that the
    key opens it (§9.2 calls it consumed when it decrypted successfully). The message
    itself is lost then, unless the application goes back to what it stored.
    """
    return kind == MLS_RS and isinstance(
        MLSMessage.decode(message).body, PrivateMessage
    )


def lacks_the_path_of_extensions(kind: str, message: bytes) -> bool:
    """Say whether a commit of waiting extensions lacks its path, as those of ts-mls do.

    Only Add, PreSharedKey and ReInit go without one (§12.4, §17.4).
    """
    body = MLSMessage.decode(message).body
    if kind != TS_MLS or not isinstance(body, PublicMessage):
        return False
    commit = body.content.content
    return isinstance(commit, Commit) and commit.path is None


def is_read_by_ts_mls_all_the_same(kind: str, message: bytes, changed: bytes) -> bool:
    """Say whether a commit was changed only where ts-mls does not look.

    That a commit has no path is one octet, 0. Anything but 0 and 1 there MUST be
    refused (§2.1.1); ts-mls reads it as 0, and checks signature and tag over what it
    read.
    """
    body = MLSMessage.decode(message).body
    if kind != TS_MLS or not isinstance(body, PublicMessage):
        return False
    commit = body.content.content
    if not isinstance(commit, Commit) or commit.path is not None:
        return False
    encoded = commit.encode()
    at = message.index(encoded) + len(encoded) - 1
    return changed[:at] + message[at : at + 1] + changed[at + 1 :] == message
