"""Reports of what was delivered and read: read strictly, never in silence."""

import cbor2
import pytest

from privity.content import limits, mimi
from privity.content.mimi import MimiContent, Report, Reported, Status, Unknown, read
from privity.content.parts import SinglePart
from privity.content.status import CONTENT_TYPE
from privity.errors import UsageError

ID = b"\x01" + b"i" * 31


def said(here, data, **changes):
    content = mimi.report(here, Reported(ID, Status.READ))
    part = SinglePart(0, "", CONTENT_TYPE, cbor2.dumps(data, canonical=True))
    fields = {name: getattr(content, name) for name in ("salt", "sender", "room")}
    made = MimiContent(**fields, body=part, **changes)
    return read(MimiContent.decode(made.encode()))


def test_a_report_says_what_was_meant(here):
    reported = (Reported(ID, Status.READ), Reported(b"\x01" * 32, Status.DELIVERED))
    content = mimi.report(here, *reported)
    assert read(MimiContent.decode(content.encode())) == Report(reported)
    assert cbor2.loads(content.body.content) == [[ID, 2], [b"\x01" * 32, 1]]


def test_the_longest_report_fits_a_message(here):
    reported = [Reported(ID, Status.READ)] * limits.REPORTED
    assert len(mimi.report(here, *reported).encode()) < 40 * 1024
    with pytest.raises(UsageError):
        mimi.report(here, *reported, reported[0])


def test_a_report_reports_something(here):
    with pytest.raises(UsageError):
        mimi.report(here)


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        [[ID, 7]],
        [[ID, -1]],
        [[ID, True]],
        [[ID]],
        [[ID, 1, 1]],
        [[ID[:-1], 1]],
        [[b"\x02" + ID[1:], 1]],
        [["x", 1]],
    ],
)
def test_a_report_that_is_none_is_shown_as_not_understood(here, data):
    assert isinstance(said(here, data), Unknown)


@pytest.mark.parametrize("field", ["replaces", "in_reply_to"])
def test_a_report_neither_replaces_nor_answers(here, field):
    assert isinstance(said(here, [[ID, 1]], **{field: ID}), Unknown)
