"""Any bytes as an MLSMessage: refused, or read as what encodes to the same bytes."""

from mls_groups import wrapped

from privity.mls import CommitOptions, GroupInfo
from privity.mls.messages import MLSMessage, open_mls_message
from privity.mls.own_keys import KeyPackageBundle
from tests.fuzz.target import REFUSALS, Fault, Target
from tests.fuzz.world import seeded, world

__all__ = ["TARGET"]


def run(data: bytes) -> None:
    """Decode, encode and compare."""
    for decode in (open_mls_message, KeyPackageBundle.decode, GroupInfo.decode):
        try:
            found = decode(data)
        except REFUSALS:
            continue
        again = MLSMessage(found) if decode is open_mls_message else found
        if again.encode() != data:
            raise Fault("not the bytes that it was read from")


def seeds() -> list[bytes]:
    """Return a message of each kind."""
    with seeded(b"decode") as draw:
        here = world()
        ada = here.company["ada"]
        package = here.bundle.key_package
        commit = ada.commit(CommitOptions(add=(package,), tree_in_welcome=True), draw)
        info = GroupInfo.decode(ada.group_info())
        return [
            commit.message,
            commit.welcome or b"",
            ada.protect(b"hello", random=draw)[0],
            ada.propose_remove(1)[0],
            wrapped(package),
            wrapped(info),
            info.encode(),
            here.bundle.encode(),
        ]


TARGET = Target("decode", run, seeds)
