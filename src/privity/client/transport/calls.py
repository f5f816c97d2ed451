"""The engine's requests as calls to the relay, and the relay's answers as values.

Everything here can be repeated: the engine sends a request again until it has an
answer. What belongs to the account goes over the identified plane, whatever concerns
somebody else or a chat over the anonymous one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from msgspec import structs

from privity.client.errors import Unreachable
from privity.client.transport.attached import AttachedSocket
from privity.client.transport.commit_blobs import CommitUpload, fetch_blob
from privity.client.transport.http import Call, HttpPlane, call
from privity.client.transport.lobbies import ask_lobby, read_children, read_commits
from privity.client.transport.posting import Posting
from privity.client.transport.token_calls import TokenDesk
from privity.client.transport.walks import Collector, walk
from privity.client.wallet import BATCH, Wallet, blob_claim
from privity.client.working import Worker
from privity.core import requests
from privity.core.effects import Cause
from privity.core.lobby_calls import LobbyRequest
from privity.core.requests import Answer, Request
from privity.core.roads import blobs_on, with_blobs
from privity.wire import http
from privity.wire.codes import Code, Refusal
from privity.wire.frames import Appended

__all__ = ["Calls", "Planes"]

_T = TypeVar("_T")
_TOKENLESS_WAIT_MS = 600_000


class Planes(Protocol):
    """What the calls need of a live connection to the relay."""

    session: bytes
    """The bearer of identified calls."""
    identified: HttpPlane
    anonymous: HttpPlane
    chats: AttachedSocket

    async def open_walk(self, collector: Collector) -> AttachedSocket:
        """Open another socket of the anonymous plane, which nobody runs yet."""
        ...


@dataclass(frozen=True, slots=True)
class Calls:
    """Performs requests over one connection."""

    planes: Planes
    wallet: Wallet
    worker: Worker

    async def perform(self, job: int, request: Request, cause: Cause) -> Answer:
        """Return the relay's answer; a refusal is an answer too.

        Raises Unreachable (what the relay did is unknown), Misbehaved, StorageFull.
        """
        try:
            return await self._perform(job, request, cause)
        except Refusal as refusal:
            if refusal.code in {Code.NOT_LOGGED_IN, Code.NOT_ATTACHED}:
                raise Unreachable(f"the connection is not usable: {refusal}") from None
            return requests.Refused(refusal.code.value, refusal.detail, refusal.wait_ms)

    async def token(self, kind: str, claim: bytes, cause: Cause) -> bytes:
        """Return the token of `claim`, fetching a batch when there is none left.

        Raises Refusal (the daily number is used up), Unreachable, Misbehaved.
        """
        while True:
            reserved = await asyncio.to_thread(self.wallet.reserve, kind, claim)
            if reserved is not None:
                return reserved
            tokens = await self._fetch_tokens(kind, cause)
            await asyncio.to_thread(self.wallet.add, kind, tokens)

    async def _fetch_tokens(self, kind: str, cause: Cause) -> list[bytes]:
        """Return a batch, or a single one where the day's rest is smaller."""
        desk = TokenDesk(self.planes, self.wallet)
        try:
            return await desk.take(kind, BATCH, cause)
        except Refusal as refusal:
            if refusal.code is not Code.RATE_LIMITED:
                raise
        try:
            return await desk.take(kind, 1, cause)
        except Refusal as refusal:
            # The day's number is used up: asking again at once would change nothing.
            wait_ms = refusal.wait_ms or _TOKENLESS_WAIT_MS
            raise Refusal(refusal.code, refusal.detail, wait_ms) from None

    async def pay(
        self,
        kind: str,
        claim: bytes,
        cause: Cause,
        act: Callable[[bytes], Awaitable[_T]],
    ) -> _T:
        """Do what costs a token; one that expired is replaced once."""
        try:
            return await act(await self.token(kind, claim, cause))
        except Refusal as refusal:
            if refusal.code is not Code.TOKEN_SPENT:
                raise
        await asyncio.to_thread(self.wallet.release, claim)
        return await act(await self.token(kind, claim, cause))

    async def _perform(  # noqa: PLR0911  one line for each request
        self, job: int, request: Request, cause: Cause
    ) -> Answer:
        claim = job.to_bytes(8, "big")
        match request:
            case requests.AppendEntry():
                return await self._append(claim, request, cause)
            case requests.CreateLog():
                return await self._create_log(claim, request, cause)
            case requests.PostSealed():
                return await self._post(claim, request, cause)
            case requests.ClaimPackages():
                return await self._claim(claim, request, cause)
            case requests.FindAccount():
                return await self._find(request, cause)
            case requests.JoinWalk() | requests.RejoinWalk() | requests.FetchBlob():
                return await self._read(request, cause)
            case requests.PublishPackages():
                return await self._publish(request, cause)
            case requests.SetMailboxKey() | requests.SetRequestsLane():
                return await self._set(request, cause)
            case requests.PostPlea():
                return await self.pay(
                    "plea",
                    claim,
                    cause,
                    lambda token: self._lobby(request, token, cause),
                )
            case _:
                return await self._lobby(request, b"", cause)

    async def _lobby(self, request: LobbyRequest, token: bytes, cause: Cause) -> Answer:
        host = self.planes.chats.socket.greeting.host
        return await ask_lobby(self.planes.anonymous, host, request, token, cause)

    async def _append(
        self, claim: bytes, request: requests.AppendEntry, cause: Cause
    ) -> requests.Appended:
        async def append(token: bytes) -> Appended:
            return await self.planes.chats.append(request, token, cause)

        if request.blob and not request.paid:
            await self.planes.chats.lease(request, cause)
        if request.blob:
            upload = CommitUpload(self.planes.anonymous, request, cause)
            own = blob_claim(claim)
            await upload.go_on(await self.pay("blob", own, cause, upload.open))
        if request.paid:
            done = await self.pay("child", claim, cause, append)
        else:
            done = await append(b"")
        return requests.Appended(
            seq=done.seq,
            minute=done.minute,
            stamp_key=done.stamp_key,
            stamp=done.stamp,
            digest=done.digest,
            chain=done.chain,
            head=done.head,
        )

    async def _create_log(
        self, claim: bytes, request: requests.CreateLog, cause: Cause
    ) -> requests.Done:
        async def create(token: bytes) -> requests.Done:
            body = http.CreateLog(
                log_id=request.log_id,
                access_pk=request.access_pk,
                lobby_pk=request.lobby_pk,
                checkpoint=request.checkpoint,
                token=token,
            )
            return await self._tell_anonymous(call("POST", "/v1/logs", body, cause))

        return await self.pay("log", claim, cause, create)

    async def _post(
        self, claim: bytes, request: requests.PostSealed, cause: Cause
    ) -> requests.Done:
        host = self.planes.chats.socket.greeting.host
        posting = Posting(self.planes.anonymous, self.worker, host, request, cause)
        if request.mailbox_key:
            await posting.as_contact()
        else:
            await self.pay("request", claim, cause, posting.as_stranger)
        return requests.Done()

    async def _claim(
        self, claim: bytes, request: requests.ClaimPackages, cause: Cause
    ) -> requests.Claimed:
        async def take(token: bytes) -> requests.Claimed:
            body = http.Claim(
                account_id=request.account_id,
                suite=request.suite,
                mailbox_key=request.mailbox_key,
                token=token,
            )
            asked = call("POST", "/v1/claims", body, cause)
            got = await self.planes.anonymous.ask(asked, http.Claimed)
            packages = tuple((one.device_id, one.package) for one in got.packages)
            return requests.Claimed(got.device_list, packages)

        if request.mailbox_key:
            return await take(b"")
        return await self.pay("claim", claim, cause, take)

    async def _find(
        self, request: requests.FindAccount, cause: Cause
    ) -> requests.Found:
        name = request.handle.partition("@")[0]
        asked = Call("GET", f"/v1/handles/{name}", "/v1/handles/NAME", cause)
        found = await self.planes.anonymous.ask(asked, http.Directory)
        return requests.Found(found.account_id, found.device_list)

    async def _read(
        self,
        request: requests.JoinWalk | requests.RejoinWalk | requests.FetchBlob,
        cause: Cause,
    ) -> Answer:
        if isinstance(request, requests.FetchBlob):
            body = await fetch_blob(self.planes.anonymous, request, cause)
            return requests.Fetched(body)
        return await self._walk(request, cause)

    async def _walk(
        self, request: requests.JoinWalk | requests.RejoinWalk, cause: Cause
    ) -> requests.Walked:
        if isinstance(request, requests.JoinWalk):
            return await self._read_log(request, cause)
        host, plane = self.planes.chats.socket.greeting.host, self.planes.anonymous
        commits = await read_commits(plane, host, request, cause)
        children = await read_children(plane, host, request, cause)
        walked = await self._read_log(request, cause, request.behind(children))
        return structs.replace(walked, commits=commits, children=children)

    async def _read_log(
        self,
        request: requests.JoinWalk | requests.RejoinWalk,
        cause: Cause,
        child: int = 0,
    ) -> requests.Walked:
        collector = Collector(request.log_id)
        opened = await self.planes.open_walk(collector)
        walked = await walk(opened, collector, request, cause, child)
        first, last = request.checkpoint_seq, request.commit_seq
        entries = (*walked.road, *walked.entries)
        refs = blobs_on(entries, request.log_id, first, last)
        blobs: dict[int, bytes] = {}
        for seq, ref in refs.items():
            asked = requests.FetchBlob(ref.blob_id, ref.size, ref.sha256)
            blobs[seq] = await fetch_blob(self.planes.anonymous, asked, cause)
        return with_blobs(walked, blobs)

    async def _set(
        self, request: requests.SetMailboxKey | requests.SetRequestsLane, cause: Cause
    ) -> requests.Done:
        if isinstance(request, requests.SetMailboxKey):
            key = http.SetMailboxKey(request.key_hash)
            asked = call("PUT", "/v1/mailbox-key", key, cause)
        else:
            lane = http.SetRequestsLane(request.closed, list(request.doors))
            asked = call("PUT", "/v1/requests-lane", lane, cause)
        return await self._tell(self._identified(asked))

    async def _publish(
        self, request: requests.PublishPackages, cause: Cause
    ) -> requests.Done:
        body = http.PublishKeyPackages(
            suite=request.suite,
            packages=list(request.packages),
            not_after=request.not_after,
            last_resort=request.last_resort,
        )
        asked = call("POST", "/v1/key-packages", body, cause)
        return await self._tell(self._identified(asked))

    def _identified(self, asked: Call) -> Call:
        bearer = f"Bearer {self.planes.session.hex()}"
        return asked.with_header("authorization", bearer)

    async def _tell(self, asked: Call) -> requests.Done:
        await self.planes.identified.tell(asked)
        return requests.Done()

    async def _tell_anonymous(self, asked: Call) -> requests.Done:
        await self.planes.anonymous.tell(asked)
        return requests.Done()
