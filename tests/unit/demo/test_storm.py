"""The account of a storm: whatever a relay could have done wrong is told by name."""

import asyncio
from dataclasses import replace

import pytest

from demo.storm.fleet import Fleet, muster
from demo.storm.journal import Acknowledged, Journal, Read, account
from demo.storm.raging import Plan, Storm, percentile
from demo.storm.table import closing_lines

LOG = b"\x01" * 16


def stored(count):
    return [
        Read(seq, bytes([seq]) * 16, bytes([seq]) * 32) for seq in range(1, count + 1)
    ]


def acknowledged(entries):
    return [Acknowledged(LOG, one.seq, one.idem, one.digest) for one in entries]


@pytest.fixture
def entries():
    return stored(5)


def test_what_stands_where_it_was_acknowledged_and_was_read_once_is_well(entries):
    told = account(acknowledged(entries), {LOG: entries}, [(LOG, [1, 2, 3, 4, 5])])
    assert told.ok
    assert (told.acknowledged, told.lost, told.twice) == (5, 0, 0)


def test_what_was_stored_and_never_acknowledged_is_well(entries):
    assert account(acknowledged(entries[:2]), {LOG: entries}, []).ok


def test_an_acknowledged_message_that_is_gone_is_lost(entries):
    told = account(acknowledged(entries), {LOG: entries[:-1]}, [])
    assert (told.lost, told.ok) == (1, False)


def test_an_acknowledged_message_at_another_place_is_lost(entries):
    moved = [*entries[:3], replace(entries[4], seq=4), replace(entries[3], seq=5)]
    assert account(acknowledged(entries), {LOG: moved}, []).lost == 2


def test_an_acknowledged_message_with_other_bytes_is_lost(entries):
    changed = [replace(entries[0], digest=bytes(32)), *entries[1:]]
    assert account(acknowledged(entries), {LOG: changed}, []).lost == 1


def test_a_message_that_is_stored_a_second_time_came_twice(entries):
    again = [*entries, replace(entries[0], seq=6)]
    assert account(acknowledged(entries), {LOG: again}, []).twice == 1


def test_a_gap_in_a_log_is_told(entries):
    told = account([], {LOG: [entries[0], entries[2]]}, [])
    assert told.wrong == [f"log {LOG.hex()[:8]} has a gap"]


@pytest.mark.parametrize(
    ("heard", "lost", "twice", "wrong"),
    [
        ([1, 2, 3, 4], 1, 0, 0),
        ([1, 2, 2, 3, 4, 5], 0, 1, 0),
        ([1, 3, 2, 4, 5], 0, 0, 1),
        ([], 5, 0, 0),
    ],
)
def test_what_a_reader_got_is_accounted_for(entries, heard, lost, twice, wrong):
    told = account([], {LOG: entries}, [(LOG, heard)])
    assert (told.lost, told.twice, len(told.wrong)) == (lost, twice, wrong)


def test_the_journal_is_in_its_file_as_well(tmp_path, entries):
    journal = Journal(tmp_path / "journal.jsonl")
    for one in acknowledged(entries):
        journal.note(one)
    journal.close()
    assert len((tmp_path / "journal.jsonl").read_text().splitlines()) == 5


def test_percentiles_are_values_that_were_there():
    assert [percentile([3.0, 1.0, 2.0], share) for share in (0.5, 0.99)] == [2.0, 3.0]
    assert percentile([], 0.5) == 0


def test_everybody_goes_to_a_relay_that_is_up(tmp_path):
    class Relay:
        def __init__(self, url):
            self.url, self.is_up = url, True

    relays = [Relay(name) for name in "abc"]
    journal = Journal(tmp_path / "journal.jsonl")
    journal.close()
    storm = Storm(Fleet(relays), Plan(1), journal)
    where = storm._where(0)
    assert [where(tries) for tries in range(4)] == ["a", "b", "c", "a"]
    relays[1].is_up = False
    assert [where(tries) for tries in range(3)] == ["a", "c", "c"]
    for relay in relays:
        relay.is_up = False
    assert where(1) == "b"


@pytest.mark.slow
def test_a_relay_on_sqlite_that_is_killed_under_load_keeps_every_word(tmp_path):
    fleet = muster(tmp_path, 1, 2)
    journal = Journal(tmp_path / "journal.jsonl")
    try:
        fleet.start()
        storm = Storm(fleet, Plan(6, pause=(0.5, 1.0)), journal)
        told = asyncio.run(storm.rage(lambda _: None))
    finally:
        fleet.end()
        journal.close()
    assert told.ok, closing_lines(storm, told)
    assert told.acknowledged > 50
    assert storm.gusts
    forged = [replace(one, digest=bytes(32)) for one in journal.acknowledged[:1]]
    logs = {chat.log_id: [] for chat in fleet.chats}
    assert account([*journal.acknowledged, *forged], logs, []).lost == 1 + len(
        journal.acknowledged
    )
