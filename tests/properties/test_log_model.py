"""A log against a model: any order of appends, repeats, races, refusals and undoing.

The model is a list. After every step the database holds exactly the model's entries,
and each generation's key reads exactly its own part of it.
"""

import secrets
import sqlite3
from contextlib import suppress

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)
from log_plane import Chat

from privity.relay import logs, reading, tokens
from privity.relay.config import LogSettings
from privity.relay.pace import CommitPace
from privity.relay.sequencer import ParentTaken, Sequencer
from privity.relay.stamps import StampKeys
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.wire.codes import Code, Refusal
from privity.wire.entry import NO_CHAIN, Header, Kind, chain
from privity.wire.frames import Cursor, Entry

UNPACED = LogSettings(commit_spacing_ms=0, commits_per_minute=10**9)
ALL = reading.Room(10**6, 10**9)
MINUTE = 30_000_000


class LogMachine(RuleBasedStateMachine):
    """One log; `parents` are (seq, generation) pairs that once began an epoch."""

    parents = Bundle("parents")
    appends = Bundle("appends")

    def __init__(self):
        super().__init__()
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        for statement in LOG_SCHEMA.statements:
            self.db.execute(statement)
        pace = CommitPace(UNPACED, lambda: 0.0)
        self.sequencer = Sequencer(StampKeys(secrets.token_bytes), pace)
        self.chat = Chat()
        self.model = []
        self.tip = (0, 0)
        self.closed = {}
        self.is_created = False

    @initialize(target=parents)
    def create(self):
        token = secrets.token_bytes(32)
        tokens.store(self.db, tokens.TokenKind.LOG, [token], 1)
        logs.create(self.db, self.chat.creation(token))
        self.is_created = True
        return (0, 0)

    @rule(
        target=appends, parent=parents, kind=st.sampled_from([Kind.APP, Kind.PROPOSAL])
    )
    def append(self, parent, kind):
        append = self._frame(self.chat.header(kind, *parent))
        self._append(append, parent)
        return append

    @rule(target=parents, parent=parents, opens=st.booleans())
    def commit(self, parent, opens):
        append = self.chat.opening(*parent)[0] if opens else self.chat.commit(*parent)
        stored = self._append(append, parent)
        if stored is None:
            return multiple()
        if opens:
            self.closed[parent[1]] = stored.seq
        self.tip = (stored.seq, stored.seq if opens else parent[1])
        return self.tip

    @rule(append=appends)
    def repeat(self, append):
        known = [seq for seq, it in enumerate(self.model, 1) if it == append]
        if known:
            stored = self._judge(append)
            assert (stored.seq, stored.is_repeat) == (known[0], True)

    @rule(parent=parents, wrong=st.integers(0, 40))
    def cross(self, parent, wrong):
        """Name a generation that is not the parent's."""
        if wrong == parent[1]:
            return
        append = self._frame(self.chat.header(Kind.APP, parent[0], wrong))
        with pytest.raises(Refusal) as caught:
            self._judge(append)
        assert caught.value.code is Code.WRONG_GENERATION

    @rule(parent=parents)
    def undo(self, parent):
        """A commit to disk fails: the step is undone and what it left is forgotten."""
        self.db.execute("BEGIN")
        with suppress(Refusal):
            self._judge(self._frame(self.chat.header(Kind.APP, *parent)))
        self.db.execute("ROLLBACK")
        self.sequencer.forget()

    @rule()
    def restart(self):
        self.sequencer.forget()

    @invariant()
    def the_database_is_the_model(self):
        rows = self.db.execute(
            "SELECT seq, header, envelope, chain FROM entries ORDER BY seq"
        ).fetchall()
        links = NO_CHAIN
        for seq, append in enumerate(self.model, 1):
            links = chain(links, append.header, append.envelope)
            assert rows[seq - 1] == (seq, append.header, append.envelope, links)
        assert len(rows) == len(self.model)

    @invariant()
    def a_key_reads_its_own_generation(self):
        for generation in {0, self.tip[1], *self.closed} if self.is_created else ():
            cursor = Cursor(self.chat.log_id, generation, generation)
            batch = reading.read(self.db, cursor, ALL)
            found = [
                msgspec.msgpack.decode(it.entry, type=Entry) for it in batch.entries
            ]
            end = self.closed.get(generation, len(self.model))
            assert [it.seq for it in found] == list(range(generation + 1, end + 1))
            stated = {Header.parse(it.header).generation for it in found}
            assert stated <= {generation}

    def teardown(self):
        self.db.close()

    def _frame(self, header):
        append = self.chat.app()
        return type(append)(0, header.encode(), secrets.token_bytes(20))

    def _judge(self, append):
        attempt = logs.check_attempt(logs.parse_header(append.header), append)
        return self.sequencer.append(self.db, attempt, MINUTE)

    def _append(self, append, parent):
        """Append under `parent`, as the model says it must go."""
        if parent != self.tip:
            with pytest.raises(ParentTaken):
                self._judge(append)
            return None
        stored = self._judge(append)
        self.model.append(append)
        assert stored.seq == len(self.model)
        return stored


LogMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None
)
test_a_log_is_its_model = LogMachine.TestCase
