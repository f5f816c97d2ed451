"""Messages that break a rule about framing, senders, epochs or the end of a group."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from privity.mls import (
    Add,
    CommitOptions,
    ExternalJoin,
    Group,
    GroupInfo,
    ProposalType,
    Random,
    ReInit,
    Remove,
    Rule,
    SelfRemove,
    SenderType,
    suite,
)
from privity.mls.committing import sign_content
from privity.mls.framing import (
    AuthenticatedContent,
    FramedContentAuthData,
    PrivateMessage,
    PublicMessage,
    Sender,
    SenderData,
    WireFormat,
)
from privity.mls.messages import MLSMessage
from privity.mls.proposals import Commit, InlineProposal, ProposalRef
from privity.mls.protection import (
    open_sender_data,
    seal_private,
    seal_public,
    sender_data_key_and_nonce,
    sign,
)
from tools.mls_makers import Case
from tools.mls_makers.party import forge
from tools.mls_makers.passive import Follower
from tools.mls_makers.refusals import Maker, Scene, cases_of, refused_case

__all__ = ["make_messages"]


def make_messages(random: Random) -> list[Case]:
    """Return the cases, of suite 1."""
    crypto = suite(1)
    cases = cases_of({**_OF_FRAMES, **_OF_OUTSIDERS}, crypto, random)
    able = (ProposalType.SELF_REMOVE,)
    cases += cases_of(_OF_LEAVERS, crypto, random, able=able)
    return [*cases, _last_epoch(random)]


def _private(scene: Scene, signed: AuthenticatedContent) -> PrivateMessage:
    state = scene.group.state
    return seal_private(
        state.suite,
        state.secrets.sender_data_secret,
        state.secret_tree,
        signed,
        scene.random,
    ).message


def _said(scene: Scene, data: bytes) -> AuthenticatedContent:
    return sign_content(scene.group.state, WireFormat.PRIVATE_MESSAGE, data, b"")


@dataclass(frozen=True, slots=True)
class _Padded(FramedContentAuthData):
    """Puts bytes of padding behind the signature, the last of them not zero."""

    def encode(self) -> bytes:
        """Return the encoding, and what stands behind it."""
        return FramedContentAuthData.encode(self) + bytes(7) + b"\1"


def _padding(scene: Scene) -> list[bytes]:
    signed = _said(scene, b"padded")
    auth = _Padded(signed.auth.signature)
    return [MLSMessage(_private(scene, replace(signed, auth=auth))).encode()]


def _ahead(scene: Scene) -> list[bytes]:
    state = scene.group.state
    message = _private(scene, _said(scene, b"far ahead"))
    secret = state.secrets.sender_data_secret
    data = open_sender_data(state.suite, secret, message)
    far = SenderData(data.leaf_index, 2**32 - 1, data.reuse_guard)
    key, nonce = sender_data_key_and_nonce(state.suite, secret, message.ciphertext)
    # group_id<V>, epoch and content_type, the first fields, are the sender data's AAD.
    aad = message.encode()[: 1 + len(message.group_id) + 8 + 1]
    sealed = state.suite.seal(key, nonce, aad, far.encode())
    return [MLSMessage(replace(message, encrypted_sender_data=sealed)).encode()]


def _twice(scene: Scene) -> list[bytes]:
    message = MLSMessage(_private(scene, _said(scene, b"once"))).encode()
    return [message, message]


def _ghost(scene: Scene) -> list[bytes]:
    """A Remove whose sender is a leaf that nobody has, with a right membership tag."""
    state = scene.group.state
    signed = sign_content(state, WireFormat.PUBLIC_MESSAGE, Remove(1), b"")
    content = replace(signed.content, sender=Sender(SenderType.MEMBER, 4))
    message = seal_public(
        state.suite,
        state.secrets.membership_key,
        replace(signed, content=content),
        state.public.encoded_context,
    )
    return [MLSMessage(message).encode()]


def _elsewhere(scene: Scene) -> list[bytes]:
    me = scene.party.meet("a")
    other = Group.create(scene.crypto, b"another", me, random=scene.random)
    return [other.protect(b"of another group", random=scene.random)[0]]


def _no_message(scene: Scene) -> list[bytes]:
    return [MLSMessage(scene.package()).encode()]


def _ended(scene: Scene) -> list[bytes]:
    """A ReInit, and then a proposal in the group that it ended."""
    reinit = ReInit(scene.random(8), 1, scene.crypto.code, ())
    options = CommitOptions(reinit=reinit, path=False)
    pending = scene.group.commit(options, scene.random)
    return [pending.message, forge(pending.next, Remove(1))]


def _from(kind: SenderType) -> Maker:
    """Return a maker of a Remove that says that somebody outside sent it."""

    def make(scene: Scene) -> list[bytes]:
        state = scene.group.state
        signed = sign_content(state, WireFormat.PUBLIC_MESSAGE, Remove(1), b"")
        content = replace(signed.content, sender=Sender(kind))
        return [MLSMessage(PublicMessage(content, signed.auth, None)).encode()]

    return make


_OF_FRAMES: Mapping[Rule, Maker] = {
    Rule.APPLICATION_DATA_IN_THE_OPEN: lambda scene: [forge(scene.group, b"open")],
    Rule.PADDING_NOT_ZERO: _padding,
    Rule.GENERATION_TOO_FAR: _ahead,
    Rule.GENERATION_CONSUMED: _twice,
    Rule.SENDER_IS_BLANK: _ghost,
    Rule.WRONG_GROUP: _elsewhere,
    Rule.NOT_A_GROUP_MESSAGE: _no_message,
    Rule.GROUP_HAS_ENDED: _ended,
    Rule.UNKNOWN_EXTERNAL_SENDER: _from(SenderType.EXTERNAL),
    Rule.NOT_THIS_SENDERS: _from(SenderType.NEW_MEMBER_PROPOSAL),
}


def _intrusion(scene: Scene, *more: InlineProposal | ProposalRef) -> bytes:
    """Return a stranger's external commit with more proposals than it may have."""
    group, me = scene.group, scene.party.meet("z")
    info = GroupInfo.decode(group.group_info())
    options = ExternalJoin(tree=group.tree_bytes())
    pending = Group.join_externally(info, me, options, scene.random)
    body = MLSMessage.decode(pending.message).body
    if not isinstance(body, PublicMessage):
        raise TypeError("not a PublicMessage")
    commit = body.content.content
    if not isinstance(commit, Commit):
        raise TypeError("not a commit")
    commit = replace(commit, proposals=(*commit.proposals, *more))
    content = replace(body.content, content=commit)
    signature = sign(
        scene.crypto,
        me.signing_key(scene.crypto),
        WireFormat.PUBLIC_MESSAGE,
        content,
        group.context.encode(),
    )
    auth = replace(body.auth, signature=signature)
    return MLSMessage(PublicMessage(content, auth, None)).encode()


