"""Why the engine refuses a command, or why a chat can't go on; all by name."""

from enum import StrEnum, unique

from privity import errors

__all__ = [
    "CommandRefused",
    "Doubt",
    "Outcome",
    "OutcomeError",
    "Reason",
    "RefoundDoubted",
    "Refusal",
    "Rule",
]


@unique
class Refusal(StrEnum):
    """Why a command is refused; `client.sentences` says each to a person."""

    NO_SUCH_CHAT = "no_such_chat"
    NO_SUCH_REQUEST = "no_such_request"
    NO_SUCH_CONTACT = "no_such_contact"
    NO_SUCH_MESSAGE = "no_such_message"
    NO_SUCH_MEMBER = "no_such_member"
    NO_SUCH_PLEA = "no_such_plea"
    NOT_STUCK = "not_stuck"
    NOT_ROLLED_BACK = "not_rolled_back"
    NOT_SYNCED = "not_synced"
    CHAT_NOT_USABLE = "chat_not_usable"
    TOO_LARGE = "too_large"
    NOT_A_GROUP = "not_a_group"
    NOT_ALLOWED = "not_allowed"
    GROUP_FULL = "group_full"
    ALREADY_MEMBER = "already_member"
    ALREADY_CONTACT = "already_contact"
    ALREADY_ASKED = "already_asked"
    OWN_LINK = "own_link"
    WRONG_LINK = "wrong_link"
    LINK_EXPIRED = "link_expired"
    OTHER_RELAY = "other_relay"
    BLOCKED = "blocked"
    NOT_A_CONTACT = "not_a_contact"
    NO_KEY_YET = "no_key_yet"
    ALREADY_LEFT = "already_left"
    ALREADY_SENT = "already_sent"
    ALREADY_DECIDED = "already_decided"
    NOTHING_AGREED = "nothing_agreed"
    TOO_SOON = "too_soon"
    REFOUND_DOUBTED = "refound_doubted"
    WEAKER_SUITE = "weaker_suite"
    SUITE_NOT_TAKEN = "suite_not_taken"
    SUITE_LACKING = "suite_lacking"
    OLDER_SUITE = "older_suite"
    NOT_NEEDED = "not_needed"
    DIRECT_GOES_ON = "direct_goes_on"


@unique
class Doubt(StrEnum):
    """Why a refound is not taken for one of my chat, but for another chat."""

    VERSION = "version"
    OTHER_LOG = "other_log"
    OTHER_RELAY = "other_relay"
    SIGNER = "signer"
    SUITE = "weaker_suite"
    SUITE_NOT_TAKEN = "suite_not_taken"
    EPOCH = "epoch"
    ROLE = "role"
    TOO_SOON = "too_soon"
    RULES = "rules"
    MEMBERS = "members"
    LEFT_OUT = "left_out"
    IDENTITY = "identity"
    OVERTAKEN = "overtaken"


class RefoundDoubted(errors.ProtocolError):
    """A refound does not hold at my newest epoch; nothing of the chat has changed."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(f"refound: {doubt.value}")
        self.doubt = doubt


class CommandRefused(errors.UsageError):
    """A command can't be done; nothing has changed."""

    def __init__(self, code: Refusal, detail: str = "") -> None:
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail = detail


@unique
class Outcome(StrEnum):
    """The three names of `docs/spec/validity.md` for an entry that is not applied.

    `INVALID`: everybody who can compute it agrees, and skips it. `UNAPPLIABLE`:
    only this device can't follow. `REFUSED`: a duty of this device, no validity.
    """

    INVALID = "invalid"
    UNAPPLIABLE = "unappliable"
    REFUSED = "refused"


@unique
class Reason(StrEnum):
    """What exactly is wrong with an entry."""

    HEADER = "header"
    ENVELOPE = "envelope"
    MESSAGE = "message"
    KIND = "kind"
    TAG = "tag"
    ACCESS = "access"
    CHECKPOINT = "checkpoint"
    OPENS = "opens"
    CLOSES_WITHOUT_OPENING = "removal_without_opening"
    GROUP_INFO = "group_info"
    RULES_VERSION = "rules_version"
    RULES_CHANGED = "rules_changed"
    ROLE = "role"
    DIRECT_CHAT = "direct_chat"
    CERTIFICATE = "certificate"
    OTHER_IDENTITY = "other_identity"
    OLDER_LIST = "older_list"
    LEAF_CAP = "leaf_cap"
    TOO_MANY_ADDS = "too_many_adds"
    NOT_A_LEAVE = "not_a_leave"
    NOT_A_REJOIN = "not_a_rejoin"
    CONFIRMATION = "confirmation"
    PATH = "path"
    BLOB = "blob"
    FRANKING = "franking"
    CONTENT = "content"
    OWN_LEAF = "rolled_back"
    CHAIN = "chain"
    EQUIVOCATION = "equivocation"
    GONE = "gone"
    ACCESS_REFUSED = "access_refused"
    JOIN = "join"


@unique
class Rule(errors.Rule):
    """The rules of a chat, as `RuleViolation` carries them."""

    CHAT = "a commit keeps the rules of its chat"


class OutcomeError(errors.ProtocolError):
    """An entry is not applied: its outcome and its reason."""

    def __init__(self, outcome: Outcome, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{outcome.value}: {reason.value} {detail}".rstrip())
        self.outcome = outcome
        self.reason = reason
        self.detail = detail
