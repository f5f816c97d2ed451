"""A disk tells nothing where the relay is sound, and all where it leaks on purpose."""

import pytest

from tests.seizure.areas import area, interval, pairing, within
from tests.seizure.plants import COUNTING, PLANTS
from tests.seizure.scripted_town import Sizes
from tests.seizure.trial import try_planted, try_town

SMALL = Sizes(accounts=14, chats=10, messages=250, chats_of_the_last_day=2)
A, B, X, Y = b"a", b"b", b"x", b"y"


def test_an_area_counts_how_often_a_member_is_above_another():
    scores = {(A, X): 2.0, (A, Y): 1.0, (B, X): 2.0, (B, Y): 3.0}
    assert area(scores, {(A, X), (B, Y)}) == (0.5 + 1 + 1 + 1) / 4


def test_a_pairing_is_blind_to_how_busy_somebody_is():
    busy = {(A, X): 10.0, (A, Y): 10.0, (B, X): 1.0, (B, Y): 1.0}
    assert pairing(busy, {(A, X), (B, Y)}) == 0.5
    assert pairing(busy | {(A, X): 10.1}, {(A, X), (B, Y)}) == 1.0


def test_of_one_log_its_size_tells_nothing():
    large = {(A, X): 10.0, (B, X): 10.0, (A, Y): 1.0, (B, Y): 1.0}
    assert area(large, {(A, X)}) > 0.5
    assert within(large, {(A, X)}) == 0.5
    assert within(large | {(A, X): 10.1}, {(A, X)}) == 1.0


def test_an_interval_holds_its_mean_and_is_the_same_every_time():
    found = interval([0.4, 0.5, 0.6, 0.7])
    assert found.low < found.mean < found.high
    assert interval([0.4, 0.5, 0.6, 0.7]) == found


@pytest.fixture(scope="module")
def sound():
    """What was found on the disk of a relay as it is."""
    return try_town(7, sizes=SMALL)


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_planted_leak_is_seen_in_a_small_town(name, sound):
    leaking = try_planted(name, 7, SMALL).rested[name]
    assert leaking.pairing > 0.85
    assert abs(sound.rested[name].pairing - 0.5) < 0.3


def test_mailboxes_that_count_from_nought_tell_who_is_in_many_chats(sound):
    counting = try_town(7, COUNTING, SMALL).rested["how busy"]
    assert counting.within > 0.6
    assert counting.within > sound.rested["how busy"].within + 0.1


def test_a_secret_is_found_only_where_it_is_stored(sound):
    assert sound.secrets == 0
    assert try_planted("times of mail", 7, SMALL, spill=True).secrets > 0
