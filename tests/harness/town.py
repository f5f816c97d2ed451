"""A town in one process: the real engine, the relay's real steps, virtual time.

Nothing is imitated but the network and the disk: a request is a call of the relay's own
step on an in-memory SQLite, a `Save` rows to start again from.
"""

import random as random_module
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from kept_rows import keep
from purse import Purse
from recalling import recall
from shelf import Shelf
from town_heads import announced
from town_lobby import ask_lobby
from town_logins import let_in
from town_mail import post, set_up
from town_walks import rejoin_walk, walked

from privity.content.build import origin, text_message
from privity.content.mimi import MimiContent
from privity.content.view import Reply, Text, read
from privity.core import accounts, engine
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.effects import (
    AckMailbox,
    Delete,
    Follow,
    Forget,
    ForgetMessages,
    Kind,
    MessageRow,
    Put,
    PutMessage,
    Recall,
    Save,
    Send,
    Show,
    Unfollow,
    Wake,
)
from privity.core.lobby_calls import LobbyRequest
from privity.core.state import State
from privity.core.step import Context
from privity.identity.links import RelayAddress
from privity.relay import accounts as relay_accounts
from privity.relay import key_packages, logs, mailboxes, reading, tokens
from privity.relay.config import LogSettings
from privity.relay.heads import Heads
from privity.relay.pace import CommitPace
from privity.relay.sequencer import Sequencer
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.wire import frames, http
from privity.wire.codes import Code, Refusal

__all__ = ["HOST", "Killed", "Person", "Town"]

HOST = "town.example"
START_MS = 1_790_000_000_000


def _database(schema: Any) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in schema.statements:
        connection.execute(statement)
    return connection


class Killed(Exception):
    """A person's process was killed between two effects."""


