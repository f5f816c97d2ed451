"""Cases about labelled functions, key schedule, pre-shared keys and secret tree."""

from privity.codec import write_varint
from privity.mls import CipherSuite, ExternalPSK, GroupContext, KnownPsks, Random, suite
from privity.mls.key_schedule import (
    derive_epoch,
    derive_joiner_secret,
    derive_welcome_secret,
    export_secret,
)
from privity.mls.proposals import PreSharedKeyID
from privity.mls.protection import sender_data_key_and_nonce
from privity.mls.psks import derive_psk_secret
from privity.mls.secret_tree import RatchetKind, SecretTree
from tools.mls_makers import ALL_SUITES, Case, Format

__all__ = ["FORMATS"]


def make_crypto_basics(random: Random) -> list[Case]:
    """Return a case a suite for each function with a label (§5.1, §5.2, §8)."""
    return [_basics(suite(code), random) for code in ALL_SUITES]


def _basics(crypto: CipherSuite, random: Random) -> Case:
    secret, context, value = random(crypto.hash_length), random(32), random(48)
    reference, generation = "MLS 1.0 Vector Reference", 2**31 + 5
    return {
        "cipher_suite": crypto.code,
        "ref_hash": {
            "label": reference,
            "value": value.hex(),
            "out": crypto.ref_hash(reference, value).hex(),
        },
        "expand_with_label": {
            "secret": secret.hex(),
            "label": "vector",
            "context": context.hex(),
            "length": 77,
            "out": crypto.expand_with_label(secret, "vector", context, 77).hex(),
        },
        "derive_secret": {
            "secret": secret.hex(),
            "label": "derived",
            "out": crypto.derive_secret(secret, "derived").hex(),
        },
        "derive_tree_secret": {
            "secret": secret.hex(),
            "label": "tree",
            "generation": generation,
            "length": 19,
            "out": crypto.derive_tree_secret(secret, "tree", generation, 19).hex(),
        },
        "sign_with_label": _signed(crypto, random),
        "encrypt_with_label": _encrypted(crypto, random),
    }


def _signed(crypto: CipherSuite, random: Random) -> Case:
    private, public = crypto.generate_signature_pair(random)
    content = random(40)
    return {
        "priv": private.hex(),
        "pub": public.hex(),
        "content": content.hex(),
        "label": "Signed",
        "signature": crypto.sign_with_label(private, "Signed", content).hex(),
    }


def _encrypted(crypto: CipherSuite, random: Random) -> Case:
    private, public = crypto.derive_key_pair(random(crypto.hash_length))
    context, plaintext = random(24), random(50)
    sealed = crypto.encrypt_with_label(public, "Sealed", context, plaintext)
    return {
        "priv": private.hex(),
        "pub": public.hex(),
        "label": "Sealed",
        "context": context.hex(),
        "plaintext": plaintext.hex(),
        "kem_output": sealed.kem_output.hex(),
        "ciphertext": sealed.ciphertext.hex(),
    }


def make_deserialization(random: Random) -> list[Case]:
    """Return lengths at and around each border of the variable-size header (§2.1.2)."""
    borders = (0, 1, 2**6 - 1, 2**6, 2**14 - 1, 2**14, 2**30 - 1)
    drawn = [int.from_bytes(random(size), "big") >> 2 for size in (1, 2, 2, 4, 4)]
    return [_header(length) for length in (*borders, *drawn)]


def _header(length: int) -> Case:
    out = bytearray()
    write_varint(out, length)
    return {"vlbytes_header": out.hex(), "length": length}


def make_key_schedule(random: Random) -> list[Case]:
    """Return several epochs a suite (§8)."""
    return [_schedule(suite(code), random) for code in ALL_SUITES]


def _schedule(crypto: CipherSuite, random: Random) -> Case:
    first = init_secret = random(crypto.hash_length)
    group_id = random(20)
    epochs = []
    for number in range(4):
        epoch, init_secret = _epoch(crypto, init_secret, (group_id, number), random)
        epochs.append(epoch)
    return {
        "cipher_suite": crypto.code,
        "group_id": group_id.hex(),
        "initial_init_secret": first.hex(),
        "epochs": epochs,
    }


