"""Coming back by a commit of one's own: as oneself, in one's own place, and no further.

Whoever has a signed GroupInfo and the access key could make any external commit. The
members take one that puts a device where it was before, or where its account says.
"""

from dataclasses import replace

from forger import Forger, leaf, poisoned
from msgspec import structs

from privity import mls
from privity.core.chat_rules import CommitStatement
from privity.core.errors import Reason
from privity.core.events import Line, MessageDropped
from privity.core.leaves import leaf_identity
from privity.core.outside import seen_from_outside
from privity.core.state import Status
from privity.identity.certificates import DeviceCertificate, certify
from privity.identity.signing import public_of


def certified(person, seed=None, **changes):
    """Return an account of `person` whose device has a changed certificate."""
    account = person.state.account
    claim = DeviceCertificate.decode(account.certificate).claim
    signature_seed = changes.pop("signature_seed", account.signature_seed)
    claim = replace(claim, signature_key=public_of(signature_seed), **changes)
    return structs.replace(
        account,
        device_id=claim.device_id,
        signature_seed=signature_seed,
        certificate=certify(seed or account.identity_seed, claim).encode(),
    )


def second(person, **changes):
    """Return the account of `person` on another device."""
    seed = person.town.random.randbytes(32)
    own = {"signature_seed": seed, "device_id": b"n" * 16, "list_version": 2}
    return certified(person, **own, **changes)


def refused_as(trio, shown):
    """Let Ben and Cem read; return the one name under which they refuse."""
    before = [p.state.groups[trio.chat] for p in (trio.ben, trio.cem)]
    trio.town.run(seconds=0)
    after = [p.state.groups[trio.chat] for p in (trio.ben, trio.cem)]
    assert all(one is other for one, other in zip(before, after, strict=True))
    causes = {shown(p, MessageDropped)[-1].cause for p in (trio.ben, trio.cem)}
    assert len(causes) == 1
    return Reason(causes.pop())


def agree(trio, made):
    """Tell whether Ben and Cem stand where the commit led."""
    expected = made.next.epoch_authenticator
    groups = [p.state.groups[trio.chat] for p in (trio.ben, trio.cem)]
    return all(group.epoch_authenticator == expected for group in groups)


def test_a_device_comes_back_in_its_own_place_before_everybody_s_eyes(trio, shown):
    own = trio.ana.state.groups[trio.chat].own_leaf
    made = Forger(trio.ana, trio.chat).rejoin(replaces=own)
    trio.town.run(seconds=0)
    assert agree(trio, made)
    for person in (trio.ben, trio.cem):
        line = shown(person, Line)[-1]
        assert (line.what, line.by) == ("rejoined", trio.ana.id)
        assert person.state.chats[trio.chat].status is Status.ACTIVE


def test_who_is_replaced_under_its_own_name_is_told_and_out(trio, shown):
    own = trio.ana.state.groups[trio.chat].own_leaf
    Forger(trio.ana, trio.chat).rejoin(replaces=own)
    trio.town.run(seconds=0)
    assert shown(trio.ana, Line)[-1].what == "replaced"
    assert trio.ana.state.chats[trio.chat].status is Status.REMOVED
    assert trio.chat not in trio.ana.state.groups


def test_a_new_device_takes_the_place_that_its_certificate_names(trio):
    forger = Forger(trio.ana, trio.chat)
    new = second(trio.ana, replaces=trio.ana.state.account.device_id)
    made = forger.rejoin(account=new, replaces=forger.group.own_leaf)
    trio.town.run(seconds=0)
    assert agree(trio, made)


def test_nobody_takes_the_place_of_another_account(trio, shown):
    target = leaf(trio.ana, trio.chat, trio.cem)
    Forger(trio.ana, trio.chat).rejoin(account=second(trio.ana), replaces=target)
    assert refused_as(trio, shown) is Reason.NOT_A_REJOIN


def test_a_device_that_no_certificate_replaces_keeps_its_place(trio, shown):
    forger = Forger(trio.ana, trio.chat)
    forger.rejoin(account=second(trio.ana), replaces=forger.group.own_leaf)
    assert refused_as(trio, shown) is Reason.NOT_A_REJOIN


def test_nobody_comes_in_without_a_place_of_its_own(trio, shown, town):
    dan = town.person("Dan")
    Forger(trio.ana, trio.chat).rejoin(account=dan.state.account)
    assert refused_as(trio, shown) is Reason.NOT_A_REJOIN


def test_coming_back_brings_nothing_else_along(trio, shown):
    forger = Forger(trio.ana, trio.chat)
    key = mls.ExternalPSK(b"shared")
    known = mls.KnownPsks(external={b"shared": b"secret"})
    forger.rejoin(replaces=forger.group.own_leaf, psks=(key,), known_psks=known)
    assert refused_as(trio, shown) is Reason.NOT_A_REJOIN


def test_coming_back_opens_a_generation(trio, shown):
    forger = Forger(trio.ana, trio.chat)
    forger.rejoin(replaces=forger.group.own_leaf, opens=False)
    assert refused_as(trio, shown) is Reason.CLOSES_WITHOUT_OPENING


def test_coming_back_with_another_identity_key_is_refused(trio, shown):
    forger = Forger(trio.ana, trio.chat)
    seed = trio.town.random.randbytes(32)
    other = certified(trio.ana, seed, identity_key=public_of(seed))
    forger.rejoin(account=other, replaces=forger.group.own_leaf)
    assert refused_as(trio, shown) is Reason.OTHER_IDENTITY


def test_coming_back_with_an_older_certificate_is_refused(trio, shown):
    forger = Forger(trio.ana, trio.chat)
    older = certified(trio.ana, list_version=0)
    forger.rejoin(account=older, replaces=forger.group.own_leaf)
    assert refused_as(trio, shown) is Reason.OLDER_LIST


def test_whose_slot_is_poisoned_judges_a_rejoin_as_the_others_do(
    trio, shown, monkeypatch
):
    with poisoned(monkeypatch, trio.ana, trio.chat, trio.cem):
        target = leaf(trio.ana, trio.chat, trio.ben)
        Forger(trio.ana, trio.chat).rejoin(account=second(trio.ana), replaces=target)
    assert refused_as(trio, shown) is Reason.NOT_A_REJOIN


def test_a_rejoin_is_the_same_from_outside(trio):
    group = trio.ana.state.groups[trio.chat]
    made = mls.Group.join_externally(
        mls.GroupInfo.decode(group.group_info()),
        leaf_identity(trio.ana.state.account),
        mls.ExternalJoin(
            tree=group.tree_bytes(),
            replaces=group.own_leaf,
            authenticated_data=CommitStatement(1, True, None).encode(),
        ),
        trio.town.random.randbytes,
    )
    ben = trio.ben.state.groups[trio.chat]
    inside = ben.process(made.message)
    outside, after = seen_from_outside(ben.public, made.message)
    for name in ("committer", "added", "removed", "path_leaf", "proposals", "joins"):
        assert getattr(outside, name) == getattr(inside, name)
    assert after.encode() == inside.next.public.encode()
