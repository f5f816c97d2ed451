"""One run: a schedule is lived through, comes to rest, and is judged."""

from contextlib import suppress
from dataclasses import dataclass, field

from town import Killed

from privity.core import inputs as i
from privity.core.errors import CommandRefused
from tests.sim import hostile
from tests.sim.deeds import Deed, perform, release
from tests.sim.lives import Endless, World, begin
from tests.sim.promised import BOUND, Fault
from tests.sim.promises import broken
from tests.sim.promises_of_refounds import broken_by_refounds
from tests.sim.refoundings import decide, is_undecided
from tests.sim.schedule import FIRST_REFOUND, schedule

__all__ = ["Result", "run"]

PATIENCE_S = 6 * 3_600
"""Within which everything heals, after all are online and the relay is honest."""
assert hostile.ATTACKS  # its deeds are registered with it


@dataclass(frozen=True)
class Result:
    """What a run came to."""

    seed: int
    deeds: tuple[Deed, ...]
    faults: tuple[Fault, ...]
    lines: tuple[str, ...]
    heals: tuple[tuple[str, int], ...] = ()
    """What disturbed somebody, and after how many virtual milliseconds it was over."""
    messages: int = 0
    kills: int = 0
    promises: frozenset[str] = field(default=frozenset())


def run(seed: int, deeds: list[Deed] | None = None) -> Result:
    """Live through a seed's schedule, or through these deeds of it."""
    deeds = schedule(seed) if deeds is None else deeds
    world = begin(seed)
    try:
        for deed in deeds:
            perform(world, deed)
        rest(world)
        if seed >= FIRST_REFOUND:
            settle(world)
            faults = broken_by_refounds(world)
        else:
            faults = broken(world)
    except Endless as endless:
        faults = [(BOUND, str(endless))]
    except Exception as error:  # noqa: BLE001  whatever it is, it belongs to this seed
        where = _place_of(error)
        faults = [("no device fails", f"{type(error).__name__}: {error} ({where})")]
    tell_the_end(world, faults)
    return Result(
        seed=seed,
        deeds=tuple(deeds),
        faults=tuple(faults),
        lines=tuple(world.journal.lines),
        heals=tuple(world.heals),
        messages=len(world.journal.said),
        kills=world.kills,
        promises=frozenset(promise for promise, _ in faults),
    )


def rest(world: World) -> None:
    """Bring everybody back, and let everything that is under way arrive."""
    town = world.town
    town.kill_at = -1
    for person in world.people:
        with suppress(Killed):
            release(world, person)
        if not person.online:
            person.connect()
        if not person.online:
            # The relay noticed that the disk went back a second time within a day.
            person.take(i.ComeBack())
            person.connect()
    end = town.now_ms + PATIENCE_S * 1_000
    seconds = 1
    while town.now_ms < end:
        before = town.now_ms
        town.run(seconds=seconds)
        answer_pleas(world)
        if not any(world.waits(person) for person in world.honest()):
            break
        town.now_ms = max(town.now_ms, before + seconds * 1_000)
        seconds = min(seconds * 2, 600)
    town.run(seconds=30)


def settle(world: World) -> None:
    """Let everybody decide on all that they are asked, until nobody is asked more."""
    for _ in range(12):
        if not any(is_undecided(person) for person in world.people):
            return
        decide(world)
        rest(world)


def answer_pleas(world: World) -> None:
    """Let people help whom their devices do not help by themselves.

    A device that is not read to the end refuses, and looks; then they try again.
    """
    for _ in range(2):
        for person in world.honest():
            for plight in list(person.state.plights.values()):
                with suppress(CommandRefused):
                    person.take(i.AnswerPlea(plight.chat_id, plight.plea_id))
        if not any(person.state.plights for person in world.honest()):
            return
        world.town.run(seconds=5)


def tell_the_end(world: World, faults: list[Fault]) -> None:
    """Write down what everybody has in the end."""
    for person in world.people:
        for chat in person.state.chats.values():
            known = world.journal.chats.get(chat.log_id)
            name = known.name if known else "another chat"
            cause = f" ({chat.cause})" if chat.cause else ""
            who = world.name(person)
            texts = ", ".join(person.texts(chat.chat_id))
            status = chat.status.value
            world.journal.note(
                f"{who} in {name}: {status}{cause}, {chat.cursor}: {texts}"
            )
    for promise, detail in faults:
        world.journal.note(f"BROKEN {promise}: {detail}")


def _place_of(error: BaseException) -> str:
    """Return the innermost place of an error, without a path."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "nowhere"
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