class Town:
    """A relay and the people who use it.

    `kill_at` counts effects of everybody from 0: in front of that one, the process
    that performs it is killed, and started again from its disk.
    """

    def __init__(self, seed: int = 1) -> None:
        self.random = random_module.Random(seed)
        self.now_ms = START_MS
        self.accounts = _database(ACCOUNT_SCHEMA)
        self.logs = _database(LOG_SCHEMA)
        self.sequencer = Sequencer(
            self.random.randbytes,
            CommitPace(LogSettings(), lambda: self.now_ms / 1_000),
        )
        self.rung: list[tuple[bytes, list[int]]] = []
        self.letters: dict[bytes, dict[int, tuple[str, bytes]]] = {}
        self.shelf = Shelf(self.logs)
        self.heads = Heads(bytes(range(32)), HOST, lambda: self.now_ms // 60_000)
        self.people: list[Person] = []
        self.wakes: list[int] = []
        self.logins: dict[tuple[bytes, bytes], int] = {}
        self.effects = 0
        self.kill_at = -1

    def effect(self) -> None:
        """Count an effect; raises Killed where one is to be killed."""
        self.effects += 1
        if self.effects - 1 == self.kill_at:
            raise Killed

    def person(self, name: str, handle: str = "") -> "Person":
        """Register a new account and log it in."""
        address = RelayAddress(HOST.encode(), b"http://localhost", b"")
        full = f"{handle}@{HOST}" if handle else ""
        made = accounts.new_account(address, full, name, self.context())
        body = accounts.register_body(made.account, bytes(32), "", bytes(32))
        registration = relay_accounts.verify_registration(HOST, body)
        relay_accounts.register(
            self.accounts, registration, self.now_ms // 1000, is_open=True
        )
        person = Person(self, State(account=made.account))
        for write in made.writes:
            person.write(write)
        self.people.append(person)
        person.connect()
        return person

    def context(self, clock_ms: int = 0) -> Context:
        """Return what a step may know now, by a clock that goes wrong by so much."""
        return Context(self.now_ms + clock_ms, self.random.randbytes)

    def run(self, *, seconds: float = 30) -> None:
        """Let everybody act until nothing happens any more, or time is up."""
        end = self.now_ms + int(seconds * 1000)
        while True:
            while self._ring() or sum(p.act_alive() for p in self.people):
                pass
            due = [at for at in self.wakes if at > self.now_ms]
            if not due or min(due) > end:
                return
            self.now_ms = min(due)
            self.wakes = [at for at in self.wakes if at > self.now_ms]
            for person in self.people:
                if person.online:
                    with suppress(Killed):
                        person.take(i.Tick())

    def _ring(self) -> bool:
        """Tell all who follow a log of the pleas that came beside it."""
        if not self.rung:
            return False
        log_id, generations = self.rung.pop(0)
        for person in self.people:
            follows = person.following.get(log_id)
            hears = follows is not None and follows.generation in generations
            if hears and person.online:
                with suppress(Killed):
                    person.take(i.PleaRings(log_id))
        return True


@dataclass
class Person:
    """One account on one device: its engine, its disk, its connection."""

    town: Town
    state: State
    disk: dict[tuple[Kind, bytes], bytes] = field(default_factory=dict)
    rows: dict[tuple[bytes, bytes], MessageRow] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    requests: list[Send] = field(default_factory=list)
    following: dict[bytes, Follow] = field(default_factory=dict)
    announced: list[Follow] = field(default_factory=list)
    cursors: dict[bytes, int] = field(default_factory=dict)
    sent_frames: list[frames.Append] = field(default_factory=list)
    refused: dict[bytes, bool] = field(default_factory=dict)
    mailbox_seen: int = 0
    login: int = 0
    """The login value, for which a number does here."""
    clock_ms: int = 0
    """How much the own clock is ahead."""
    room: int = 16
    """How many entries come at once."""
    online: bool = False

    def __post_init__(self) -> None:
        """Begin without tokens."""
        self.purse = Purse(self.town, (self.id, self.state.account.device_id))

    @property
    def id(self) -> bytes:
        """The account id."""
        return self.state.account.account_id

    def take(self, event: i.Input) -> Any:
        """Step, save, and note what is to be done; returns a command's result."""
        step = engine.step(self.state, event, self.town.context(self.clock_ms))
        self.state = step.state
        try:
            for effect in step.effects:
                self.town.effect()
                self._perform(effect)
            # The relay says where a log ends when all that the step sends is sent.
            while self.announced:
                self._announce(self.announced.pop(0))
        except Killed:
            self.crash()
            self.connect()
            raise
        return step.result

    def connect(self) -> None:
        """Log in; who is refused as an old copy may come back, or stays offline."""
        if not let_in(self):
            return
        self.online = True
        device, now = (self.id, self.state.account.device_id), self.town.now_ms // 1000
        counts = key_packages.count_one_time(self.town.accounts, device, now)
        self.take(i.Connected(counts, self.town.heads.public))

    def disconnect(self) -> None:
        """Lose the connection, and every answer that is under way."""
        self.online = False
        self.requests.clear()
        self.following.clear()
        self.announced.clear()
        self.refused.clear()
        self.mailbox_seen = 0
        self.take(i.Disconnected())

    def crash(self) -> None:
        """Forget everything but the disk, and start again from it."""
        self.online = False
        self.requests.clear()
        self.following.clear()
        self.announced.clear()
        self.refused.clear()
        self.mailbox_seen = 0
        self.state = engine.load(
            (kind, key, body) for (kind, key), body in self.disk.items()
        )
        self.purse.keep_only(self.state.jobs)

    def write(self, write: Any) -> None:
        """Perform one write of a Save."""
        match write:
            case Put():
                self.disk[write.kind, write.id] = write.body
            case Delete():
                self.disk.pop((write.kind, write.id), None)
            case PutMessage():
                keep(self.rows, write.row)
            case ForgetMessages():
                for key in [k for k in self.rows if k[0] == write.chat_id]:
                    del self.rows[key]
            case Forget():
                self.rows.pop((write.chat_id, write.idem), None)

    def _perform(self, effect: Any) -> None:
        match effect:
            case Save():
                for write in effect.writes:
                    self.write(write)
            case Send():
                self.requests.append(effect)
            case Follow():
                self.following[effect.log_id] = effect
                self.cursors[effect.log_id] = effect.after
                self.announced.append(effect)
            case Unfollow():
                self.following.pop(effect.log_id, None)
            case AckMailbox():
                mailboxes.acknowledge(
                    self.town.accounts, self.state.account.mailbox_id, effect.upto
                )
            case Recall():
                rows = recall(self.messages(effect.chat_id), effect)
                self.take(i.Recalled(effect.ask_id, rows))
            case Wake():
                at_ms = effect.at_ms - self.clock_ms
                self.town.wakes.append(max(at_ms, self.town.now_ms + 1))
            case Show():
                self.events.append(effect.event)

    def _announce(self, follow: Follow) -> None:
        for told in announced(self.town.logs, self.town.heads, follow):
            if isinstance(told, i.FollowRefused):
                self.following.pop(follow.log_id, None)
            self.take(told)

    def act_alive(self) -> bool:
        """Do one thing that is due, or be killed while doing it."""
        try:
            return self.act()
        except Killed:
            return True

    def act(self) -> bool:
        """Do one thing that is due; tells whether there was one."""
        if not self.online:
            return False
        return self._request() or self._mailbox() or self._log()

    def _request(self) -> bool:
        if not self.requests:
            return False
        send = self.requests.pop(0)
        self.purse.job = send.job
        answer = self.perform(send.request)
        self.purse.job = 0
        self.take(i.Answered(send.job, answer))
        self.purse.keep_only(self.state.jobs)
        return True

    def _mailbox(self) -> bool:
        mailbox_id = self.state.account.mailbox_id
        found = mailboxes.read(self.town.accounts, mailbox_id, self.mailbox_seen, 1)
        for entry in found:
            self.mailbox_seen = entry.seq
            self.take(i.MailboxArrived(entry))
        return bool(found)

    def _log(self) -> bool:
        for log_id, follow in list(self.following.items()):
            batch = self.read(log_id, follow.generation, self.cursors[log_id])
            if batch.entries:
                self.cursors[log_id] = batch.entries[-1].seq
                self.take(i.EntriesArrived(batch))
                return True
        return False

    def read(self, log_id: bytes, generation: int, after: int) -> frames.Entries:
        """Read a log as the relay serves it."""
        cursor = frames.Cursor(log_id, generation, after)
        batch = reading.read(self.town.logs, cursor, reading.Room(self.room, 1 << 20))
        decode = msgspec.msgpack.Decoder(frames.AnyEntry).decode
        entries = [decode(placed.entry) for placed in batch.entries]
        before = batch.entries[0].before if batch.entries else bytes(32)
        chain = batch.entries[-1].chain if batch.entries else bytes(32)
        seq = after + len(entries)
        head = self.town.heads.sign(log_id, seq, chain) if entries else b""
        span = (before, chain, batch.end, head)
        return frames.Entries(log_id, generation, entries, *span)

    def perform(self, request: r.Request) -> r.Answer:
        """Ask the relay's own code."""
        try:
            if isinstance(request, r.RejoinWalk):
                return rejoin_walk(self, HOST, request)
            if isinstance(request, LobbyRequest):
                pleads = isinstance(request, r.PostPlea)
                token = self.purse.token(tokens.TokenKind.PLEA) if pleads else b""
                return ask_lobby(self.town, HOST, request, token)
            return self._ask(request)
        except Refusal as refusal:
            return r.Refused(refusal.code.value, refusal.detail, refusal.wait_ms)

    def _ask(self, request: r.Request) -> r.Answer:
        town, now = self.town, self.town.now_ms // 1000
        me = (self.id, self.state.account.device_id)
        match request:
            case r.CreateLog():
                body = http.CreateLog(
                    request.log_id,
                    request.access_pk,
                    request.lobby_pk,
                    request.checkpoint,
                    self.purse.token(tokens.TokenKind.LOG),
                )
                logs.create(town.logs, body)
            case r.AppendEntry():
                return self._append(request)
            case r.FetchBlob():
                return r.Fetched(town.shelf.read(request.blob_id))
            case r.PostSealed():
                post(town, request)
            case r.ClaimPackages():
                claim = http.Claim(
                    request.account_id, request.suite, request.mailbox_key
                )
                stranger = not request.mailbox_key
                taken = key_packages.claim(
                    town.accounts, claim, now, is_stranger=stranger
                )
                packages = tuple((p.device_id, p.package) for p in taken.packages)
                return r.Claimed(taken.device_list, packages)
            case r.FindAccount():
                found = relay_accounts.account_of_handle(town.accounts, request.handle)
                entry = relay_accounts.directory(town.accounts, found)
                return r.Found(entry.account_id, entry.device_list)
            case r.JoinWalk():
                return self._walk(request)
            case r.PublishPackages():
                publish = http.PublishKeyPackages(
                    request.suite,
                    list(request.packages),
                    request.not_after,
                    request.last_resort,
                )
                key_packages.publish(town.accounts, me, publish, now)
            case r.SetMailboxKey() | r.SetRequestsLane():
                set_up(town, self.id, request)
        return r.Done()

    def _append(self, request: r.AppendEntry) -> r.Answer:
        self.town.shelf.take(request, self.town.now_ms // 86_400_000)
        token = self.purse.token(tokens.TokenKind.CHILD) if request.paid else b""
        if self.refused.get(request.log_id) and not request.resume:
            raise Refusal(Code.AFTER_REFUSED)
        frame = frames.Append(
            0,
            request.header,
            request.envelope,
            request.welcome,
            request.checkpoint,
            request.signature,
            request.resume,
            token,
            request.after,
        )
        self.sent_frames.append(frame)
        self.refused[request.log_id] = True
        attempt = logs.check_attempt(logs.parse_header(frame.header), frame)
        minute = self.town.now_ms // 60_000
        stored = self.town.sequencer.append(self.town.logs, attempt, minute)
        self.refused[request.log_id] = False
        return r.Appended(
            stored.seq,
            stored.minute,
            stored.stamp_key,
            stored.stamp,
            stored.digest,
            stored.chain,
            self.town.heads.sign(attempt.header.log_id, stored.seq, stored.chain),
        )

    def _walk(self, request: r.JoinWalk) -> r.Answer:
        def fetch(seq: int, part: str) -> bytes:
            asked = frames.Fetch(0, request.log_id, request.generation, seq, part)
            return reading.part(self.town.logs, asked)

        entries, before, at = [], b"", request.after
        while at < request.commit_seq:
            batch = self.read(request.log_id, request.generation, at)
            if not batch.entries:
                raise Refusal(Code.GONE, "this log is shorter")
            before = before or batch.before
            entries += [e for e in batch.entries if e.seq <= request.commit_seq]
            at = batch.entries[-1].seq
        found = r.Walked(
            fetch(request.checkpoint_seq, "checkpoint"),
            tuple(walked(e) for e in entries),
            before,
            fetch(request.commit_seq, "welcome"),
        )
        return self.town.shelf.walked(request, found)

    def messages(self, chat_id: bytes) -> list[MessageRow]:
        """Return a chat's messages and lines in the order of the log."""
        found = [row for row in self.rows.values() if row.chat_id == chat_id]
        return sorted(found, key=lambda m: (m.seq == 0, m.seq, m.order))

    def texts(self, chat_id: bytes) -> list[str]:
        """Return the texts of a chat in the order of the log."""
        found = []
        for row in self.messages(chat_id):
            if row.state.value != "line":
                view = read(MimiContent.decode(row.content))
                if isinstance(view, Text | Reply):
                    found.append(view.text)
        return found

    def say(self, chat_id: bytes, text: str) -> bytes:
        """Send a text."""
        where = origin(self.id, chat_id, self.town.random.randbytes)
        content = text_message(where, text, plain=True).encode()
        return self.take(i.SendContent(chat_id, content))
