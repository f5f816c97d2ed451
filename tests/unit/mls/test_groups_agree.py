import pytest
from mls_groups import DRAW, SUITES, Company, key_package, stored

from privity.errors import NotAuthentic, UsageError
from privity.mls import (
    CommitOptions,
    CommitRequired,
    Extension,
    ExtensionType,
    Group,
    LeafIdentity,
    PublicGroup,
    Remove,
    RequiredCapabilities,
    Update,
    WrongEpoch,
)

pytestmark = pytest.mark.parametrize("code", SUITES)


def test_three_people_agree_and_read_each_other(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    assert company.agree()
    for name in ("ada", "bob", "cyd"):
        message = company.say(name, name.encode())
        assert company.hear(message, but=name) == {name.encode()}


def test_everybody_can_commit_alone_and_all_agree(code):
    company = Company.of("ada", "bob", "cyd", "dan", "eve", code=code)
    authenticators = set()
    for name in ("eve", "ada", "cyd", "bob", "dan"):
        company.commit(name)
        assert company.agree()
        authenticators.add(company[name].epoch_authenticator)
    assert len(authenticators) == 5


def test_a_commit_without_a_path_adds_people(code):
    company = Company.of("ada", code=code)
    company.commit("ada", add=("bob", "cyd"), path=False)
    company.commit("bob", add=("dan",), path=False)
    assert company.agree()
    company.commit("cyd")
    assert company.agree()


def test_who_sees_the_handshakes_finds_each_leaf_where_the_members_do(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    company.commit("ada", remove=("bob",))
    group, public = company["ada"], company["ada"].public
    assert dict(group.members()).keys() == {0, 2}
    for leaf in range(5):
        assert group.member(leaf) == public.member(leaf)
        assert public.member(leaf) == dict(public.members()).get(leaf)


def test_a_removed_member_reads_nothing_after_its_removal(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    gone = company["cyd"]
    pending = company.commit("ada", remove=("cyd",))
    staged = gone.process(pending.message)
    assert staged.removes_me
    assert [leaf for leaf, _ in staged.removed] == [2]
    assert company.agree()
    message = company.say("bob", b"without cyd")
    with pytest.raises(WrongEpoch):
        gone.process(message)


def test_who_leaves_is_removed_by_the_next_commit(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    message, company.groups["bob"] = company["bob"].propose_remove(
        company.leaf("bob"), authenticated_data=b"bye"
    )
    event = company["ada"].process(message)
    assert (event.sender, event.proposal) == (1, Remove(1))
    assert event.authenticated_data == b"bye"
    company.spread(message, but="bob")
    pending = company.commit("cyd")
    assert [leaf for leaf, _ in pending.removed] == [1]
    assert set(company.groups) == {"ada", "cyd"}
    assert company.agree()


def test_nobody_sends_while_a_proposal_waits(code):
    company = Company.of("ada", "bob", code=code)
    message, company.groups["bob"] = company["bob"].propose_remove(0)
    company.spread(message, but="bob")
    for name in ("ada", "bob"):
        assert company[name].commit_required
        with pytest.raises(CommitRequired):
            company[name].protect(b"too early", random=DRAW)
    company.commit("bob")
    assert not company["bob"].commit_required


def test_a_proposed_update_takes_effect_when_it_is_committed(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    message, company.groups["cyd"] = company["cyd"].propose_update(random=DRAW)
    company.spread(message, but="cyd")
    staged = company["bob"].commit(CommitOptions(), DRAW)
    (seen,) = company["ada"].process(staged.message).updated
    assert seen[0] == company.leaf("cyd")
    company.follow("bob", staged)
    assert company.agree()
    company.commit("ada")
    company.commit("cyd")
    assert company.agree()


def test_a_proposed_add_is_committed_by_somebody_else(code):
    company = Company.of("ada", "bob", code=code)
    bundle = key_package(company.crypto, company.meet("cyd"))
    message, company.groups["ada"] = company["ada"].propose_add(bundle.key_package)
    company.spread(message, but="ada")
    pending = company.commit("bob")
    joined = Group.join(
        pending.welcome, bundle, company.meet("cyd"), tree=company["bob"].tree_bytes()
    )
    company.groups["cyd"] = joined.group
    assert company.agree()


def test_of_several_proposals_for_one_leaf_a_removal_is_preferred(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    for name, propose in (
        ("cyd", lambda group: group.propose_update(random=DRAW)),
        ("cyd", lambda group: group.propose_update(random=DRAW)),
        ("bob", lambda group: group.propose_remove(2)),
        ("bob", lambda group: group.propose_remove(0)),
    ):
        message, company.groups[name] = propose(company[name])
        company.spread(message, but=name)
    pending = company["ada"].commit(CommitOptions(), DRAW)
    staged = company["bob"].process(pending.message)
    assert [sent.proposal for sent in staged.proposals] == [Remove(2)]


def test_of_several_updates_of_one_leaf_the_newest_is_taken(code):
    company = Company.of("ada", "bob", code=code)
    for _ in range(2):
        message, company.groups["bob"] = company["bob"].propose_update(random=DRAW)
        company.spread(message, but="bob")
    newest = company["bob"].pending_proposals[-1][1].proposal
    assert isinstance(newest, Update)
    company.commit("ada")
    assert company["ada"].member(1) == newest.leaf_node
    assert company.agree()


def test_a_commit_takes_no_proposals_if_it_is_told_so(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    message, company.groups["bob"] = company["bob"].propose_remove(2)
    company.spread(message, but="bob")
    company.commit("ada", by_reference=())
    assert set(company.groups) == {"ada", "bob", "cyd"}
    assert not company["cyd"].commit_required


def test_a_commit_of_an_unknown_reference_is_our_own_mistake(code):
    company = Company.of("ada", "bob", code=code)
    with pytest.raises(UsageError):
        company["ada"].commit(CommitOptions(by_reference=(b"?" * 32,)), DRAW)


def test_an_observer_sees_who_comes_and_goes(code):
    company = Company.of("ada", "bob", code=code)
    bundle = key_package(company.crypto, company.meet("cyd"))
    pending = company["ada"].commit(
        CommitOptions(
            add=(bundle.key_package,), remove=(1,), authenticated_data=b"why"
        ),
        DRAW,
    )
    staged = company["bob"].process(pending.message)
    assert staged.committer == 0
    assert staged.added == ((1, bundle.key_package.leaf_node),)
    assert staged.removed == ((1, company["ada"].member(1)),)
    assert staged.authenticated_data == b"why"
    assert staged.path_leaf == pending.next.member(0)
    assert staged.context == pending.next.context


def test_a_commit_changes_nothing_until_it_counts(code):
    company = Company.of("ada", "bob", code=code)
    before = stored(company["ada"])
    company["ada"].commit(CommitOptions(), DRAW)
    assert stored(company["ada"]) == before
    company.commit("bob")
    assert company.agree()


def test_the_tree_can_travel_in_the_welcome(code):
    company = Company.of("ada", code=code)
    bundle = key_package(company.crypto, company.meet("bob"))
    options = CommitOptions(add=(bundle.key_package,), tree_in_welcome=True)
    pending = company["ada"].commit(options, DRAW)
    joined = Group.join(pending.welcome, bundle, company.meet("bob"))
    assert joined.group.epoch_authenticator == pending.next.epoch_authenticator


def test_extensions_of_the_group_info_see_the_epoch_that_they_announce(code):
    company = Company.of("ada", code=code)
    bundle = key_package(company.crypto, company.meet("bob"))

    def announce(group):
        return (Extension(0xF5A4, group.export("access", b"", 32)),)

    pending = company["ada"].commit(
        CommitOptions(add=(bundle.key_package,), group_info_extensions=announce), DRAW
    )
    joined = Group.join(
        pending.welcome, bundle, company.meet("bob"), tree=pending.next.tree_bytes()
    )
    assert joined.group_info.extensions[1] == Extension(
        0xF5A4, joined.group.export("access", b"", 32)
    )
    assert joined.group_info.encode() == pending.group_info


def test_a_member_can_change_its_leaf_and_even_its_signature_key(code):
    company = Company.of("ada", "bob", code=code)
    old = company.meet("ada")
    private, _ = company.crypto.generate_signature_pair(DRAW)
    new = LeafIdentity(
        old.credential, private, old.capabilities, (Extension(0xF5A2, b"new"),)
    )
    company.commit("ada", me=new)
    assert company["bob"].member(0).extensions == new.extensions
    assert company.agree()
    assert company.hear(company.say("ada", b"still me"), but="ada") == {b"still me"}
    with pytest.raises(UsageError):
        company["ada"].commit(
            CommitOptions(
                me=old,
                path=False,
                add=(key_package(company.crypto, company.meet("cyd")).key_package,),
            ),
            DRAW,
        )


def test_the_extensions_of_the_group_can_be_replaced(code):
    required = RequiredCapabilities(extension_types=(0xF5A2,)).encode()
    rules = (
        Extension(ExtensionType.REQUIRED_CAPABILITIES, required),
        Extension(0xF5A3, b"roles"),
    )
    company = Company.of("ada", "bob", code=code, extensions=rules)
    assert company["bob"].context.extensions == rules
    changed = (rules[0], Extension(0xF5A3, b"other roles"))
    company.commit("bob", extensions=changed)
    assert company["ada"].context.extensions == changed
    assert company.agree()


def test_exported_secrets_differ_by_label_context_and_epoch(code):
    company = Company.of("ada", "bob", code=code)
    group = company["ada"]
    secrets = {
        group.export("one", b"", 32),
        group.export("two", b"", 32),
        group.export("one", b"x", 32),
    }
    company.commit("bob")
    secrets.add(company["ada"].export("one", b"", 32))
    assert len(secrets) == 4
    assert len(group.export("long", b"", 100)) == 100


def test_authenticated_data_travels_in_the_open_and_cannot_be_changed(code):
    company = Company.of("ada", "bob", code=code)
    message, _ = company["ada"].protect(
        b"secret", random=DRAW, authenticated_data=b"visible-data"
    )
    assert company["bob"].process(message).authenticated_data == b"visible-data"
    forged = message.replace(b"visible-data", b"changed-data")
    with pytest.raises(NotAuthentic):
        company["bob"].process(forged)


def test_somebody_without_secrets_follows_to_the_same_place(code):
    company = Company.of("ada", "bob", code=code)
    watcher = PublicGroup.decode(company["ada"].public.encode())
    message, company.groups["bob"] = company["bob"].propose_remove(1)
    company.spread(message, but="bob")
    watcher = watcher.follow(message)
    watcher = watcher.follow(company.commit("ada").message)
    watcher = watcher.follow(company.commit("ada", add=("cyd",)).message)
    assert watcher.context == company["cyd"].context
    assert watcher.tree_bytes() == company["cyd"].tree_bytes()
    assert watcher.members() == company["cyd"].members()
