"""A log against a model: any order of appends, repeats, races, refusals and undoing.

The model is a list and a tree. After every step the database holds exactly the model's
entries, and each generation's key reads exactly its own part of them.
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
from minted import minted

from privity.relay import logs, reading
from privity.relay.config import LogSettings
from privity.relay.pace import CommitPace
from privity.relay.sequencer import ParentTaken, Sequencer
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.tokens import TokenKind
from privity.wire.codes import Code, Refusal
from privity.wire.entry import NO_CHAIN, Header, Kind, chain, links
from privity.wire.frames import AnyEntry, Cursor, Entry

UNPACED = LogSettings(
    commit_spacing_ms=0, commits_per_minute=10**9, paid_commits_per_minute=10**9
)
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
        self.sequencer = Sequencer(secrets.token_bytes, pace)
        self.chat = Chat()
        self.model = []
        self.children = {0: []}
        self.last = {0: 0}
        self.tolls = set()
        self.is_created = False

    @initialize(target=parents)
    def create(self):
        token = minted(self.db, TokenKind.LOG)
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

    @rule(target=parents, parent=parents, opens=st.booleans(), pays=st.booleans())
    def commit(self, parent, opens, pays):
        append = self.chat.opening(*parent)[0] if opens else self.chat.commit(*parent)
        if pays:
            token = minted(self.db, TokenKind.CHILD)
            after = max(self.children[parent[0]], default=0)
            append = msgspec.structs.replace(append, token=token, after=after)
        stored = self._append(append, parent)
        if stored is None:
            return multiple()
        siblings = self.children[parent[0]]
        if siblings:
            self.tolls.add(parent[1])
        siblings.append(stored.seq)
        self.children[stored.seq] = []
        if opens:
            self.last[stored.seq] = stored.seq
            self.tolls |= {stored.seq} if parent[1] in self.tolls else set()
        return (stored.seq, stored.seq if opens else parent[1])

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
        value = NO_CHAIN
        for seq, append in enumerate(self.model, 1):
            value = chain(value, append.header, append.envelope)
            assert rows[seq - 1] == (seq, append.header, append.envelope, value)
        assert len(rows) == len(self.model)

    @invariant()
    def a_key_reads_its_own_generation(self):
        for generation, end in self.last.items() if self.is_created else ():
            cursor = Cursor(self.chat.log_id, generation, generation)
            batch = reading.read(self.db, cursor, ALL)
            found = [
                msgspec.msgpack.decode(it.entry, type=AnyEntry) for it in batch.entries
            ]
            assert batch.end == end
            assert [it.seq for it in found] == list(range(generation + 1, end + 1))
            for it in found:
                append = self.model[it.seq - 1]
                is_own = Header.parse(append.header).generation == generation
                assert isinstance(it, Entry) is is_own
                assert it.links == links(append.header, append.envelope)

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
        is_commit = Header.parse(append.header).kind is Kind.COMMIT
        children = self.children[parent[0]]
        if children and not append.token:
            with pytest.raises(ParentTaken) as taken:
                self._judge(append)
            assert list(taken.value.children) == children
            return None
        if is_commit and parent[1] in self.tolls and not append.token:
            with pytest.raises(Refusal) as refused:
                self._judge(append)
            assert refused.value.code is Code.TOKEN_NEEDED
            return None
        stored = self._judge(append)
        self.model.append(append)
        self.last[parent[1]] = stored.seq
        assert stored.seq == len(self.model)
        return stored


LogMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None
)
test_a_log_is_its_model = LogMachine.TestCase
