"""A month of a town, drawn from a seed: who registers, chats, writes, invites whom.

Scripted are the people: when they act, with whom, how much, and the sealed bytes, which
are random bytes of the sizes that clients send. Who does what in a chat follows
`privity.core`: packages are claimed before the commit that adds, mail goes out behind
it, packages are refilled below eight, tokens are taken in batches of eight.
"""

import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from random import Random

from relay_clients import TestAccount, TestDevice

from privity.content.padding import padme_length
from privity.core.envelopes import seal_envelope
from privity.core.generations import Generation
from privity.core.packages import REFILL_BELOW, life_of_packages
from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.relay.tokens import TokenKind
from privity.wire import frames
from privity.wire.entry import NO_TAG, Header, Kind
from privity.wire.http import CreateLog
from privity.wire.limits import KEY_PACKAGES_ONE_TIME
from privity.wire.tokens import Token
from tests.seizure.relay_on_disk import DAY, RelayOnDisk

__all__ = ["CANARY", "DAYS", "ScriptedTown", "Sizes"]

FIRST_DAY = 20_000
"""Or one of the ninety behind it."""
DAYS = 30
HOUR = 3_600
SWEEP_SECONDS = 6 * HOUR
CLOSED = 0.4
"""How many close the lane of strangers."""
CANARY = b"the canary sings in plain words"
"""Stands in all that people write; `privity.core` seals it."""

Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Sizes:
    """How big a town is."""

    accounts: int = 30
    chats: int = 20
    messages: int = 5_000
    chats_of_the_last_day: int = 3


@dataclass
class Chat:
    """A log as its members know it."""

    log_id: bytes
    seed: bytes
    began: float
    members: list[int] = field(default_factory=list)
    ever: dict[int, float] = field(default_factory=dict)
    generation: int = 0
    parent: int = 0


