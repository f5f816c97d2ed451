from dataclasses import replace

import pytest
from mls_groups import (
    DRAW,
    Company,
    body_of,
    forge,
    key_package,
    private,
    resealed,
    seal,
    unchanged,
    wrapped,
)
from rejecting import rejects

from privity.errors import (
    DecodeError,
    NotAuthentic,
    ProtocolError,
    RuleViolation,
    UsageError,
)
from privity.mls import (
    CommitOptions,
    ConfirmationTagMismatch,
    Group,
    OwnCommit,
    PathSlotFailed,
    Rule,
    WrongEpoch,
    following,
    messages,
)
from privity.mls.committing import sign_content
from privity.mls.following import verify_sender
from privity.mls.framing import (
    AuthenticatedContent,
    FramedContentAuthData,
    PrivateMessage,
    PublicMessage,
    Sender,
    SenderData,
    SenderType,
    WireFormat,
)
from privity.mls.nodes import ParentNode
from privity.mls.proposals import Commit, InlineProposal, ProposalRef, Remove
from privity.mls.protection import (
    open_private,
    seal_private,
)
from privity.mls.treekem import UpdatePath


@pytest.fixture
def company():
    return Company.of("ada", "bob", "cyd")


def test_application_data_in_a_public_message_is_refused(company):
    message = forge(company["ada"], b"readable by all")
    with unchanged(company["bob"]), rejects(Rule.APPLICATION_DATA_IN_THE_OPEN):
        company["bob"].process(message)
    watcher = company["bob"].public
    with rejects(Rule.APPLICATION_DATA_IN_THE_OPEN):
        watcher.follow(message)


def test_padding_that_is_not_zero_is_refused(company):
    ada, bob = company["ada"].state, company["bob"]

    class Padded(FramedContentAuthData):
        padding = bytes(5)

        def encode(self):
            return super().encode() + self.padding

    signed = sign_content(ada, WireFormat.PRIVATE_MESSAGE, b"text", b"")
    padded = Padded(signed.auth.signature)
    good = private(company["ada"], b"text", auth=padded)
    assert bob.process(wrapped(good)).data == b"text"
    Padded.padding = bytes(4) + b"\1"
    bad = private(company["ada"], b"text", auth=padded)
    with unchanged(bob), rejects(Rule.PADDING_NOT_ZERO):
        bob.process(wrapped(bad))


def test_a_sender_whose_leaf_is_blank_is_refused():
    company = Company.of("ada", "bob", "cyd", "dan")
    company.commit("ada", remove=("dan",))
    bob = company["bob"]

    def claim_blank(data):
        return replace(data, leaf_index=3)

    sealed = private(company["ada"], b"text")
    message = wrapped(resealed(company["ada"], sealed, claim_blank))
    with unchanged(bob), rejects(Rule.SENDER_IS_BLANK):
        bob.process(message)
    beyond = wrapped(
        resealed(company["ada"], sealed, lambda d: replace(d, leaf_index=2**32 - 1))
    )
    with unchanged(bob), rejects(Rule.SENDER_IS_BLANK):
        bob.process(beyond)
    signed = sign_content(
        company["ada"].state, WireFormat.PUBLIC_MESSAGE, Remove(1), b""
    )
    content = replace(signed.content, sender=Sender(SenderType.MEMBER, 3))
    with unchanged(bob), rejects(Rule.SENDER_IS_BLANK):
        bob.process(seal(company["ada"], replace(signed, content=content)))


def test_a_used_key_opens_nothing_again(company):
    message = company.say("ada", b"once")
    company.hear(message, but="ada")
    bob = company["bob"]
    with unchanged(bob), rejects(Rule.GENERATION_CONSUMED):
        bob.process(message)
    ada = company["ada"]
    with unchanged(ada), rejects(Rule.GENERATION_CONSUMED):
        ada.process(message)


def test_a_generation_far_ahead_costs_nothing(company):
    sealed = private(company["ada"], b"text")
    bob = company["bob"]
    for generation in (1001, 2**32 - 1):
        message = resealed(
            company["ada"],
            sealed,
            lambda data, g=generation: replace(data, generation=g),
        )
        with unchanged(bob), rejects(Rule.GENERATION_TOO_FAR):
            bob.process(wrapped(message))


