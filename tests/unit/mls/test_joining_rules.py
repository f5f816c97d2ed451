from dataclasses import replace

import pytest
from mls_groups import (
    DRAW,
    HYBRID,
    SUITES,
    Company,
    body_of,
    identity,
    key_package,
    unchanged,
    wrapped,
)
from rejecting import rejects

from privity.errors import (
    DecodeError,
    NotAuthentic,
    Unsupported,
    UsageError,
)
from privity.mls import (
    CommitOptions,
    ConfirmationTagMismatch,
    Extension,
    ExtensionType,
    Group,
    GroupInfo,
    GroupInfoMismatch,
    PublicGroup,
    Rule,
    UnknownPsk,
    make_key_package,
    suite,
    verify_group_info,
)
from privity.mls.committing import create_commit
from privity.mls.extensions import ExternalPub
from privity.mls.inviting import make_group_info, make_welcome
from privity.mls.proposals import (
    ExternalPSK,
    PreSharedKeyID,
    ResumptionPSK,
    ResumptionPSKUsage,
)
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.tree_draft import TreeDraft
from privity.mls.welcome import GroupSecrets, PathSecret


class Invitation:
    """Ada adds Bob to a group with Cyd, and what she sends may be changed."""

    def __init__(self, code=0x0001):
        self.company = Company.of("ada", "cyd", code=code)
        self.me = self.company.meet("bob")
        self.bundle = key_package(self.company.crypto, self.me)
        options = CommitOptions(add=(self.bundle.key_package,))
        self.committed = create_commit(self.company["ada"].state, options, DRAW)
        self.state = self.committed.state
        self.tree = self.state.tree.encode()

    def info(self, **changes):
        """Return a GroupInfo with right signature and wrong content."""
        info = replace(make_group_info(self.state, ()), **changes)
        return info.signed(self.state.suite, self.state.membership.me.signature_private)

    def join(self, info=None, tree=None, change=None, **welcome_changes):
        """Let Bob join by a Welcome around this GroupInfo."""
        welcome = make_welcome(self.committed, info or self.info())
        if change:
            welcome = self._with_secrets(welcome, change)
        welcome = replace(welcome, **welcome_changes)
        encoded = self.tree if tree is None else tree
        return Group.join(wrapped(welcome), self.bundle, self.me, tree=encoded)

    def _with_secrets(self, welcome, change):
        crypto = self.state.suite
        (entry,) = welcome.secrets
        sealed = welcome.encrypted_group_info
        secrets = GroupSecrets.decode(
            crypto.decrypt_with_label(
                self.bundle.init_private,
                "Welcome",
                sealed,
                entry.encrypted_group_secrets,
            )
        )
        again = crypto.encrypt_with_label(
            self.bundle.key_package.init_key,
            "Welcome",
            sealed,
            change(secrets).encode(),
        )
        entry = replace(entry, encrypted_group_secrets=again)
        return replace(welcome, secrets=(entry,))


@pytest.fixture
def invitation():
    return Invitation()


@pytest.mark.parametrize("code", SUITES)
def test_an_honest_welcome_leads_into_the_group(code):
    invitation = Invitation(code)
    joined = invitation.join()
    assert joined.group.context == invitation.state.context
    assert joined.group.own_leaf == 2


def test_one_joins_by_a_welcome_and_nothing_else(invitation):
    message = wrapped(invitation.bundle.key_package)
    with rejects(Rule.NOT_A_WELCOME):
        Group.join(message, invitation.bundle, invitation.me, tree=invitation.tree)


def test_a_welcome_for_others_is_refused(invitation):
    with rejects(Rule.WELCOME_FOR_OTHERS):
        invitation.join(secrets=())
    other = key_package(invitation.company.crypto, invitation.me)
    welcome = wrapped(make_welcome(invitation.committed, invitation.info()))
    with rejects(Rule.WELCOME_FOR_OTHERS):
        Group.join(welcome, other, invitation.me, tree=invitation.tree)


