"""Big commits at the relay: an entry whose envelope is a blob, and both stay."""

import secrets
from hashlib import sha256

import pytest
from msgspec import structs

from privity.relay import blobs, tokens
from privity.wire import frames, limits
from privity.wire.codes import Code, Refusal
from privity.wire.entry import BlobRef, Kind, chain
from privity.wire.http import OpenBlob

SIZE = limits.COMMIT_ENVELOPE + 1
YEARS = 10_000


@pytest.fixture
async def plane(world, chat):
    return await world.member(chat)


async def upload(world, *, size=SIZE, is_finished=True):
    """Put a row there as an upload does; returns what an entry says of it."""
    token = await world.token(tokens.TokenKind.BLOB)
    ref = BlobRef(1, secrets.token_bytes(16), size, secrets.token_bytes(32))
    body = OpenBlob(ref.blob_id, sha256(bytes(32)).digest(), size, token)
    await world.database.write(lambda db: blobs.open_blob(db, body, 1))
    if is_finished:
        await world.database.write(lambda db: blobs.finish(db, ref.blob_id, ref.sha256))
    return ref


def big(chat, ref, **changes):
    envelope = ref if isinstance(ref, bytes) else ref.encode()
    return structs.replace(
        chat.commit(kind=Kind.BIG_COMMIT, **changes), envelope=envelope
    )


async def refused(world, plane, append):
    before = await world.stored()
    answer = await plane.ask(structs.replace(append, resume=True))
    assert await world.stored() == before
    return answer.code


async def sweep(world):
    await world.database.write(lambda db: blobs.drop_old(db, YEARS, 1, 1))
    return await world.database.read(blobs.known_ids)


async def test_an_entry_holds_the_name_of_its_blob(world, chat, plane):
    append = big(chat, await upload(world))
    answer = await plane.ask(append)
    assert answer.chain == chain(bytes(32), append.header, append.envelope)
    await plane.ask(frames.Sync(0, [chat.cursor()]))
    again = await plane.ask(append)
    assert again.seq == answer.seq == 1


async def test_a_blob_lives_as_long_as_its_entry(world, chat, plane):
    ref, other = await upload(world), await upload(world)
    assert await sweep(world) == frozenset()
    ref, other = await upload(world), await upload(world)
    await plane.ask(big(chat, ref))
    assert await sweep(world) == {ref.blob_id}
    with pytest.raises(Refusal) as caught:
        await world.database.write(lambda db: blobs.remove(db, ref.blob_id))
    assert caught.value.code is Code.BLOB_IN_USE
    assert await sweep(world) == {ref.blob_id}
    assert other.blob_id not in await sweep(world)


async def test_a_commit_whose_blob_is_not_there_is_refused(world, chat, plane):
    absent = BlobRef(1, bytes(16), SIZE, bytes(32))
    unfinished = await upload(world, is_finished=False)
    for ref in (absent, unfinished):
        assert await refused(world, plane, big(chat, ref)) is Code.NO_SUCH_BLOB


async def test_a_commit_that_names_another_blob_is_refused(world, chat, plane):
    ref = await upload(world)
    for wrong in (
        BlobRef(1, ref.blob_id, SIZE, bytes(32)),
        BlobRef(1, ref.blob_id, SIZE + 1, ref.sha256),
    ):
        assert await refused(world, plane, big(chat, wrong)) is Code.WRONG_HASH
    assert (await plane.ask(structs.replace(big(chat, ref), resume=True))).seq == 1


@pytest.mark.parametrize(
    "ref",
    [
        BlobRef(1, bytes(16), limits.BIG_COMMIT + 1, bytes(32)),
        BlobRef(1, bytes(16), limits.COMMIT_ENVELOPE, bytes(32)),
        BlobRef(2, bytes(16), SIZE, bytes(32)),
        b"",
        b"an envelope",
        BlobRef(1, bytes(16), SIZE, bytes(32)).encode() + b"x",
        bytes(limits.COMMIT_ENVELOPE),
    ],
)
async def test_what_is_no_reference_is_malformed(world, chat, plane, ref):
    assert await refused(world, plane, big(chat, ref)) is Code.MALFORMED


async def test_a_commit_of_the_largest_size_is_taken(world, chat, plane):
    ref = await upload(world, size=limits.BIG_COMMIT)
    assert (await plane.ask(big(chat, ref))).seq == 1


async def test_a_token_is_not_spent_for_a_commit_without_its_blob(world, chat, plane):
    """A further child that is refused costs nothing, of either size."""
    await plane.ask(chat.commit())
    token = await world.token(tokens.TokenKind.CHILD)
    absent = BlobRef(1, bytes(16), SIZE, bytes(32))
    paid = structs.replace(big(chat, absent), token=token, after=1)
    assert await refused(world, plane, paid) is Code.NO_SUCH_BLOB
    good = big(chat, await upload(world))
    good = structs.replace(good, token=token, after=1, resume=True)
    assert (await plane.ask(good)).seq == 2


async def test_big_commits_are_as_rare_as_others(world, chat, plane):
    for _ in range(3):
        await upload(world)
    assert (await plane.ask(big(chat, await upload(world)))).seq == 1
    sibling = big(chat, await upload(world))
    assert await refused(world, plane, sibling) is Code.STALE
    child = big(chat, await upload(world), parent=1)
    assert await refused(world, plane, child) is Code.TOO_SOON
