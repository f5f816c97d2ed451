import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privity.errors import UsageError
from privity.identity.recovery import (
    RecoveryKeyError,
    RecoveryKeyProblem,
    ask_back,
    check_answer,
    new_recovery_key,
    parse_recovery_key,
    render_recovery_key,
)
from privity.identity.secret import Secret

KEYS = st.binary(min_size=32, max_size=32).map(Secret)


def problem_of(text):
    with pytest.raises(RecoveryKeyError) as caught:
        parse_recovery_key(text)
    return caught.value.problem, caught.value.group


@given(KEYS)
def test_a_recovery_key_reads_back_however_it_is_typed(key):
    text = render_recovery_key(key)
    assert parse_recovery_key(text) == key
    assert parse_recovery_key(text.lower().replace("-", " ")) == key
    assert parse_recovery_key(text.replace("O", "0").replace("B", "8")) == key


def test_a_new_key_is_fourteen_groups_of_four(random):
    text = render_recovery_key(new_recovery_key(random))
    assert [len(group) for group in text.split("-")] == [4] * 14


@settings(max_examples=30)  # naming the group tries each other letter
@given(KEYS, st.integers(0, 55), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_any_single_wrong_letter_is_found_with_its_group(key, at, letter):
    right = render_recovery_key(key).replace("-", "")
    wrong = right[:at] + letter + right[at + 1 :]
    if wrong == right:
        return
    problem, group = problem_of(wrong)
    assert problem is RecoveryKeyProblem.CHECK
    # Of some ten thousand keys one has two letters that would do: none is named then.
    assert group in (at // 4 + 1, 0)


def test_the_group_of_a_wrong_letter_is_named():
    right = render_recovery_key(Secret(bytes(range(32)))).replace("-", "")
    for at in range(0, 56, 5):
        wrong = right[:at] + ("B" if right[at] == "A" else "A") + right[at + 1 :]
        assert problem_of(wrong) == (RecoveryKeyProblem.CHECK, at // 4 + 1)


@settings(max_examples=30)  # naming the group tries each other letter
@given(KEYS, st.integers(0, 54))
def test_two_swapped_letters_are_found(key, at):
    right = render_recovery_key(key).replace("-", "")
    wrong = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    if wrong != right:
        assert problem_of(wrong)[0] is RecoveryKeyProblem.CHECK


@given(KEYS)
def test_ones_are_read_as_the_letter_that_the_checksum_wants(key):
    text = render_recovery_key(key)
    text = text.replace("I", "1", 2).replace("L", "1", 2)
    assert parse_recovery_key(text) == key


def test_too_many_ones_are_not_guessed():
    assert problem_of("1" * 56)[0] is RecoveryKeyProblem.LETTER


@pytest.mark.parametrize("text", ["", "ABCD", "A" * 55, "A" * 57])
def test_a_key_of_another_length_is_refused(text):
    assert problem_of(text)[0] is RecoveryKeyProblem.LENGTH


def test_a_letter_outside_the_alphabet_is_named_by_its_group():
    assert problem_of("AAAA AA9A" + "A" * 48) == (RecoveryKeyProblem.LETTER, 2)


def test_asking_back_names_different_groups_in_order(random):
    for _ in range(50):
        asked = ask_back(random)
        assert asked == tuple(sorted(set(asked)))
        assert set(asked) <= set(range(1, 15))
        assert len(asked) == 3


@given(KEYS)
def test_the_right_groups_are_accepted(key):
    groups = render_recovery_key(key).split("-")
    check_answer(key, {n: f" {groups[n - 1].lower()} " for n in (1, 7, 14)})


def test_a_wrong_group_is_named():
    key = Secret(bytes(range(32)))
    groups = render_recovery_key(key).split("-")
    with pytest.raises(RecoveryKeyError) as caught:
        check_answer(key, {1: groups[0], 5: groups[5]})
    assert caught.value.group == 5
    assert caught.value.problem is RecoveryKeyProblem.ANSWER


@pytest.mark.parametrize("answer", [{}, {0: "AAAA"}, {15: "AAAA"}])
def test_an_answer_to_no_group_is_our_own_fault(answer):
    with pytest.raises(UsageError):
        check_answer(Secret(bytes(32)), answer)


@pytest.mark.parametrize("count", [0, 15])
def test_asking_for_no_or_too_many_groups_is_our_own_fault(random, count):
    with pytest.raises(UsageError):
        ask_back(random, count)


def test_a_key_of_another_size_is_our_own_fault():
    with pytest.raises(UsageError):
        render_recovery_key(Secret(bytes(31)))
