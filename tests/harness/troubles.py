"""Ways in which a device of a trio comes to a stop, and forged letters of a lobby."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace

from forger import poisoned

from privity import mls
from privity.core import requests as r
from privity.core.generations import Generation
from privity.core.helping import _answer_to
from privity.core.pleas import (
    Plea,
    PleaCause,
    PleaPlace,
    log_hash,
    seal_answer,
    seal_plea,
)
from privity.core.step import Context, Draft
from privity.identity.certificates import DeviceCertificate

__all__ = ["DAY", "a_plea", "answer_of", "lobby_of", "poison", "post", "waiting"]

DAY = 86_400


def poison(trio, monkeypatch, *victims):
    """Let Ana's weekly opening be one that the victims (Cem) can't open."""
    trio.town.now_ms += 8 * DAY * 1_000
    with poisoned_for(monkeypatch, trio, victims or (trio.cem,)):
        trio.ana.say(trio.chat, "behind the opening")
        trio.town.run(seconds=0)


@contextmanager
def poisoned_for(monkeypatch, trio, victims):
    with ExitStack() as stack:
        for victim in victims:
            stack.enter_context(poisoned(monkeypatch, trio.ana, trio.chat, victim))
        yield


def lobby_of(person, chat, generation=None):
    """Return the lobby key of a generation, the newest by default."""
    keys = person.state.pasts[chat].lobbies
    return next(k for k in reversed(keys) if generation in (None, k.generation))


def a_plea(person, chat, *, account=None, seed=None, **changes):
    """Return a plea as `person` can make it, and its private key."""
    own = person.state.account
    account = account or own
    suite, random = mls.suite(own.suite), person.town.random.randbytes
    private = suite.derive_key_pair(random(32))[0]
    here = person.state.chats[chat]
    plea = Plea(
        version=1,
        plea_id=random(16),
        log_hash=log_hash(here.log_id, own.host),
        certificate=DeviceCertificate.decode(account.certificate),
        cause=PleaCause.PATH,
        seq=here.cursor,
        parent=here.parent,
        chain=here.chain,
        key=suite.kem.public_of(private),
    )
    plea = replace(plea, **changes)
    return plea, seed or account.signature_seed


def post(person, chat, plea, seed, *, lobby=None, place=None):
    """Put a plea into the lobby, sealed as `person` can; returns the sealed bytes."""
    lobby = lobby or lobby_of(person, chat)
    log_id = person.state.chats[chat].log_id
    where = place or PleaPlace(log_id, lobby.generation, plea.plea_id)
    salt = person.town.random.randbytes(32)
    body = seal_plea(lobby.seal, where, plea, seed, salt)
    request = r.PostPlea(log_id, lobby.generation, lobby.seed, plea.plea_id, body)
    assert isinstance(person.perform(request), r.Done)
    return body


def answer_of(person, chat, pled, sealed, *, seed=None, **changes):
    """Put an answer into the lobby, as `person` could make it with bad intent."""
    draft = Draft(person.state, Context(person.town.now_ms, bytes))
    here = person.state.chats[chat]
    honest = _answer_to(draft, here, pled, sealed)
    answer = replace(honest, **changes)
    account = person.state.account
    body = seal_answer(
        mls.suite(account.suite), pled, answer, seed or account.signature_seed
    )
    return give(person, chat, pled.plea_id, body)


def give(person, chat, plea_id, body):
    here = person.state.chats[chat]
    seed = Generation(here.secret).access_seed
    request = r.PostAnswer(here.log_id, here.generation, seed, plea_id, body)
    assert isinstance(person.perform(request), r.Done)
    return body


def waiting(person, chat):
    """Return what waits in the lobby."""
    here = person.state.chats[chat]
    seed = Generation(here.secret).access_seed
    found = person.perform(r.ListPleas(here.log_id, here.generation, seed))
    assert isinstance(found, r.Pleas)
    return found.pleas
