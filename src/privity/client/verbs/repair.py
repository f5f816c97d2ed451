"""What the verbs about chats that can't go on do: show them, help, ask for help."""

from collections.abc import Iterable

from privity.client import lookup, views
from privity.client.session import Session
from privity.client.troubles import STAGES, trouble
from privity.client.verbs import params, repair_results, results
from privity.client.verbs.refound import offers_of
from privity.core import inputs
from privity.core.repairs import Plight
from privity.core.state import Chat, State, Status
from privity.core.tallies import missing_by_account
from privity.identity.ids import id_to_text

__all__ = [
    "answer",
    "ask",
    "device",
    "fetch",
    "list_all",
    "plea_of",
    "proofs_of",
    "stuck_of",
]


async def list_all(
    session: Session, _asked: params.Nothing
) -> repair_results.RepairList:
    """Return the chats that are stuck here, and whose devices wait for a person."""
    state = session.state
    stuck = [c for c in state.chats.values() if c.status is Status.STUCK]
    stuck.sort(key=lambda c: c.chat_id)
    pleas = sorted(state.plights.values(), key=lambda p: (p.received, p.plea_id))
    return repair_results.RepairList(
        tuple(stuck_of(state, chat) for chat in stuck),
        tuple(plea_of(state, plight) for plight in pleas),
        offers_of(state),
        proofs_of(state),
    )


async def answer(
    session: Session, asked: params.RepairAnswer
) -> repair_results.PleaAnswered:
    """Let a device back in on which a person had to decide."""
    state = session.state

    def names(plight: Plight) -> Iterable[str]:
        return (views.person(state, plight.account_id).name,)

    plight = lookup.one_of(
        asked.plea, state.plights.values(), lambda p: p.plea_id, names
    )
    shown = plea_of(state, plight)
    await session.do(inputs.AnswerPlea(plight.chat_id, plight.plea_id))
    return repair_results.PleaAnswered(shown)


async def ask(session: Session, asked: params.RepairAsk) -> repair_results.HelpAsked:
    """Ask a chat's members for help, or follow the one account that answered."""
    chat = lookup.find_chat(session.state, asked.chat)
    await session.do(inputs.AskForHelp(chat.chat_id))
    state = session.state
    return repair_results.HelpAsked(stuck_of(state, state.chats[chat.chat_id]))


async def fetch(
    session: Session, asked: params.RepairFetch
) -> repair_results.FetchAsked:
    """Ask a chat's members for the messages that are missing here."""
    chat = lookup.find_chat(session.state, asked.chat)
    count = await session.do(inputs.FetchMissing(chat.chat_id))
    return repair_results.FetchAsked(
        title=views.title_of(session.state, chat),
        messages=count if isinstance(count, int) else 0,
        missing=sum(missing_by_account(session.state.tallies, chat.chat_id).values()),
    )


async def device(session: Session, asked: params.Nothing) -> repair_results.RepairList:
    """Let this device back in, though it came back within a day already.

    Not through `Session.do`, which refuses everything else until this is done.
    """
    await session.driver.do(inputs.ComeBack())
    return await list_all(session, asked)


def proofs_of(state: State) -> tuple[repair_results.Proof, ...]:
    """Return of which chats two histories are proven, the newest proof first."""
    known = sorted(state.forks.items(), key=lambda one: -one[1].found)
    return tuple(
        repair_results.Proof(
            id_to_text(chat_id), views.title_of(state, state.chats[chat_id]), fork.found
        )
        for chat_id, fork in known
        if chat_id in state.chats
    )


def stuck_of(state: State, chat: Chat) -> results.Stuck:
    """Return a chat that stopped, with all that can be said of it."""
    repair = state.repairs.get(chat.chat_id)
    told = trouble(chat.cause)
    stage = repair.stage.value if repair else ""
    return results.Stuck(
        chat=id_to_text(chat.chat_id),
        title=views.title_of(state, chat),
        cause=chat.cause,
        stage=stage,
        since=repair.since if repair else 0,
        unheard=bool(repair and repair.told),
        happened=told.happened,
        usually=told.usually,
        todo=told.todo,
        now=STAGES[stage],
    )


def plea_of(state: State, plight: Plight) -> results.Plea:
    """Return the plea of somebody else, as a person sees it."""
    chat = state.chats[plight.chat_id]
    return results.Plea(
        plea=id_to_text(plight.plea_id),
        chat=id_to_text(plight.chat_id),
        title=views.title_of(state, chat),
        person=views.person(state, plight.account_id),
        cause=plight.cause,
        why=plight.why,
        received=plight.received,
    )
