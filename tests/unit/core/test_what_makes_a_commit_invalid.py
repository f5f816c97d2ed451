"""A member who breaks the rules of a chat: named by everybody, and nothing changes."""

from dataclasses import replace
from hashlib import sha256

import pytest
from msgspec import structs

from privity import mls
from privity.core import inputs as i
from privity.core.chat_rules import CommitStatement
from privity.core.envelopes import (
    CommitPayload,
    Part,
    part_place,
    seal_envelope,
    seal_part,
)
from privity.core.errors import Reason
from privity.core.events import MessageDropped
from privity.core.generations import NEXT_KEYS, Generation, generation_secret
from privity.core.leaves import leaf_identity
from privity.core.requests import Appended, AppendEntry
from privity.identity import labels
from privity.identity.certificates import DeviceClaim, certify
from privity.identity.signing import public_of, sign_with_label
from privity.wire.entry import NO_TAG, VERSION, Header, Kind


class Forger:
    """Makes commits as a member can, honest ones and others."""

    def __init__(self, person, chat_id):
        self.person, self.chat_id = person, chat_id
        self.random = person.town.random.randbytes

    @property
    def chat(self):
        return self.person.state.chats[self.chat_id]

    @property
    def group(self):
        return self.person.state.groups[self.chat_id]

    def commit(
        self, *, opens=False, stated=None, keys=None, header_keys=None, **options
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
        return self.append(made, opens=opens, header_keys=header_keys)

    def append(self, made, *, opens, header_keys=None, payload=None):
        chat = self.chat
        secret = generation_secret(
            made.next, chat.log_id, self.person.state.account.host
        )
        behind = Generation(secret)
        place = part_place(chat.log_id, chat.parent)
        checkpoint = b""
        if opens:
            state = made.next.public.encode()
            checkpoint = seal_part(
                behind, Part.CHECKPOINT, place, state, self.random(32)
            )
        seed = header_keys or behind.access_seed
        header = Header(
            version=VERSION,
            log_id=chat.log_id,
            kind=Kind.COMMIT,
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
            )
        )
        assert isinstance(answer, Appended)
        return made


def leaf(person, chat, who):
    members = person.state.groups[chat].members()
    return next(n for n, node in members if node.credential.identity[:16] == who.id)


@pytest.fixture
def judged(trio, shown):
    """Let the others read, and return the one name under which they refuse it."""

    def judge(by):
        others = [p for p in trio.everybody if p is not by]
        before = [p.state.groups[trio.chat] for p in others]
        trio.town.run(seconds=0)
        for person, group in zip(others, before, strict=True):
            assert person.state.groups[trio.chat] is group
        causes = {shown(p, MessageDropped)[-1].cause for p in others}
        assert len(causes) == 1
        return Reason(causes.pop())

    return judge


def test_the_forger_makes_commits_that_are_taken(trio):
    Forger(trio.ana, trio.chat).commit()
    trio.town.run(seconds=0)
    assert (
        trio.ben.state.chats[trio.chat].parent == trio.ben.state.chats[trio.chat].cursor
    )


def test_a_member_without_the_role_removes_nobody(trio, judged):
    target = leaf(trio.ben, trio.chat, trio.cem)
    Forger(trio.ben, trio.chat).commit(opens=True, remove=(target,))
    assert judged(trio.ben) is Reason.ROLE


def test_a_removal_that_opens_nothing_is_invalid(trio, judged):
    target = leaf(trio.ana, trio.chat, trio.cem)
    Forger(trio.ana, trio.chat).commit(remove=(target,))
    assert judged(trio.ana) is Reason.CLOSES_WITHOUT_OPENING


def test_header_and_statement_agree_on_what_is_opened(trio, judged):
    Forger(trio.ana, trio.chat).commit(opens=True, stated=False)
    assert judged(trio.ana) is Reason.OPENS


def test_the_keys_in_the_header_are_those_of_the_new_epoch(trio, judged):
    Forger(trio.ana, trio.chat).commit(opens=True, header_keys=bytes(range(32)))
    assert judged(trio.ana) is Reason.ACCESS


def test_the_keys_in_the_group_info_are_those_of_the_new_epoch(trio, judged):
    other = Generation(bytes(range(32))).next_keys
    Forger(trio.ana, trio.chat).commit(opens=True, keys=other)
    assert judged(trio.ana) is Reason.ACCESS


def test_a_member_adds_nobody_without_the_role(trio, town, judged):
    stranger = town.person("Dan")
    Forger(trio.ben, trio.chat).commit(add=(package_of(stranger),))
    assert judged(trio.ben) is Reason.ROLE


