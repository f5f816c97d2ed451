"""Random life of a group's tree, compared with the definitions of RFC 9420 §7."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from mls_trees import Grove, Person

from privity.mls import tree_math
from privity.mls.nodes import LeafNode, ParentNode
from privity.mls.proposals import Add
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.tree_validation import validate_tree

LARGEST = 9


def naive_hash(tree: RatchetTree, at: int) -> bytes:
    """Compute a tree hash as §7.8 says it, without any cache."""
    node = tree.node(at)
    value = b"\x00" if node is None else b"\x01" + node.encode()
    if at % 2 == 0:
        return tree.suite.hash(b"\x01" + (at // 2).to_bytes(4, "big") + value)
    children = b"".join(
        bytes([tree.suite.hash_length]) + naive_hash(tree, child)
        for child in (tree_math.left(at), tree_math.right(at))
    )
    return tree.suite.hash(b"\x02" + value + children)


def naive_resolution(tree: RatchetTree, at: int) -> list[int]:
    """Compute a resolution as §4.1.1 says it."""
    node = tree.node(at)
    if isinstance(node, LeafNode):
        return [at]
    if isinstance(node, ParentNode):
        return [at, *(2 * leaf for leaf in node.unmerged_leaves)]
    if at % 2 == 0:
        return []
    return [
        *naive_resolution(tree, tree_math.left(at)),
        *naive_resolution(tree, tree_math.right(at)),
    ]


def without(tree: RatchetTree, leaves: tuple[int, ...]) -> RatchetTree:
    """Blank leaves and take them from all `unmerged_leaves`, as §7.9 says it."""
    nodes = list(tree.nodes)
    for at, node in enumerate(nodes):
        if isinstance(node, ParentNode):
            kept = tuple(n for n in node.unmerged_leaves if n not in leaves)
            nodes[at] = replace(node, unmerged_leaves=kept)
    for leaf in leaves:
        nodes[2 * leaf] = None
    return RatchetTree(tree.suite, nodes)


class LifeOfATree(RuleBasedStateMachine):
    """Members come, go and refresh, in any order and by anybody."""

    @initialize()
    def plant(self):
        self.grove = Grove.planted(Person("person 0"))
        self.count = 1
        self.past = []
        self.gone = []

    @rule(data=st.data(), how_many=st.integers(1, 3))
    @precondition(lambda self: len(self.grove.people) <= LARGEST - 3)
    def somebody_adds(self, data, how_many):
        self.remember()
        people = [Person(f"person {self.count + n}") for n in range(how_many)]
        self.count += how_many
        self.grove.commit(self.pick(data), add=people)

    @rule(data=st.data())
    @precondition(lambda self: len(self.grove.people) <= LARGEST - 1)
    def somebody_adds_without_a_path(self, data):
        self.remember()
        committer = self.pick(data)
        person = Person(f"person {self.count}")
        self.count += 1
        package, private = person.package()
        applied = self.grove.apply(committer, Add(package))
        ((place, _),) = applied.added
        self.grove.tree = applied.tree
        self.grove.people[place] = person
        self.grove.keys[place] = type(self.grove.keys[committer]).of_leaf(
            place, private
        )

    @rule(data=st.data())
    @precondition(lambda self: len(self.grove.people) > 1)
    def somebody_removes(self, data):
        self.remember()
        committer = self.pick(data)
        others = sorted(set(self.grove.people) - {committer})
        removed = data.draw(st.lists(st.sampled_from(others), min_size=1, unique=True))
        self.gone += [self.grove.keys[leaf] for leaf in removed]
        self.grove.commit(committer, remove=removed)

    @rule(data=st.data())
    @precondition(lambda self: len(self.grove.people) > 1)
    def somebody_commits_updates(self, data):
        self.remember()
        committer = self.pick(data)
        others = sorted(set(self.grove.people) - {committer})
        updates = data.draw(st.lists(st.sampled_from(others), unique=True))
        self.grove.commit(committer, updates=updates)

    def pick(self, data):
        return data.draw(st.sampled_from(sorted(self.grove.people)))

    def remember(self):
        tree = self.grove.tree
        self.past.append((tree, tree.encode(), tree.tree_hash()))

    @invariant()
    def a_joiner_finds_the_tree_valid(self):
        data = self.grove.tree.encode()
        fresh = RatchetTree.decode(self.grove.tree.suite, data)
        assert fresh == self.grove.tree
        validate_tree(fresh, self.grove.context())

    @invariant()
    def what_is_cached_is_what_the_definitions_say(self):
        tree = self.grove.tree
        for at in range(2 * tree.size - 1):
            assert tree.node_hash(at) == naive_hash(tree, at)
            assert tree.resolution(at) == naive_resolution(tree, at)
            assert tree.is_empty(at) == (not naive_resolution(tree, at))

    @invariant()
    def sibling_hashes_are_those_before_unmerged_leaves_were_added(self):
        tree = self.grove.tree
        for at in range(1, 2 * tree.size - 1, 2):
            node = tree.parent(at)
            if node is not None:
                before = without(tree, node.unmerged_leaves)
                for child in (tree_math.left(at), tree_math.right(at)):
                    known = tree.hash_without(child, node.unmerged_leaves)
                    assert known == naive_hash(before, child)

    @invariant()
    def the_index_finds_every_key_and_nothing_else(self):
        tree = self.grove.tree
        nodes = {at: node for at, node in enumerate(tree.nodes) if node is not None}
        index = tree.key_index()
        assert index.encryption == {n.encryption_key: at for at, n in nodes.items()}
        leaves = {leaf.signature_key: 2 * at for at, leaf in tree.members()}
        assert index.signature == leaves

    @invariant()
    def the_tree_is_as_small_as_its_last_leaf_allows(self):
        last = self.grove.tree.members()[-1][0]
        assert self.grove.tree.size == tree_math.leaf_count(2 * last + 1)

    @invariant()
    def members_hold_the_keys_above_them_that_they_should(self):
        tree = self.grove.tree
        for leaf, keys in self.grove.keys.items():
            path = [2 * leaf, *tree_math.direct_path(2 * leaf, tree.size)]
            known = {
                at
                for at in path
                if (node := tree.node(at)) is not None
                and not (isinstance(node, ParentNode) and leaf in node.unmerged_leaves)
            }
            assert set(keys.keys) == known
            for at, private in keys.keys.items():
                public = tree.suite.kem.public_of(private)
                assert tree.node(at).encryption_key == public

    @invariant()
    def nobody_encrypts_to_a_key_of_a_former_member(self):
        for keys in self.gone:
            for private in keys.keys.values():
                public = self.grove.tree.suite.kem.public_of(private)
                assert self.grove.tree.find_encryption_key(public) is None

    def teardown(self):
        for tree, data, tree_hash in getattr(self, "past", []):
            assert tree.encode() == data
            assert tree.tree_hash() == tree_hash


TestLifeOfATree = LifeOfATree.TestCase
TestLifeOfATree.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None
)
