"""A relay shows one member another order of the same messages: both see it."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from msgspec import structs
from town import Person
from town_heads import announced

from privity.core import inputs as i
from privity.core import requests as r
from privity.core.agreeing import agreement
from privity.core.effects import Follow
from privity.core.events import Line
from privity.core.state import Status
from privity.wire.entry import chain_of_links
from privity.wire.frames import Entries


@dataclass
class TwoFaced:
    """Shows somebody the next two entries of a log the other way round, for good.

    It signs what it shows, in batches and in answers, so its victim finds no fault.
    """

    victim: Person
    log_id: bytes
    generation: int
    after: int
    chain: bytes

    def entries(self) -> list[Any]:
        whole = Person.read(self.victim, self.log_id, self.generation, self.after)
        found = list(whole.entries)
        if len(found) > 1:
            found[:2] = found[1::-1]
        places = enumerate(found, self.after + 1)
        return [structs.replace(entry, seq=seq) for seq, entry in places]

    def chain_at(self, seq: int) -> bytes:
        value = self.chain
        for entry in self.entries()[: seq - self.after]:
            value = chain_of_links(value, entry.links)
        return value

    def sign(self, seq: int) -> bytes:
        return self.victim.town.heads.sign(self.log_id, seq, self.chain_at(seq))

    def read(self, log_id: bytes, generation: int, after: int) -> Entries:
        if log_id != self.log_id:
            return Person.read(self.victim, log_id, generation, after)
        shown = self.entries()[after - self.after :]
        end = after + len(shown)
        chains = (self.chain_at(after), self.chain_at(end))
        head = self.sign(end) if shown else b""
        return Entries(log_id, generation, shown, *chains, end, head)

    def announce(self, follow: Follow) -> None:
        town = self.victim.town
        for told in announced(town.logs, town.heads, follow):
            if isinstance(told, i.Following) and told.log_id == self.log_id:
                self.victim.take(replace(told, signed=self.sign(told.end)))
            else:
                self.victim.take(told)

    def perform(self, request: r.Request) -> r.Answer:
        answer = Person.perform(self.victim, request)
        if not isinstance(request, r.AppendEntry) or not isinstance(answer, r.Appended):
            return answer
        if request.log_id != self.log_id:
            return answer
        chain, head = self.chain_at(answer.seq), self.sign(answer.seq)
        return structs.replace(answer, chain=chain, head=head)


def deceive(trio, *, one_after_the_other=False):
    """Let Ben read Cem's "two" in front of Ana's "one"."""
    trio.town.run()
    chat = trio.ben.state.chats[trio.chat]
    place = (chat.log_id, chat.generation, chat.cursor, chat.chain)
    relay = TwoFaced(trio.ben, *place)
    trio.ben.disconnect()
    trio.ana.say(trio.chat, "one")
    if one_after_the_other:
        trio.town.run(seconds=0)
    trio.cem.say(trio.chat, "two")
    trio.town.run(seconds=0)
    trio.ben.read, trio.ben.perform = relay.read, relay.perform
    trio.ben._announce = relay.announce
    trio.ben.connect()
    trio.town.run(seconds=0)
    return relay


@pytest.fixture
def deceived(trio):
    """Ben was shown what the others said at the same time the other way round."""
    deceive(trio)
    return trio


def told(person, what):
    found = [e for e in person.events if isinstance(e, Line) and e.what == what]
    return [line.who for line in found]


def test_nobody_can_know_it_while_nobody_speaks(deceived):
    assert deceived.ana.texts(deceived.chat)[-2:] == ["one", "two"]
    assert deceived.ben.texts(deceived.chat)[-2:] == ["two", "one"]
    for person in deceived.everybody:
        assert told(person, "elsewhere") == told(person, "forked") == []


def test_a_message_whose_sender_had_read_what_is_not_there_yet_tells_it_at_once(trio):
    relay = deceive(trio, one_after_the_other=True)
    assert relay.victim is trio.ben
    assert told(trio.ben, "elsewhere") == [trio.cem.id]


def test_whoever_was_shown_another_log_is_named_when_he_speaks(deceived):
    deceived.ben.say(deceived.chat, "what is it about?")
    deceived.town.run(seconds=0)
    for person in (deceived.ana, deceived.cem):
        assert told(person, "elsewhere") == [deceived.ben.id]
        assert agreement(person.state, deceived.chat).unlike == (deceived.ben.id,)
        assert person.texts(deceived.chat)[-1] == "what is it about?"


def test_who_was_deceived_hears_it_of_each_of_the_others(deceived):
    deceived.ana.say(deceived.chat, "you know")
    deceived.cem.say(deceived.chat, "don't you")
    deceived.town.run(seconds=0)
    assert sorted(told(deceived.ben, "elsewhere")) == sorted(
        (deceived.ana.id, deceived.cem.id)
    )
    assert deceived.ben.state.chats[deceived.chat].status is Status.ACTIVE
    # No device was shown both, so none has a proof.
    for person in deceived.everybody:
        assert not person.state.forks


def test_a_relay_that_shows_him_the_others_history_then_has_given_him_the_proof(
    deceived,
):
    deceived.ben.say(deceived.chat, "show me")
    deceived.town.run(seconds=0)
    del deceived.ben.read, deceived.ben.perform, deceived.ben._announce
    deceived.ben.disconnect()
    deceived.ben.connect()
    deceived.ana.say(deceived.chat, "here")
    deceived.town.run(seconds=0)
    assert len(told(deceived.ben, "forked")) == 1
    assert deceived.ben.state.forks[deceived.chat]
    assert deceived.ben.state.chats[deceived.chat].status is Status.STUCK
