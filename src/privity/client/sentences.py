"""What a person is told when something goes wrong: what happened, what to do next.

Each refusal of the relay, the engine and the client's own edges has a code; a code has
one sentence here, one advice, one exit status. A test finds a code without a sentence.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from privity.client.evidence_sentences import EVIDENCE
from privity.client.local_sentences import LOCAL
from privity.client.notice_sentences import NOTICES
from privity.client.refound_sentences import REFOUND
from privity.client.sentence import Exit, Sentence
from privity.client.window_sentences import WINDOW
from privity.errors import (
    DecodeError,
    NotAuthentic,
    PrivityError,
    ProtocolError,
    Stale,
    Unsupported,
    UsageError,
)

__all__ = [
    "CAUSES",
    "SENTENCES",
    "Exit",
    "Failure",
    "Sentence",
    "exit_of",
    "explain",
    "failure",
]


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An error as a program gets it: a stable code and two sentences for a person."""

    code: str
    message: str
    next: str


_UPDATE = "Update Privity, or ask the other side to."
_ASK_LINK = "Ask for a new link."
_LATER = "Try again in a moment."
_DOCTOR = "Run: privity doctor"
_GONE = Exit.NOT_FOUND

_CLIENT = {
    "usage": Sentence("That can't be done like this.", "", Exit.USAGE),
    "unsupported": Sentence("This version can't do that.", _UPDATE),
    "internal_error": Sentence(
        "Something broke inside Privity. Nothing that was kept is lost.", _DOCTOR
    ),
    "interrupted": Sentence("Stopped.", ""),
    "malformed_input": Sentence("That could not be read.", "", Exit.USAGE),
    "locked": Sentence(
        "The profile is locked: the passphrase is missing or wrong.",
        "Give the right one, by --passphrase-file FILE or when asked.",
        Exit.LOCKED,
    ),
    "damaged": Sentence(
        "A file of this profile was changed or cut.",
        "Restore the profile from a copy; your recovery key brings the account back.",
    ),
    "rolled_back": Sentence(
        "The relay has seen a later state of this device, twice within a day:"
        " another copy of it may be in use.",
        "Keep one copy, delete the others, and run there: privity repair device. If"
        " there is no other one, somebody has a copy of your disk.",
    ),
    "newer_profile": Sentence(
        "A newer Privity wrote this profile.", "Update Privity on this machine."
    ),
    "storage_full": Sentence(
        "The disk is full; nothing was sent.",
        "Make room and do it again.",
        Exit.TRY_LATER,
    ),
    "busy": Sentence(
        "Another command uses this profile.", "Try again soon.", Exit.TRY_LATER
    ),
    "no_profile": Sentence(
        "There is no account here.", "Make one: privity init LINK", Exit.NOT_FOUND
    ),
    "profile_exists": Sentence(
        "There is an account here already.",
        "Use it, or choose another: --profile NAME",
    ),
    "insecure": Sentence(
        "That address has no TLS, and it is not on this machine; nothing was sent.",
        "Ask for a link with an https address.",
        Exit.VERIFICATION,
    ),
    "wrong_certificate": Sentence(
        "Another server answers than the one in your link; nothing was sent to it.",
        "Ask whoever runs the relay whether its certificate changed.",
        Exit.VERIFICATION,
    ),
    "unreachable": Sentence(
        "The relay can't be reached.",
        "Look at your connection; what waits is sent once it is back.",
        Exit.NETWORK,
    ),
    "wrong_host": Sentence(
        "The server at that address is another relay than the link names.",
        _ASK_LINK,
        Exit.VERIFICATION,
    ),
    "misbehaved": Sentence(
        "The relay sent something that it must not send; the connection was closed.",
        "Try again; if it stays, tell whoever runs the relay.",
        Exit.NETWORK,
    ),
    "transfer_failed": Sentence("The file could not be transferred.", _LATER),
    "timed_out": Sentence(
        "The relay did not answer in time.",
        "What waits is sent as soon as it answers.",
        Exit.TRY_LATER,
    ),
    "not_found": Sentence(
        "There is nothing by that name.",
        "Look with: privity chats, contacts or requests",
        Exit.NOT_FOUND,
    ),
    "ambiguous": Sentence(
        "That could be more than one.", "Type more of the id.", Exit.USAGE
    ),
    "file_vanished": Sentence("That file is not there (any more).", "", _GONE),
    "file_changed": Sentence(
        "The file changed while it was sent; nothing was sent.", "Send it again."
    ),
    "file_unreadable": Sentence("That file can't be read.", "Look at its rights."),
    "file_too_large": Sentence("That file is too large.", "Files end at 3 GiB."),
    "file_gone": Sentence(
        "The relay keeps that file no more.", "Ask for it again.", _GONE
    ),
    "file_tampered": Sentence(
        "The file is not the one that was sent; it was thrown away.",
        "Ask for it again.",
        Exit.VERIFICATION,
    ),
    "file_unwritable": Sentence("The file can't be written there.", "Choose --to."),
    "refused": Sentence("The relay refused the file.", _LATER),
    "image_refused": Sentence(
        "That picture can't be cleaned of what it tells.",
        "Send it as it is, if you want that: --as-is",
    ),
    "not_a_file": Sentence("That file can't be read.", "", Exit.NOT_FOUND),
    "file_exists": Sentence(
        "There is a file of that name already.", "Choose another with --to."
    ),
    "no_file": Sentence("That message has no file.", "", Exit.NOT_FOUND),
    "not_yours": Sentence(
        "That message is not yours; only its sender can change it.", ""
    ),
    "not_failed": Sentence(
        "That message waits or was sent; only what was not sent can go again, and what"
        " you sent in a chat of which there are two histories.",
        "",
    ),
    "changed_since": Sentence(
        "You deleted or edited that message; its first words do not go again.",
        "Send what you want to say as a new message.",
    ),
    "not_text": Sentence("That message is not a text.", ""),
    "bad_name": Sentence(
        "A name has 1 to 256 bytes.", "Choose a shorter one.", Exit.USAGE
    ),
    "nothing_to_send": Sentence(
        "There is nothing to send.", "Give a text, - or --file.", Exit.USAGE
    ),
    "passphrases_differ": Sentence(
        "The two passphrases differ.", "Type the same one twice.", Exit.USAGE
    ),
    "passphrase_empty": Sentence(
        "An empty passphrase protects nothing.", "Choose another.", Exit.USAGE
    ),
    "passphrase_file": Sentence(
        "The passphrase file can't be used.",
        "It must be yours alone: chmod 600 FILE",
        Exit.USAGE,
    ),
    "no_terminal": Sentence(
        "There is nobody to ask here.",
        "In a script, give everything by options; see --help.",
        Exit.USAGE,
    ),
    "recovery_unchecked": Sentence(
        "The recovery key was not confirmed.",
        "The account is made. Run privity init again to see the key once more.",
    ),
    "register_link": Sentence(
        "That link leads to a relay, not to a person.",
        "Make an account with it: privity init LINK",
        Exit.USAGE,
    ),
    "contact_link": Sentence(
        "That link leads to a person, and its relay asks for an invitation too.",
        "Ask whoever runs the relay for a link, then: privity join LINK",
        Exit.USAGE,
    ),
    "bad_link": Sentence("That is not a link that works.", _ASK_LINK, Exit.USAGE),
    "link_expired": Sentence("That link's time is over.", _ASK_LINK),
    "not_verified": Sentence(
        "The safety numbers do NOT agree.",
        "Send nothing private. Compare once more, in person if you can.",
        Exit.VERIFICATION,
    ),
    "not_authentic": Sentence(
        "A signature or a seal does not hold; what came with it was refused.",
        _DOCTOR,
        Exit.VERIFICATION,
    ),
    "forbidden_message": Sentence(
        "The other side sent something that the rules forbid; it was refused.",
        _UPDATE,
        Exit.VERIFICATION,
    ),
    "unwell": Sentence("Something is not well.", "See the lines above."),
}

