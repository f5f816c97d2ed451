"""The story of a group whose members run three different implementations of MLS.

Ana runs Privity's, Ben mls-rs, Cem ts-mls, each in a process of its own; whatever one
sends, the others get as bytes. At the end each tells the epoch authenticator (RFC 9420
§8.7) that it worked out by itself.
"""

import time

from demo.first_words import say
from demo.outcome import CannotTell, Outcome
from demo.processes import Failed
from interop.company import Company, Disagreement
from interop.lines import PeerProcess
from interop.peer import Refused, Wish
from interop.roster import (
    MLS_RS,
    OURS,
    TS_MLS,
    PeersMissing,
    install,
    processes,
)

__all__ = ["tell"]

SUITE = 1
CAST = {"Ana": OURS, "Ben": MLS_RS, "Cem": TS_MLS, "Dora": OURS}
GROUP_ID = b"three implementations"


def tell() -> Outcome:
    """Play the story; raises CannotTell without the peers, and Failed."""
    try:
        install()
    except PeersMissing as error:
        raise CannotTell(str(error)) from None
    began = time.monotonic()
    with processes(*dict.fromkeys(CAST.values())) as peers:
        group = _cast(peers)
        try:
            _begin(group)
            _remove_dora(group)
            agreed = _compare(group)
        except (Disagreement, Refused) as error:
            raise Failed(str(error)) from error
    return Outcome(
        ok=agreed,
        messages=group.messages.total(),
        epochs=group.commits.total(),
        bytes=group.delivered,
        seconds=time.monotonic() - began,
    )


def _cast(peers: dict[str, PeerProcess]) -> Company:
    group = Company(SUITE)
    for name, kind in CAST.items():
        hello = peers[kind].hello()
        peers[kind].meet(name, SUITE, tree_inside=True)
        group.clients[name] = peers[kind]
        group.kinds[name] = kind
        group.can[name] = frozenset(hello.can)
        if name != "Dora":
            say(f"{name} runs {hello.name} {hello.version}")
    peers[OURS].create("Ana", GROUP_ID)
    group.members = ["Ana"]
    return group


def _begin(group: Company) -> None:
    _add(group, "Ana", "Ben")
    _add(group, "Ben", "Cem")
    for who, text in (
        ("Ana", "We speak one protocol, don't we?"),
        ("Ben", "As written in the RFC, I hope"),
        ("Cem", "Byte for byte"),
    ):
        _say(group, who, text)
    _add(group, "Cem", "Dora")


def _remove_dora(group: Company) -> None:
    """Remove Dora, who keeps her state of before and tries it on what follows."""
    dora = group.clients["Dora"]
    dora.store("Dora")
    group.commit("Ben", Wish(remove=("Dora",)))
    say("Ben removes Dora, who keeps every key that she had")
    data = b"The three of us, then"
    message = group.protect("Ana", data)
    group.hear("Ana", message, data)
    say(f"Ana: {data.decode()}")
    dora.load("Dora")
    try:
        dora.process("Dora", "Ana", message)
    except Refused as error:
        say(f"Dora's client can't read that: {error}")
    else:
        raise Failed("Dora reads what was said after her removal")


def _compare(group: Company) -> bool:
    for who in group.members:
        group.commit(who, Wish())
    say("each of them renews its keys")
    epoch = group.agree().epoch
    told = {who: group.clients[who].facts(who) for who in group.members}
    print(f"\n  the epoch authenticator of epoch {epoch}, as each of them tells it:")
    for who, facts in told.items():
        print(f"    {who}, {group.kinds[who]:<8} {facts.authenticator.hex()}")
    print("  and they export the same secret")
    return len({(one.authenticator, one.exporter) for one in told.values()}) == 1


def _add(group: Company, who: str, newcomer: str) -> None:
    package = group.clients[newcomer].key_package(newcomer)
    group.commit(who, Wish(add=(package,)), joiners=[newcomer])
    say(f"{who} adds {newcomer}, who joins by the Welcome and says hello")


def _say(group: Company, who: str, text: str) -> None:
    group.say(who, text.encode())
    say(f"{who}: {text}")
