"""The relay's own code on its own stores, by a clock that somebody sets.

Every row is written by the steps that the calls of docs/spec/http.md perform, through
the real stores; sockets, HTTP and sessions are left out, since they store nothing.
"""

from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from pathlib import Path
from random import Random

from relay_clients import TestAccount

from privity.client.blinding import Blinding
from privity.relay import (
    accounts,
    blobs,
    key_packages,
    lanes,
    logins,
    logs,
    mailboxes,
    tokens,
)
from privity.relay.config import Config
from privity.relay.log_side import LogSide, open_log_side
from privity.relay.ops.events import Event, open_log
from privity.relay.ops.upkeep import sweep
from privity.relay.paths import BLOBS_NAME
from privity.relay.services import Services
from privity.relay.shared_keys import derive_keys
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.blob_files import BlobFiles
from privity.relay.storage.database import Schema
from privity.relay.storage.store import Connection
from privity.relay.tokens import TokenKind
from privity.wire import frames, http
from privity.wire.entry import Header
from privity.wire.tokens import (
    NONCE_SIZE,
    SignedTokenKeys,
    Token,
    TokenWeek,
    function_input,
)
from tests.seizure.grounds import Ground, OnFiles

__all__ = ["BATCH", "EVENTS_NAME", "HONEST", "Noted", "Plant", "RelayOnDisk"]

SUITE = 0xF5A1
BATCH = 8
"""How many tokens a client takes at once (`privity.client.wallet`)."""
EVENTS_NAME = "events.log"
DAY = 86_400


class Noted(Enum):
    """What the account side notes of each message, in a table `notes`."""

    SECOND = "INSERT OR IGNORE INTO notes VALUES (:mailbox, :now)"
    ORDER = "INSERT INTO notes VALUES (:mailbox)"
    LOG = "INSERT OR IGNORE INTO notes VALUES (:account, :log)"


@dataclass(frozen=True)
class Plant:
    """What a relay does wrong on purpose; by default nothing."""

    name: str = ""
    schema: Schema = ACCOUNT_SCHEMA
    notes: Noted | None = None
    counts_from_nought: bool = False
    rewrites: bool = True
    spills: bool = False
    """Whether the log of events takes what people say."""


HONEST = Plant()


