"""The proof of two histories leaves by the page as bytes, and names no path."""

import base64
import time
from dataclasses import replace

import pytest

from privity.core.seen import KnownFork
from privity.identity.signing import Signer
from privity.wire.entry import chain_of_links
from privity.wire.evidence import open_evidence
from privity.wire.heads import Fork, Head, SignedHead, log_hash, sign_head

pytestmark = pytest.mark.asyncio(loop_scope="module")
SIGNER = Signer(bytes(range(32)))
MINUTE = 30_000_000


def forked(page):
    """Let a window's device have seen two histories of its only chat."""
    driver = page.served.window.held.session.driver
    ((chat_id, chat),) = driver.state.chats.items()
    name = log_hash(chat.log_id, driver.state.account.host)
    before, link = b"b" * 32, b"l" * 64
    places = ((7, b"a" * 32), (8, chain_of_links(before, link)))
    heads = tuple(
        SignedHead.decode(sign_head(SIGNER, Head(1, name, at, chain, MINUTE)))
        for at, chain in places
    )
    fork = Fork.of(SIGNER.public, heads, before, [link])
    known = KnownFork(chat.log_id, int(time.time()), fork.encode())
    driver._state = replace(driver.state, forks={chat_id: known})
    return fork


async def test_a_proof_is_listed_and_handed_out_whole(pair, tmp_path):
    ana, _ = pair
    assert (await ana.do("repair.list"))["proofs"] == []
    refused = await ana.call("repair.evidence", chat="Ben")
    assert refused["error"]["data"]["code"] == "no_evidence"
    fork = forked(ana)
    (proof,) = (await ana.do("repair.list"))["proofs"]
    assert proof["title"] == "Ben"
    made = await ana.do("repair.evidence", chat=proof["chat"])
    assert open_evidence(base64.b64decode(made["data"])).fork == fork
    assert made["name"].startswith("privity-fork-")
    assert made["path"] == ""
    named = await ana.call("repair.evidence", chat="Ben", to=str(tmp_path))
    assert "error" in named
    assert list(tmp_path.iterdir()) == []
