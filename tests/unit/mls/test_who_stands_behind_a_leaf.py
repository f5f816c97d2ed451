from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from mls_groups import DRAW, Company, identity, key_package, unchanged
from rejecting import rejects

from privity.errors import NotAuthentic
from privity.mls import (
    CommitOptions,
    Credential,
    Epoch,
    Extension,
    ExtensionType,
    ExternalJoin,
    ExternalSender,
    ExternalSenders,
    Group,
    GroupInfo,
    Rule,
    check_commit,
    check_members,
    check_proposed,
    propose_own_add,
    suite,
)
from privity.mls.tree_validation import validate_tree

SUITES = [1, 2, 4, 5, 7]


def key_of(code, private):
    number = int.from_bytes(private, "big")
    if code == 1:
        return Ed25519PrivateKey.from_private_bytes(private)
    if code == 4:
        return Ed448PrivateKey.from_private_bytes(private)
    curves = {2: ec.SECP256R1(), 5: ec.SECP521R1(), 7: ec.SECP384R1()}
    return ec.derive_private_key(number, curves[code])


def certificate(name, key):
    """Return a DER certificate that the key signs itself."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    edwards = isinstance(key, Ed25519PrivateKey | Ed448PrivateKey)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2030, 1, 1, tzinfo=UTC))
        .sign(key, None if edwards else hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def certified(code, name):
    me = identity(suite(code), name, credentials=(1, 2))
    own = certificate(name, key_of(code, me.signature_private))
    return replace(me, credential=Credential.x509((own, b"issuer")))


@pytest.mark.parametrize("code", SUITES)
def test_members_with_certificates_make_a_group(code):
    crypto, ada, bob = suite(code), certified(code, "ada"), certified(code, "bob")
    group = Group.create(crypto, b"group", ada, random=DRAW)
    bundle = key_package(crypto, bob)
    pending = group.commit(CommitOptions(add=(bundle.key_package,)), DRAW)
    tree = pending.next.tree_bytes()
    joined = Group.join(pending.welcome, bundle, bob, tree=tree).group
    assert joined.epoch_authenticator == pending.next.epoch_authenticator
    leaf = joined.member(0)
    assert leaf.credential.certificates[1] == b"issuer"


@pytest.mark.parametrize("code", SUITES)
def test_a_certificate_of_another_key_is_refused(code):
    crypto, eve = suite(code), certified(code, "eve")
    stolen = replace(identity(crypto, "eve", credentials=(1, 2)))
    for credential in (
        eve.credential,
        Credential.x509(()),
        Credential.x509((b"no certificate",)),
        Credential.x509((certificate("eve", key_of(1, bytes(32))),)),
        Credential.x509((certificate("eve", key_of(2, bytes(31) + b"\1")),)),
    ):
        cheat = replace(stolen, credential=credential)
        with rejects(Rule.CERTIFICATE_KEY):
            Group.create(crypto, b"group", cheat, random=DRAW)


@pytest.mark.parametrize("version", [1, 3, 127])
def test_a_certificate_of_no_known_version_is_a_refused_leaf(version):
    """X.509 has versions 0 and 2, for v1 and v3; the library reports others apart."""
    crypto, eve = suite(1), identity(suite(1), "eve", credentials=(1, 2))
    good = certificate("eve", key_of(1, eve.signature_private))
    stated = bytes.fromhex("a003020102")
    bad = good.replace(stated, stated[:-1] + bytes([version]), 1)
    assert bad != good
    with rejects(Rule.CERTIFICATE_KEY):
        cheat = replace(eve, credential=Credential.x509((bad,)))
        Group.create(crypto, b"group", cheat, random=DRAW)


class Directory:
    """An authentication service that knows people by name."""

    def __init__(self, *names):
        self.names = {name.encode() for name in names}

    def validate(self, leaf):
        if leaf.credential.identity not in self.names:
            raise NotAuthentic("nobody of that name")

    def validate_external_sender(self, sender):
        if sender.credential.identity not in self.names:
            raise NotAuthentic("no server of that name")

    def succeeds(self, before, after):
        return before.credential == after.credential


@pytest.fixture
def company():
    return Company.of("ada", "bob", "cyd")


def test_the_application_judges_all_that_a_commit_brings(company):
    service = Directory("ada", "bob", "cyd")
    check_members(service, company["bob"])
    message, company.groups["cyd"] = company["cyd"].propose_update(random=DRAW)
    company.spread(message, but="cyd")
    bob = company["bob"]
    honest = company["ada"].commit(CommitOptions(), DRAW)
    check_commit(service, bob, bob.process(honest.message))
    bundle = key_package(company.crypto, company.meet("eve"))
    adding = company["ada"].commit(CommitOptions(add=(bundle.key_package,)), DRAW)
    with pytest.raises(NotAuthentic):
        check_commit(service, bob, bob.process(adding.message))
    with pytest.raises(NotAuthentic):
        check_members(Directory("ada"), bob)


def test_a_leaf_is_not_replaced_by_another_clients(company):
    service, bob = Directory("ada", "bob", "cyd", "dan"), company["bob"]
    ada = company.meet("ada")
    renamed = replace(ada, credential=Credential.basic(b"cyd"))
    pending = company["ada"].commit(CommitOptions(me=renamed), DRAW)
    with rejects(Rule.NO_SUCCESSION):
        check_commit(service, bob, bob.process(pending.message))
    silent = company["ada"].commit(
        CommitOptions(
            add=(key_package(company.crypto, company.meet("dan")).key_package,),
            path=False,
        ),
        DRAW,
    )
    check_commit(service, bob, bob.process(silent.message))


@pytest.mark.parametrize("name", ["cyd", "dan"])
def test_who_joins_by_a_commit_takes_its_own_place_only(company, name):
    service, bob = Directory("ada", "bob", "cyd", "dan"), company["bob"]
    info = GroupInfo.decode(bob.group_info())
    options = ExternalJoin(tree=bob.tree_bytes(), replaces=2)
    pending = Group.join_externally(info, company.meet(name), options, DRAW)
    staged = bob.process(pending.message)
    if name == "cyd":
        check_commit(service, bob, staged)
        return
    with rejects(Rule.NO_SUCCESSION):
        check_commit(service, bob, staged)


def overseen_by(company, name):
    """Return group extensions by which somebody outside may propose."""
    server = company.meet(name)
    key = server.signature_public(company.crypto)
    senders = ExternalSenders((ExternalSender(key, server.credential),))
    return (Extension(ExtensionType.EXTERNAL_SENDERS, senders.encode()),)


def test_an_external_sender_is_judged_when_a_commit_lists_it(company):
    bob, extensions = company["bob"], overseen_by(company, "server")
    pending = company["ada"].commit(CommitOptions(extensions=extensions), DRAW)
    staged, known = bob.process(pending.message), ("ada", "bob", "cyd", "server")
    check_commit(Directory(*known), bob, staged)
    with pytest.raises(NotAuthentic):
        check_commit(Directory(*known[:-1]), bob, staged)
    after = staged.next
    check_members(Directory(*known), after)
    with pytest.raises(NotAuthentic):
        check_members(Directory(*known[:-1]), after)
    company.follow("ada", pending)
    later = company["ada"].commit(CommitOptions(), DRAW)
    # What the list says was judged before: who is not asked again can't refuse.
    check_commit(Directory(*known[:-1]), after, after.process(later.message))


def test_the_application_judges_a_proposal_before_it_waits(company):
    service, bob = Directory("ada", "bob", "cyd", "server"), company["bob"]
    epoch = Epoch(company.crypto, bob.group_id, bob.epoch)
    eve = company.meet("eve")
    stranger = propose_own_add(epoch, eve, key_package(company.crypto, eve).key_package)
    proposed = bob.process(stranger)
    with pytest.raises(NotAuthentic):
        check_proposed(service, bob, proposed)
    check_proposed(Directory("eve"), bob, proposed)
    listing, _ = company["ada"].propose_extensions(overseen_by(company, "server"))
    check_proposed(service, bob, bob.process(listing))
    with pytest.raises(NotAuthentic):
        check_proposed(Directory("ada"), bob, bob.process(listing))
    leaving, _ = company["ada"].propose_remove(0)
    check_proposed(Directory(), bob, bob.process(leaving))


def test_an_update_to_another_clients_leaf_does_not_wait(company):
    service, bob = Directory("ada", "bob", "cyd"), company["bob"]
    honest, _ = company["ada"].propose_update(random=DRAW)
    check_proposed(service, bob, bob.process(honest))
    service.succeeds = lambda before, after: False
    with rejects(Rule.NO_SUCCESSION):
        check_proposed(service, bob, bob.process(honest))


def listing(code, *certificates, key=None):
    me = certified(code, "server")
    key = key or me.signature_public(suite(code))
    credential = Credential.x509(certificates) if certificates else me.credential
    senders = ExternalSenders((ExternalSender(key, credential),))
    return Extension(ExtensionType.EXTERNAL_SENDERS, senders.encode())


@pytest.mark.parametrize("code", SUITES)
def test_the_certificate_of_an_external_sender_is_for_its_key(code):
    crypto, me = suite(code), identity(suite(code), "ada")
    other = crypto.generate_signature_pair(DRAW)[1]
    sound, wrong = listing(code), listing(code, key=other)
    group = Group.create(crypto, b"group", me, random=DRAW, extensions=(sound,))
    with rejects(Rule.CERTIFICATE_KEY):
        Group.create(crypto, b"group", me, random=DRAW, extensions=(wrong,))
    for extension in (wrong, listing(code, b"no certificate")):
        with unchanged(group), rejects(Rule.CERTIFICATE_KEY):
            group.commit(CommitOptions(extensions=(extension,)), DRAW)
        with unchanged(group), rejects(Rule.CERTIFICATE_KEY):
            group.propose_extensions((extension,))
        context = replace(group.context, extensions=(extension,))
        with rejects(Rule.CERTIFICATE_KEY):
            validate_tree(group.state.tree, context)
