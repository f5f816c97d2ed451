"""What the verbs about the profile itself do: look after it, close it."""

import shutil
import time

from privity.client import lookup, views
from privity.client.chat_checks import check_chat, story
from privity.client.errors import ClientError
from privity.client.fork_checks import check_forks
from privity.client.gaps import check_agreement, check_messages
from privity.client.sentences import explain
from privity.client.session import Session
from privity.client.transport.address import Address
from privity.client.transport.outbound import Outbound
from privity.client.transport.sockets import ANONYMOUS, FrameSocket
from privity.client.troubles import trouble
from privity.client.verbs import params, reach_results, results
from privity.identity.ids import id_to_text

__all__ = ["doctor", "lock", "reach_of", "reconnect"]

_LEAST_FREE = 200 * 1024 * 1024
_MOST_SKEW = 5
"""Minutes by which this clock may differ from the relay's."""
_FEW_PACKAGES = 5


async def lock(session: Session, _asked: params.Nothing) -> results.Locked:
    """Ask whoever holds the profile to close it."""
    session.stopping.set()
    return results.Locked(stopped=True)


async def reconnect(
    session: Session, asked: reach_results.Reconnect
) -> reach_results.Reach:
    """Try to reach the relay now, and say whether that went well."""
    await session.driver.network.try_now(asked.wait)
    return reach_of(session)


def reach_of(session: Session) -> reach_results.Reach:
    """Return whether the relay is reached, and when it is tried again."""
    left, problem = session.driver.network.next_try, session.driver.problem
    at = 0 if left is None else int(time.time() + left)
    code = problem.code if problem and not session.driver.online else ""
    return reach_results.Reach(session.driver.online, at, code)


async def doctor(session: Session, asked: params.Doctor) -> results.Checkup:
    """Look at store, disk, relay, clock, key packages and chats, or at one chat."""
    if asked.chat:
        chat = lookup.find_chat(session.state, asked.chat)
        forks = check_forks(session.state, session.store, chat.chat_id)
        found = (_relay(session), *check_chat(session.state, chat), *forks)
        return results.Checkup(all(check.ok for check in found), found)
    checks = (
        await _store(session),
        _disk(session),
        _relay(session),
        await _clock(session),
        _packages(session),
        *_chats(session),
        *check_messages(session.state),
        *check_agreement(session.state),
        *check_forks(session.state, session.store),
        _waiting(session),
    )
    return results.Checkup(all(check.ok for check in checks), checks)


async def _store(session: Session) -> results.Check:
    try:
        damage = await session.driver.disk.read(session.store.database.check)
    except ClientError as error:
        damage = [explain(error).message]
    advice = "Restore the profile from a copy." if damage else ""
    detail = "; ".join(damage[:3]) or "every page is whole"
    return results.Check("database", not damage, detail, advice)


def _disk(session: Session) -> results.Check:
    free = shutil.disk_usage(session.profile.root).free
    detail = f"{free // 1_000_000} MB free"
    return results.Check("disk", free >= _LEAST_FREE, detail, "Make room.")


def _relay(session: Session) -> results.Check:
    url = session.state.account.url
    if session.driver.online:
        return results.Check("relay", ok=True, detail=f"logged in at {url}", next="")
    problem = session.driver.problem
    told = explain(problem) if problem else None
    detail = told.message if told else f"no answer from {url} yet"
    advice = told.next if told else "Look at your connection."
    return results.Check("relay", ok=False, detail=detail, next=advice)


async def _clock(session: Session) -> results.Check:
    """Compare clocks by the greeting of a connection made for this alone."""
    account = session.state.account
    outbound = Outbound(session.driver.ledger.note, "anonymous")
    try:
        address = Address(account.url, account.fingerprint)
        greeted = await FrameSocket.open(address, ANONYMOUS, outbound, lambda _: None)
    except ClientError:
        return results.Check("clock", ok=True, detail="no relay to compare", next="")
    await greeted.close()
    skew = abs(int(time.time()) // 60 - greeted.greeting.minute)
    detail = f"{skew} minutes off the relay's" if skew else "agrees with the relay's"
    return results.Check("clock", skew <= _MOST_SKEW, detail, "Set this clock.")


def _packages(session: Session) -> results.Check:
    kept = [p for p in session.state.packages.values() if not p.invite_id]
    once = sum(1 for package in kept if not package.last_resort)
    detail = f"{once} key packages of one use, {len(kept) - once} of last resort"
    well = once >= _FEW_PACKAGES and len(kept) > once
    advice = "They are made when the relay is reached; stay online for a minute."
    return results.Check("key packages", well, detail, advice)


def _chats(session: Session) -> list[results.Check]:
    state = session.state
    stuck = [c for c in state.chats.values() if c.status.value == "stuck"]
    if not stuck:
        detail = f"{len(state.chats)} chats, none is stuck"
        return [results.Check("chats", ok=True, detail=detail, next="")]
    return [
        results.Check(
            name=f"chat {id_to_text(chat.chat_id)[:6]}",
            ok=False,
            detail=f"{views.title_of(state, chat)}: {story(state, chat)}",
            next=trouble(chat.cause).todo,
        )
        for chat in stuck
    ]


def _waiting(session: Session) -> results.Check:
    state = session.state
    queued = sum(1 for items in state.outgoing.values() for i in items if not i.seq)
    detail = f"{queued} messages and {len(state.jobs)} requests wait"
    online = session.driver.online
    return results.Check(
        "outbox", not queued or online, detail, "They wait for the relay."
    )