def test_a_message_of_another_group_is_refused(company):
    other = Company.of("ada", "bob")
    strange = Group.create(other.crypto, b"another", other.meet("ada"), random=DRAW)
    for message in (
        strange.protect(b"text", random=DRAW)[0],
        strange.commit(CommitOptions(), DRAW).message,
    ):
        with unchanged(company["bob"]), rejects(Rule.WRONG_GROUP):
            company["bob"].process(message)


def test_a_message_of_another_epoch_is_stale(company):
    before = company["cyd"]
    early = company.say("ada", b"early")
    pending = company.commit("bob")
    late = company.say("ada", b"late")
    for group, message in (
        (company["bob"], early),
        (before, late),
        (company["cyd"], pending.message),
    ):
        with unchanged(group), pytest.raises(WrongEpoch):
            group.process(message)


def test_our_own_commit_is_not_processed(company):
    pending = company["ada"].commit(CommitOptions(), DRAW)
    with unchanged(company["ada"]), pytest.raises(OwnCommit):
        company["ada"].process(pending.message)


def test_our_own_proposal_changes_nothing_when_it_comes_back(company):
    message, after = company["ada"].propose_remove(1)
    with unchanged(after):
        assert after.process(message).next == after


def test_a_commit_that_names_an_unknown_proposal_is_refused(company):
    body = Commit((ProposalRef(b"?" * 32),))
    message = forge(company["ada"], body, bytes(32))
    with unchanged(company["bob"]), rejects(Rule.UNKNOWN_PROPOSAL):
        company["bob"].process(message)


def test_proposals_of_an_epoch_cannot_be_named_in_the_next(company):
    message, _ = company["cyd"].propose_remove(1)
    reference = company["ada"].process(message).reference
    company.commit("ada")
    forged = forge(company["ada"], Commit((ProposalRef(reference),)), bytes(32))
    with unchanged(company["bob"]), rejects(Rule.UNKNOWN_PROPOSAL):
        company["bob"].process(forged)


def test_whoever_is_removed_cannot_check_the_tag_and_all_others_do(company):
    """It is made with a secret of the epoch that the removed one does not enter."""
    honest = company["ada"].commit(CommitOptions(remove=(1,)), DRAW)
    commit = body_of(honest.message).content.content
    wrong = forge(company["ada"], commit, bytes(32))
    assert company["bob"].process(wrong).removes_me
    with unchanged(company["cyd"]), pytest.raises(ConfirmationTagMismatch):
        company["cyd"].process(wrong)


def test_only_so_many_proposals_wait(company, monkeypatch):
    monkeypatch.setattr(following, "MAX_PENDING_PROPOSALS", 2)
    bob = company["bob"]
    for data in (b"1", b"2"):
        message, _ = company["ada"].propose_remove(2, authenticated_data=data)
        bob = bob.process(message).next
    message, _ = company["ada"].propose_remove(2, authenticated_data=b"3")
    with unchanged(bob), rejects(Rule.TOO_MANY_PROPOSALS):
        bob.process(message)


def test_a_message_that_is_too_long_is_not_even_decoded(company, monkeypatch):
    message = company.say("ada", b"text")
    monkeypatch.setattr(messages, "MAX_MESSAGE", len(message) - 1)
    with unchanged(company["bob"]), rejects(Rule.MESSAGE_TOO_LONG):
        company["bob"].process(message)
    with rejects(Rule.MESSAGE_TOO_LONG):
        company["bob"].public.follow(message)


def test_what_is_no_group_message_is_refused(company):
    package = key_package(company.crypto, company.meet("dan")).key_package
    with unchanged(company["bob"]), rejects(Rule.NOT_A_GROUP_MESSAGE):
        company["bob"].process(wrapped(package))
    with rejects(Rule.NOT_A_GROUP_MESSAGE):
        company["bob"].public.follow(wrapped(package))


