"""Cases about framing: protected messages, and transcripts of commits."""

from privity.mls import CipherSuite, GroupContext, Random, Remove, SenderType, suite
from privity.mls.framing import (
    AuthenticatedContent,
    FramedContent,
    FramedContentAuthData,
    Sender,
    WireFormat,
    encode_content,
)
from privity.mls.key_schedule import confirmed_transcript_hash, interim_transcript_hash
from privity.mls.messages import MLSMessage
from privity.mls.proposals import Commit, InlineProposal, Proposal, ProposalRef
from privity.mls.protection import seal_private, seal_public, sign
from privity.mls.secret_tree import SecretTree
from tools.mls_makers import ALL_SUITES, Case, Format, pick

__all__ = ["FORMATS"]

Content = bytes | Proposal | Commit


class _Sender:
    """Leaf 1 of two, with keys that are drawn and belong to no group."""

    def __init__(self, crypto: CipherSuite, random: Random) -> None:
        size = crypto.hash_length
        self.crypto, self.random = crypto, random
        self.private, self.public = crypto.generate_signature_pair(random)
        self.context = GroupContext(
            1,
            crypto.code,
            random(18),
            pick(random, 10**6),
            random(size),
            random(size),
            (),
        )
        self.encryption_secret, self.data_secret = random(size), random(size)
        self.membership_key, self.tag = random(size), random(size)
        self.tree = SecretTree.of(self.encryption_secret, 2)

    def signed(self, wire_format: WireFormat, body: Content) -> AuthenticatedContent:
        """Return content as it is signed; a commit's confirmation tag is any."""
        context = self.context
        content = FramedContent(
            context.group_id,
            context.epoch,
            Sender(SenderType.MEMBER, 1),
            self.random(pick(self.random, 9)),
            body,
        )
        signature = sign(
            self.crypto, self.private, wire_format, content, context.encode()
        )
        tag = self.tag if isinstance(body, Commit) else None
        auth = FramedContentAuthData(signature, tag)
        return AuthenticatedContent(wire_format, content, auth)

    def private_message(self, body: Content) -> str:
        """Return the content in a PrivateMessage, of the next generation."""
        signed = self.signed(WireFormat.PRIVATE_MESSAGE, body)
        sent = seal_private(
            self.crypto, self.data_secret, self.tree, signed, self.random
        )
        self.tree = sent.tree
        return MLSMessage(sent.message).encode().hex()

    def public_message(self, body: Content) -> str:
        """Return the content in a PublicMessage with its membership tag."""
        signed = self.signed(WireFormat.PUBLIC_MESSAGE, body)
        message = seal_public(
            self.crypto, self.membership_key, signed, self.context.encode()
        )
        return MLSMessage(message).encode().hex()


def make_message_protection(random: Random) -> list[Case]:
    """Return a proposal, a commit and application data a suite (§6.2, §6.3)."""
    return [_protected(_Sender(suite(code), random)) for code in ALL_SUITES]


def _protected(sender: _Sender) -> Case:
    context = sender.context
    proposal = Remove(0)
    commit = Commit((ProposalRef(sender.random(sender.crypto.hash_length)),))
    application = sender.random(45)
    return {
        "cipher_suite": context.cipher_suite,
        "group_id": context.group_id.hex(),
        "epoch": context.epoch,
        "tree_hash": context.tree_hash.hex(),
        "confirmed_transcript_hash": context.confirmed_transcript_hash.hex(),
        "signature_priv": sender.private.hex(),
        "signature_pub": sender.public.hex(),
        "encryption_secret": sender.encryption_secret.hex(),
        "sender_data_secret": sender.data_secret.hex(),
        "membership_key": sender.membership_key.hex(),
        "proposal": encode_content(proposal).hex(),
        "proposal_priv": sender.private_message(proposal),
        "proposal_pub": sender.public_message(proposal),
        "commit": encode_content(commit).hex(),
        "commit_priv": sender.private_message(commit),
        "commit_pub": sender.public_message(commit),
        "application": application.hex(),
        "application_priv": sender.private_message(application),
    }


def make_transcript_hashes(random: Random) -> list[Case]:
    """Return commits in both wire formats a suite (§8.2)."""
    return [
        _transcript(_Sender(suite(code), random), wire_format)
        for code in ALL_SUITES
        for wire_format in (WireFormat.PUBLIC_MESSAGE, WireFormat.PRIVATE_MESSAGE)
    ]


def _transcript(sender: _Sender, wire_format: WireFormat) -> Case:
    crypto, random = sender.crypto, sender.random
    key, before = random(crypto.hash_length), random(crypto.hash_length)
    bare = sender.signed(wire_format, Commit((InlineProposal(Remove(0)),)))
    confirmed = confirmed_transcript_hash(crypto, before, bare.confirmed_input())
    tag = crypto.mac(key, confirmed)
    auth = FramedContentAuthData(bare.auth.signature, tag)
    signed = AuthenticatedContent(wire_format, bare.content, auth)
    return {
        "cipher_suite": crypto.code,
        "confirmation_key": key.hex(),
        "authenticated_content": signed.encode().hex(),
        "interim_transcript_hash_before": before.hex(),
        "confirmed_transcript_hash_after": confirmed.hex(),
        "interim_transcript_hash_after": interim_transcript_hash(
            crypto, confirmed, tag
        ).hex(),
    }


FORMATS = {
    "message-protection": Format(make_message_protection),
    "transcript-hashes": Format(make_transcript_hashes),
}