def _epoch(
    crypto: CipherSuite, init_secret: bytes, place: tuple[bytes, int], random: Random
) -> tuple[Case, bytes]:
    size = crypto.hash_length
    tree_hash, transcript, commit_secret = random(size), random(size), random(size)
    psk_secret = random(size)
    context = GroupContext(1, crypto.code, *place, tree_hash, transcript, ()).encode()
    joiner = derive_joiner_secret(crypto, init_secret, commit_secret, context)
    welcome = derive_welcome_secret(crypto, joiner, psk_secret)
    epoch = derive_epoch(crypto, joiner, psk_secret, context)
    secrets = epoch.secrets
    _, external_pub = crypto.derive_key_pair(secrets.external_secret)
    case: Case = {
        "tree_hash": tree_hash.hex(),
        "commit_secret": commit_secret.hex(),
        "psk_secret": psk_secret.hex(),
        "confirmed_transcript_hash": transcript.hex(),
        "group_context": context.hex(),
        "joiner_secret": joiner.hex(),
        "welcome_secret": welcome.hex(),
        "init_secret": secrets.init_secret.hex(),
        "sender_data_secret": secrets.sender_data_secret.hex(),
        "encryption_secret": epoch.encryption_secret.hex(),
        "exporter_secret": secrets.exporter_secret.hex(),
        "epoch_authenticator": secrets.epoch_authenticator.hex(),
        "external_secret": secrets.external_secret.hex(),
        "confirmation_key": secrets.confirmation_key.hex(),
        "membership_key": secrets.membership_key.hex(),
        "resumption_psk": secrets.resumption_psk.hex(),
        "external_pub": external_pub.hex(),
        "exporter": _exported(crypto, secrets.exporter_secret, random),
    }
    return case, secrets.init_secret


def _exported(crypto: CipherSuite, exporter_secret: bytes, random: Random) -> Case:
    label, context, length = random(16).hex(), random(32), 24 + random(1)[0]
    secret = export_secret(crypto, exporter_secret, label, context, length)
    return {
        "label": label,
        "context": context.hex(),
        "length": length,
        "secret": secret.hex(),
    }


def make_psk_secret(random: Random) -> list[Case]:
    """Return lists of none to several pre-shared keys a suite (§8.4)."""
    return [
        _psks(suite(code), count, random) for code in ALL_SUITES for count in (0, 1, 5)
    ]


def _psks(crypto: CipherSuite, count: int, random: Random) -> Case:
    secrets = {random(12 + at): random(crypto.hash_length) for at in range(count)}
    named = [
        PreSharedKeyID(ExternalPSK(name), random(crypto.hash_length))
        for name in secrets
    ]
    listed = [
        {"psk_id": name.hex(), "psk": psk.hex(), "psk_nonce": item.psk_nonce.hex()}
        for (name, psk), item in zip(secrets.items(), named, strict=True)
    ]
    secret = derive_psk_secret(crypto, named, KnownPsks(secrets))
    return {"cipher_suite": crypto.code, "psks": listed, "psk_secret": secret.hex()}


def make_secret_tree(random: Random) -> list[Case]:
    """Return trees of one and of eight leaves a suite (§6.3.2, §9)."""
    return [
        _ratchets(suite(code), leaves, random)
        for code in ALL_SUITES
        for leaves in (1, 8)
    ]


def _ratchets(crypto: CipherSuite, leaves: int, random: Random) -> Case:
    secret, data_secret = random(crypto.hash_length), random(crypto.hash_length)
    ciphertext = random(90)
    key, nonce = sender_data_key_and_nonce(crypto, data_secret, ciphertext)
    tree = SecretTree.of(secret, leaves)
    return {
        "cipher_suite": crypto.code,
        "encryption_secret": secret.hex(),
        "sender_data": {
            "sender_data_secret": data_secret.hex(),
            "ciphertext": ciphertext.hex(),
            "key": key.hex(),
            "nonce": nonce.hex(),
        },
        "leaves": [
            [_generation(crypto, tree, leaf, number) for number in (0, 1, 13)]
            for leaf in range(leaves)
        ],
    }


def _generation(crypto: CipherSuite, tree: SecretTree, leaf: int, number: int) -> Case:
    case: Case = {"generation": number}
    for kind in RatchetKind:
        key, _ = tree.key_for(crypto, leaf, kind, number)
        case[f"{kind.name.lower()}_key"] = key.key.hex()
        case[f"{kind.name.lower()}_nonce"] = key.nonce.hex()
    return case


FORMATS = {
    "crypto-basics": Format(
        make_crypto_basics, frozenset({"kem_output", "ciphertext"})
    ),
    "deserialization": Format(make_deserialization),
    "key-schedule": Format(make_key_schedule),
    "psk_secret": Format(make_psk_secret),
    "secret-tree": Format(make_secret_tree),
}
