import json
import lzma

import pytest

from privity.errors import NotAuthentic
from tools import mls_vectors
from tools.make_vectors import path_of
from tools.mls_vectors import load
from tools.mls_vectors_case import Mismatch


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("key-schedule", "initial_init_secret"),
        ("secret-tree", "encryption_secret"),
        ("message-protection", "membership_key"),
        ("transcript-hashes", "interim_transcript_hash_before"),
        ("welcome", "signer_pub"),
        ("psk_secret", "psk_secret"),
        ("passive-client-welcome", "initial_epoch_authenticator"),
    ],
)
def test_a_case_with_one_field_changed_is_seen_to_fail(name, field):
    case = next(c for c in load(path_of(name)) if c["cipher_suite"] == 1)
    case[field] = "11" * (len(case[field]) // 2)
    with pytest.raises((Mismatch, NotAuthentic)):
        mls_vectors.check_of(case)(case)


def test_the_tool_counts_what_passed_failed_and_was_skipped(tmp_path, capsys):
    good = {"vlbytes_header": "3f", "length": 63}
    bad = {"vlbytes_header": "3f", "length": 62}
    plain, packed = tmp_path / "plain.json", tmp_path / "packed.json.xz"
    plain.write_text(json.dumps([good, good]))
    packed.write_bytes(lzma.compress(json.dumps([good, bad]).encode()))
    assert mls_vectors.main([str(plain)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "passed 2, failed 0, skipped 0"
    assert mls_vectors.main([str(plain), str(packed)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "passed 3, failed 1, skipped 0"


def test_the_tool_skips_suites_that_are_not_here(tmp_path, capsys):
    unknown = tmp_path / "suites.json"
    unknown.write_text(json.dumps([{"cipher_suite": 8, "ref_hash": {}}]))
    assert mls_vectors.main([str(unknown)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "passed 0, failed 0, skipped 1"


@pytest.mark.parametrize(
    "content", ["[]", "{}", "no json", '[{"what": 1}]', "[1]", '"text"']
)
def test_a_file_that_the_tool_cannot_read_is_a_failure(tmp_path, capsys, content):
    file = tmp_path / "vectors.json"
    file.write_text(content)
    assert mls_vectors.main([str(file)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "passed 0, failed 1, skipped 0"


def test_files_that_are_not_there_are_failures(tmp_path, capsys):
    assert mls_vectors.main([str(tmp_path / "absent.json")]) == 1
    broken = tmp_path / "broken.json.xz"
    broken.write_bytes(b"not packed")
    assert mls_vectors.main([str(broken)]) == 1
    assert mls_vectors.main([]) == 2
    assert "FILE" in capsys.readouterr().out
