from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.content import cbor, limits, mimi
from privity.content.mimi import Expiration, MimiContent
from privity.content.parts import (
    ExternalPart,
    MultiPart,
    NullPart,
    PartSemantics,
    SinglePart,
    walk,
)
from privity.content.rules import Rule
from privity.errors import DecodeError, UsageError

ID = b"\x01" + b"i" * 31
TEXT = SinglePart(1, "", "text/plain;charset=utf-8", b"hello")
EXTERNAL = ExternalPart(
    disposition=7,
    language="",
    content_type="",
    url="https://example.org/join",
    expires=0,
    size=0,
    enc_alg=0,
    key=b"",
    nonce=b"",
    aad=b"",
    hash_alg=0,
    content_hash=b"",
    description="Join",
    filename="",
)

names = st.text(max_size=20)
octets = st.binary(max_size=40)
leaves = (
    st.builds(NullPart, st.integers(0, 255), names)
    | st.builds(SinglePart, st.integers(0, 255), names, names, octets)
    | st.builds(
        ExternalPart,
        disposition=st.integers(0, 255),
        language=names,
        content_type=names,
        url=names,
        expires=st.integers(0, 2**32 - 1),
        size=st.integers(0, 2**64 - 1),
        enc_alg=st.integers(0, 100),
        key=octets,
        nonce=octets,
        aad=octets,
        hash_alg=st.integers(0, 255),
        content_hash=octets,
        description=names,
        filename=names,
    )
)


def multi(inner):
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    semantics = st.sampled_from(PartSemantics)
    return st.builds(MultiPart, st.integers(0, 255), names, semantics, parts)


bodies = leaves | multi(leaves) | multi(leaves | multi(leaves | multi(leaves)))
ids = st.none() | st.binary(min_size=31, max_size=31).map(lambda rest: b"\x01" + rest)
contents = st.builds(
    MimiContent,
    salt=st.binary(min_size=16, max_size=16),
    sender=st.text(min_size=1, max_size=60),
    room=st.text(min_size=1, max_size=60),
    body=bodies,
    replaces=ids,
    topic_id=octets,
    expires=st.none()
    | (
        st.builds(Expiration, st.just(False), st.integers(0, 2**32 - 1))
        | st.builds(Expiration, st.just(True), st.integers(0, limits.EXPIRY))
    ),
    in_reply_to=ids,
)


def content(body=TEXT, **changes):
    fields = {"salt": bytes(16), "sender": "privity:a/x", "room": "privity:c/y"}
    return MimiContent(**(fields | {"body": body} | changes))


def values(body=TEXT, **changes):
    """Return the CBOR array of a content, for tests to spoil."""
    return cbor.decode(content(body, **changes).encode())


def refuses(spoiled, match):
    with pytest.raises(DecodeError, match=match):
        MimiContent.decode(cbor.encode(spoiled))


@given(contents)
def test_every_content_reads_back_the_same(sample):
    assert MimiContent.decode(sample.encode()) == sample


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_or_are_the_encoding_of_a_content(data):
    try:
        sample = MimiContent.decode(data)
    except DecodeError:
        return
    assert sample.encode() == data


@given(contents, st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_is_another_content(sample, at, by):
    data = bytearray(sample.encode())
    data[at % len(data)] ^= by
    try:
        other = MimiContent.decode(bytes(data))
    except DecodeError:
        return
    assert other != sample
    assert other.encode() == data


def test_the_message_id_of_the_draft_s_first_example_comes_out():
    sample = MimiContent(
        salt=bytes.fromhex("5eed9406c2545547ab6f09f20a18b003"),
        sender="mimi://example.com/u/alice-smith",
        room="mimi://example.com/r/engineering_team",
        body=SinglePart(
            1,
            "",
            "text/markdown;variant=GFM-MIMI",
            b"Hi everyone, we just shipped release 2.0. __Good  work__!",
        ),
    )
    name = mimi.message_id(sample.encode(), sample.sender, sample.room, sample.salt)
    assert name.hex() == (
        "017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4"
    )


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        (0, bytes(15), "16 bytes"),
        (0, None, "16 bytes"),
        (1, bytes(31), "32 bytes"),
        (1, b"\x02" + bytes(31), "unknown hash"),
        (2, None, "byte string"),
        (2, bytes(4097), "byte string"),
        (3, [], "array"),
        (3, [1, 5], "relative"),
        (3, [True, -1], "unsigned"),
        (3, [True, True], "unsigned"),
        (3, [True, 2**32], "unsigned"),
        (3, [True, limits.EXPIRY + 1], "a year"),
        (4, "reply", "32 bytes"),
        (5, None, "map"),
        (6, None, "array"),
    ],
)
def test_a_field_of_another_shape_is_refused(at, value, why):
    spoiled = values()
    spoiled[at] = value
    refuses(spoiled, why)


@pytest.mark.parametrize("count", [6, 8])
def test_a_field_too_few_or_too_many_is_refused(count):
    refuses([*values(), None][:count], "array")


