#!/usr/bin/env python3
"""Write samples of stored group states, for the version of today.

    python tools/make_stored_states.py

tests/vectors/stored_states/version-N.json gets a case for each shape of group: what
`dump_tree` and `dump_ratchet` returned, whose state it is, and a message that it can
process. A file that is there is never written again: what an old version stored must
load for ever. Whoever raises the version in `privity.mls.state` runs this once, adds
the new file and keeps reading the old ones.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from privity.mls import (  # noqa: E402
    CommitOptions,
    ExternalPSK,
    Group,
    KnownPsks,
    ReInit,
    Remove,
    ResumptionPSK,
    ResumptionPSKUsage,
    suite,
)
from tools.mls_makers.party import Party, forge  # noqa: E402
from tools.spec_vectors import seeded  # noqa: E402

__all__ = ["SHAPES", "STATES", "main"]

STATES = ROOT / "tests" / "vectors" / "stored_states"

Case = dict[str, Any]


def _party(name: str, code: int, members: str = "abc") -> Party:
    return Party.of(suite(code), seeded(f"stored/{name}"), members)


def _case(party: Party, group: Group, message: bytes, after: Group) -> Case:
    """Return Bob's state, and what he makes of a message; `after` is its sender's."""
    leaf = group.member(group.own_leaf)
    if leaf is None:
        raise TypeError("a member without a leaf")
    return {
        "cipher_suite": group.suite.code,
        "leaf_node": leaf.encode().hex(),
        "signature_priv": party.meet("b").signature_private.hex(),
        "external_psks": {
            name.hex(): psk.hex() for name, psk in party.known.external.items()
        },
        "tree_part": group.dump_tree().hex(),
        "ratchet_part": group.dump_ratchet().hex(),
        "epoch_authenticator": group.epoch_authenticator.hex(),
        "message": message.hex(),
        "epoch_authenticator_after": after.epoch_authenticator.hex(),
    }


def _commit_follows(party: Party, **options: Any) -> Case:  # noqa: ANN401
    """Return Bob's state before a commit of Ada."""
    chosen = CommitOptions(**options)
    pending = party["a"].commit(chosen, party.random)
    return _case(party, party["b"], pending.message, pending.next)


def _text_follows(party: Party) -> Case:
    """Return Bob's state before a message of Ada."""
    message, after = party["a"].protect(b"kept", random=party.random)
    return _case(party, party["b"], message, after)


def _filled(name: str, code: int) -> Party:
    party = _party(name, code)
    for who in "abc":
        party.commit(who)
    return party


def _waiting() -> Case:
    """Return a state in which proposals wait, one of them Bob's own Update."""
    party = _filled("waiting", 1)
    for who, made in (
        ("b", party["b"].propose_update(random=party.random)),
        ("c", party["c"].propose_extensions(())),
    ):
        message, party.groups[who] = made
        party.spread(who, message)
    return _commit_follows(party)


def _skipped() -> Case:
    """Return a state that keeps the key of a message that has not come yet."""
    party = _filled("skipped", 0xF5A1)
    late, party.groups["a"] = party["a"].protect(b"late", random=party.random)
    early, party.groups["a"] = party["a"].protect(b"early", random=party.random)
    party.groups["b"] = party["b"].process(early).next or party["b"]
    return _case(party, party["b"], late, party["a"])


def _past() -> Case:
    """Return a state that keeps two ended epochs, and a message of the older one."""
    party = _filled("past", 1)
    party.groups["b"] = party["b"].keeping(2)
    late, party.groups["a"] = party["a"].protect(b"late", random=party.random)
    for who in "ac":
        party.commit(who)
    return _case(party, party["b"], late, party["b"])


def _removed() -> Case:
    """Return a state whose tree has blanks, and a leaf unmerged."""
    party = _party("removed", 0xF5A1, "abcdef")
    for who in "abcdef":
        party.commit(who)
    options = CommitOptions(remove=(party["d"].own_leaf,))
    party.commit("a", options=options)
    party.commit("c", add="g", options=CommitOptions(path=False))
    return _commit_follows(party)


def _psks() -> Case:
    """Return a state whose next commit brings an external and a resumption PSK."""
    party = _filled("psks", 1)
    party.known = KnownPsks({b"id": party.random(32)})
    group = party["a"]
    own = ResumptionPSK(ResumptionPSKUsage.APPLICATION, group.group_id, group.epoch)
    keys = (ExternalPSK(b"id"), own)
    return _commit_follows(party, psks=keys, known_psks=party.known)


def _ended() -> Case:
    """Return a state of a group that a ReInit has ended, and what is said after it."""
    party = _filled("ended", 1)
    reinit = ReInit(party.random(8), 1, 0xF5A1, ())
    party.commit("a", options=CommitOptions(reinit=reinit, path=False))
    message = forge(party["a"], Remove(2))
    return _case(party, party["b"], message, party["b"])


SHAPES: dict[str, Callable[[], Case]] = {
    "pair": lambda: _text_follows(_party("pair", 1, "ab")),
    "filled": lambda: _commit_follows(_filled("filled", 1)),
    "p521": lambda: _commit_follows(_filled("p521", 5)),
    "hybrid": lambda: _commit_follows(_filled("hybrid", 0xF5A1)),
    "waiting": _waiting,
    "skipped": _skipped,
    "past": _past,
    "removed": _removed,
    "psks": _psks,
    "ended": _ended,
}


def main(names: list[str]) -> int:
    """Write the file of today's version, with all shapes or those named."""
    cases = {name: SHAPES[name]() for name in names or SHAPES}
    version = bytes.fromhex(next(iter(cases.values()))["tree_part"])[0]
    path = STATES / f"version-{version}.json"
    if path.exists():
        print(f"{path.name} is there, and stays as it is")
        return 1
    path.write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")
    print(f"written  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
