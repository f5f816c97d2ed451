"""The simulated relay of many machines (docs/scaling.md)."""

from dataclasses import replace

import pytest

from bench.scale.costs import Costs, with_changes
from bench.scale.run import Cluster, Event, Plan, run, scaled
from privity.errors import UsageError

EVENING = (20 * 3_600.0, 20 * 3_600.0 + 300)
PLAN = Plan()


def test_the_same_seed_gives_the_same_run() -> None:
    again = run(PLAN, Event(), span=EVENING)
    assert run(PLAN, Event(), span=EVENING) == again
    assert run(replace(PLAN, seed=2), Event(), span=EVENING) != again


def test_as_many_messages_are_stored_as_the_busiest_minutes_send() -> None:
    outcome = run(PLAN, Event(), span=EVENING)
    peak = 80_000_000 / 86_400 * 8
    assert outcome.messages == pytest.approx(peak * 300, rel=0.01)


def test_messages_for_a_lost_shard_wait_until_it_is_back_and_are_all_stored() -> None:
    event = Event(at=60, shard=0, outage=60)
    outcome = run(PLAN, event, span=EVENING)
    assert outcome.calm_after == pytest.approx(60, abs=1)
    assert max(outcome.delays) == pytest.approx(60, abs=1)
    undisturbed = run(PLAN, Event(), span=EVENING)
    assert outcome.messages == pytest.approx(undisturbed.messages)


def test_a_storm_spread_over_more_time_delays_less() -> None:
    tight = run(PLAN, Event(at=10, share=1, jitter=10), span=EVENING)
    loose = run(PLAN, Event(at=10, share=1, jitter=280), span=EVENING)
    assert max(loose.delays) < 0.1 < max(tight.delays)


def test_too_many_people_break_it_and_more_machines_mend_it() -> None:
    crowd = scaled(PLAN, 60)
    broken = run(crowd, Event(), span=EVENING)
    assert max(broken.use["relay, core"], broken.use["shard, cores"]) > 1
    larger = replace(crowd, cluster=Cluster(relays=400, shards=20))
    still_broken = run(larger, Event(), span=EVENING)
    assert max(still_broken.delays) > 1
    assert still_broken.use["bus, cores"] > 1
    with_bus = replace(larger, costs=with_changes(Costs(), ["nats_cores=16"]))
    mended = run(with_bus, Event(), span=EVENING)
    assert max(mended.delays) < 0.1


def test_a_cost_can_be_replaced_and_a_misspelt_one_is_refused() -> None:
    assert with_changes(Costs(), ["append=1e-3"]).append == pytest.approx(1e-3)
    with pytest.raises(UsageError, match="no cost 'cost_of_append'"):
        with_changes(Costs(), ["cost_of_append=1e-3"])
    with pytest.raises(UsageError, match="needs a number"):
        with_changes(Costs(), ["append=fast"])