class ScriptedTown:
    """The town of one seed; `live` runs its month, truth stands in `chats` then."""

    def __init__(self, relay: RelayOnDisk, seed: int, sizes: Sizes) -> None:
        self.relay = relay
        self.sizes = sizes
        self.random = Random(seed)
        self.accounts = [self._account() for _ in range(sizes.accounts)]
        self.chats: list[Chat] = []
        self._registered: list[int] = []
        self._renewed: dict[int, float] = {}
        self._resort: dict[int, float] = {}
        self._lanes = Random(seed + 1)
        self._doors: dict[int, list[bytes]] = {}
        """Of those whose lane is closed: of their links, and of who is to answer."""
        self._acts: list[tuple[float, int, Act]] = []
        self._numbers = itertools.count()

    async def live(self) -> None:
        """Perform all acts of the month in the order of their times."""
        begin = (FIRST_DAY + self.random.randrange(90)) * DAY
        self._plan(begin)
        while self._acts and self._acts[0][0] < begin + DAYS * DAY:
            at, _, act = heapq.heappop(self._acts)
            self.relay.now = max(self.relay.now, at)
            await act()

    async def rest(self) -> None:
        """Let the relay alone until all that happened is older than 24 hours."""
        end = self.relay.now + 2 * DAY
        while self.relay.now < end:
            self.relay.now += SWEEP_SECONDS
            await self.relay.sweep()

    def secrets(self) -> list[bytes]:
        """Return some of what no disk of a relay may hold."""
        keys = [CANARY, *(chat.seed for chat in self.chats[:10])]
        for one in self.accounts[:5]:
            keys += [one.identity_seed, one.mailbox_key, one.device.login_seed]
        unspent = itertools.chain.from_iterable(self.relay.unspent.values())
        nonces = [Token.decode(one).nonce for one in itertools.islice(unspent, 10)]
        return [*keys, *nonces]

    def members(self, since: float = 0.0) -> set[tuple[bytes, bytes]]:
        """Return (account id, log id) of all who were ever in a chat since then."""
        return {
            (self.accounts[number].account_id, chat.log_id)
            for chat in self.chats
            for number, joined in chat.ever.items()
            if joined >= since
        }

    def _plan(self, begin: float) -> None:
        draw, sizes = self.random, self.sizes
        self.relay.now = begin
        for tick in range(DAYS * DAY // SWEEP_SECONDS):
            self._at(begin + tick * SWEEP_SECONDS, self.relay.sweep)
        for number in range(sizes.accounts):
            late = draw.random() if number > sizes.accounts // 3 else 0.02 * number
            self._at(
                begin + HOUR + late * (DAYS - 10) * DAY,
                lambda number=number: self._register(number),
            )
        for number in range(sizes.chats):
            last = number < sizes.chats_of_the_last_day
            days = DAYS - 0.9 + 0.5 * draw.random() if last else draw.uniform(2, 29)
            share = draw.gammavariate(1, 1)
            self._at(
                begin + days * DAY,
                lambda share=share: self._begin_chat(share, begin + DAYS * DAY),
            )

    def _at(self, at: float, act: Act) -> None:
        heapq.heappush(self._acts, (at, next(self._numbers), act))

    def _account(self) -> TestAccount:
        draw = self.random.randbytes
        device = TestDevice(*(draw(size) for size in (16, 32, 32, 16)))
        return TestAccount(draw(16), draw(32), draw(32), devices=(device,))

    async def _register(self, number: int) -> None:
        handle = f"person-{number}-{self.random.randbytes(4).hex()}"
        has_handle = self.random.random() < 0.7
        await self.relay.register(self.accounts[number], handle if has_handle else "")
        self._registered.append(number)
        if self._lanes.random() < CLOSED:
            links = self._lanes.randrange(4)
            self._doors[number] = [self._lanes.randbytes(32) for _ in range(links)]
            await self._tell_lane(number)
        await self._visit(number)

    async def _tell_lane(self, number: int) -> None:
        doors = self._doors.get(number)
        if doors is not None:
            await self.relay.close_lane(self.accounts[number], doors)

    async def _expect(self, inviter: int) -> bytes:
        """Have a door for the answer to an invitation, where the lane is closed."""
        door = self._lanes.randbytes(32)
        self._doors.get(inviter, []).append(door)
        await self._tell_lane(inviter)
        return door

    async def _answered(self, inviter: int, door: bytes) -> None:
        if door in self._doors.get(inviter, []):
            self._doors[inviter].remove(door)
            await self._tell_lane(inviter)

    async def _visit(self, number: int) -> None:
        """Be online, and again in a day or so."""
        await self._come(number)
        self._later(lambda: self._visit(number), DAY)

    async def _come(self, number: int) -> None:
        """Be online: log in, read the mail, refill the packages."""
        relay, account, now = self.relay, self.accounts[number], self.relay.now
        if now - self._renewed.get(number, 0) < HOUR:
            return
        self._renewed[number] = now
        await relay.renew(account)
        await relay.empty_mailbox(account)
        left = await relay.packages_left(account)
        old = now - self._resort.get(number, 0) > 15 * DAY
        if left >= REFILL_BELOW and not old:
            return
        missing = KEY_PACKAGES_ONE_TIME - left if left < REFILL_BELOW else 0
        if old:
            self._resort[number] = now
        life = life_of_packages(int(now))
        packages = [self._package(life) for _ in range(missing)]
        await relay.publish(
            account, packages, self._package(life) if old else b"", life[1]
        )

    def _package(self, life: tuple[int, int]) -> bytes:
        """Return random bytes around a lifetime, as large as a hybrid key package."""
        times = b"".join(at.to_bytes(8, "big") for at in life)
        return self.random.randbytes(1_900) + times + self.random.randbytes(1_900)

    async def _begin_chat(self, share: float, end: float) -> None:
        draw, relay = self.random, self.relay
        creator = draw.choice(self._registered)
        await self._come(creator)
        chat = Chat(draw.randbytes(16), draw.randbytes(32), relay.now)
        keys = public_of(chat.seed), draw.randbytes(32)
        token = await relay.token(self.accounts[creator], TokenKind.LOG)
        checkpoint = self._sealed(700)
        await relay.create_log(CreateLog(chat.log_id, *keys, checkpoint, token))
        chat.members, chat.ever = [creator], {creator: relay.now}
        self.chats.append(chat)
        others = [one for one in self._registered if one != creator]
        size = min(len(others), draw.choice((1, 1, 2, 3, 4, 6, 8)))
        self._later(lambda: self._add(chat, draw.sample(others, size)), 90)
        for _ in range(draw.choice((0, 0, 1, 2))):
            at = draw.uniform(relay.now + HOUR, end)
            self._at(at, lambda: self._add_somebody(chat))
        if draw.random() < 0.3:
            at = draw.uniform(relay.now + HOUR, end)
            self._at(at, lambda: self._remove(chat))
        count = round(share * self.sizes.messages / self.sizes.chats)
        self._plan_messages(chat, max(5, count), end)

    def _plan_messages(self, chat: Chat, count: int, end: float) -> None:
        """Draw conversations: bursts of some minutes, spread over the chat's life."""
        draw, begin = self.random, self.relay.now + 300
        while count > 0:
            at = draw.uniform(begin, max(begin + HOUR, end))
            length = min(count, draw.randint(2, 24))
            count -= length
            for _ in range(length):
                at += draw.expovariate(1 / 40)
                self._at(at, lambda: self._write(chat))

    def _later(self, act: Act, seconds: float) -> None:
        self._at(self.relay.now + self.random.expovariate(1 / seconds) + 1, act)

    async def _add_somebody(self, chat: Chat) -> None:
        others = [one for one in self._registered if one not in chat.ever]
        if others:
            await self._add(chat, [self.random.choice(others)])

    async def _add(self, chat: Chat, others: list[int]) -> None:
        """Claim a package of each, commit with a Welcome, send the invitations."""
        relay, inviter = self.relay, self.random.choice(chat.members)
        await self._come(inviter)
        for other in others:
            await relay.claim(self.accounts[other])
        welcome = self._sealed(500 + 1_700 * len(others))
        envelope = self._sealed(1_200 + 2_100 * len(others))
        await self._commit(chat, envelope, welcome)
        for other in others:
            chat.members.append(other)
            chat.ever[other] = relay.now
            door = await self._expect(inviter)
            await relay.post(self.accounts[other], "contacts", chat.log_id)
            joining = partial(self._join, chat, (inviter, door), other)
            self._later(joining, 2 * HOUR)

    async def _join(self, chat: Chat, asked: tuple[int, bytes], other: int) -> None:
        """Answer the invitation of somebody; the answer is mail too."""
        inviter, door = asked
        await self._come(other)
        await self.relay.post(self.accounts[inviter], "contacts", chat.log_id)
        await self._answered(inviter, door)
        if self.random.random() < 0.3:
            stranger = self.random.choice(self._registered)
            token = await self.relay.token(self.accounts[other], TokenKind.REQUEST)
            await self.relay.spend(TokenKind.REQUEST, token)
            if stranger not in self._doors:
                to = self.accounts[stranger]
                await self.relay.post(to, "requests", chat.log_id)

    async def _remove(self, chat: Chat) -> None:
        if len(chat.members) < 3:
            return
        chat.members.remove(self.random.choice(chat.members))
        seed = self.random.randbytes(32)
        keys = {
            "opens": True,
            "next_access_pk": public_of(seed),
            "next_lobby_pk": self.random.randbytes(32),
        }
        await self._commit(chat, self._sealed(2_400), b"", keys, seed)

    async def _commit(
        self,
        chat: Chat,
        envelope: bytes,
        welcome: bytes,
        keys: dict[str, object] | None = None,
        seed: bytes = b"",
    ) -> None:
        self.relay.now += 5
        checkpoint = self._sealed(900 + 60 * len(chat.members))
        header = self._header(
            chat,
            Kind.COMMIT,
            welcome_hash=sha256(welcome).digest() if welcome else None,
            checkpoint_hash=sha256(checkpoint).digest(),
            **(keys or {}),
        )
        body = header.encode()
        signature = sign_with_label(seed, labels.OPENING, body) if seed else b""
        frame = frames.Append(0, body, envelope, welcome, checkpoint, signature)
        chat.parent = await self.relay.append(header, frame)
        if seed:
            chat.generation = chat.parent

    async def _write(self, chat: Chat) -> None:
        """Write a message; one of thirty brings a file."""
        draw, author = self.random, self.random.choice(chat.members)
        await self._come(author)
        if draw.random() < 1 / 30:
            token = await self.relay.token(self.accounts[author], TokenKind.BLOB)
            size = padme_length(int(draw.lognormvariate(9, 1)) + 100)
            await self.relay.upload(draw.randbytes(16), draw.randbytes(size), token)
        words = CANARY + draw.randbytes(150 + int(draw.lognormvariate(4, 1)))
        self.relay.overhear(CANARY)
        header = self._header(chat, Kind.APP)
        body, keys = header.encode(), Generation(chat.seed)
        envelope = seal_envelope(keys, body, words, draw.randbytes(32))
        await self.relay.append(header, frames.Append(0, body, envelope))

    def _sealed(self, size: int) -> bytes:
        return self.random.randbytes(32 + padme_length(size) + 16)

    def _header(self, chat: Chat, kind: Kind, **changes: object) -> Header:
        draw = self.random.randbytes
        own = {
            "version": 1,
            "log_id": chat.log_id,
            "kind": kind,
            "parent": chat.parent,
            "generation": chat.generation,
            "idem": draw(16),
            "tag": draw(32) if kind is Kind.APP else NO_TAG,
            "opens": False,
            "next_access_pk": None,
            "next_lobby_pk": None,
            "welcome_hash": None,
            "checkpoint_hash": None,
        }
        return Header(**(own | changes))