def test_nobody_is_added_under_a_certificate_of_another(trio, town, judged):
    stranger = town.person("Dan")
    certificate = trio.ben.state.account.certificate
    Forger(trio.ana, trio.chat).commit(add=(package_of(stranger, certificate),))
    assert judged(trio.ana) is Reason.CERTIFICATE


def test_an_account_keeps_its_identity_key(trio, town, judged):
    """A second leaf of Ben's account, certified by a key that is not Ben's."""
    ben, seed = trio.ben.state.account, bytes(range(32))
    device = structs.replace(ben, device_id=bytes(16), signature_seed=seed)
    claim = DeviceClaim(
        version=1,
        account_id=ben.account_id,
        identity_key=public_of(seed),
        signature_key=public_of(seed),
        device_id=bytes(16),
        list_version=1,
        replaces=None,
    )
    certificate = certify(seed, claim).encode()
    impostor = structs.replace(device, certificate=certificate)
    package = make_package(town, impostor)
    Forger(trio.ana, trio.chat).commit(add=(package,))
    assert judged(trio.ana) is Reason.OTHER_IDENTITY


def test_the_rules_of_a_chat_stay_as_they_are(trio, judged):
    extensions = tuple(
        e
        for e in trio.ana.state.groups[trio.chat].context.extensions
        if e.extension_type != 0xF5A3
    )
    Forger(trio.ana, trio.chat).commit(extensions=extensions)
    assert judged(trio.ana) is Reason.RULES_CHANGED


def test_a_direct_chat_takes_no_third(pair, town, shown):
    stranger = town.person("Dan")
    pair.town.now_ms += 5_000
    Forger(pair.ana, pair.chat).commit(add=(package_of(stranger),))
    town.run(seconds=0)
    assert shown(pair.ben, MessageDropped)[-1].cause == Reason.DIRECT_CHAT.value


def test_a_direct_chat_loses_nobody_against_its_will(pair, town, shown):
    target = leaf(pair.ana, pair.chat, pair.ben)
    pair.town.now_ms += 5_000
    Forger(pair.ana, pair.chat).commit(opens=True, remove=(target,))
    town.run(seconds=0)
    assert shown(pair.ben, MessageDropped)[-1].cause == Reason.DIRECT_CHAT.value


def test_an_envelope_that_holds_no_commit_is_invalid(trio, judged):
    forger = Forger(trio.ana, trio.chat)
    made = forger.group.commit(mls.CommitOptions(), forger.random)
    forger.append(made, opens=False, payload=b"\x01\x00")
    assert judged(trio.ana) is Reason.ENVELOPE


def test_nobody_joins_a_chat_by_a_commit_of_its_own(trio, judged):
    forger = Forger(trio.ana, trio.chat)
    group = forger.group
    made = mls.Group.join_externally(
        mls.GroupInfo.decode(group.group_info()),
        leaf_identity(trio.ana.state.account),
        mls.ExternalJoin(
            tree=group.tree_bytes(),
            replaces=group.own_leaf,
            authenticated_data=CommitStatement(
                1, opens=False, device_list=None
            ).encode(),
        ),
        forger.random,
    )
    forger.append(made, opens=False)
    assert judged(trio.ana) is Reason.KIND


def test_nobody_ends_a_chat_by_a_reinit(trio, judged):
    forger = Forger(trio.ana, trio.chat)
    reinit = mls.ReInit(b"next", 1, forger.group.suite.code, ())
    forger.commit(path=False, reinit=reinit)
    assert judged(trio.ana) is Reason.KIND


def test_a_group_info_of_another_epoch_is_invalid(trio, judged):
    forger = Forger(trio.ana, trio.chat)
    statement = CommitStatement(1, opens=False, device_list=None).encode()
    options = mls.CommitOptions(authenticated_data=statement)
    made = forger.group.commit(options, forger.random)
    other = forger.group.group_info()
    forger.append(replace(made, group_info=other), opens=False)
    assert judged(trio.ana) is Reason.GROUP_INFO


def test_a_refused_commit_stops_the_chat_by_name_until_repair_is_there(trio, judged):
    target = leaf(trio.ana, trio.chat, trio.cem)
    Forger(trio.ana, trio.chat).commit(remove=(target,))
    judged(trio.ana)
    chat = trio.ben.state.chats[trio.chat]
    assert (chat.status.value, chat.cause) == ("stuck", "removal_without_opening")
    with pytest.raises(Exception, match="chat_not_usable"):
        trio.ben.take(i.SendContent(trio.chat, b""))


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
