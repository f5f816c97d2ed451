"""Messages that the relay put off: nobody's later words overtake their earlier ones."""

from privity.core import inputs as i
from privity.core import requests as r
from privity.wire.codes import Code


def refuse(person, send, code, wait_ms=0):
    person.requests.remove(send)
    person.take(i.Answered(send.job, r.Refused(code.value, "", wait_ms)))


def wait(pair, milliseconds):
    pair.town.now_ms += milliseconds
    pair.ana.take(i.Tick())


def test_nothing_resumes_while_an_earlier_message_is_in_flight_again(pair):
    """Else the second would be stored though the first is refused once more."""
    ana = pair.ana
    ana.say(pair.chat, "first")
    ana.say(pair.chat, "second")
    first, second = ana.requests
    refuse(ana, first, Code.STORAGE_FULL, 500)
    wait(pair, 500)
    (again,) = [send for send in ana.requests if send.job == first.job]
    assert again.request.resume
    refuse(ana, second, Code.AFTER_REFUSED)
    wait(pair, 500)
    (behind,) = [send for send in ana.requests if send.job == second.job]
    assert not behind.request.resume

    refuse(ana, again, Code.STORAGE_FULL, 500)
    refuse(ana, behind, Code.AFTER_REFUSED)
    pair.town.run()
    assert pair.ben.texts(pair.chat) == ["first", "second"]
