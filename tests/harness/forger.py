"""A member who breaks rules: makes commits as the engine never would."""

from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from msgspec import structs

from privity import mls
from privity.core.chat_rules import CommitStatement
from privity.core.envelopes import (
    CommitPayload,
    part_place,
    seal_checkpoint,
    seal_envelope,
)
from privity.core.generations import NEXT_KEYS, Generation, generation_secret
from privity.core.leaves import leaf_identity
from privity.core.requests import Appended, AppendEntry
from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.wire.entry import NO_TAG, VERSION, BlobRef, Header, Kind

__all__ = ["Forger", "leaf", "make_package", "package_of", "poisoned"]


class Forger:
    """Makes commits as a member can, honest ones and others.

    One that is `frozen` stays where it was made: it is a member that was removed since.
    """

    def __init__(self, person, chat_id, *, frozen=False):
        self.person, self.chat_id = person, chat_id
        self.random = person.town.random.randbytes
        self._chat = self.person.state.chats[chat_id] if frozen else None
        self._group = self.person.state.groups[chat_id] if frozen else None

    @property
    def chat(self):
        return self._chat or self.person.state.chats[self.chat_id]

    @property
    def group(self):
        return self._group or self.person.state.groups[self.chat_id]

    def junk(self, *, after=0, opens=False):
        """Append a commit that holds nothing, as a further child if `after` is set."""
        made = self.group.commit(mls.CommitOptions(), self.random)
        return self.append(made, opens=opens, payload=b"\x01\x00", after=after)

    def big_junk(self, *, after=0):
        """Append a big commit whose blob is there and holds nothing."""
        made = self.group.commit(mls.CommitOptions(), self.random)
        blob = self.random(2_000)
        digest = sha256(blob).digest()
        ref = BlobRef(1, self.random(16), len(blob), digest).encode()
        return self.append(made, opens=False, after=after, big=(ref, blob))

    def commit(
        self,
        *,
        opens=False,
        stated=None,
        keys=None,
        header_keys=None,
        after=0,
        **options,
    ):
        """Append a commit; `stated` is what it claims to open, the rest its options."""
        chat, host = self.chat, self.person.state.account.host
        stated = opens if stated is None else stated

        def extensions(after):
            secret = generation_secret(after, chat.log_id, host)
            mine = keys or Generation(secret).next_keys
            return (mls.Extension(NEXT_KEYS, mine.encode()),) if opens else ()

        statement = CommitStatement(1, stated, None).encode()
        made = self.group.commit(
            mls.CommitOptions(
                authenticated_data=statement,
                group_info_extensions=extensions,
                **options,
            ),
            self.random,
        )
        return self.append(made, opens=opens, header_keys=header_keys, after=after)

    def rejoin(
        self, *, account=None, replaces=None, opens=True, header_keys=None, **options
    ):
        """Append a commit by which `account` comes in, in place of leaf `replaces`."""
        chat, group = self.chat, self.group
        account = account or self.person.state.account
        made = mls.Group.join_externally(
            mls.GroupInfo.decode(group.group_info()),
            leaf_identity(account),
            mls.ExternalJoin(
                tree=group.tree_bytes(),
                replaces=replaces,
                authenticated_data=CommitStatement(1, opens, None).encode(),
                **options,
            ),
            self.random,
        )
        secret = generation_secret(made.next, chat.log_id, account.host)
        keys = Generation(secret).next_keys.encode()
        stated = (mls.Extension(NEXT_KEYS, keys),) if opens else ()
        made = replace(made, group_info=made.next.group_info(stated))
        return self.append(made, opens=opens, header_keys=header_keys)

    def append(self, made, *, opens, header_keys=None, payload=None, after=0, big=None):
        chat = self.chat
        secret = generation_secret(
            made.next, chat.log_id, self.person.state.account.host
        )
        behind = Generation(secret)
        place = part_place(chat.log_id, chat.parent)
        checkpoint = b""
        if opens:
            state = made.next.public.encode()
            checkpoint = seal_checkpoint(behind, place, state)
        seed = header_keys or behind.access_seed
        header = Header(
            version=VERSION,
            log_id=chat.log_id,
            kind=Kind.BIG_COMMIT if big else Kind.COMMIT,
            parent=chat.parent,
            generation=chat.generation,
            idem=self.random(16),
            tag=NO_TAG,
            opens=opens,
            next_access_pk=public_of(seed) if opens else None,
            next_lobby_pk=behind.next_keys.lobby_pk if opens else None,
            welcome_hash=None,
            checkpoint_hash=sha256(checkpoint).digest() if opens else None,
        ).encode()
        body = payload or CommitPayload(1, made.message, made.group_info).encode()
        envelope = seal_envelope(Generation(chat.secret), header, body, self.random(32))
        envelope, blob = big or (envelope, b"")
        signature = sign_with_label(seed, labels.OPENING, header) if opens else b""
        answer = self.person.perform(
            AppendEntry(
                log_id=chat.log_id,
                generation=chat.generation,
                access_seed=b"",
                header=header,
                envelope=envelope,
                checkpoint=checkpoint,
                signature=signature,
                resume=True,
                paid=after > 0,
                after=after,
                blob=blob,
                blob_key=bytes(32),
            )
        )
        self.answer = answer
        assert isinstance(answer, Appended), answer
        self.seq = answer.seq
        return made


def leaf(person, chat, who):
    members = person.state.groups[chat].members()
    return next(n for n, node in members if node.credential.identity[:16] == who.id)


def make_package(town, account):
    now = town.now_ms // 1000
    bundle = mls.make_key_package(
        mls.suite(account.suite),
        leaf_identity(account),
        random=town.random.randbytes,
        not_before=now - 60,
        not_after=now + 86_400,
    )
    return bundle.key_package


def package_of(person, certificate=None):
    account = person.state.account
    if certificate is not None:
        account = structs.replace(account, certificate=certificate)
    return make_package(person.town, account)


@contextmanager
def poisoned(monkeypatch, person, chat, victim):
    """Let the path secret for one member be garbage in commits made meanwhile."""
    group = person.state.groups[chat]
    target = group.member(leaf(person, chat, victim)).encryption_key
    honest = mls.CipherSuite.encrypt_with_label

    def encrypt(self, public, *rest):
        sealed = honest(self, public, *rest)
        return replace(sealed, ciphertext=bytes(48)) if public == target else sealed

    with monkeypatch.context() as patch:
        patch.setattr(mls.CipherSuite, "encrypt_with_label", encrypt)
        yield
