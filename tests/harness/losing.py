"""A device that was away while others spoke, and knows what it misses."""

from troubles import poison

from privity.core.state import Status
from privity.core.tallies import missing

__all__ = ["credential", "lose", "tally"]


def credential(person):
    account = person.state.account
    return account.account_id + account.device_id


def tally(reader, chat, sender):
    return reader.state.tallies[chat + credential(sender)]


def lose(trio, monkeypatch, *, heard="I am here"):
    """Let Cem be away while Ana and Ben speak, come back, and hear both again."""
    for person in (trio.ana, trio.ben):
        person.say(trio.chat, heard)
    trio.town.run()
    poison(trio, monkeypatch)
    trio.ana.say(trio.chat, "lost of Ana")
    trio.ben.say(trio.chat, "lost of Ben")
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    for person in (trio.ana, trio.ben):
        person.say(trio.chat, "again")
    trio.town.run(seconds=5)
    assert missing(tally(trio.cem, trio.chat, trio.ana)) == 2
    assert missing(tally(trio.cem, trio.chat, trio.ben)) == 1
