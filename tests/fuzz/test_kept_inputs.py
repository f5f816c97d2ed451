"""Every input that a search has kept does no harm; and harm would be seen."""

import pytest
from mls_groups import DRAW

from privity.wire import frames
from tests.fuzz.catalogue import TARGETS
from tests.fuzz.planted import PLANTED
from tests.fuzz.target import CORPUS, ROOM, Fault, check, kept, measured


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_search_starts_from_does_no_harm(name):
    for data in (*TARGETS[name].seeds(), *kept(name)):
        check(TARGETS[name], data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_the_same_whatever_was_drawn_before(name):
    before = TARGETS[name].seeds()
    DRAW(1)
    assert TARGETS[name].seeds() == before


def test_a_target_has_kept_inputs_and_no_others_are_kept():
    assert {path.stem for path in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("planted_foreign", b"\1\2\3", KeyError),
        # 2^24 bytes are claimed, and memory is watched: the sum of these is 16 * 17.
        ("planted_claimed", b"\x81\0\0\0\x8f", Fault),
        ("planted_spoilt", b"\3", Fault),
        ("planted_unheard", frames.encode([frames.Received(bytes(16), 1)]), KeyError),
    ],
)
def test_a_planted_fault_is_seen(name, data, fault):
    with pytest.raises(fault):
        check(PLANTED[name], data)
    check(PLANTED[name], b"\0")


def test_memory_beyond_the_room_of_an_input_is_a_fault():
    with measured(1):
        bytearray(ROOM // 2)
    with pytest.raises(Fault, match="bytes of memory"), measured(1):
        bytearray(2 * ROOM)