_RELAY = {
    "malformed": Sentence("The relay could not read that.", _UPDATE),
    "too_large": Sentence("That is too large for the relay.", "Send less at once."),
    "not_logged_in": Sentence("The relay wants a new login.", _LATER, Exit.NETWORK),
    "not_attached": Sentence("The chat has to be opened anew.", _LATER),
    "no_such_log": Sentence("The relay does not know that chat.", _DOCTOR),
    "log_exists": Sentence("The relay has such a chat already.", _DOCTOR),
    "stale": Sentence("The chat went on meanwhile.", _LATER, Exit.TRY_LATER),
    "after_refused": Sentence("An earlier message has to go first.", _LATER),
    "wrong_generation": Sentence("The chat's keys changed meanwhile.", _LATER),
    "gone": Sentence("The relay has deleted that.", ""),
    "too_soon": Sentence("That was too soon.", _LATER, Exit.TRY_LATER),
    "rate_limited": Sentence(
        "That was too much at once.", "Wait a minute.", Exit.TRY_LATER
    ),
    "token_needed": Sentence(
        "The relay allows no more of these today.", "Try again tomorrow."
    ),
    "token_spent": Sentence("That right was used before.", _LATER),
    "handle_taken": Sentence("Somebody has that handle.", "Choose another one."),
    "bad_handle": Sentence(
        "That can't be a handle.",
        "Use 3 to 32 of a-z, 0-9, dot, underscore and hyphen.",
        Exit.USAGE,
    ),
    "code_needed": Sentence(
        "This relay takes new accounts by invitation only.",
        "Ask whoever runs it for a link.",
    ),
    "code_invalid": Sentence("The relay does not know this invitation.", _ASK_LINK),
    "code_used": Sentence("This invitation was used before.", _ASK_LINK),
    "code_expired": Sentence("This invitation has expired.", _ASK_LINK),
    "account_exists": Sentence("The relay has this account already.", _DOCTOR),
    "account_disabled": Sentence(
        "Whoever runs the relay has disabled this account.", "Ask them why."
    ),
    "no_such_account": Sentence(
        "Nobody has that address.", "Check its spelling.", Exit.NOT_FOUND
    ),
    "no_such_mailbox": Sentence(
        "That person's mailbox is gone.", "Ask them for a new link.", Exit.NOT_FOUND
    ),
    "requests_closed": Sentence("They can be asked by their link only.", _ASK_LINK),
    "work_needed": Sentence("The relay refused the work.", "Check your clock."),
    "access_key_needed": Sentence("They don't take messages from you.", ""),
    "mailbox_full": Sentence(
        "Their mailbox is full.", "Try again tomorrow.", Exit.TRY_LATER
    ),
    "lobby_full": Sentence(
        "Too many devices wait for help in this chat already.",
        "Try again tomorrow, or ask a member to run: privity repair list",
        Exit.TRY_LATER,
    ),
    "no_such_plea": Sentence(
        "That device does not wait for help any more.", "", Exit.NOT_FOUND
    ),
    "no_key_package": Sentence(
        "They can't be invited until they are online once.",
        "It goes on by itself.",
        Exit.TRY_LATER,
    ),
    "bad_device_list": Sentence("The list of their devices is not sound.", _DOCTOR),
    "no_such_blob": Sentence("The relay does not have that file.", "", Exit.NOT_FOUND),
    "blob_in_use": Sentence("A chat needs that; it can't be deleted."),
    "wrong_offset": Sentence("The upload lost its place.", _LATER),
    "wrong_hash": Sentence(
        "The file is not the one that was announced; it was thrown away.",
        "Ask for it again.",
        Exit.VERIFICATION,
    ),
    "try_later": Sentence("The relay can't do that now.", _LATER, Exit.TRY_LATER),
    "shutting_down": Sentence("The relay is restarting.", _LATER, Exit.TRY_LATER),
    "internal": Sentence("The relay had an error.", _LATER, Exit.TRY_LATER),
}