@dataclass
class RelayOnDisk:
    """One relay on the folder `data`; `random` draws all that it draws."""

    data: Path
    random: Random
    plant: Plant = HONEST
    ground: Ground = field(default_factory=OnFiles)
    now: float = 0.0
    unspent: dict[tuple[bytes, TokenKind, int], list[bytes]] = field(
        default_factory=dict
    )
    """By who took them, kind and week; a client asks for those of the running one."""
    _rewritten: int = -1

    def __post_init__(self) -> None:
        """Open both databases."""
        config = Config(open=True)
        both = self.ground.open(self.data, self.plant.schema)
        self.services = Services(
            config=config,
            accounts=both[0],
            logs=both[1],
            files=BlobFiles(self.data / BLOBS_NAME),
            clock=lambda: self.now,
            random=self.random.randbytes,
            keys=derive_keys(bytes(32)),
        )
        self.side: LogSide = open_log_side(
            config,
            self.services.logs,
            self.services.clock,
            self.random.randbytes,
            self.services.clock,
        )
        self._events = (self.data / EVENTS_NAME).open("w")
        self._log = open_log(self._events)

    async def close(self) -> None:
        """Close the files."""
        await self.services.accounts.close()
        await self.services.logs.close()
        self._events.close()

    async def sweep(self) -> None:
        """Do what a relay does every hour; on a new day it writes accounts anew."""
        today = self.services.today()
        anew = self.plant.rewrites and today != self._rewritten
        swept = await sweep(self.services, anew=anew)
        self._log(Event.SWEPT, blobs=swept["blob_files"])
        self._rewritten = today
        self.ground.pass_time()

    async def register(self, account: TestAccount, handle: str) -> None:
        """Register an account and store its sealed object."""
        request = account.registration(self.random.randbytes(32), handle=handle)
        verified = accounts.verify_registration("localhost", request)
        now = self.services.now()
        await self.services.accounts.write(
            lambda db: accounts.register(db, verified, now, is_open=True)
        )
        if self.plant.counts_from_nought:
            new = (account.device.mailbox_id,)
            await self.services.accounts.write(
                lambda db: db.execute(
                    "UPDATE mailbox_heads SET seq = 0 WHERE mailbox_id = ?", new
                )
            )
        stored = http.SelfStorage(1, self.random.randbytes(412))
        await self.services.accounts.write(
            lambda db: accounts.put_self_storage(db, account.account_id, stored)
        )

    async def renew(self, account: TestAccount) -> None:
        """Replace the login value, as each login does."""
        device = (account.account_id, account.device.device_id)
        proposed = self.random.randbytes(32)

        def step(db: Connection) -> None:
            held = logins.standing(db, device)
            logins.renew(db, device, held or b"", proposed)

        await self.services.accounts.write(step)

    async def close_lane(self, account: TestAccount, doors: list[bytes]) -> None:
        """Close the lane of strangers but for some doors."""
        asked = http.SetRequestsLane(closed=True, doors=doors)
        await self.services.accounts.write(
            lambda db: lanes.set_lane(db, account.account_id, asked)
        )

    async def packages_left(self, account: TestAccount) -> int:
        """Return how many one-time packages can be claimed."""
        device = (account.account_id, account.device.device_id)
        counts = await self.services.accounts.read(
            lambda db: key_packages.count_one_time(db, device, self.services.now())
        )
        return counts.get(SUITE, 0)

    async def publish(
        self, account: TestAccount, packages: list[bytes], resort: bytes, not_after: int
    ) -> None:
        """Publish key packages."""
        device = (account.account_id, account.device.device_id)
        request = http.PublishKeyPackages(SUITE, packages, not_after, resort)
        now = self.services.now()
        await self.services.accounts.write(
            lambda db: key_packages.publish(db, device, request, now)
        )

    async def claim(self, account: TestAccount) -> None:
        """Claim a package of an account as one of its contacts."""
        request = http.Claim(account.account_id, SUITE, account.mailbox_key)
        now = self.services.now()
        await self.services.accounts.write(
            lambda db: key_packages.claim(db, request, now, is_stranger=False)
        )

    async def token(self, account: TestAccount, kind: TokenKind) -> bytes:
        """Return a token, taking a batch where the device has none left."""
        statement = await self.side.token_statement.signed()
        week = SignedTokenKeys.decode(statement).keys.weeks[0]
        mine = self.unspent.setdefault((account.account_id, kind, week.week), [])
        if not mine:
            mine += await self._take_tokens(account, kind, week)
        return mine.pop()

    async def _take_tokens(
        self, account: TestAccount, kind: TokenKind, week: TokenWeek
    ) -> list[bytes]:
        """Blind a batch, let the relay judge, count and make it, and unblind it."""
        own, now, number = self.services, self.services.now(), week.week
        device = (account.account_id, account.device.device_id)
        nonces = [self.random.randbytes(NONCE_SIZE) for _ in range(BATCH)]
        asked = [Blinding(function_input(kind, number, nonce)) for nonce in nonces]
        key = await own.logs.read(lambda db: tokens.issuing_key(db, kind, number, now))
        make = key.ready([one.element for one in asked])
        numbers = (BATCH, tokens.daily_number(kind, own.config.tokens))
        await own.accounts.write(
            lambda db: tokens.count_issued(db, device, kind, now, numbers)
        )
        return [
            Token(number, nonce, one.output(week.key(kind), made)).encode()
            for nonce, one, made in zip(nonces, asked, make(), strict=True)
        ]

    async def post(self, to: TestAccount, lane: str, log_id: bytes) -> None:
        """Post a sealed message to a mailbox."""
        idem, body = self.random.randbytes(16), self.random.randbytes(8192)
        message = http.PostMessage(lane, body, idem, to.mailbox_key)
        mailbox_id, today = to.device.mailbox_id, self.services.today()
        await self.services.accounts.write(
            lambda db: mailboxes.post(db, mailbox_id, message, today)
        )
        note = self.plant.notes
        if note is not None:
            row = {"mailbox": mailbox_id, "account": to.account_id, "log": log_id}
            row["now"] = self.services.now()
            await self.services.accounts.write(lambda db: db.execute(note.value, row))

    async def empty_mailbox(self, account: TestAccount) -> None:
        """Acknowledge what waits."""
        mailbox_id = account.device.mailbox_id
        newest = await self.services.accounts.read(
            lambda db: mailboxes.newest(db, mailbox_id)
        )
        await self.services.accounts.write(
            lambda db: mailboxes.acknowledge(db, mailbox_id, newest)
        )

    def overhear(self, words: bytes) -> None:
        """Log what people say, where the relay is to spill it."""
        if self.plant.spills:
            self._events.write(words.decode())

    async def spend(self, kind: TokenKind, token: bytes) -> None:
        """Spend a token for a call of the account side."""
        await self.services.logs.write(lambda db: tokens.spend(db, kind, token))

    async def create_log(self, request: http.CreateLog) -> None:
        """Make a log."""
        await self.services.logs.write(lambda db: logs.create(db, request))

    async def append(self, header: Header, frame: frames.Append) -> int:
        """Append an entry; returns its seq."""
        attempt = logs.check_attempt(header, frame, b"")
        stored = await self.services.logs.write(lambda db: self.side.judge(db, attempt))
        return stored.seq

    async def upload(self, blob_id: bytes, data: bytes, token: bytes) -> None:
        """Upload a blob in one part."""
        own, today = self.services, self.services.today()
        key_hash = sha256(self.random.randbytes(32)).digest()
        request = http.OpenBlob(
            id=blob_id, key_hash=key_hash, size=len(data), token=token
        )
        await own.logs.write(lambda db: blobs.open_blob(db, request, today))
        own.files.write_part(blob_id, 0, data)
        await own.logs.write(lambda db: blobs.advance(db, blob_id, 0, len(data)))
        own.files.finish(blob_id)
        digest = sha256(data).digest()
        await own.logs.write(lambda db: blobs.finish(db, blob_id, digest))