@pytest.mark.parametrize(
    ("extensions", "why"),
    [
        ({1: "a"}, "text"),
        ({2: "a"}, "text"),
        ({1: "", 2: "b"}, "text"),
        ({1: b"a", 2: "b"}, "text"),
        ({1: "a" * 513, 2: "b"}, "text"),
        ({1: "a", 2: "b", 3: "c"}, "not known here"),
        ({1: "a", 2: "b", -1: 0}, "not known here"),
        ({1: "a", 2: "b", "privity/files": []}, "not empty"),
        ({1: "a", 2: "b", "privity/files": 5}, "array"),
    ],
)
def test_extensions_of_another_kind_are_refused(extensions, why):
    spoiled = values()
    spoiled[5] = extensions
    refuses(spoiled, why)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ([1, ""], "without disposition"),
        ([256, "", 0], "unsigned"),
        ([True, "", 0], "unsigned"),
        ([1, None, 0], "text"),
        ([1, "x" * 256, 0], "text"),
        ([1, "", 4], "unsigned"),
        ([1, "", 0, 0], "too few or too many"),
        ([1, "", 1, "text/plain"], "too few or too many"),
        ([1, "", 1, "text/plain", "hello"], "byte string"),
        ([1, "", 1, "text/plain", bytes(limits.TEXT + 1)], "byte string"),
        ([1, "", 1, "image/jpeg", bytes(limits.THUMBNAIL + 1)], "byte string"),
        ([1, "", 2], "too few or too many"),
        ([1, "", 3, 3, [[1, "", 0], [1, "", 0]]], "unsigned"),
        ([1, "", 3, 0, [[1, "", 0]]], "fewer than two"),
        ([1, "", 3, 0, {}], "array"),
    ],
)
def test_parts_of_another_shape_are_refused(body, why):
    spoiled = values()
    spoiled[6] = body
    refuses(spoiled, why)


@pytest.mark.parametrize("at", range(3, 15))
def test_every_field_of_an_external_part_has_its_type(at):
    spoiled = values(EXTERNAL)
    spoiled[6][at] = None
    refuses(spoiled, "right size")


def nested(levels):
    part = TEXT
    for _ in range(levels - 1):
        part = MultiPart(1, "", PartSemantics.PROCESS_ALL, (part, TEXT))
    return part


def test_parts_nest_four_levels_and_no_more():
    assert MimiContent.decode(content(nested(4)).encode())
    with pytest.raises(UsageError, match="nested too deeply"):
        content(nested(5)).encode()


def test_parts_are_numbered_depth_first():
    inner = MultiPart(1, "", PartSemantics.CHOOSE_ONE, (TEXT, EXTERNAL))
    outer = MultiPart(1, "", PartSemantics.PROCESS_ALL, (inner, NullPart(1)))
    assert list(walk(outer)) == [outer, inner, TEXT, EXTERNAL, NullPart(1)]


def test_more_than_1024_parts_are_refused():
    spoiled = values()
    spoiled[6] = [1, "", 3, 2, [[1, "", 0]] * 1024]
    refuses(spoiled, "too many parts")


def test_content_above_its_limit_is_refused_before_it_is_read():
    with pytest.raises(DecodeError, match="more than"):
        MimiContent.decode(bytes(limits.CONTENT + 1))


def test_what_a_reader_would_refuse_is_never_written():
    with pytest.raises(UsageError):
        content(salt=bytes(15)).encode()
    with pytest.raises(UsageError, match="reads back as another"):
        content(MultiPart(1, "", PartSemantics.PROCESS_ALL, [TEXT, TEXT])).encode()


def file_values(here, offer):
    return cbor.decode(mimi.file_message(here, offer).encode())


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        (4, "https://example.org/x", "address of a blob"),
        (4, "privity-blob:Chat/x", "host"),
        (4, "privity-blob:chat.example/x", "26 letters"),
        (6, 7, "size does not follow"),
        (8, b"j" * 32, "committed"),
        (8, b"k" * 31, "32-byte key"),
        (9, b"n", "no nonce"),
        (10, b"a", "no aad"),
        (11, 2, "SHA-256"),
        (12, bytes(31), "SHA-256"),
        (7, 1, "one manifest"),
    ],
)
def test_a_sealed_part_that_contradicts_its_manifest_is_refused(
    here, offer, at, value, why
):
    spoiled = file_values(here, offer)
    spoiled[6][at] = value
    refuses(spoiled, why)


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ([1, 5, bytes(32), bytes(32)], "one manifest"),
        ([False, 5, bytes(32), bytes(32)], "unsigned"),
        ([0, True, bytes(32), bytes(32)], "unsigned"),
        ([0, limits.FILE + 1, bytes(32), bytes(32)], "unsigned"),
        ([0, 5, bytes(31), bytes(32)], "32 bytes"),
        ([0, 5, bytes(32), bytes(33)], "32 bytes"),
        ([0, 5, bytes(32)], "array"),
        ([0, 5, bytes(32), bytes(32), 0], "array"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(here, offer, manifest, why):
    spoiled = file_values(here, offer)
    spoiled[5]["privity/files"] = [manifest]
    refuses(spoiled, why)


def test_a_manifest_for_no_sealed_part_is_refused():
    spoiled = values()
    spoiled[5]["privity/files"] = [[0, 5, bytes(32), bytes(32)]]
    refuses(spoiled, "one manifest")


def test_content_belongs_to_its_sender_and_its_chat(here, rejects):
    sample = mimi.text_message(here, "hello")
    mimi.check_place(sample, b"a" * 16, b"c" * 16)
    with rejects(Rule.SENDER):
        mimi.check_place(sample, b"b" * 16, b"c" * 16)
    with rejects(Rule.ROOM):
        mimi.check_place(sample, b"a" * 16, b"d" * 16)


def test_the_key_of_a_file_does_not_print(here, offer):
    sample = mimi.file_message(here, offer)
    assert "kkkk" not in repr(sample)
    assert replace(sample, topic_id=b"t") != sample
