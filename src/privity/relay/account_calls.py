"""The HTTPS calls about accounts: registration, directory, tokens, mail, packages.

Anonymous calls carry no cookie and no session; what they need to show is in their
bodies. Identified calls carry the bearer that a login on the WebSocket gave. Format:
docs/spec/http.md.
"""

import asyncio
import ipaddress
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from privity import __version__
from privity.errors import DecodeError
from privity.relay import (
    accounts,
    bearers,
    farewells,
    key_packages,
    lanes,
    mailboxes,
    tokens,
)
from privity.relay.bus.hints import LoggedIn, Mail
from privity.relay.disabling import check_enabled
from privity.relay.http import answer, body, key_in, nothing, path_id, route
from privity.relay.limits import Buckets, Rate
from privity.relay.logins import mailbox_of_device
from privity.relay.nonces import check_nonce, make_nonce
from privity.relay.services import Services
from privity.relay.sessions import Device
from privity.relay.storage.store import Connection
from privity.relay.tokens import TokenKind
from privity.wire import http, limits
from privity.wire.codes import Code, Refusal

__all__ = ["AccountCalls", "neighbourhood"]

PROTOCOL = 1
SUITES = (0xF5A1, 0x0001)

T = TypeVar("T")


class AccountCalls:
    """The routes of the account side."""

    def __init__(self, services: Services) -> None:
        self._services = services
        calls = services.config.calls
        self._pace = Buckets(Rate(calls.lookups_per_second, calls.lookup_burst))

    def routes(self) -> list[Route]:
        """Return every route that these calls answer."""
        return [
            route("GET", "/v1/info", self.info),
            route("POST", "/v1/nonce", self.nonce),
            route("POST", "/v1/accounts", self.register),
            route("POST", "/v1/account-deletions", self.delete_account),
            route("GET", "/v1/accounts/{id}", self.account),
            route("GET", "/v1/handles/{name}", self.handle),
            route("POST", "/v1/claims", self.claim),
            route("GET", "/v1/work", self.work),
            route("POST", "/v1/mailboxes/{id}", self.post),
            route("PUT", "/v1/device-list", self.publish_list),
            route("POST", "/v1/key-packages", self.publish_packages),
            route("PUT", "/v1/mailbox-key", self.set_mailbox_key),
            route("PUT", "/v1/requests-lane", self.set_requests_lane),
            route("PUT", "/v1/self-storage", self.put_self_storage),
            route("GET", "/v1/self-storage", self.self_storage),
            route("POST", "/v1/tokens", self.issue_tokens),
        ]

    async def info(self, request: Request) -> Response:
        """Tell what anybody may know of this relay."""
        config = self._services.config
        return answer(
            request, http.Info(PROTOCOL, config.host, __version__, config.open, SUITES)
        )

    async def nonce(self, request: Request) -> Response:
        """Give a nonce for one registration."""
        own = self._services
        self._slow_down(request)
        made = make_nonce(own.keys.nonces, own.now(), own.random(8))
        return answer(request, http.Nonce(made))

    async def register(self, request: Request) -> Response:
        """Register an account; the same registration again gets the same answer."""
        own = self._services
        self._slow_down(request)
        asked = await body(request, http.Register)
        check_nonce(own.keys.nonces, asked.nonce, own.now())
        registration = accounts.verify_registration(own.config.host, asked)
        await own.accounts.write(
            lambda db: accounts.register(
                db, registration, own.now(), is_open=own.config.open
            )
        )
        return nothing()

    async def delete_account(self, request: Request) -> Response:
        """Delete an account for whoever holds its identity key."""
        own = self._services
        self._slow_down(request)
        asked = await body(request, http.DeleteAccount)
        check_nonce(own.keys.nonces, asked.nonce, own.now())
        gone = await own.accounts.write(
            lambda db: farewells.delete(db, own.config.host, asked)
        )
        for device in gone:
            own.sessions.end(device)
            own.others.tell(LoggedIn(*device))
        return nothing()

    async def account(self, request: Request) -> Response:
        """Give the signed device list of an account."""
        self._slow_down(request)
        account_id = path_id(request)
        found = await self._services.accounts.read(
            lambda db: accounts.directory(db, account_id)
        )
        return answer(request, found)

    async def handle(self, request: Request) -> Response:
        """Give the account behind a handle's name, with its signed device list."""
        self._slow_down(request)
        name: str = request.path_params["name"]
        found = await self._services.accounts.read(
            lambda db: accounts.directory(db, accounts.account_of_handle(db, name))
        )
        return answer(request, found)

    async def claim(self, request: Request) -> Response:
        """Hand out one key package for each device of an account."""
        own = self._services
        self._slow_down(request)
        asked = await body(request, http.Claim)
        is_stranger = not asked.mailbox_key
        if is_stranger:
            await own.accounts.read(
                lambda db: key_packages.check_claim(db, asked, own.now())
            )
            await self._spend(TokenKind.CLAIM, asked.token)
        claimed = await own.accounts.write(
            lambda db: key_packages.claim(
                db, asked, own.now(), is_stranger=is_stranger
            ),
            keys=(asked.account_id,),
        )
        return answer(request, claimed)

    async def post(self, request: Request) -> Response:
        """Put a sealed message into a mailbox and wake its device."""
        own = self._services
        mailbox_id = path_id(request)
        message = await body(request, http.PostMessage, limits.MAILBOX_POST)
        is_request = mailboxes.Lane.parse(message.lane) is mailboxes.Lane.REQUESTS
        if is_request:
            self._check_stranger(mailbox_id, message)
            if await own.accounts.read(
                lambda db: mailboxes.check_post(db, mailbox_id, message)
            ):
                return nothing()
            await self._spend(TokenKind.REQUEST, message.token)
        await own.accounts.write(
            lambda db: mailboxes.post(db, mailbox_id, message, own.today()),
            keys=(mailbox_id,),
        )
        own.bells.ring(mailbox_id)
        own.others.tell(Mail(mailbox_id))
        return nothing()

    def _check_stranger(self, mailbox_id: bytes, message: http.PostMessage) -> None:
        """Refuse what came without a token or work, at the cost of four hashes."""
        own = self._services
        if not message.token:
            raise Refusal(Code.TOKEN_NEEDED, "a request token is needed")
        place, bits = (own.config.host, mailbox_id), own.config.mailbox.work_bits
        lanes.check_work(place, message, bits, own.today())

    async def work(self, request: Request) -> Response:
        """Tell what work a stranger's message needs."""
        own = self._services
        asked = http.WorkAsked(own.config.mailbox.work_bits, own.today())
        return answer(request, asked)

    async def publish_list(self, request: Request) -> Response:
        """Replace the device list; who left it or has a new key is logged out."""
        own = self._services
        device = await self._device(request)
        account_id = device[0]
        asked = await body(request, http.PublishList)
        gone = await self._write(
            device, lambda db: accounts.publish_list(db, account_id, asked.device_list)
        )
        for device_id in gone:
            own.sessions.end((account_id, device_id))
            own.others.tell(LoggedIn(account_id, device_id))
        return nothing()

    async def publish_packages(self, request: Request) -> Response:
        """Add key packages of this device."""
        now = self._services.now()
        device = await self._device(request)
        asked = await body(request, http.PublishKeyPackages)
        await self._write(
            device,
            lambda db: key_packages.publish(db, device, asked, now),
            keys=(device[0],),
        )
        return nothing()

    async def set_mailbox_key(self, request: Request) -> Response:
        """Replace the mailbox access key of this account."""
        device = await self._device(request)
        key_hash = (await body(request, http.SetMailboxKey)).mailbox_key_hash
        await self._write(
            device, lambda db: accounts.set_mailbox_key(db, device[0], key_hash)
        )
        return nothing()

    async def set_requests_lane(self, request: Request) -> Response:
        """Close this account's lane of strangers, or open it."""
        device = await self._device(request)
        asked = await body(request, http.SetRequestsLane)
        await self._write(device, lambda db: lanes.set_lane(db, device[0], asked))
        return nothing()

    async def put_self_storage(self, request: Request) -> Response:
        """Store the object that is sealed under the recovery key."""
        device = await self._device(request)
        asked = await body(request, http.SelfStorage)
        await self._write(
            device,
            lambda db: accounts.put_self_storage(db, device[0], asked),
            keys=(device[0],),
        )
        return nothing()

    async def self_storage(self, request: Request) -> Response:
        """Give the object that is sealed under the recovery key."""
        account_id, _ = await self._device(request)
        stored = await self._services.accounts.read(
            lambda db: accounts.read_self_storage(db, account_id)
        )
        return answer(request, stored)

    async def issue_tokens(self, request: Request) -> Response:
        """Count tokens on the account side, then make them; nothing is noted of them.

        What is asked is judged first: only then it counts.
        """
        own = self._services
        device = await self._device(request)
        asked = await body(request, http.TokenRequest)
        kind, now = tokens.parse_kind(asked.kind), own.now()
        key = await own.logs.read(
            lambda db: tokens.issuing_key(db, kind, asked.week, now)
        )
        make = key.ready(asked.asked)
        numbers = (len(asked.asked), tokens.daily_number(kind, own.config.tokens))
        await self._write(
            device,
            lambda db: tokens.count_issued(db, device, kind, now, numbers),
            keys=(device[0],),
        )
        return answer(request, http.TokenBatch(await asyncio.to_thread(make)))

    def _slow_down(self, request: Request) -> None:
        """Keep one address from trying all handles, codes and ids.

        Behind a Unix socket the web server in front has to do it: it alone knows
        addresses, and this relay asks for none.
        """
        if request.client is None or not request.client.host:
            return
        address = neighbourhood(request.client.host)
        bucket = self._pace.of(address, self._services.clock())
        if wait_ms := bucket.wait_ms(self._services.clock()):
            raise Refusal(Code.RATE_LIMITED, "too many lookups", wait_ms)
        bucket.take()

    async def _device(self, request: Request) -> Device:
        own = self._services
        try:
            bearer = key_in(request, "authorization", bearers.SIZE, "Bearer ")
        except DecodeError as error:
            raise Refusal(Code.NOT_LOGGED_IN, str(error)) from None
        return await own.accounts.read(
            lambda db: bearers.check_bearer(db, own.keys.bearers, bearer, own.now())
        )

    async def _write(
        self,
        device: Device,
        step: Callable[[Connection], T],
        *,
        keys: tuple[bytes, ...] = (),
    ) -> T:
        """Perform a step for a device that its account still has.

        With its account for a key where no other step rests on what it changes: what
        takes a device or a mailbox key away waits for the posts that are under way.
        A session can outlive its device: the operator's commands remove accounts
        or disable accounts in another process. Raises Refusal: NOT_LOGGED_IN,
        ACCOUNT_DISABLED.
        """

        def guarded(db: Connection) -> T:
            mailbox_of_device(db, device)
            check_enabled(db, device[0])
            return step(db)

        return await self._services.accounts.write(guarded, keys=keys)

    async def _spend(self, kind: TokenKind, token: bytes) -> None:
        await self._services.logs.write(
            lambda db: tokens.spend(db, kind, token), keys=(token,) if token else ()
        )


def neighbourhood(address: str) -> str:
    """Return what an address is counted as: of IPv6 the /64 that one owner has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
