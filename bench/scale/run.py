"""One run: what people ask, step by step, of a cluster that something may happen to."""

import bisect
import math
from dataclasses import dataclass, field, replace

from bench.scale.cluster import Queue
from bench.scale.costs import Costs
from bench.scale.demand import Demand, People, shares_of_shards

__all__ = ["Cluster", "Event", "Outcome", "Plan", "run", "scaled"]

STEP = 0.5


@dataclass(frozen=True, slots=True)
class Cluster:
    """How many machines there are."""

    relays: int = 40
    shards: int = 4


@dataclass(frozen=True, slots=True)
class Event:
    """What happens in the middle of a run.

    `share` of all connected devices come back over `jitter` seconds from `at` on, and
    each asks for what it missed in `away` seconds; `shard` is down from `at` for
    `outage` seconds, what is said in its chats waits in the senders' outboxes.
    """

    at: float = 300.0
    share: float = 0.0
    jitter: float = 120.0
    away: float = 60.0
    shard: int | None = None
    outage: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Who asks what of which machines; the same plan and seed give the same run."""

    people: People = field(default_factory=People)
    cluster: Cluster = field(default_factory=Cluster)
    costs: Costs = field(default_factory=Costs)
    seed: int = 1


@dataclass(slots=True)
class Outcome:
    """What a run came to; times in seconds, `use` by name of what was used."""

    messages: float = 0.0
    delays: dict[float, float] = field(default_factory=dict)
    use: dict[str, float] = field(default_factory=dict)
    calm_after: float = 0.0
    """Seconds from the event until new messages took less than a second again."""

    def quantile(self, share: float) -> float:
        """Return the delay that this share of the messages did not exceed."""
        ordered = sorted(self.delays)
        sums, total = [], 0.0
        for delay in ordered:
            total += self.delays[delay]
            sums.append(total)
        return ordered[min(bisect.bisect_left(sums, share * total), len(sums) - 1)]

    def note(self, delay: float, count: float) -> None:
        """Count messages of a delay, to two digits."""
        self.messages += count
        digits = 2 - math.ceil(math.log10(max(delay, 1e-4)))
        key = round(delay, digits)
        self.delays[key] = self.delays.get(key, 0.0) + count


class _State:
    """Queues, and what waits in outboxes while its shard is down."""

    def __init__(self, plan: Plan) -> None:
        cluster, costs = plan.cluster, plan.costs
        self.plan = plan
        self.relays = [Queue(costs.relay_cores) for _ in range(cluster.relays)]
        self.shards = [Queue(costs.db_cores) for _ in range(cluster.shards)]
        self.disks = [Queue(costs.db_wal_rate) for _ in range(cluster.shards)]
        self.bus = Queue(costs.nats_cores)
        self.parts = shares_of_shards(cluster.shards, plan.seed)
        self.held = [0.0] * cluster.shards


@dataclass(frozen=True, slots=True)
class _Arriving:
    """What one step brings; `since` is the time after the event, in seconds."""

    sent: float
    back: float
    missed: float
    since: float
    down: int | None


def run(plan: Plan, event: Event, *, span: tuple[float, float]) -> Outcome:
    """Simulate from `span[0]` to `span[1]`, in seconds of a day."""
    demand, outcome, state = Demand(plan.people, plan.seed), Outcome(), _State(plan)
    on_relays = demand.spread(plan.cluster.relays)
    second = span[0]
    while second < span[1]:
        arriving = _arriving(demand, event, second, second - span[0] - event.at)
        _step(state, arriving, event, on_relays, outcome)
        second += STEP
    _sum_up(state, demand, span, outcome)
    return outcome


def _arriving(demand: Demand, event: Event, second: float, since: float) -> _Arriving:
    back = _coming_back(demand, event, second, since)
    people = demand.people
    missed = back * people.chats * _missed_in_a_chat(people, event)
    down = event.shard if 0 <= since < event.outage else None
    return _Arriving(demand.messages(second, STEP), back, missed, since, down)


def _coming_back(demand: Demand, event: Event, second: float, since: float) -> float:
    if not event.share or not 0 <= since < event.jitter:
        return 0.0
    return demand.connected(second) * event.share * STEP / event.jitter


def _step(
    state: _State,
    arriving: _Arriving,
    event: Event,
    on_relays: list[float],
    outcome: Outcome,
) -> None:
    people, costs = state.plan.people, state.plan.costs
    stored, waits = _store(state, arriving)
    wakes = stored * min(people.members * people.connected, len(state.relays))
    bus = state.bus.step(wakes * costs.wake, STEP)
    work = _relay_work(state.plan, stored, arriving)
    mean = 0.0
    for queue, share in zip(state.relays, on_relays, strict=True):
        mean += queue.step(work * share, STEP) * share
    floor = 4 * costs.hop + costs.db_commit + bus + 2 * mean
    worst = 0.0
    for wait, part in waits:
        worst = max(worst, floor + wait)
        outcome.note(floor + wait, part)
    if arriving.down is not None:
        worst = event.outage - arriving.since + floor
        outcome.note(worst, arriving.sent * state.parts[arriving.down])
    if arriving.since >= 0 and worst > 1:
        outcome.calm_after = arriving.since + STEP


def _missed_in_a_chat(people: People, event: Event) -> float:
    """Return how many entries a chat of a device got while it was away, at the peak."""
    received = people.messages_a_day / 86_400 * people.peak * people.members
    return received / people.devices / people.chats * event.away


def _store(
    state: _State, arriving: _Arriving
) -> tuple[float, list[tuple[float, float]]]:
    """Return how many were stored, and for each shard (wait, how many)."""
    people, costs = state.plan.people, state.plan.costs
    attached = arriving.back * people.chats * costs.db_attach
    reads = attached + arriving.missed * costs.db_sync_entry
    stored, waits = 0.0, []
    for number, part in enumerate(state.parts):
        if number == arriving.down:
            state.held[number] += arriving.sent * part
            continue
        # Outboxes are tried again with a jitter of their own: a tenth a second.
        again = state.held[number] * min(1.0, 0.1 * STEP)
        state.held[number] -= again
        count = arriving.sent * part + again
        wait = state.shards[number].step(count * costs.db_append + reads * part, STEP)
        wait += state.disks[number].step(count * costs.wal_bytes, STEP)
        waits.append((wait, arriving.sent * part))
        stored += count
    return stored, waits


def _relay_work(plan: Plan, stored: float, arriving: _Arriving) -> float:
    people, costs = plan.people, plan.costs
    opened = arriving.back * (costs.connect + people.chats * costs.attach)
    spoken = stored * (costs.append + people.members * costs.delivery)
    return spoken + opened + arriving.missed * costs.sync_entry


def _sum_up(
    state: _State, demand: Demand, span: tuple[float, float], outcome: Outcome
) -> None:
    minutes = range(int(span[0]), int(span[1]) + 1, 60)
    connected = max(demand.connected(at) for at in minutes) / len(state.relays)
    costs, rate = state.plan.costs, outcome.messages / (span[1] - span[0])
    sent = rate * demand.people.members * costs.frame_bytes / len(state.relays)
    outcome.use = {
        "relay, core": max(queue.usage.most for queue in state.relays),
        "shard, cores": max(queue.usage.most for queue in state.shards),
        "shard, disk": max(queue.usage.most for queue in state.disks),
        "bus, cores": state.bus.usage.most,
        "relay, GB of connections": connected * costs.connection_bytes / 1e9,
        "relay, Mbit/s out": sent * 8 / 1e6,
    }


def scaled(plan: Plan, factor: float) -> Plan:
    """Return the plan with so many times as many people, who say as much as these."""
    people = replace(
        plan.people,
        devices=int(plan.people.devices * factor),
        messages_a_day=int(plan.people.messages_a_day * factor),
    )
    return replace(plan, people=people)
