"""The list of commands and what each is for, without importing anything heavy.

`privity --help` prints this; the commands take their help from it.
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["HELP", "menu"]

_SECTIONS = (
    (
        "Begin",
        (
            ("init", "Make an account at a relay."),
            ("invite", "Make a link for somebody who shall reach you."),
            ("join", "Ask somebody for a chat, by link or name@host."),
            ("requests", "List who wants to talk to you."),
            ("requests close", "Let strangers ask by links of yours only."),
            ("requests open", "Let everybody ask again."),
            ("accept", "Accept a request."),
            ("decline", "Decline a request; nobody learns of it."),
            ("contacts", "List the people you know."),
            ("contacts rename", "Call a person by a name of yours, or theirs again."),
            ("contacts remove", "Forget a contact; what was said with them stays."),
            ("block", "Block a person, or --undo it."),
            ("verify", "Compare the safety number with a person."),
        ),
    ),
    (
        "Talk",
        (
            ("open", "Show everything, or a LINK, in your browser, served from here."),
            ("chats", "List your chats, or --archived ones."),
            ("chats pin", "Keep a chat on top, or --undo it."),
            ("chats mute", "Let a chat be silent, --for 8h or until --undo."),
            ("chats archive", "Put a chat away until somebody writes, or --undo it."),
            ("chats unread", "Mark a chat to be looked at again."),
            ("chats leave", "Leave a group, or a chat that is stuck here."),
            ("chats delete", "Delete a chat from this device; a group is left first."),
            ("draft", "Keep, show or --clear what you typed in a chat."),
            ("chat", "Read and write in one chat, live."),
            ("send", "Send a text, what stands on stdin, or files."),
            ("watch", "Print everything that happens until you stop it."),
            ("history", "Show what was said in a chat."),
            ("search", "Find messages by their words, in one chat or in all."),
            ("react", "Give an emoji to a message, or --remove it."),
            ("edit", "Change the text of a message of yours."),
            ("unsend", "Delete a message of yours for everybody."),
            ("resend", "Send again what was not sent, in its chat or another."),
            ("timer", "Let new messages of a chat disappear after a time."),
            ("save", "Save a file that was sent to you."),
        ),
    ),
    (
        "Groups",
        (
            ("group new", "Create a group and invite people."),
            ("group add", "Invite more people into a group."),
            ("group remove", "Remove a person; they can read nothing new."),
            ("group leave", "Leave a group."),
            ("group list", "List your groups."),
            ("group title", "Rename a group."),
        ),
    ),
    (
        "Keep",
        (
            ("profiles list", "List the accounts on this machine."),
            ("profiles new", "Make a place for another account, by a name."),
            ("account", "Show who you are here."),
            ("account delete", "Delete this account for good, at the relay and here."),
            ("profile set", "Change your name and picture."),
            ("profile picture", "Save the picture of a person."),
            ("doctor", "Look whether all is well, and say what to do."),
            ("repair list", "Show what can't go on, and whose device waits for you."),
            ("repair answer", "Help a member's device back into a chat."),
            ("repair ask", "Ask a chat's members to help this device."),
            ("repair fetch", "Ask a chat's members for missing messages."),
            ("repair evidence", "Write down the proof that a relay signed two pasts."),
            ("evidence verify", "Check such a proof, without an account or a network."),
            ("repair device", "Log in again though another copy may be in use."),
            ("repair refound", "Begin a chat anew, and ask its members along."),
            ("typing", "Tell and show who types, or don't: on or off."),
            ("receipts", "Tell and show what was delivered and read: on or off."),
            ("reconnect", "Try to reach the relay now, not later."),
            ("ledger", "Show what left this device, and why."),
            ("connections", "Show where it went, and how much."),
            ("ui verify", "Compare the window's files with those of this version."),
            ("lock", "Close the profile and forget its key."),
        ),
    ),
)

HELP: Mapping[str, str] = MappingProxyType(
    {name: text for _, commands in _SECTIONS for name, text in commands}
)
"""What each command is for."""

_HEAD = """\
Usage: privity [OPTIONS] COMMAND [ARGS]...

  End-to-end encrypted messages, on a relay that can't read them.
"""
_OPTIONS = """\
Options:
  --profile NAME|DIR      Another account on this machine; else $PRIVITY_HOME.
  --passphrase-file FILE  Read the passphrase there; else $PRIVITY_PASSPHRASE_FILE.
  --json, --jsonl         Print what a program can read.
  --version               Print the version.
  --help                  Print this; after a command: print its options.

A person or chat is written as a name, a handle, a title, or the beginning of an id.
"""


def menu() -> str:
    """Return the text of `privity --help`."""
    parts = [_HEAD]
    for title, commands in _SECTIONS:
        lines = [f"  {name:<14}{text}" for name, text in commands]
        parts.append("\n".join((f"{title}:", *lines, "")))
    return "\n".join((*parts, _OPTIONS))