def test_the_last_epoch_has_no_successor(company):
    state = company["ada"].state
    context = replace(state.context, epoch=2**64 - 1)
    last = Group(replace(state, public=replace(state.public, context=context)))
    with rejects(Rule.LAST_EPOCH):
        last.commit(CommitOptions(), DRAW)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (SenderType.EXTERNAL, Rule.UNKNOWN_EXTERNAL_SENDER),
        (SenderType.NEW_MEMBER_PROPOSAL, Rule.NOT_THIS_SENDERS),
        (SenderType.NEW_MEMBER_COMMIT, Rule.NOT_THIS_SENDERS),
    ],
)
def test_senders_who_are_not_members_say_what_they_may_only(company, kind, rule):
    signed = sign_content(
        company["ada"].state, WireFormat.PUBLIC_MESSAGE, Remove(1), b""
    )
    content = replace(signed.content, sender=Sender(kind))
    message = wrapped(PublicMessage(content, signed.auth, None))
    with unchanged(company["bob"]), rejects(rule):
        company["bob"].process(message)


def test_a_wrong_membership_tag_is_not_authentic(company):
    message, _ = company["ada"].propose_remove(1)
    body = body_of(message)
    for tag in (bytes(32), b"", body.membership_tag[:-1], body.membership_tag + b"x"):
        forged = wrapped(replace(body, membership_tag=tag))
        with unchanged(company["bob"]), pytest.raises(NotAuthentic):
            company["bob"].process(forged)


def test_a_signature_of_another_member_is_not_authentic(company):
    signed = sign_content(
        company["ada"].state, WireFormat.PUBLIC_MESSAGE, Remove(1), b""
    )
    content = replace(signed.content, sender=Sender(SenderType.MEMBER, 2))
    message = seal(company["ada"], replace(signed, content=content))
    with unchanged(company["bob"]), pytest.raises(NotAuthentic):
        company["bob"].process(message)


def test_a_signature_for_the_other_wire_format_is_not_authentic(company):
    signed = sign_content(
        company["ada"].state, WireFormat.PRIVATE_MESSAGE, Remove(1), b""
    )
    moved = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, signed.content, signed.auth)
    with unchanged(company["bob"]), pytest.raises(NotAuthentic):
        company["bob"].process(seal(company["ada"], moved))


def test_a_wrong_confirmation_tag_is_named_as_such(company):
    pending = company["ada"].commit(CommitOptions(), DRAW)
    body = body_of(pending.message)
    state = company["ada"].state
    for tag in (bytes(32), b"", body.auth.confirmation_tag + b"x"):
        auth = replace(body.auth, confirmation_tag=tag)
        signed = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, body.content, auth)
        with unchanged(company["bob"]), pytest.raises(ConfirmationTagMismatch):
            company["bob"].process(seal(company["ada"], signed))
    assert state == company["ada"].state


def poisoned(group, pending, change):
    """Return a commit whose update path was changed before it was signed."""
    body = body_of(pending.message)
    path = change(body.content.content.path)
    commit = replace(body.content.content, path=path)
    return forge(group, commit, body.auth.confirmation_tag)


def test_a_path_secret_that_does_not_open_is_seen_by_its_receiver_only(company):
    pending = company["ada"].commit(CommitOptions(), DRAW)

    def poison(path: UpdatePath) -> UpdatePath:
        first = path.nodes[0]
        bad = replace(first.encrypted_path_secret[0], ciphertext=bytes(48))
        node = replace(first, encrypted_path_secret=(bad,))
        return replace(path, nodes=(node, *path.nodes[1:]))

    message = poisoned(company["ada"], pending, poison)
    with unchanged(company["bob"]), pytest.raises(PathSlotFailed):
        company["bob"].process(message)
    # Who is not concerned finds the same commit wanting only at its tag, which
    # covers the transcript.
    with unchanged(company["cyd"]), pytest.raises(ConfirmationTagMismatch):
        company["cyd"].process(message)


def test_a_path_secret_of_other_keys_is_a_failed_slot(company):
    pending = company["ada"].commit(CommitOptions(), DRAW)
    crypto = company.crypto
    bob = company["bob"]
    context = following.next_context(
        bob.state.context,
        pending.next.state.tree,
        following.apply_proposals(bob.state.tree, bob.state.context, 0, ()),
    )

    def swap(path: UpdatePath) -> UpdatePath:
        first = path.nodes[0]
        key = bob.member(1).encryption_key
        other = crypto.encrypt_with_label(
            key, "UpdatePathNode", context.encode(), bytes(32)
        )
        node = replace(first, encrypted_path_secret=(other,))
        return replace(path, nodes=(node, *path.nodes[1:]))

    message = poisoned(company["ada"], pending, swap)
    with unchanged(bob), pytest.raises(PathSlotFailed, match="PATH_KEY_MISMATCH"):
        bob.process(message)


