"""The walk of `make interop`, with our implementation in every part.

It runs here without the peers; and a peer that is wrong in any way fails it.
"""

import re

import pytest
from msgspec import structs

from interop.company import Company, Disagreement
from interop.drivers.ours import Ours
from interop.known import is_too_uneven_for_ts_mls
from interop.peer import Event, Refused, Wish
from interop.tampering import Tampering
from interop.walk import Walk, WalkFailed
from privity.errors import PrivityError


class Asked(Ours):
    """As behind the line protocol: what `privity.mls` refuses is Refused."""

    def process(self, who, sender, message):
        try:
            return super().process(who, sender, message)
        except PrivityError as error:
            raise Refused(str(error)) from error

    def join(self, who, welcome, tree):
        try:
            super().join(who, welcome, tree)
        except PrivityError as error:
            raise Refused(str(error)) from error


def company(other=Asked, each=4):
    return Company.of(1, {"one": Asked(), "other": other()}, each)


def test_a_walk_takes_every_step_and_all_agree():
    walk = Walk("alone", company(), 3)
    walk.run(150)
    assert len(walk.steps) == 14
    assert walk.company.agree().epoch == walk.company.commits.total()
    assert not walk.company.known


def test_a_walk_is_the_same_for_the_same_seed():
    walks = [Walk("alone", company(), seed) for seed in (3, 3, 4)]
    for walk in walks:
        walk.run(25)
    members = [walk.company.members for walk in walks]
    assert members[0] == members[1] != members[2]


@pytest.mark.parametrize("field", ["authenticator", "exporter", "tree"])
def test_a_peer_that_tells_something_else_fails_the_walk(field):
    class Liar(Asked):
        def facts(self, who):
            told = super().facts(who)
            if told.epoch < 6:
                return told
            value = getattr(told, field)
            other = bytes([value[0] ^ 1]) + value[1:]
            return structs.replace(told, **{field: other})

    with pytest.raises(WalkFailed) as caught:
        Walk("alone", company(Liar), 5).run(40)
    said = str(caught.value)
    assert re.search(
        rf"walk alone, seed 5, step \d+ \(.*\): Disagreement: {field}:", said
    )
    assert re.search(r"again: make interop WALK=alone SEED=5 STEPS=\d+$", said)


def test_a_peer_that_reads_something_else_fails_the_walk():
    class Deaf(Asked):
        def process(self, who, sender, message):
            event = super().process(who, sender, message)
            return Event(event.kind, event.data[:-1])

    with pytest.raises(WalkFailed, match="sent application"):
        Walk("alone", company(Deaf), 5).run(10)


def test_a_refusal_whose_cause_is_not_known_fails_the_walk():
    class Picky(Asked):
        def join(self, who, welcome, tree):
            raise Refused("not today")

    peers = {"one": Asked(), "ts-mls": Picky()}
    with pytest.raises(WalkFailed, match="not today"):
        Walk("alone", Company.of(1, peers, 4), 5).run(10)


def test_every_bit_that_is_changed_is_refused():
    tampering = Tampering(company(each=2), seed=7, bits=20)
    tampering.run()
    # Two senders, each two commits, a message and an add, which two others refuse, and
    # a Welcome, which one does.
    assert tampering.refusals.total() == 2 * 20 * (4 * 2 + 1)


def test_a_peer_that_takes_a_tampered_message_fails():
    class Credulous(Asked):
        def process(self, who, sender, message):
            try:
                return super().process(who, sender, message)
            except Refused:
                return Event("commit")

    with pytest.raises(Disagreement, match="takes a message"):
        Tampering(company(Credulous, each=2), seed=7, bits=4).run()


def test_a_peer_whose_state_moves_when_it_refuses_fails():
    class Restless(Asked):
        def process(self, who, sender, message):
            try:
                return super().process(who, sender, message)
            except Refused:
                super().protect(who, b"lost")
                raise

    with pytest.raises(Disagreement, match=r"refused a message .*and changed"):
        Tampering(company(Restless, each=2), seed=7, bits=4).run()


def test_a_tree_is_uneven_once_one_half_of_it_merged_what_the_other_has_not():
    group = company(each=4)
    first, *others = group.clients
    packages = [group.clients[name].key_package(name) for name in others]
    group.commit(first, Wish(add=tuple(packages)), joiners=others)
    fifth, last = others[3], others[-1]
    group.commit(first, Wish(remove=(last,)))
    while group.agree().epoch % 2 == 0:  # in odd epochs our peer adds without a path
        group.commit(fifth, Wish())
    group.commit(fifth, Wish())
    group.commit(fifth, Wish())
    package = group.clients[last].key_package(last)
    group.commit(fifth, Wish(add=(package,)), joiners=[last])
    assert not is_too_uneven_for_ts_mls(1, group.agree().tree)
    group.commit(first, Wish())
    assert is_too_uneven_for_ts_mls(1, group.agree().tree)
