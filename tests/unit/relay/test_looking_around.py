"""Looking around asks for all at once, and finds what asking one by one would."""

import pytest
from log_plane import Chat
from minted import minted
from stores import KINDS, side

from privity.relay import logs, reading, tree
from privity.relay.logins import standing_of, standings
from privity.relay.mailboxes import with_mail
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.postgres.connection import PostgresConnection
from privity.relay.tokens import TokenKind
from privity.wire.codes import Refusal

NOBODY = bytes(16)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def journeys(monkeypatch):
    """Return what grows with each statement that goes to a server."""
    counted, perform = [], PostgresConnection._perform

    def counting(self, sql, parameters):
        counted.append(sql)
        return perform(self, sql, parameters)

    monkeypatch.setattr(PostgresConnection, "_perform", counting)
    return counted


def make_logs(db):
    """Make logs: one empty, one with a message, one whose generation was closed."""
    chats = [Chat(), Chat(), Chat()]
    for chat in chats:
        logs.create(db, chat.creation(minted(db, TokenKind.LOG)))
    for chat, stated in ((chats[1], 0), (chats[2], 0)):
        db.execute(
            "INSERT INTO handshakes (log_id, seq, minute, stamp_key, stamp, chain,"
            " header, envelope) VALUES (?, 1, 0, 0, ?, ?, ?, ?)",
            (
                chat.log_id,
                bytes(32),
                bytes([7]) * 32,
                chat.header(generation=stated).encode(),
                b"sealed",
            ),
        )
    tree.close_generation(db, chats[2].log_id, 0, 1)
    tree.open_generation(db, chats[2].log_id, 1, (bytes(32), bytes(32)))
    return chats


def add_device(db, account_id, device_id):
    db.execute(
        "INSERT INTO devices (account_id, device_id, login_key, login_value,"
        " mailbox_id) VALUES (?, ?, ?, ?, ?)",
        (account_id, device_id, account_id, b"v", device_id),
    )


def add_mail(db, mailbox_id, seq=1):
    db.execute(
        "INSERT INTO mailbox_entries (mailbox_id, seq, lane, body, day)"
        " VALUES (?, ?, 'contacts', ?, 0)",
        (mailbox_id, seq, b"sealed"),
    )


def one_by_one(db, place):
    try:
        found = reading.find_generation(db, *place)
    except Refusal:
        return None
    return reading.Reach(found.end, found.is_closed)


def test_many_generations_are_looked_at_in_one_journey(kind, journeys):
    with side(kind, LOG_SCHEMA) as db:
        chats = make_logs(db)
        places = [(chat.log_id, 0) for chat in chats]
        places += [(chats[2].log_id, 1), (chats[0].log_id, 5), (NOBODY, 0)]
        alone = [one_by_one(db, place) for place in places]
        journeys.clear()
        found = reading.reach_of(db, places)
        assert len(journeys) == (1 if kind == "postgres" else 0)
    assert found == alone
    assert [reach and reach.is_closed for reach in found] == [
        False, False, True, False, None, None,
    ]  # fmt: skip
    assert [reach.end for reach in found if reach] == [0, 1, 1, 1]


def test_many_sessions_are_looked_at_in_one_journey(kind, journeys):
    with side(kind, ACCOUNT_SCHEMA) as db:
        assert standings(db, []) == []
        add_device(db, b"a" * 16, b"1" * 16)
        add_device(db, b"b" * 16, b"2" * 16)
        devices = [(b"b" * 16, b"2" * 16), (NOBODY, NOBODY), (b"a" * 16, b"1" * 16)]
        journeys.clear()
        found = standings(db, devices)
        assert len(journeys) == (1 if kind == "postgres" else 0)
    assert found == [standing_of(b"b" * 16, b"v"), None, standing_of(b"a" * 16, b"v")]


def test_many_mailboxes_are_looked_at_in_one_journey(kind, journeys):
    with side(kind, ACCOUNT_SCHEMA) as db:
        boxes = [b"%016d" % number for number in range(3)]
        add_mail(db, boxes[1])
        add_mail(db, boxes[1], seq=2)
        journeys.clear()
        assert with_mail(db, boxes) == [boxes[1]]
        assert len(journeys) == (1 if kind == "postgres" else 0)