def test_a_welcome_of_another_suite_is_refused(invitation):
    with rejects(Rule.WELCOME_OF_OTHER_SUITE):
        invitation.join(cipher_suite=HYBRID)
    with pytest.raises(Unsupported):
        invitation.join(cipher_suite=8)
    for field, value in (("cipher_suite", HYBRID), ("version", 2)):
        context = replace(invitation.state.context, **{field: value})
        with rejects(Rule.WELCOME_OF_OTHER_SUITE):
            invitation.join(invitation.info(group_context=context))


def test_a_group_info_signed_by_a_blank_leaf_is_refused(invitation):
    for signer in (3, 4, 2**32 - 1):
        with rejects(Rule.SIGNER_IS_BLANK):
            invitation.join(invitation.info(signer=signer))


def test_a_group_info_that_another_member_signed_is_not_authentic(invitation):
    with pytest.raises(NotAuthentic):
        invitation.join(invitation.info(signer=1))


def test_a_tree_without_our_leaf_is_refused(invitation):
    draft = TreeDraft(invitation.state.tree)
    draft.remove(2)
    draft.truncate()
    without = draft.freeze()
    context = replace(invitation.state.context, tree_hash=without.tree_hash())
    with rejects(Rule.OWN_LEAF_MISSING):
        invitation.join(invitation.info(group_context=context), without.encode())


def test_a_tree_with_another_leaf_of_ours_is_refused(invitation):
    other = key_package(invitation.company.crypto, invitation.me)
    draft = TreeDraft(invitation.state.tree)
    draft.set_leaf(2, other.key_package.leaf_node)
    changed = draft.freeze()
    context = replace(invitation.state.context, tree_hash=changed.tree_hash())
    # The parents' hashes cover the leaf too; they are blanked to get that far.
    with rejects(Rule.OWN_LEAF_MISSING):
        tree = _without_parents(changed)
        context = replace(context, tree_hash=tree.tree_hash())
        invitation.join(invitation.info(group_context=context), tree.encode())


def _without_parents(tree: RatchetTree) -> RatchetTree:
    draft = TreeDraft(tree)
    for at in range(1, 2 * tree.size - 1, 2):
        draft.set_parent(at, None)
    return draft.freeze()


def test_a_joiner_must_be_given_the_keys_that_others_count_on(invitation):
    with rejects(Rule.JOINER_LACKS_A_KEY):
        invitation.join(change=lambda secrets: replace(secrets, path_secret=None))


def test_a_path_secret_of_other_keys_is_refused(invitation):
    with rejects(Rule.PATH_KEY_MISMATCH):
        invitation.join(
            change=lambda secrets: replace(secrets, path_secret=PathSecret(bytes(32)))
        )


def test_another_joiner_secret_opens_nothing(invitation):
    with pytest.raises(NotAuthentic):
        invitation.join(
            change=lambda secrets: replace(secrets, joiner_secret=bytes(32))
        )


def test_pre_shared_keys_of_a_welcome_must_be_known_and_well_formed(invitation):
    psk = PreSharedKeyID(ExternalPSK(b"id"), bytes(32))
    with pytest.raises(UnknownPsk):
        invitation.join(change=lambda secrets: replace(secrets, psks=(psk,)))
    with rejects(Rule.DUPLICATE_PSK):
        invitation.join(change=lambda secrets: replace(secrets, psks=(psk, psk)))
    short = replace(psk, psk_nonce=bytes(31))
    with rejects(Rule.PSK_NONCE_LENGTH):
        invitation.join(change=lambda secrets: replace(secrets, psks=(short,)))
    branch = ResumptionPSK(ResumptionPSKUsage.BRANCH, b"company", 0)
    resumed = replace(psk, key=branch)
    with rejects(Rule.PSK_USAGE):
        invitation.join(change=lambda secrets: replace(secrets, psks=(resumed,)))


