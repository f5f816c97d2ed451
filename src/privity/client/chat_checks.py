"""The state of one chat as its owner is told it: where it stands, what waits, why."""

import time

from privity.client import views
from privity.client.gaps import check_chat_messages
from privity.client.troubles import STAGES, trouble
from privity.client.verbs import results
from privity.core.agreeing import agreement
from privity.core.state import Chat, State, Status
from privity.core.turns import WEEK

__all__ = ["check_chat", "story"]

_DAY = 24 * 60

_STATES = {
    Status.CREATING: (
        "the relay has not confirmed it yet",
        "Stay online for a moment.",
    ),
    Status.JOINING: ("you were let in; it is being read", "Stay online for a moment."),
    Status.ACTIVE: ("it can be used", ""),
    Status.LEFT: ("you have left it", ""),
    Status.REMOVED: ("you were removed from it", ""),
}
_UNFINISHED = (Status.CREATING, Status.JOINING, Status.STUCK)


def check_chat(state: State, chat: Chat) -> tuple[results.Check, ...]:
    """Look at one chat; what can't be said of it in its state is left out."""
    checks = [_standing(state, chat)]
    if chat.status is Status.ACTIVE:
        checks += [_synced(state, chat), _keys(chat)]
    checks += [_outbox(state, chat), check_chat_messages(state, chat)]
    if chat.status is Status.ACTIVE:
        checks.append(_agreement(state, chat))
    return (*checks, _pleas(state, chat))


def story(state: State, chat: Chat) -> str:
    """Say what happened to a stuck chat, why mostly, and how far its repair is."""
    told = trouble(chat.cause)
    repair = state.repairs.get(chat.chat_id)
    now = STAGES[repair.stage.value if repair else ""]
    return f"{told.happened} {told.usually} Now: {now}."


def _standing(state: State, chat: Chat) -> results.Check:
    title = views.title_of(state, chat)
    if chat.status is Status.STUCK:
        detail, advice = story(state, chat), trouble(chat.cause).todo
    else:
        detail, advice = _STATES[chat.status]
    well = chat.status not in _UNFINISHED
    return results.Check("chat", well, f"{title}: {detail}", advice)


def _synced(state: State, chat: Chat) -> results.Check:
    """Say whether everything is read that the relay named since the last login."""
    session = state.session
    head = session.heads.get(chat.log_id, 0)
    if chat.chat_id in session.synced:
        detail = f"all {chat.cursor} entries of the log are read"
        return results.Check("reading", ok=True, detail=detail, next="")
    detail = f"{chat.cursor} entries are read"
    detail += f" of {head}" if head > chat.cursor else "; the relay was not asked yet"
    return results.Check("reading", ok=False, detail=detail, next="Wait for the relay.")


def _keys(chat: Chat) -> results.Check:
    """Tell how old the keys are; who writes next renews them after a week."""
    if not chat.opened:
        return results.Check("keys", ok=True, detail="their age is unknown", next="")
    age = max(int(time.time()) // 60 - chat.opened, 0)
    detail = f"renewed {age // _DAY} days ago"
    detail += "; the next message renews them" if age >= WEEK else ""
    return results.Check("keys", ok=True, detail=detail, next="")


def _outbox(state: State, chat: Chat) -> results.Check:
    items = state.outgoing.get(chat.chat_id, ())
    count = sum(1 for item in items if not item.seq)
    detail = f"{count} messages wait" if count else "nothing waits"
    late = bool(count) and not state.session.online
    return results.Check("outbox", not late, detail, "They wait for the relay.")


def _agreement(state: State, chat: Chat) -> results.Check:
    """Say how many other devices have shown to have read the same, and up to where."""
    found = agreement(state, chat.chat_id)
    upto = f", up to entry {found.upto} at least" if found.agreed else ""
    shown = f"{found.agreed} of {found.devices} other devices"
    detail = f"{shown} have shown to have read the same{upto}"
    names = ", ".join(views.person(state, one).name for one in found.unlike)
    detail += f"; not so: {names}" if names else ""
    advice = "Compare by another way what you have read."
    return results.Check("agreement", not names, detail, advice)


def _pleas(state: State, chat: Chat) -> results.Check:
    waiting = [p for p in state.plights.values() if p.chat_id == chat.chat_id]
    names = [views.person(state, plight.account_id).name for plight in waiting]
    detail = f"devices of {', '.join(names)} wait for you" if names else "nobody waits"
    return results.Check("help", not names, detail, "Run: privity repair list")
