"""Our own cases in the official formats: fixed, made again, and run as those are."""

import hashlib
import json
import lzma

import pytest

from privity.mls import Rule
from tools import make_vectors
from tools.make_vectors import FORMATS, VECTORS, differs, path_of
from tools.mls_makers import ALL_SUITES
from tools.mls_makers.refusals import WITHOUT_CASE
from tools.mls_vectors import Tally, check_file, check_of, load
from tools.mls_vectors_case import Mismatch

COUNTS = {
    "crypto-basics": 9,
    "deserialization": 12,
    "key-schedule": 9,
    "message-protection": 9,
    "messages": 3,
    "passive-client-handling-commit": 12,
    "passive-client-random": 9,
    "passive-client-welcome": 32,
    "psk_secret": 27,
    "refusals": 65,
    "secret-tree": 18,
    "transcript-hashes": 18,
    "tree-math": 9,
    "tree-operations": 45,
    "tree-validation": 57,
    "treekem": 48,
    "welcome": 9,
}


def test_each_format_has_its_file_and_each_file_its_format():
    assert set(COUNTS) == set(FORMATS)
    assert {path.name for path in VECTORS.glob("*.xz")} == {
        path_of(name).name for name in FORMATS
    }


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_stored_case_holds(name):
    tally = Tally()
    check_file(path_of(name), tally)
    assert tally == Tally(passed=COUNTS[name])


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_no_kem_drew_is_made_again(name):
    fresh = FORMATS[name].make(make_vectors.seeded(f"mls/{name}"))
    assert not differs(name, load(path_of(name)), fresh)


@pytest.mark.parametrize(
    "name",
    sorted(set(FORMATS) - {"deserialization", "messages", "refusals", "tree-math"}),
)
def test_every_suite_has_cases(name):
    assert {case["cipher_suite"] for case in load(path_of(name))} == set(ALL_SUITES)


def test_together_they_stay_small():
    assert sum(path.stat().st_size for path in VECTORS.iterdir()) < 1_500_000


@pytest.fixture
def beside(monkeypatch, tmp_path):
    """Let the tool work on copies of two small files."""
    for name in ("deserialization", "crypto-basics"):
        (tmp_path / f"{name}.json.xz").write_bytes(path_of(name).read_bytes())
    monkeypatch.setattr(make_vectors, "VECTORS", tmp_path)
    return tmp_path


def change(path, **fields):
    cases = load(path)
    cases[0].update(fields)
    path.write_bytes(lzma.compress(json.dumps(cases).encode()))


def test_the_tool_leaves_what_holds_as_it_is(beside, capsys):
    path = beside / "crypto-basics.json.xz"
    before = path.read_bytes()
    assert make_vectors.main(["crypto-basics"]) == 0
    assert path.read_bytes() == before
    assert "same  crypto-basics" in capsys.readouterr().out


def test_the_tool_sees_a_changed_case_and_writes_it_anew(beside, capsys):
    path = beside / "deserialization.json.xz"
    change(path, length=9)
    assert make_vectors.main(["--check", "deserialization"]) == 1
    assert "DIFFERENT  deserialization" in capsys.readouterr().out
    assert make_vectors.main(["deserialization"]) == 0
    assert make_vectors.main(["--check", "deserialization"]) == 0


def test_the_tool_writes_anew_only_the_cases_that_do_not_hold(beside):
    path = beside / "crypto-basics.json.xz"
    before = load(path)
    change(path, ref_hash={**before[0]["ref_hash"], "out": "00"})
    assert make_vectors.main(["crypto-basics"]) == 0
    after = load(path)
    assert after[1:] == before[1:]
    # What a KEM draws is never the same again.
    assert after[0]["encrypt_with_label"] != before[0]["encrypt_with_label"]
    assert after[0]["ref_hash"] == before[0]["ref_hash"]


def test_the_tool_runs_what_it_cannot_make_again(beside):
    path = beside / "crypto-basics.json.xz"
    sealed = load(path)[0]["encrypt_with_label"]
    change(path, encrypt_with_label={**sealed, "ciphertext": "00" * 66})
    assert make_vectors.main(["--check", "crypto-basics"]) == 1


def test_what_a_peer_confirmed_are_these_very_files():
    """If not: `python -m interop.confirm_vectors --write` (needs build/peers)."""
    confirmed = json.loads((VECTORS / "confirmed.json").read_text())["files"]
    assert {name: said["sha256"] for name, said in confirmed.items()} == {
        name: hashlib.sha256(path_of(name).read_bytes()).hexdigest() for name in FORMATS
    }
    assert {name: said["held"] for name, said in confirmed.items()} == {
        **COUNTS,
        # ts-mls takes a GroupContextExtensions without extensions for none at all.
        "passive-client-handling-commit": 11,
        # It takes six messages that ours refuses; docs/spec/mls-vectors.md names them.
        "refusals": 59,
    }


def test_each_rule_that_a_message_can_break_has_a_case_and_the_others_a_reason():
    """If not: a maker in tools/mls_makers/refused_*.py, or a line in WITHOUT_CASE."""
    with_case = {case["rule"] for case in load(path_of("refusals"))}
    without = {rule.name for rule in WITHOUT_CASE}
    assert with_case | without == {rule.name for rule in Rule}
    assert with_case & without == set()


@pytest.mark.parametrize(
    ("rule", "changes", "said"),
    [
        ("GENERATION_CONSUMED", {"before": []}, "accepted"),
        ("BLANK_LEAF", {"rule": "LAST_EPOCH"}, "refused by BLANK_LEAF"),
        ("PATH_KEY_MISMATCH", {"rule": "LAST_EPOCH"}, "refused: PATH_KEY_MISMATCH"),
    ],
)
def test_a_case_that_is_taken_or_refused_otherwise_is_seen_to_fail(rule, changes, said):
    case = next(case for case in load(path_of("refusals")) if case["rule"] == rule)
    check_of(case)(case)
    with pytest.raises(Mismatch, match=said):
        check_of(case)({**case, **changes})
