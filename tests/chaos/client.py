"""One account's client in a process: orders come in on stdin, it tells on stdout.

It is the product's driver on the product's store and transport, as `privity watch` runs
them; only what a person would type or read is in JSON lines. What is told goes out in
one write each, so that a SIGKILL leaves whole lines of everything that was said before.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from privity.client import accounts
from privity.client.driver import Driver
from privity.client.errors import Busy, StorageFull
from privity.client.store import Store
from privity.client.words import said_of, words_of
from privity.content import build
from privity.core import inputs
from privity.core.effects import AckMailbox, Effect, Follow, Send
from privity.core.errors import CommandRefused
from privity.core.events import MessageArrived, MessageDropped, Notice
from privity.core.state import Status
from privity.identity.secret import Secret
from tests.chaos.report import report

__all__ = ["Client", "main"]

LOOK = 0.1
PAGE = 200
REFUSED = (CommandRefused, StorageFull, Busy)


def tell(**what: Any) -> None:
    """Say one line to whoever started this process."""
    os.write(1, json.dumps(what).encode() + b"\n")


class Client:
    """A running client and what it was told to do."""

    def __init__(self, name: str, store: Store, *, hasty: bool = False) -> None:
        self.name = name
        self.hasty = hasty
        self.last: dict[bytes, int] = {}
        self.dies_at = 0
        self.effects = 0
        self.counts: Counter[str] = Counter()
        self.driver = Driver(store, before_effect=self._before)
        self.asked = set(self.driver.state.jobs)

    async def live(self) -> None:
        """Do what is ordered until stdin ends."""
        self.driver.start()
        for chat_id in self.driver.state.chats:
            self.last[chat_id] = self._newest(chat_id)
        found = {chat.hex(): number for chat, number in self.last.items()}
        tell(ready=self.driver.account.account_id.hex(), found=found)
        work = [asyncio.create_task(w) for w in (self._listen(), self._look())]
        work.append(asyncio.create_task(self._obey()))
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
        for one in work:
            one.cancel()
        await self.driver.close()

    def _newest(self, chat_id: bytes) -> int:
        """Return my newest number in a chat; what was not sent stands at the end."""
        before = None
        newest = 0
        me = self.driver.account.account_id
        while rows := self.driver.store.history(chat_id, before=before, limit=PAGE):
            for kept in reversed(rows):
                if kept.row.sender == me and (text := words_of(kept.row)):
                    newest = max(newest, int(text.split()[2]))
                    if kept.row.seq:
                        return newest
            before = rows[0].place
        return newest

    async def _obey(self) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        tasks: set[asyncio.Task[None]] = set()
        while line := await reader.readline():
            task = asyncio.create_task(self._perform(json.loads(line)))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def _perform(self, order: dict[str, Any]) -> None:
        what = order.pop("do")
        number = order.pop("order")
        answer: Any = None
        try:
            answer = await getattr(self, f"do_{what}")(**order)
        except REFUSED as error:
            answer = {"refused": str(error) or type(error).__name__}
        tell(done=number, answer=answer)

    async def do_link(self) -> str:
        return str(await self.driver.do(inputs.MakeLink()))

    async def do_ask(self, link: str) -> None:
        await self.driver.do(inputs.RequestByLink(link, "hello"))

    async def do_group(self, title: str, members: list[str]) -> str:
        ids = tuple(map(bytes.fromhex, members))
        made = await self.driver.do(inputs.CreateGroup(title, ids))
        assert isinstance(made, bytes)
        return made.hex()

    async def do_title(self, chat: str, title: str) -> None:
        await self.driver.do(inputs.SetTitle(bytes.fromhex(chat), title))

    async def do_toggle(self, chat: str, account: str) -> str:
        """Remove somebody who is a member, invite somebody who is not."""
        chat_id, who = bytes.fromhex(chat), bytes.fromhex(account)
        if any(m == who for m in members_of(self.driver, chat_id)):
            await self.driver.do(inputs.RemoveMember(chat_id, who))
            return "removed"
        await self.driver.do(inputs.AddMembers(chat_id, (who,)))
        return "invited"

    async def do_die(self, after: int) -> None:
        """Be killed in front of an effect that is to come."""
        self.dies_at = self.effects + after

    async def do_report(self, to: str) -> None:
        await asyncio.to_thread(self._report, Path(to))

    def _report(self, to: Path) -> None:
        to.write_text(json.dumps(report(self.driver)))

    async def do_say(self, chat: str, count: int) -> None:
        """Say the next numbers, each kept before the next is said."""
        chat_id = bytes.fromhex(chat)
        for _ in range(count):
            number = self.last.get(chat_id, 0) + 1
            text = f"{self.name} {chat[:8]} {number}"
            me = self.driver.account.account_id
            origin = build.origin(me, chat_id, os.urandom)
            content = build.text_message(origin, text).encode()
            if self.hasty:
                tell(kept=chat, number=number)
            await self.driver.do(inputs.SendContent(chat_id, content))
            self.last[chat_id] = number
            if not self.hasty:
                tell(kept=chat, number=number)

    async def _listen(self) -> None:
        async for event in self.driver.subscribe():
            match event:
                case MessageArrived(chat_id, idem, seq):
                    tell(shown=chat_id.hex(), idem=idem.hex()[:16], seq=seq)
                case MessageDropped(chat_id, seq, cause):
                    tell(dropped=chat_id.hex(), seq=seq, cause=cause)
                case Notice(code, detail):
                    tell(notice=code, detail=detail)
        raise RuntimeError("the client has stopped") from self.driver._failure

    async def _look(self) -> None:
        told: dict[str, Any] = {}
        while True:
            now = status(self.driver) | {"counts": dict(self.counts)}
            if now != told:
                tell(status=now)
                told = now
            for invite_id, request in tuple(self.driver.state.requests.items()):
                if request.state == "pending":
                    with suppress(*REFUSED):
                        await self.driver.do(inputs.Accept(invite_id))
            await asyncio.sleep(LOOK)

    def _before(self, _number: int, effect: Effect) -> None:
        self.effects += 1
        if self.dies_at and self.effects >= self.dies_at:
            tell(dies=type(effect).__name__)
            os.kill(os.getpid(), signal.SIGKILL)
        match effect:
            case Send(job, _, cause):
                self.counts[f"asked: {cause.reason}"] += 1
                if job in self.asked:
                    self.counts[f"asked again: {cause.reason}"] += 1
                self.asked.add(job)
            case Follow():
                self.counts["followed"] += 1
            case AckMailbox():
                self.counts["mailbox read"] += 1


def members_of(driver: Driver, chat_id: bytes) -> list[bytes]:
    """Return the accounts of a chat's members."""
    state = driver.state
    group = state.groups.get(chat_id)
    if group is None:
        return []
    return [leaf.credential.identity[:16] for _, leaf in group.members()]