def test_a_commit_without_a_path_that_needs_one_is_refused(company):
    for proposals in ((), (InlineProposal(Remove(2)),)):
        message = forge(company["ada"], Commit(proposals), bytes(32))
        with unchanged(company["bob"]), rejects(Rule.PATH_MISSING):
            company["bob"].process(message)


def test_a_commit_that_removes_its_committer_is_refused(company):
    message = forge(company["ada"], Commit((InlineProposal(Remove(0)),)), bytes(32))
    with unchanged(company["bob"]), rejects(Rule.COMMITTER_REMOVED):
        company["bob"].process(message)


def test_a_proposal_to_remove_nobody_is_not_made(company):
    with unchanged(company["ada"]), rejects(Rule.BLANK_LEAF):
        company["ada"].propose_remove(3)


def test_every_shortened_or_flipped_message_is_refused(company):
    bob = company["bob"]
    handshake, _ = company["ada"].propose_remove(2)
    commit = company["ada"].commit(CommitOptions(), DRAW).message
    application = company.say("ada", b"text")
    for message in (handshake, commit, application):
        for size in range(0, len(message), 7):
            with pytest.raises(DecodeError):
                bob.process(message[:size])
        for at in range(0, len(message), 3):
            flipped = bytearray(message)
            flipped[at] ^= 0x10
            with unchanged(bob), pytest.raises((ProtocolError, WrongEpoch)):
                bob.process(bytes(flipped))
        with pytest.raises(DecodeError):
            bob.process(message + b"\0")


def test_private_handshake_messages_are_understood(company):
    signed = sign_content(
        company["ada"].state, WireFormat.PRIVATE_MESSAGE, Remove(2), b""
    )
    state = company["ada"].state
    message = seal_private(
        state.suite, state.secrets.sender_data_secret, state.secret_tree, signed, DRAW
    ).message
    assert isinstance(message, PrivateMessage)
    event = company["bob"].process(wrapped(message))
    assert event.proposal == Remove(2)
    with unchanged(event.next), rejects(Rule.GENERATION_CONSUMED):
        event.next.process(wrapped(message))


def test_a_forged_ciphertext_leaves_the_ratchet_where_it_was(company):
    sealed = private(company["ada"], b"text")
    ahead = resealed(
        company["ada"], sealed, lambda data: SenderData(0, 5, data.reuse_guard)
    )
    bob = company["bob"]
    with unchanged(bob), pytest.raises(NotAuthentic):
        bob.process(wrapped(ahead))
    assert bob.process(wrapped(sealed)).data == b"text"


def test_open_private_needs_an_occupied_leaf_of_the_tree(company):
    state = company["ada"].state
    sealed = private(company["ada"], b"text")
    with pytest.raises(RuleViolation):
        open_private(
            state.suite, state.secret_tree, SenderData(1, 5000, bytes(4)), sealed
        )


def test_a_parent_is_no_leaf(company):
    assert isinstance(company["ada"].state.tree.node(1), ParentNode)
    assert company["ada"].member(7) is None


def test_the_frame_of_a_message_proves_its_sender_later(company):
    event = company["bob"].process(company.say("ada", b"said"))
    frame = AuthenticatedContent.decode(event.frame)
    assert frame.content.content == b"said"
    verify_sender(company["bob"].state.public, frame)
    for wire_format in (3, 4, 5):
        with pytest.raises(DecodeError):
            AuthenticatedContent.decode(b"\0" + bytes([wire_format]) + event.frame[2:])


def test_an_update_of_ours_whose_key_was_lost_is_a_failed_slot(company):
    message, after = company["bob"].propose_update(random=DRAW)
    company.groups["bob"] = after
    company.spread(message, but="bob")
    pending = company["ada"].commit(CommitOptions(), DRAW)
    lost = Group(replace(after.state, own_updates=()))
    with unchanged(lost), pytest.raises(PathSlotFailed):
        lost.process(pending.message)


def test_only_members_send_private_messages(company):
    state = company["ada"].state
    signed = sign_content(state, WireFormat.PRIVATE_MESSAGE, b"text", b"")
    content = replace(signed.content, sender=Sender(SenderType.EXTERNAL))
    with pytest.raises(UsageError):
        private(company["ada"], b"text", content=content)
