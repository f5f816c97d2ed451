from dataclasses import replace

import pytest

from privity.errors import DecodeError, UsageError
from privity.identity.safety_number import (
    QR_PREFIX,
    AccountKey,
    Mismatch,
    VerificationCode,
    check_scanned,
    parse_qr,
    render_qr,
    safety_number,
)
from privity.identity.text import to_base64url

ANA = AccountKey(b"a" * 16, b"A" * 32)
BEN = AccountKey(b"b" * 16, b"B" * 32)


def test_both_people_see_the_same_sixty_digits():
    number = safety_number(ANA, BEN)
    assert number == safety_number(BEN, ANA)
    assert len(number) == 12
    assert all(len(group) == 5 and group.isdigit() for group in number)


@pytest.mark.parametrize(
    "other", [replace(BEN, identity_key=b"C" * 32), replace(BEN, account_id=b"c" * 16)]
)
def test_another_key_or_account_changes_every_group_of_its_half_only(other):
    before, after = safety_number(ANA, BEN), safety_number(ANA, other)
    assert before[:6] == after[:6]
    assert all(one != two for one, two in zip(before[6:], after[6:], strict=True))


def test_the_half_of_the_lower_account_id_comes_first_whatever_the_keys():
    low, high = safety_number(ANA, BEN)[:6], safety_number(ANA, BEN)[6:]
    before = replace(BEN, account_id=bytes(16))
    assert safety_number(ANA, before)[6:] == low
    after = replace(ANA, account_id=b"c" * 16)
    assert safety_number(BEN, after)[:6] == high
    swapped = replace(ANA, identity_key=b"Z" * 32)
    assert safety_number(swapped, BEN)[6:] == high


def test_two_accounts_with_one_identity_key_have_different_halves():
    number = safety_number(ANA, replace(BEN, identity_key=ANA.identity_key))
    assert all(one != two for one, two in zip(number[:6], number[6:], strict=True))


def test_false_keys_on_both_sides_leave_each_person_their_own_half():
    false = b"M" * 32
    hers = safety_number(ANA, replace(BEN, identity_key=false))
    his = safety_number(replace(ANA, identity_key=false), BEN)
    real = safety_number(ANA, BEN)
    assert hers[:6] == real[:6] != his[:6]
    assert his[6:] == real[6:] != hers[6:]


def test_one_account_has_no_safety_number_with_itself():
    with pytest.raises(UsageError):
        safety_number(ANA, replace(ANA, identity_key=b"B" * 32))


def test_a_scanned_code_confirms_the_person_who_shows_it():
    code = parse_qr(f" {render_qr(BEN, ANA, b'head')} ")
    assert code.log_head == b"head"
    check_scanned(code, me=ANA, contact=BEN)


@pytest.mark.parametrize(
    ("mine", "yours", "mismatch"),
    [
        (replace(BEN, account_id=b"c" * 16), ANA, Mismatch.OTHER_PERSON),
        (BEN, replace(ANA, account_id=b"c" * 16), Mismatch.OTHER_READER),
        (replace(BEN, identity_key=b"C" * 32), ANA, Mismatch.THEIR_KEY),
        (BEN, replace(ANA, identity_key=b"C" * 32), Mismatch.YOUR_KEY),
    ],
)
def test_a_code_that_does_not_fit_is_rejected_by_name(rejects, mine, yours, mismatch):
    with rejects(mismatch):
        check_scanned(parse_qr(render_qr(mine, yours)), me=ANA, contact=BEN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "privity:1#AA",
        QR_PREFIX,
        QR_PREFIX + "AA",
        QR_PREFIX + "A" * 1024,
        QR_PREFIX + to_base64url(VerificationCode(2, ANA, BEN, b"").encode()),
    ],
)
def test_a_text_that_is_no_code_is_refused(text):
    with pytest.raises(DecodeError):
        parse_qr(text)