def test_a_wrong_confirmation_tag_is_named_as_such(invitation):
    for tag in (b"", bytes(32)):
        with pytest.raises(ConfirmationTagMismatch):
            invitation.join(invitation.info(confirmation_tag=tag))


def test_a_tree_of_another_hash_is_refused(invitation):
    with rejects(Rule.WRONG_TREE_HASH):
        invitation.join(tree=invitation.company["ada"].tree_bytes())


def test_an_extension_that_stands_twice_is_refused(invitation):
    twice = (Extension(0xF5A4, b"1"), Extension(0xF5A4, b"2"))
    with rejects(Rule.DUPLICATE_EXTENSION):
        invitation.join(invitation.info(extensions=twice))


def test_unknown_extensions_of_a_group_info_are_ignored(invitation):
    joined = invitation.join(invitation.info(extensions=(Extension(0x0A0A, b"?"),)))
    assert joined.group.own_leaf == 2


def test_without_a_tree_one_cannot_join(invitation):
    welcome = wrapped(make_welcome(invitation.committed, invitation.info()))
    with pytest.raises(UsageError, match="tree"):
        Group.join(welcome, invitation.bundle, invitation.me)


def test_a_key_package_of_somebody_else_is_our_own_mistake(invitation):
    welcome = wrapped(make_welcome(invitation.committed, invitation.info()))
    other = identity(invitation.company.crypto, "bob")
    with pytest.raises(UsageError, match="somebody else"):
        Group.join(welcome, invitation.bundle, other, tree=invitation.tree)


def test_every_flipped_welcome_is_refused(invitation):
    welcome = wrapped(make_welcome(invitation.committed, invitation.info()))
    for at in range(0, len(welcome), 5):
        flipped = bytearray(welcome)
        flipped[at] ^= 0x01
        with pytest.raises((DecodeError, NotAuthentic, Unsupported)) as refused:
            _join_or_rule(flipped, invitation)
        assert not isinstance(refused.value, UsageError)


def _join_or_rule(message, invitation):
    try:
        Group.join(
            bytes(message), invitation.bundle, invitation.me, tree=invitation.tree
        )
    except Exception as error:
        if getattr(error, "rule", None) is not None:
            raise DecodeError("refused by a rule") from error
        raise


def test_a_group_that_its_creator_could_not_live_in_is_not_created():
    crypto = suite(0x0001)
    me = identity(crypto, "ada")
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        Group.create(
            crypto, b"g", me, random=DRAW, extensions=(Extension(0xF000, b""),)
        )
    with rejects(Rule.SUITE_NOT_LISTED):
        able = identity(crypto, "ada", cipher_suites=(2,))
        Group.create(crypto, b"g", able, random=DRAW)


def test_a_package_of_last_resort_says_so():
    crypto = suite(0x0001)
    me = identity(crypto, "ada")
    times = {"not_before": 5, "not_after": 9}
    bundle = make_key_package(crypto, me, random=DRAW, last_resort=True, **times)
    assert bundle.key_package.extensions == (Extension(0x000A, b""),)
    assert type(bundle).decode(bundle.encode()) == bundle
    source = bundle.key_package.leaf_node.source
    assert (source.not_before, source.not_after) == (5, 9)
    unable = identity(crypto, "ada", extensions=())
    with pytest.raises(UsageError):
        make_key_package(crypto, unable, random=DRAW, last_resort=True, **times)


def test_private_keys_do_not_print(invitation):
    bundle = invitation.bundle
    shown = repr(bundle) + repr(invitation.me) + repr(invitation.company["ada"])
    shown += repr(invitation.committed) + repr(invitation.state)
    for secret in (
        bundle.init_private,
        bundle.encryption_private,
        invitation.me.signature_private,
        invitation.state.secrets.exporter_secret,
        invitation.committed.joiner_secret,
    ):
        assert repr(secret)[2:-1] not in shown
        assert secret.hex() not in shown