def _removes_two(scene: Scene) -> list[bytes]:
    return [_intrusion(scene, *(InlineProposal(Remove(leaf)) for leaf in (1, 2)))]


def _names_a_remove(scene: Scene) -> list[bytes]:
    message, after = scene.group.propose_remove(1)
    ((name, _),) = after.pending_proposals
    return [message, _intrusion(scene, ProposalRef(name))]


_OF_OUTSIDERS: Mapping[Rule, Maker] = {
    Rule.EXTERNAL_COMMIT_PROPOSALS: _removes_two,
    Rule.EXTERNAL_COMMIT_REFERENCE: _names_a_remove,
}


def _encrypted_leave(scene: Scene) -> list[bytes]:
    state = scene.group.state
    signed = sign_content(state, WireFormat.PRIVATE_MESSAGE, SelfRemove(), b"")
    return [MLSMessage(_private(scene, signed)).encode()]


_OF_LEAVERS: Mapping[Rule, Maker] = {Rule.SELF_REMOVE_ENCRYPTED: _encrypted_leave}


def _last_epoch(random: Random) -> Case:
    """A commit in epoch 2^64 - 1, to which the group's creator counted at once."""
    scene = Scene(suite(1), random)
    state = scene.group.state
    context = replace(state.context, epoch=2**64 - 2)
    public = replace(state.public, context=context, encoded_context=context.encode())
    scene.party.groups = {"a": Group(replace(state, public=public))}
    scene.party.people.pop("me")
    scene.follower = Follower(scene.party)
    scene.follower.join("a", CommitOptions())
    # Adds need no path, so nothing else is wrong with this commit.
    added = Add(scene.package())
    return refused_case(Rule.LAST_EPOCH, scene.follower, scene.commits(added))
