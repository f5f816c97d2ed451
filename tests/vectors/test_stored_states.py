"""What earlier versions stored still loads, and goes on where it was.

The samples of version 1 were written by the last code that wrote version 1; those of
today by `tools/make_stored_states.py`, which never writes a file again.
"""

import json

import pytest
from mls_groups import stored
from rejecting import rejects

from privity.codec import as_opaque
from privity.errors import DecodeError
from privity.mls import Group, KnownPsks, LeafIdentity, Rule, UnknownStateVersion
from privity.mls.nodes import LeafNode
from tools import make_stored_states
from tools.make_stored_states import SHAPES, STATES

TODAY = 3
SAMPLES = {
    (path.stem, name): case
    for path in sorted(STATES.glob("version-*.json"))
    for name, case in json.loads(path.read_text(encoding="utf-8")).items()
}
TEXTS = {"pair": b"kept", "skipped": b"late", "past": b"late"}
REFUSED = {"ended": Rule.GROUP_HAS_ENDED}


def octets(case, *names):
    return [bytes.fromhex(case[name]) for name in names]


def load(case, **parts):
    leaf = LeafNode.decode(bytes.fromhex(case["leaf_node"]))
    me = LeafIdentity(
        leaf.credential,
        bytes.fromhex(case["signature_priv"]),
        leaf.capabilities,
        leaf.extensions,
    )
    tree, ratchet = octets({**case, **parts}, "tree_part", "ratchet_part")
    return Group.load(tree, ratchet, me)


def test_every_version_has_samples_and_todays_has_all_shapes():
    assert {version for version, _ in SAMPLES} == {
        f"version-{number}" for number in range(1, TODAY + 1)
    }
    assert {name for at, name in SAMPLES if at == f"version-{TODAY}"} == set(SHAPES)


@pytest.mark.parametrize("sample", SAMPLES, ids="-".join)
def test_a_stored_state_loads_and_is_stored_again_as_today(sample):
    case = SAMPLES[sample]
    group = load(case)
    assert group.epoch_authenticator.hex() == case["epoch_authenticator"]
    again = stored(group)
    assert {part[0] for part in again} == {TODAY}
    me = group.state.membership.me
    assert stored(Group.load(*again, me)) == again
    if sample[0] == f"version-{TODAY}":
        assert list(again) == octets(case, "tree_part", "ratchet_part")


@pytest.mark.parametrize("sample", SAMPLES, ids="-".join)
def test_a_stored_state_goes_on_with_the_message_that_came_next(sample):
    case, name = SAMPLES[sample], sample[1]
    group = load(case)
    message = bytes.fromhex(case["message"])
    if name in REFUSED:
        with rejects(REFUSED[name]):
            group.process(message)
        return
    keys = {
        bytes.fromhex(n): bytes.fromhex(k) for n, k in case["external_psks"].items()
    }
    event = group.process(message, psks=KnownPsks(keys))
    assert event.next.epoch_authenticator.hex() == case["epoch_authenticator_after"]
    if name in TEXTS:
        assert event.data == TEXTS[name]
    else:
        assert event.next.epoch == group.epoch + 1


def test_a_message_that_was_read_before_the_state_was_stored_is_not_read_again():
    case = SAMPLES["version-1", "skipped"]
    after = load(case).process(bytes.fromhex(case["message"])).next
    with rejects(Rule.GENERATION_CONSUMED):
        after.process(bytes.fromhex(case["message"]))


@pytest.mark.parametrize("sample", SAMPLES, ids="-".join)
def test_a_tree_part_of_any_version_loads_beside_a_ratchet_part_of_today(sample):
    """A message writes the ratchet part alone, and an epoch may outlive a version."""
    case = SAMPLES[sample]
    group = load(case)
    ratchet = group.dump_ratchet()
    assert stored(load(case, ratchet_part=ratchet.hex())) == stored(group)


@pytest.mark.parametrize("sample", SAMPLES, ids="-".join)
def test_a_ratchet_part_of_today_says_of_which_fork_of_its_epoch_it_is(sample):
    group = load(SAMPLES[sample])
    tag = as_opaque(group.state.confirmation_tag)
    ratchet = group.dump_ratchet()
    assert ratchet.endswith(tag)
    other = as_opaque(bytes(len(group.state.confirmation_tag)))
    for wrong in (other, as_opaque(b"")):
        forked = ratchet.removesuffix(tag) + wrong
        with pytest.raises(DecodeError, match="of two forks"):
            load(SAMPLES[sample], ratchet_part=forked.hex())


@pytest.mark.parametrize("part", ["tree_part", "ratchet_part"])
def test_a_state_of_a_later_version_is_named_as_such(part):
    case = SAMPLES[f"version-{TODAY}", "pair"]
    for version in (TODAY + 1, 255):
        with pytest.raises(UnknownStateVersion, match=f"version {version}"):
            load(case, **{part: f"{version:02x}{case[part][2:]}"})


@pytest.mark.parametrize("part", ["tree_part", "ratchet_part"])
def test_what_has_no_version_is_no_state(part):
    case = SAMPLES[f"version-{TODAY}", "pair"]
    for damaged in ("", "00" + case[part][2:], case[part][:-2]):
        with pytest.raises(DecodeError) as refused:
            load(case, **{part: damaged})
        assert not isinstance(refused.value, UnknownStateVersion)


def test_samples_are_never_written_again(capsys):
    path = STATES / f"version-{TODAY}.json"
    before = path.read_bytes()
    assert make_stored_states.main(["pair"]) == 1
    assert "stays as it is" in capsys.readouterr().out
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_each_shape_can_still_be_made(name):
    case = SHAPES[name]()
    assert {part[0] for part in octets(case, "tree_part", "ratchet_part")} == {TODAY}
    load(case)
