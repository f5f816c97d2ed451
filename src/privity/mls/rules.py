"""Every requirement of MLS whose violation makes us refuse a message.

A rule's value names the section of RFC 9420 that states it, or the draft. Each has a
test that builds the violating message, sees this rule and an unchanged state.
"""

from enum import unique

from privity import errors

__all__ = ["Rule"]


@unique
class Rule(errors.Rule):
    """A requirement whose violation makes us refuse; its value names its section.

    All are of RFC 9420, from §5.1 to §16, or say of which document.
    """

    BAD_PUBLIC_KEY = (
        "RFC 9420 §5.1, a KEM public key decodes, canonically, and has no low order"
    )
    GENERATION_CONSUMED = "RFC 9420 §9.2, a consumed key is deleted at once"
    GENERATION_TOO_FAR = "RFC 9420 §15.3, steps forward in a ratchet are limited"
    APPLICATION_DATA_IN_THE_OPEN = (
        "RFC 9420 §6, application messages travel as PrivateMessage"
    )
    PADDING_NOT_ZERO = "RFC 9420 §6.3.1, padding is all zero"
    SENDER_IS_BLANK = "RFC 9420 §6.3.2, the sender's leaf is occupied"
    WRONG_GROUP = "RFC 9420 §12.4.2, a message is for this group"
    UNKNOWN_PROPOSAL = "RFC 9420 §12.4, a commit names proposals of its own epoch"
    TOO_MANY_PROPOSALS = "RFC 9420 §16, what one epoch may hold is limited"
    MESSAGE_TOO_LONG = "RFC 9420 §16, the size of a message is limited"
    NOT_A_GROUP_MESSAGE = "RFC 9420 §6, groups exchange public and private messages"
    NOT_A_WELCOME = "RFC 9420 §12.4.3.1, one joins by a Welcome"
    WELCOME_OF_OTHER_SUITE = (
        "RFC 9420 §12.4.3.1, Welcome, key package and GroupInfo have one cipher suite"
    )
    WELCOME_FOR_OTHERS = "RFC 9420 §12.4.3.1, a Welcome names our key package"
    SIGNER_IS_BLANK = "RFC 9420 §12.4.3.1, the leaf of the GroupInfo's signer is there"
    JOINER_LACKS_A_KEY = (
        "RFC 9420 §12.4.3.1, a joiner knows the keys of all parents that count on it"
    )
    OWN_LEAF_MISSING = "RFC 9420 §12.4.3.1, the tree has the leaf of our key package"
    LAST_EPOCH = "RFC 9420 §8.1, the epoch grows by one with each commit"

    # The tree side: leaves, key packages, trees, update paths, lists of proposals.
    DUPLICATE_EXTENSION = "RFC 9420 §13.4, a list has one extension of each type"
    WRONG_LEAF_SOURCE = "RFC 9420 §7.3, leaf_node_source fits where the leaf stands"
    CREDENTIAL_NOT_LISTED = "RFC 9420 §7.2, a leaf lists the type of its credential"
    EXTENSION_NOT_LISTED = "RFC 9420 §7.3, a leaf lists the types of its extensions"
    NO_SUCCESSION = "RFC 9420 §5.3.1, a leaf is replaced by one of the same client only"
    CERTIFICATE_KEY = (
        "RFC 9420 §5.3, a signature key is that of its credential's first certificate"
    )
    CREDENTIAL_UNSUPPORTED = "RFC 9420 §7.3, all support every credential type in use"
    CAPABILITY_MISSING = "RFC 9420 §7.3, a leaf has all required_capabilities"
    GROUP_EXTENSION_UNSUPPORTED = (
        "RFC 9420 §13.4, every member supports the extensions of the GroupContext"
    )
    SUITE_NOT_LISTED = "RFC 9420 §7.3, a leaf lists the group's version and suite"
    UPDATE_KEEPS_KEY = "RFC 9420 §7.3, an Update brings a new encryption_key"
    OUTSIDE_LIFETIME = "RFC 9420 §7.3, a leaf is sent within its lifetime only"
    LIFETIME_TOO_LONG = "RFC 9420 §7.2, the total lifetime of a leaf is limited"
    DUPLICATE_SIGNATURE_KEY = "RFC 9420 §7.3, signature keys are unique in a group"
    DUPLICATE_ENCRYPTION_KEY = "RFC 9420 §7.3, encryption keys are unique in a tree"
    WRONG_VERSION = "RFC 9420 §10.1, a key package has the group's version"
    WRONG_SUITE = "RFC 9420 §10.1, a key package has the group's cipher suite"
    INIT_KEY_REUSED = "RFC 9420 §10.1, init_key is not the leaf's encryption_key"
    DUPLICATE_INIT_KEY = "RFC 9420 §10, a key package is used once"
    MALFORMED_TREE = "RFC 9420 §12.4.3.3, leaves and parents stand where they belong"
    TREE_TOO_LARGE = "RFC 9420 §16, the number of leaves is limited"
    BLANK_LAST_NODE = "RFC 9420 §12.4.3.3, the last node that is sent is not blank"
    WRONG_TREE_HASH = "RFC 9420 §12.4.3.1, the tree has the hash of the GroupContext"
    BAD_UNMERGED_LEAVES = (
        "RFC 9420 §12.4.3.1, unmerged_leaves name occupied leaves below, in order"
    )
    BAD_PARENT_HASH = "RFC 9420 §7.9.2, one descendant vouches for each parent"
    BLANK_LEAF = "RFC 9420 §12.1.3, a Remove names an occupied leaf"
    UPDATE_BY_COMMITTER = "RFC 9420 §12.2, a commit has no Update of the committer"
    COMMITTER_REMOVED = "RFC 9420 §12.2, a commit does not remove the committer"
    LEAF_CHANGED_TWICE = "RFC 9420 §12.2, a leaf is updated or removed once a commit"
    DUPLICATE_GROUP_CONTEXT_EXTENSIONS = (
        "RFC 9420 §12.2, a commit has at most one GroupContextExtensions"
    )
    PSK_NONCE_LENGTH = "RFC 9420 §12.1.4, a psk_nonce is as long as the suite's hash"
    PSK_USAGE = "RFC 9420 §12.1.4, a resumption PSK is used as its usage says"
    TOO_MANY_PSKS = "RFC 9420 §8.4, at most 65535 pre-shared keys enter an epoch"
    DUPLICATE_PSK = "RFC 9420 §12.2, a commit names a PreSharedKeyID once"
    REINIT_NOT_ALONE = "RFC 9420 §12.2, a ReInit is its commit's only proposal"
    REINIT_LOWERS_VERSION = "RFC 9420 §12.1.5, a ReInit does not lower the version"
    GROUP_HAS_ENDED = "RFC 9420 §11.2, nothing is sent in a group after its ReInit"
    RESUMED_PARAMETERS = (
        "RFC 9420 §11.2, a group that resumes another one is what was agreed on"
    )
    RESUMED_MEMBERS = "RFC 9420 §11.3, members of a subgroup are members of the group"
    EXTERNAL_COMMIT_PROPOSALS = (
        "RFC 9420 §12.2, an external commit has one ExternalInit, may have one Remove,"
        " PSKs and SelfRemoves"
    )
    EXTERNAL_COMMIT_REFERENCE = (
        "RFC 9420 §12.4.3.2, an external commit holds its proposals by value, but for"
        " SelfRemoves"
    )
    EXTERNAL_PUB_MISMATCH = (
        "RFC 9420 §8, external_pub is derived from the epoch's external_secret"
    )
    EXTERNAL_PUB_MISSING = (
        "RFC 9420 §12.4.3.2, who joins by a commit needs the group's external_pub"
    )
    NOT_THIS_SENDERS = "RFC 9420 §12.1.8, a sender says only what its type may say"
    UNKNOWN_EXTERNAL_SENDER = (
        "RFC 9420 §12.1.8.1, an external sender is listed in external_senders"
    )
    EXTERNAL_INIT_BY_MEMBER = "RFC 9420 §12.2, only external commits initialise so"
    PROPOSAL_UNSUPPORTED = (
        "RFC 9420 §12.2, all who process a commit support its types of proposals"
    )
    PATH_MISSING = "RFC 9420 §12.4, a path is there where a proposal requires one"
    WRONG_PATH_LENGTH = "RFC 9420 §7.6, a path covers the filtered direct path"
    WRONG_CIPHERTEXT_COUNT = "RFC 9420 §7.6, one ciphertext for each node of a copath"
    PATH_KEY_REUSED = "RFC 9420 §12.4.2, the keys of a path are new to the tree"
    PATH_PARENT_HASH = "RFC 9420 §7.9.2, the path's leaf has the hash of its parents"
    PATH_KEY_MISMATCH = "RFC 9420 §7.5, a path secret gives the public keys sent"

    # draft-ietf-mls-extensions.
    SELF_REMOVE_BY_VALUE = (
        "draft-ietf-mls-extensions SelfRemove, a commit names it by reference"
    )
    SELF_REMOVE_ENCRYPTED = (
        "draft-ietf-mls-extensions SelfRemove, it travels as PublicMessage"
    )
    SELF_REMOVE_TWICE = (
        "draft-ietf-mls-extensions SelfRemove, a client sends one an epoch"
    )
