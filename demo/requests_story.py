"""The story of who may ask: strangers, a closed lane, a link, somebody blocked."""

import time

from demo.first_words import say
from demo.outcome import Outcome
from demo.processes import Account, Failed
from demo.stage import BUILD, Stage

__all__ = ["tell"]

_ADDRESS = "ana@localhost"
_PATIENCE = 30.0


def tell() -> Outcome:
    """Play the story; raises Failed where somebody comes through who must not."""
    stage = Stage.set(BUILD / "requests")
    began = time.monotonic()
    try:
        ana, ben, cem = (stage.person(n, n.lower()) for n in ("Ana", "Ben", "Cem"))
        said = _strangers(ana, ben)
        _closed(ana, cem)
        said += _by_link(ana, cem)
        said += _blocked(ana, ben, cem)
        return Outcome(
            ok=True,
            messages=said,
            epochs=stage.epochs(),
            bytes=stage.traffic(),
            seconds=time.monotonic() - began,
        )
    finally:
        stage.strike()


def _strangers(ana: Account, ben: Account) -> int:
    """Ben knows Ana's handle and no more: a request, of text, until she accepts."""
    _shown(ben, "join", _ADDRESS, "--text", "It is Ben from the choir")
    _waits(ana, "Ben")
    _shown(ana, "requests")
    if ana("chats")["chats"]:
        raise Failed("a request made a chat before it was accepted")
    ana("accept", "Ben")
    ben.until("history", "ana", what="the chat does not begin")
    ben("send", "ana", "Thank you, Ana", "--wait", "30")
    _reads(ana, "ben", "Thank you")
    say("Ana accepted; only now there is a chat")
    return 1


def _closed(ana: Account, cem: Account) -> None:
    """Nobody comes through by the handle alone, and whoever tries is told at once."""
    _shown(ana, "requests", "close")
    _refused(cem, "requests_closed", "join", _ADDRESS, "--text", "Hello, beautiful")
    if ana("requests")["requests"]:
        raise Failed("a stranger came through a closed lane")
    say("nothing of it reached Ana")


def _by_link(ana: Account, cem: Account) -> int:
    """A link of Ana's opens a door of its own."""
    link = ana("invite", "--uses", "1")["link"]
    cem("join", link, "--text", "Cem here, Ben gave me your link")
    _waits(ana, "Cem")
    ana("accept", "Cem")
    cem.until("history", "ana", what="the chat does not begin")
    cem("send", "ana", "It let me in", "--wait", "30")
    _reads(ana, "cem", "It let me in")
    say("with a link of Ana's, Cem comes through the closed lane")
    return 1


def _blocked(ana: Account, ben: Account, cem: Account) -> int:
    """Whom Ana blocks loses the key that contacts have; the others get the new one."""
    _shown(ana, "block", "Ben")
    _shown(ben, "group", "new", "Choir", "ana")
    ana("send", "cem", "Write to me whenever you like", "--wait", "30")
    _reads(cem, "ana", "whenever you like")
    cem("group", "new", "Rowing", "ana")
    _waits(ana, "Rowing")
    if "Choir" in _shown(ana, "requests"):
        raise Failed("who is blocked came through")
    say("Cem, a contact, got Ana's new key; Ben's opens nothing, and he is not told")
    ana("requests", "open")
    return 1


def _waits(person: Account, name: str) -> None:
    """Wait until a request of somebody, or for a group of that title, is there."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        for asked in person("requests")["requests"]:
            if name in (asked["sender"]["name"], asked["title"]):
                return
        time.sleep(0.1)
    raise Failed(f"{name} does not stand in {person.name}'s requests")


def _reads(person: Account, chat: str, words: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if any(words in message["text"] for message in person.texts(chat)):
            return
        time.sleep(0.1)
    raise Failed(f"{person.name} never gets “{words}”")


def _refused(person: Account, code: str, *arguments: str) -> None:
    """Type what must be refused by this name, and show what the person sees."""
    if code not in _shown(person, *arguments):
        raise Failed(f"{person.name} was not refused by {code}")


def _shown(person: Account, *arguments: str) -> str:
    """Print what somebody sees who types a command, and return it."""
    say(f"{person.name} types: privity {' '.join(arguments)}")
    seen = person.sees(*arguments)
    for line in seen.splitlines():
        print(f"      {line}", flush=True)
    return seen
