"""Two committers at a real relay: the slower upload is not overtaken."""

import asyncio
import os
from hashlib import sha256

import pytest

from privity.client.transport.commit_blobs import CommitUpload
from privity.core.effects import Cause
from privity.core.requests import Appended, AppendEntry, CreateLog, Done
from privity.identity.signing import public_of
from privity.wire.codes import Code
from privity.wire.entry import NO_TAG, BlobRef, Header, Kind
from privity.wire.limits import COMMIT_ENVELOPE

CAUSE = Cause("commit")
JOB = 1 << 40


@pytest.fixture
def seed():
    return os.urandom(32)


@pytest.fixture
async def two(pair, seed):
    """Return the connections of two people, and the id of a log that both can open."""
    first, second = (person.driver.network.connection for person in pair[:2])
    log_id = os.urandom(16)
    log = CreateLog(log_id, public_of(seed), bytes(32), b"checkpoint")
    assert isinstance(await first.calls.perform(JOB, log, CAUSE), Done)
    return first, second, log_id


def commit(log_id, seed, *, is_big, **more):
    blob = os.urandom(COMMIT_ENVELOPE + 1) if is_big else b""
    ref = BlobRef(1, os.urandom(16), len(blob), sha256(blob).digest())
    header = Header(
        version=1,
        log_id=log_id,
        kind=Kind.BIG_COMMIT if is_big else Kind.COMMIT,
        parent=0,
        generation=0,
        idem=os.urandom(16),
        tag=NO_TAG,
        opens=False,
        next_access_pk=None,
        next_lobby_pk=None,
        welcome_hash=None,
        checkpoint_hash=None,
    )
    fields = {
        "log_id": log_id,
        "generation": 0,
        "access_seed": seed,
        "header": header.encode(),
        "envelope": ref.encode() if is_big else b"sealed",
        "blob": blob,
        "blob_key": os.urandom(32),
    }
    return AppendEntry(**(fields | more))


@pytest.fixture
def slowly(monkeypatch):
    """Let uploads begin, and end when this is set."""
    may_end = asyncio.Event()
    may_end.has_begun = asyncio.Event()
    go_on = CommitUpload.go_on

    async def wait(upload, offset):
        may_end.has_begun.set()
        await may_end.wait()
        await go_on(upload, offset)

    monkeypatch.setattr(CommitUpload, "go_on", wait)
    return may_end


async def test_a_slow_upload_is_stored_before_a_quick_commit(two, seed, slowly):
    first, second, log_id = two
    big = commit(log_id, seed, is_big=True)
    slow = asyncio.create_task(first.calls.perform(JOB + 1, big, CAUSE))
    await slowly.has_begun.wait()
    small = commit(log_id, seed, is_big=False, resume=True)
    refused = await second.calls.perform(JOB + 2, small, CAUSE)
    assert refused.named is Code.TOO_SOON
    assert 0 < refused.wait_ms <= 10_000
    slowly.set()
    stored = await slow
    assert isinstance(stored, Appended)
    late = await second.calls.perform(JOB + 2, small, CAUSE)
    assert (stored.seq, late.named) == (1, Code.STALE)
    again = await first.calls.perform(JOB + 1, big, CAUSE)
    assert again.seq == 1, "a repeat finds its place, whatever a lease says"


async def test_where_the_relay_gives_no_lease_the_upload_goes_on(two, seed, slowly):
    first, second, log_id = two
    slowly.set()
    other = commit(log_id, seed, is_big=False)
    assert (await second.calls.perform(JOB + 2, other, CAUSE)).seq == 1
    big = commit(log_id, seed, is_big=True)
    refused = await first.calls.perform(JOB + 1, big, CAUSE)
    assert refused.named is Code.STALE