_ENGINE = {
    "no_such_chat": Sentence("There is no such chat.", "Run: privity chats", _GONE),
    "no_such_request": Sentence(
        "There is no such request.", "Run: privity requests", _GONE
    ),
    "no_such_contact": Sentence(
        "You know nobody by that name.", "Run: privity contacts", _GONE
    ),
    "no_such_message": Sentence(
        "There is no such message.", "Run: privity history CHAT", _GONE
    ),
    "no_such_member": Sentence("They are not in this group.", "", _GONE),
    "chat_not_usable": Sentence("This chat can't be used now.", "Run: privity chats"),
    "not_a_group": Sentence("That is a chat of two, not a group.", ""),
    "direct_goes_on": Sentence(
        "A chat of two that works can't be left.",
        "To see no more of it: privity chats mute, then privity chats archive",
    ),
    "not_allowed": Sentence(
        "Your role in this group does not allow that.", "Ask its owner."
    ),
    "group_full": Sentence(
        "This group is full: at 200 devices nobody more is invited.",
        "Make another group.",
    ),
    "already_member": Sentence("They are in this group already.", ""),
    "already_contact": Sentence(
        "You have a chat with them already.", "Write to it: privity send WHO TEXT"
    ),
    "already_asked": Sentence("You have asked already.", "They have to accept first."),
    "own_link": Sentence("That is your own link.", "Give it to somebody else."),
    "wrong_link": Sentence("That link can't be used for this.", _ASK_LINK),
    "other_relay": Sentence(
        "They are at another relay; this version can't reach it.",
        "Meet at one relay.",
    ),
    "blocked": Sentence("You have blocked them.", "Run: privity block --undo WHO"),
    "not_a_contact": Sentence(
        "They are not a contact of yours.",
        "Ask them for a link, then: privity join LINK",
    ),
    "no_key_yet": Sentence(
        "Their device has not answered since you accepted.",
        "Try again once it was online: the chat with them is there then.",
    ),
    "already_left": Sentence(
        "You have left this group; a member's device has to confirm it.",
        "If none does for a day, leave it again: then it ends here.",
    ),
    "already_sent": Sentence(
        "It may have left already.", "Delete it: privity unsend CHAT MESSAGE"
    ),
    "not_stuck": Sentence("The members can't help with that chat.", _DOCTOR),
    "not_rolled_back": Sentence("This device is not held for an old copy."),
    "not_synced": Sentence(
        "This device does not know the newest state of that chat.",
        _LATER,
        Exit.TRY_LATER,
    ),
    "not_needed": Sentence(
        "That invitation leads nowhere any more: the chat goes on here, or too much"
        " time went by.",
        "Decline it.",
    ),
    "already_decided": Sentence("That was decided before.", "Run: privity chats"),
}

CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "header": "its outside is malformed",
        "envelope": "its seal does not hold",
        "message": "its content can't be opened",
        "kind": "it is not what it says it is",
        "tag": "it leads to other keys than it says",
        "access": "its access keys are not the chat's",
        "checkpoint": "what it keeps for newcomers is not what it leads to",
        "opens": "it says two things about the chat's keys",
        "removal_without_opening": "it removes somebody without changing the keys",
        "group_info": "what it says about the group is wrong",
        "rules_version": "the chat has rules of a newer version: update Privity",
        "rules_changed": "it changes the chat's rules",
        "role": "its sender may not do that",
        "direct_chat": "a chat of two stays one",
        "certificate": "a device's certificate is wrong",
        "other_identity": "an account shows another identity key",
        "older_list": "a device shows an old certificate",
        "leaf_cap": "the group would be too large",
        "too_many_adds": "it adds too many at once",
        "not_a_leave": "only leaving may be proposed",
        "not_a_rejoin": "nobody comes in by such a commit",
        "confirmation": "it does not lead where it says",
        "path": "this device's part of it can't be opened",
        "blob": "the relay does not give what the chat's next change needs",
        "franking": "it can't be reported truthfully",
        "content": "its content is malformed",
        "rolled_back": "this profile is an old copy of itself",
        "chain": "the relay shows two histories of this chat",
        "equivocation": "the relay signed two histories of this chat",
        "gone": "the relay has this chat no longer",
        "access_refused": "the relay does not let this device read on",
        "join": "the chat could not be joined",
    }
)
"""Why an entry was refused or a chat can't go on (`core.errors.Reason`)."""

_KINDS: tuple[tuple[type[PrivityError], str], ...] = (
    (UsageError, "usage"),
    (Unsupported, "unsupported"),
    (NotAuthentic, "not_authentic"),
    (DecodeError, "malformed_input"),
    (ProtocolError, "forbidden_message"),
    (Stale, "stale"),
    (PrivityError, "internal_error"),
)

SENTENCES: Mapping[str, Sentence] = MappingProxyType(
    {
        **NOTICES,
        **_RELAY,
        **_ENGINE,
        **_CLIENT,
        **EVIDENCE,
        **LOCAL,
        **REFOUND,
        **WINDOW,
    }
)
"""The sentence of each code."""


def exit_of(code: str) -> Exit:
    """Return how a command ends that met `code`."""
    sentence = SENTENCES.get(code)
    return sentence.exit if sentence else Exit.ERROR


def failure(code: str, detail: str = "") -> Failure:
    """Return what a program is told of a code; `detail` makes it more exact."""
    sentence = SENTENCES.get(code, SENTENCES["internal_error"])
    message = f"{sentence.message} ({detail})" if detail else sentence.message
    return Failure(code, message, sentence.next)


def notice(code: str, detail: str = "") -> Failure:
    """Return what to tell of a notice; a code without a sentence says itself."""
    if code in SENTENCES:
        return failure(code, detail)
    return Failure(code, f"{code} {detail}".strip(), "")


def explain(error: Exception) -> Failure:
    """Return what to tell of an error; one that nobody planned is `internal_error`."""
    told = getattr(error, "failure", None)
    if isinstance(told, Failure):
        return told
    for code in (getattr(error, "reason", None), getattr(error, "code", None)):
        if isinstance(code, str) and code in SENTENCES:
            return failure(str(code), getattr(error, "detail", ""))
    if isinstance(error, msgspec.ValidationError):
        return failure("malformed_input", str(error))
    if isinstance(error, PrivityError):
        return failure(_code_of(error), str(error))
    if isinstance(error, OSError):
        return failure("not_a_file", error.strerror or type(error).__name__)
    return failure("internal_error", type(error).__name__)


def _code_of(error: PrivityError) -> str:
    return next(code for kind, code in _KINDS if isinstance(error, kind))
