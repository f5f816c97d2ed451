"""My own leaf: the credential, the certificate and the capabilities it shows."""

from privity import mls
from privity.core.chat_rules import (
    CERTIFICATE,
    CHAT_RULES,
    RULES_VERSION,
    ChatKindCode,
    ChatRules,
    Role,
    RoleEntry,
    chat_id_hash,
)
from privity.core.state import Account, ChatKind
from privity.core.suites import stated
from privity.identity.certificates import credential_identity

__all__ = ["chat_extensions", "leaf_identity"]

BASIC = 1


def leaf_identity(account: Account) -> mls.LeafIdentity:
    """Return what my leaves and key packages state, and the key that signs them."""
    return mls.LeafIdentity(
        credential=mls.Credential.basic(
            credential_identity(account.account_id, account.device_id)
        ),
        signature_private=account.signature_seed,
        capabilities=mls.Capabilities(
            cipher_suites=stated(account.device_list),
            extensions=(mls.LAST_RESORT, CERTIFICATE, CHAT_RULES),
            proposals=(),
            credentials=(BASIC,),
        ),
        extensions=(mls.Extension(CERTIFICATE, account.certificate),),
    )


def chat_extensions(
    chat_id: bytes, kind: ChatKind, owners: tuple[bytes, ...]
) -> tuple[mls.Extension, ...]:
    """Return the GroupContext extensions of a new chat."""
    code = ChatKindCode.DIRECT if kind is ChatKind.DIRECT else ChatKindCode.GROUP
    rules = ChatRules(
        rules_version=RULES_VERSION,
        chat_hash=chat_id_hash(chat_id),
        kind=code,
        members_add=False,
        roles=tuple(RoleEntry(a, Role.OWNER) for a in owners),
    )
    required = mls.RequiredCapabilities(
        extension_types=(CERTIFICATE, CHAT_RULES), credential_types=(BASIC,)
    )
    return (
        mls.Extension(mls.ExtensionType.REQUIRED_CAPABILITIES, required.encode()),
        mls.Extension(CHAT_RULES, rules.encode()),
    )
