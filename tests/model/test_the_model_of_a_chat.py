"""The rules of a chat in all interleavings of a small world: what holds, and why.

`make model` explores larger worlds; here each rule is dropped once and must be missed.
"""

import time

import pytest

from tests.model.chat_model import Bounds, Rules
from tests.model.model_search import (
    AGREEMENT,
    NO_KEY,
    NO_ROAD_BACK,
    TOGETHER,
    explore,
)

WORLDS = {
    "races": Bounds(attacks=1, wishes=2),
    "attacks": Bounds(attacks=2, wishes=1),
    "restored": Bounds(attacks=1, wishes=1, restores=True),
    "disorder": Bounds(attacks=1, wishes=1, breaks_order=True),
    "forked": Bounds(attacks=1, wishes=1, forks=True),
    "tags": Bounds(attacks=1, wishes=1, tags=True),
}
SMALL = Bounds(attacks=1, wishes=1)
DISORDER = WORLDS["disorder"]


@pytest.mark.parametrize("name", WORLDS)
def test_all_that_is_promised_holds_in_every_state_of_a_small_world(name):
    began = time.monotonic()
    found = explore(Rules(), WORLDS[name])
    took = time.monotonic() - began
    print(f"{name}: {found.states} states, {found.steps} steps, {took:.1f} s")
    assert found.broken == "", found.story
    assert found.states > 500


DROPPED = [
    ("skips_invalid", SMALL, TOGETHER, "junk of Mal"),
    ("takes_the_lowest", SMALL, AGREEMENT, "Ann at 1; Ben at 2"),
    ("holds_before_a_poisoned_slot", SMALL, AGREEMENT, "poisoned for Ann"),
    (
        "judges_before_it_stops",
        SMALL,
        TOGETHER,
        "junk of Mal behind 0 as 1, poisoned for Ann",
    ),
    ("applies_what_it_read", DISORDER, AGREEMENT, "Ann at 2; Ben at 1"),
    ("goes_on_behind_invalid", SMALL, TOGETHER, "junk of Mal"),
    ("pleads", SMALL, TOGETHER, "poisoned for Ann"),
    ("waits_for_an_answer", SMALL, AGREEMENT, "where no honest member sent it"),
    ("rejoins_first_or_not", DISORDER, AGREEMENT, "a rejoin of Ann behind 0 as 2"),
    ("answers_members_only", SMALL, NO_KEY, "Ann, at 1, answers Mal"),
    ("removal_opens", SMALL, NO_KEY, "the removal of Mal"),
    ("compares_heads", WORLDS["forked"], AGREEMENT, "another log"),
]


@pytest.mark.parametrize(
    ("rule", "bounds", "promise", "step"), DROPPED, ids=[row[0] for row in DROPPED]
)
def test_without_one_rule_a_promise_breaks(rule, bounds, promise, step):
    found = explore(Rules(**{rule: False}), bounds)
    print(f"without {rule}: {promise}", *found.story, sep="\n    ")
    assert found.broken == promise
    assert step in "\n".join(found.story)


def test_every_rule_is_dropped_once():
    rules = set(Rules.__dataclass_fields__)
    assert {row[0] for row in DROPPED} | {"rejoin_keeps_its_place"} == rules


def test_two_locks_keep_a_removed_member_from_coming_back_by_a_rejoin():
    # It may take no place that isn't its own, and it has no key to say so with.
    one = explore(Rules(rejoin_keeps_its_place=False), SMALL)
    assert one.broken == ""
    none = Rules(rejoin_keeps_its_place=False, removal_opens=False)
    both = explore(none, SMALL, [NO_ROAD_BACK])
    assert both.broken == NO_ROAD_BACK
    assert any("a rejoin of Mal" in step for step in both.story)


MISLED = [
    ("removed", "any", "the removal of Mal"),
    ("removed", "first", "makes its rejoin behind 0"),
    ("removed", "end", "a bad tag of Mal behind 0 as 1"),
    ("any", "sibling", "makes its rejoin behind 1"),
]


@pytest.mark.parametrize(("liars", "lone", "step"), MISLED)
def test_who_believes_a_lone_liar_is_led_away(liars, lone, step):
    # docs/security/protocol.md, "An answer is a member's word".
    world = Bounds(attacks=1, wishes=1, restores=True, liars=liars, lone=lone)
    found = explore(Rules(), world, [AGREEMENT])
    print(f"{liars} liar, lone answers: {lone}", *found.story, sep="\n    ")
    assert found.broken == AGREEMENT
    assert step in "\n".join(found.story)


def test_on_a_road_without_siblings_a_removed_liar_leads_nobody_away():
    world = Bounds(attacks=1, wishes=1, restores=True, liars="removed", lone="sibling")
    found = explore(Rules(), world)
    assert found.broken == "", found.story
