"""Heads that a real relay signs, and uploads of commits that break, for real."""

import os
from hashlib import sha256

import pytest

from privity.client.errors import Unreachable
from privity.client.transport import commit_blobs
from privity.client.transport.commit_blobs import CommitUpload, fetch_blob
from privity.core.effects import Cause
from privity.core.requests import AppendEntry, FetchBlob
from privity.wire.codes import Code, Refusal
from privity.wire.entry import BlobRef
from privity.wire.heads import SignedHead
from privity.wire.limits import COMMIT_ENVELOPE

CAUSE = Cause("commit")


def kept(person, chat_id):
    found = person.driver.state.heads.get(chat_id)
    return SignedHead.decode(found.signed).head if found and found.signed else None


async def test_real_clients_keep_the_head_that_they_read_up_to(pair, eventually):
    ana, ben, chat_id = pair
    await ana.send(chat_id, "hello")
    await eventually(lambda: "hello" in ben.texts(chat_id))
    keys = {person.account.head_key for person in (ana, ben)}
    assert len(keys) == 1
    assert keys != {b""}

    def is_newest(person):
        chat, head = person.driver.state.chats[chat_id], kept(person, chat_id)
        return head is not None and (head.seq, head.chain) == (chat.cursor, chat.chain)

    for person in (ana, ben):
        await eventually(lambda person=person: is_newest(person))
        assert not person.driver.state.session.unsigned


class Breaking:
    """A plane whose connection is lost in front of the call with this number."""

    def __init__(self, plane, at):
        self._plane, self._left = plane, at

    def _count(self):
        self._left -= 1
        if self._left < 0:
            raise Unreachable("the connection ended")

    async def ask(self, *asked):
        self._count()
        return await self._plane.ask(*asked)

    async def tell(self, *asked):
        self._count()
        return await self._plane.tell(*asked)


@pytest.fixture
def asked():
    """Return an append whose envelope is three parts long."""
    blob = os.urandom(COMMIT_ENVELOPE * 2 + 7)
    ref = BlobRef(1, os.urandom(16), len(blob), sha256(blob).digest())
    return AppendEntry(
        log_id=bytes(16),
        generation=0,
        access_seed=bytes(32),
        header=b"",
        envelope=ref.encode(),
        blob=blob,
        blob_key=os.urandom(32),
    )


@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_an_upload_that_breaks_goes_on_where_the_relay_stands(
    pair, asked, monkeypatch, at
):
    """Calls are: open, three parts, finish; `at` of them come through."""
    monkeypatch.setattr(commit_blobs, "PART", COMMIT_ENVELOPE)
    connection = pair[0].driver.network.connection
    token = await connection.calls.token("blob", os.urandom(16), CAUSE)
    broken = CommitUpload(Breaking(connection.anonymous, at), asked, CAUSE)
    offset = await broken.open(token)
    with pytest.raises(Unreachable):
        await broken.go_on(offset)
    again = CommitUpload(connection.anonymous, asked, CAUSE)
    offset = await again.open(bytes(84))
    assert offset == min((at - 1) * COMMIT_ENVELOPE, len(asked.blob))
    await again.go_on(offset)
    # Once more, as after a crash in front of the append: nothing is sent again.
    assert await again.open(bytes(84)) == len(asked.blob)
    await again.go_on(len(asked.blob))
    ref = BlobRef.parse(asked.envelope)
    read = FetchBlob(ref.blob_id, ref.size, ref.sha256)
    assert await fetch_blob(connection.anonymous, read, CAUSE) == asked.blob


async def test_a_blob_is_read_no_further_than_it_should_be(pair, asked):
    connection = pair[0].driver.network.connection
    token = await connection.calls.token("blob", os.urandom(16), CAUSE)
    upload = CommitUpload(connection.anonymous, asked, CAUSE)
    await upload.go_on(await upload.open(token))
    ref = BlobRef.parse(asked.envelope)
    short = FetchBlob(ref.blob_id, 1_000, ref.sha256)
    assert len(await fetch_blob(connection.anonymous, short, CAUSE)) == 1_001
    other = FetchBlob(os.urandom(16), 1_000, ref.sha256)
    with pytest.raises(Refusal) as caught:
        await fetch_blob(connection.anonymous, other, CAUSE)
    assert caught.value.code is Code.NO_SUCH_BLOB
