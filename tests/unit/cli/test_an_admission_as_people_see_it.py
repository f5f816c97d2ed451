"""An admission into a stuck chat, as it is asked of its owner."""

from admissions import accepted, admission, deliver
from gathered import befriend, gathered, pending
from refounds import stop

from privity.cli.render import request_lines
from privity.client import lookup, views
from privity.client.sentences import SENTENCES
from privity.core import inputs as i
from privity.core.errors import Reason
from privity.identity.ids import id_to_text


def asked():
    """Return three people of whom Cem has to decide about the stuck chat."""
    trio = gathered()
    befriend(trio.town, trio.ben, trio.cem)
    trio.ben.take(i.CreateGroup("Quiz night", (trio.cem.id,)))
    trio.town.run()
    trio.ben.disconnect()
    trio.cem.take(i.Accept(pending(trio.cem)))
    trio.town.run()
    trio.cem.disconnect()
    stop(trio.cem, trio.chat, Reason.PATH)
    trio.cem.say(trio.chat, "one")
    trio.cem.say(trio.chat, "two")
    request, package = accepted(trio.cem)
    deliver(trio.cem, admission(trio.ben, request, package, chat_id=trio.chat))
    return trio


def test_it_stands_among_the_requests_with_its_chat_and_what_waits_there():
    trio = asked()
    (shown,) = views.pending_requests(trio.cem.state)
    assert (shown.state, shown.into) == ("held", id_to_text(trio.chat))
    assert (shown.sender.name, shown.title, shown.unsent) == ("Ben", "Picnic", 2)
    text = request_lines(shown)
    assert "lets you in anew into “Picnic”, which is stuck here" in text
    assert "2 messages of yours will be marked as not sent" in text
    assert lookup.find_request(trio.cem.state, "ben").state == "held"


def test_it_is_gone_from_the_list_once_it_was_decided():
    trio = asked()
    trio.cem.take(i.Decline(lookup.find_request(trio.cem.state, "ben").invite_id))
    assert not views.pending_requests(trio.cem.state)
    assert "Decline" in SENTENCES["not_needed"].next
