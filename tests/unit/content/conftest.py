"""One person in one chat, one sealed file, and `rejects`."""

import random as stdlib_random

import pytest
from rejecting import rejects

from privity.content import mimi
from privity.content.attachments import Sealer


@pytest.fixture
def random():
    return stdlib_random.Random(11).randbytes


@pytest.fixture(name="rejects")
def _rejects():
    return rejects


@pytest.fixture
def here(random):
    return mimi.origin(b"a" * 16, b"c" * 16, random)


@pytest.fixture
def offer():
    sealer = Sealer(b"k" * 32, 5)
    sealer.seal(b"hello")
    return mimi.FileOffer(
        sealed=sealer.finish(),
        host="chat.example",
        blob_id=b"b" * 16,
        media_type="application/pdf",
        filename="draft.pdf",
        description="the draft",
    )