def test_a_watcher_starts_from_a_group_info(invitation):
    info = invitation.info()
    watcher = PublicGroup.of_group_info(info, invitation.tree)
    assert watcher.context == invitation.state.context
    assert PublicGroup.decode(watcher.encode()) == watcher
    verify_group_info(watcher, info)
    enclosed = make_group_info(invitation.state, (), with_tree=True)
    assert PublicGroup.of_group_info(enclosed, None) == watcher


def test_a_group_info_of_another_epoch_does_not_confirm_a_watcher(invitation):
    watcher = invitation.company["ada"].public
    with pytest.raises(GroupInfoMismatch):
        verify_group_info(watcher, invitation.info())


def test_a_group_info_of_another_transcript_does_not_confirm_a_watcher(invitation):
    watcher = PublicGroup(invitation.state.public)
    with pytest.raises(GroupInfoMismatch):
        verify_group_info(watcher, invitation.info(confirmation_tag=bytes(32)))
    with rejects(Rule.SIGNER_IS_BLANK):
        verify_group_info(watcher, invitation.info(signer=3))
    with pytest.raises(NotAuthentic):
        verify_group_info(watcher, invitation.info(signer=1))


def test_a_checkpoint_of_another_version_or_tree_is_refused(invitation):
    checkpoint = PublicGroup(invitation.state.public).encode()
    with pytest.raises(DecodeError):
        PublicGroup.decode(b"\2" + checkpoint[1:])
    with pytest.raises(DecodeError):
        PublicGroup.decode(checkpoint[:-1])
    older = replace(invitation.state.public, tree=invitation.company["ada"].state.tree)
    with rejects(Rule.WRONG_TREE_HASH):
        PublicGroup.decode(PublicGroup(older).encode())


def test_a_group_info_alone_announces_the_external_key(invitation):
    encoded = invitation.company["ada"].group_info((Extension(0xF5A4, b"x"),))
    info = GroupInfo.decode(encoded)
    kinds = [extension.extension_type for extension in info.extensions]
    assert kinds == [ExtensionType.EXTERNAL_PUB, 0xF5A4]
    watcher = invitation.company["cyd"].public
    verify_group_info(watcher, info)


def test_a_welcome_holds_one_message(invitation):
    welcome = wrapped(make_welcome(invitation.committed, invitation.info()))
    assert body_of(welcome).secrets[0].new_member == invitation.bundle.reference(
        invitation.company.crypto
    )
    with pytest.raises(DecodeError):
        Group.join(
            welcome + b"\0", invitation.bundle, invitation.me, tree=invitation.tree
        )


def with_external_pub(invitation, key):
    info = make_group_info(invitation.state, ())
    listed = Extension(ExtensionType.EXTERNAL_PUB, ExternalPub(key).encode())
    others = [
        e for e in info.extensions if e.extension_type != ExtensionType.EXTERNAL_PUB
    ]
    return invitation.info(extensions=(listed, *others))


@pytest.mark.parametrize("code", SUITES)
def test_a_joiner_derives_the_external_key_and_compares_it(code):
    """Else a member could make others join a group of nobody, or shut them out."""
    invitation = Invitation(code)
    _, other = invitation.state.suite.derive_key_pair(b"other".ljust(64, b"!"))
    with rejects(Rule.EXTERNAL_PUB_MISMATCH):
        invitation.join(info=with_external_pub(invitation, other))
    without = invitation.join(info=invitation.info(extensions=())).group
    assert without.context == invitation.state.context


def test_a_member_compares_the_external_key_of_others_group_infos(invitation):
    group = invitation.join().group
    group.verify_group_info(invitation.info())
    _, other = group.suite.derive_key_pair(b"other".ljust(32, b"!"))
    wrong = with_external_pub(invitation, other)
    # Whoever knows no secret cannot tell.
    verify_group_info(group.public, wrong)
    with unchanged(group), rejects(Rule.EXTERNAL_PUB_MISMATCH):
        group.verify_group_info(wrong)
    forged = replace(invitation.info(), signature=bytes(64))
    with unchanged(group), pytest.raises(NotAuthentic):
        group.verify_group_info(forged)
