"""Cases about what travels: a Welcome that opens, and one of each structure."""

from privity.mls import (
    Add,
    CommitOptions,
    Extension,
    ExternalPSK,
    Group,
    GroupContextExtensions,
    GroupInfo,
    Random,
    ReInit,
    Remove,
    suite,
)
from privity.mls.committing import fresh_psk
from privity.mls.framing import PublicMessage
from privity.mls.messages import MLSMessage
from privity.mls.proposals import Commit, ExternalInit
from privity.mls.welcome import GroupSecrets, PathSecret
from tools.mls_makers import ALL_SUITES, Case, Format, pick
from tools.mls_makers.party import APP_EXTENSION, Party, forge

__all__ = ["FORMATS"]


def make_welcome(random: Random) -> list[Case]:
    """Return a Welcome a suite, opened with the init key alone (§12.4.3.1)."""
    return [_welcome(Party.of(suite(code), random, "ab")) for code in ALL_SUITES]


def _welcome(party: Party) -> Case:
    bundle = party.package("c")
    pending = party.commit("b", options=CommitOptions(add=(bundle.key_package,)))
    return {
        "cipher_suite": party.crypto.code,
        "init_priv": bundle.init_private.hex(),
        "signer_pub": party.meet("b").signature_public(party.crypto).hex(),
        "key_package": MLSMessage(bundle.key_package).encode().hex(),
        "welcome": (pending.welcome or b"").hex(),
    }


def make_messages(random: Random) -> list[Case]:
    """Return one of each structure that travels, of groups of several sizes.

    The format does not say the suite; all are of suite 1.
    """
    return [
        _structures(Party.of(suite(1), random, names))
        for names in ("ab", "abc", "abcdefg")
    ]


def _structures(party: Party) -> Case:
    group, random, crypto = party["a"], party.random, party.crypto
    bundle = party.package("z")
    options = CommitOptions(add=(bundle.key_package,), tree_in_welcome=True)
    pending = group.commit(options, random)
    _, updating = party["b"].propose_update(random=random)
    ((_, update),) = updating.pending_proposals
    key = fresh_psk(group.state, ExternalPSK(random(9)), random)
    extensions = (Extension(APP_EXTENSION, random(11)),)
    reinit = ReInit(random(8), 1, 2, extensions)
    kem_output, _ = crypto.send_external_init(bundle.key_package.init_key)
    secrets = GroupSecrets(random(32), PathSecret(random(32)), (key.psk,))
    private, _ = group.protect(random(33), random=random, authenticated_data=b"aad")
    return {
        "mls_welcome": (pending.welcome or b"").hex(),
        "mls_group_info": _info(pending.next).hex(),
        "mls_key_package": MLSMessage(bundle.key_package).encode().hex(),
        "ratchet_tree": group.tree_bytes().hex(),
        "group_secrets": secrets.encode().hex(),
        "add_proposal": Add(bundle.key_package).encode().hex(),
        "update_proposal": update.proposal.encode().hex(),
        "remove_proposal": Remove(pick(random, 2**32)).encode().hex(),
        "pre_shared_key_proposal": key.encode().hex(),
        "re_init_proposal": reinit.encode().hex(),
        "external_init_proposal": ExternalInit(kem_output).encode().hex(),
        "group_context_extensions_proposal": GroupContextExtensions(extensions)
        .encode()
        .hex(),
        "commit": _commit(pending.message).encode().hex(),
        "public_message_application": forge(group, random(21)).hex(),
        "public_message_proposal": group.propose_remove(1)[0].hex(),
        "public_message_commit": pending.message.hex(),
        "private_message": private.hex(),
    }


def _commit(message: bytes) -> Commit:
    body = MLSMessage.decode(message).body
    if isinstance(body, PublicMessage) and isinstance(body.content.content, Commit):
        return body.content.content
    raise TypeError("not a commit in a PublicMessage")


def _info(group: Group) -> bytes:
    return MLSMessage(GroupInfo.decode(group.group_info(with_tree=True))).encode()


FORMATS = {
    "welcome": Format(make_welcome, frozenset({"welcome"})),
    "messages": Format(
        make_messages,
        frozenset(
            {
                "mls_welcome",
                "mls_group_info",
                "external_init_proposal",
                "private_message",
                "commit",
                "public_message_application",
                "public_message_commit",
                "public_message_proposal",
            }
        ),
    ),
}