def status(driver: Driver) -> dict[str, Any]:
    """Return how far a client has come."""
    state = driver.state
    chats = {
        chat.chat_id.hex(): {
            "kind": chat.kind.value,
            "status": chat.status.value,
            "peer": chat.peer.hex(),
            "cursor": chat.cursor,
            "unsent": len(state.outgoing.get(chat.chat_id, ())),
            "synced": chat.chat_id in state.session.synced,
            "members": len(members_of(driver, chat.chat_id))
            if chat.status is Status.ACTIVE
            else 0,
        }
        for chat in state.chats.values()
    }
    return {"online": driver.online, "jobs": len(state.jobs), "chats": chats}


async def register(path: Path, key: Secret, url: str, pin: str, name: str) -> None:
    """Make the account if there is none, and finish its registration."""
    store = Store(path, key, said_of, create=True)
    try:
        if not any(kind.value == "account" for kind, _, _ in store.load()):
            address = await accounts.ask_relay(url, bytes.fromhex(pin))
            accounts.create_account(store, accounts.Newcomer(address, name))
        await accounts.register(store)
    finally:
        store.close()


async def _main(home: Path, name: str, url: str, pin: str, plant: str) -> None:
    path, key = home / f"{name}.db", Secret(b"chaos key".ljust(32, b"."))
    if not path.exists():
        await register(path, key, url, pin, name)
    client = Client(name, Store(path, key, said_of), hasty=plant == "hasty")
    await client.live()


def main(arguments: list[str]) -> None:
    """Run the client of `home name url pin plant`."""
    home, name, url, pin, plant = arguments
    asyncio.run(_main(Path(home), name, url, pin, plant))
