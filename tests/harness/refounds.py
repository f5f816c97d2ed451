"""What a refound's stories need: who stands where, and statements of bad intent."""

from dataclasses import replace

from privity.core import inputs as i
from privity.core import invites, pleading
from privity.core.errors import Reason
from privity.core.moving import ground_of
from privity.core.refounds import VERSION, Refounding
from privity.core.state import Invite, Status
from privity.core.step import Draft

__all__ = ["agreed", "asked", "call", "follow", "stated", "stop"]


def asked(person):
    """Return the ids of the refounds that wait for a person."""
    requests = person.state.requests.values()
    return [r.invite_id for r in requests if r.refound and r.state == "pending"]


def follow(town, *people):
    """Let people accept the one refound that waits for each."""
    for person in people:
        (invite_id,) = asked(person)
        person.take(i.Accept(invite_id))
    town.run()


def agreed(people, chat):
    """Tell whether people stand in one epoch of one log, with nothing under way."""
    chats = [p.state.chats[chat] for p in people]
    groups = [p.state.groups[chat] for p in people]
    return (
        {c.status for c in chats} == {Status.ACTIVE}
        and len({c.log_id for c in chats}) == 1
        and len({g.epoch_authenticator for g in groups}) == 1
        and not any(p.state.jobs or p.state.repairs for p in people)
    )


def stated(person, chat, **changes):
    """Return the statement that a member can make of its epoch, and its ground."""
    draft = Draft(person.state, person.town.context())
    old = person.state.chats[chat]
    ground = ground_of(draft, old)
    honest = Refounding(
        version=VERSION,
        log_hash=ground.log_hash,
        seq=old.parent,
        authenticator=ground.authenticator,
        host=person.state.account.host.encode(),
        log_id=person.town.random.randbytes(16),
        suite=person.state.account.suite,
        without=(),
    )
    return replace(honest, **changes), ground


def call(person, chat, statement, to):
    """Send a statement to people, unchecked, and stay where one is."""
    draft = Draft(person.state, person.town.context())
    for other in to:
        invite = Invite(
            invite_id=person.town.random.randbytes(16),
            account_id=other.id,
            kind=person.state.chats[chat].kind,
            chat_id=chat,
            reply_private=invites.reply_private(draft),
            created=person.town.now_ms // 1000,
            state="claiming",
            refound=statement.encode(),
        )
        draft.put(invite.invite_id, invite)
        invites.claim(draft, invite, b"")
    step = draft.finish()
    person.state = step.state
    for effect in step.effects:
        person._perform(effect)
    person.town.run()


def stop(person, chat, reason=Reason.PATH):
    """Let a chat stop at one device."""
    draft = Draft(person.state, person.town.context())
    pleading.stop(draft, draft.state.chats[chat], reason)
    step = draft.finish()
    person.state = step.state
    for effect in step.effects:
        person._perform(effect)
