"""The judgement on a run of real processes finds what was done to its reports."""

import copy

import pytest

from tests.chaos.verdict import AGREE, LOST, ORDER, READ, REST, TWICE, Place, broken

CHAT = "ab" * 16
ACCOUNTS = {"Ana": "0a", "Ben": "0b", "Cem": "0c"}
PLACE = Place(CHAT, ("Ana", "Ben"), ("Cem",))
KEPT = {("Ana", CHAT): 3, ("Ben", CHAT): 1}


def said(seq, name, number, state="received"):
    return [seq, ACCOUNTS[name], f"{name} {CHAT[:8]} {number}", state]


def chat():
    """Cem is in from 4 until 7, and what he said last could not leave."""
    return {
        "status": "active",
        "cause": "",
        "cursor": 9,
        "chain": "cc",
        "authenticator": "aa",
        "waiting": 0,
        "said": [
            said(2, "Ana", 1),
            said(5, "Ana", 2),
            said(6, "Cem", 1),
            said(8, "Ben", 1),
            said(9, "Ana", 3),
        ],
        "lines": [[4, "added", "0c"], [7, "removed", "0c"]],
    }


@pytest.fixture
def reports():
    made = {name: {"account": ACCOUNTS[name], "chats": {}} for name in ACCOUNTS}
    for name in PLACE.residents:
        made[name]["chats"][CHAT] = chat()
    guest = chat() | {"status": "removed", "lines": []}
    guest["said"] = [*guest["said"][1:3], said(0, "Cem", 2, "failed")]
    made["Cem"]["chats"][CHAT] = guest
    return made


def promises(reports, kept=KEPT):
    return {promise for promise, _ in broken([PLACE], kept, reports)}


def test_a_run_in_which_all_is_well_breaks_nothing(reports):
    assert promises(reports) == set()


def test_one_message_that_one_lacks_is_lost(reports):
    del reports["Ben"]["chats"][CHAT]["said"][1]
    assert promises(reports) == {LOST}


def test_a_message_that_all_lack_is_lost_by_the_journal_alone(reports):
    for name in PLACE.residents:
        del reports[name]["chats"][CHAT]["said"][-1]
    assert promises(reports) == {LOST}


def test_a_journal_that_lacks_a_line_knows_of_no_loss(reports):
    """Why the journal is this side's: what is not in it can't be missed."""
    for name in PLACE.residents:
        del reports[name]["chats"][CHAT]["said"][-1]
    assert promises(reports, KEPT | {("Ana", CHAT): 2}) == set()


def test_a_message_that_all_have_twice_is_found(reports):
    for name in PLACE.residents:
        reports[name]["chats"][CHAT]["said"].append(said(10, "Ana", 3))
    assert promises(reports) == {TWICE}


def test_two_orders_are_found(reports):
    heard = reports["Ben"]["chats"][CHAT]["said"]
    heard[3][2], heard[4][2] = heard[4][2], heard[3][2]
    heard[3][1], heard[4][1] = heard[4][1], heard[3][1]
    assert ORDER in promises(reports)


def test_an_order_that_was_not_the_speakers_is_found_where_all_share_it(reports):
    for name in PLACE.residents:
        heard = reports[name]["chats"][CHAT]["said"]
        heard[0][2], heard[1][2] = heard[1][2], heard[0][2]
    assert ORDER in promises(reports)


@pytest.mark.parametrize("what", ["cursor", "chain", "authenticator"])
def test_members_that_are_not_in_one_place_are_found(reports, what):
    reports["Ben"]["chats"][CHAT][what] = "other"
    assert promises(reports) == {AGREE}


def test_a_resident_that_can_not_go_on_is_found(reports):
    reports["Ben"]["chats"][CHAT]["status"] = "stuck"
    assert promises(reports) == {AGREE}


def test_a_gap_that_somebody_was_told_of_is_found(reports):
    reports["Ben"]["chats"][CHAT]["lines"].append([5, "gap", ""])
    assert promises(reports) == {READ}


def test_words_of_somebody_else_are_found(reports):
    for name in PLACE.residents:
        reports[name]["chats"][CHAT]["said"][3][1] = ACCOUNTS["Ana"]
    assert READ in promises(reports)


def test_what_still_waits_is_found(reports):
    reports["Ana"]["chats"][CHAT]["waiting"] = 1
    assert promises(reports) == {REST}


def test_a_guest_that_reads_what_was_said_after_its_removal_is_found(reports):
    reports["Cem"]["chats"][CHAT]["said"].insert(2, said(8, "Ben", 1))
    assert promises(reports) == {READ}


def test_a_guest_that_lacks_what_was_said_in_its_time_is_found(reports):
    changed = copy.deepcopy(reports)
    del changed["Cem"]["chats"][CHAT]["said"][0]
    assert promises(changed) == {LOST}
