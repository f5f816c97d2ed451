"""Run our own MLS vectors through ts-mls, and compare with what is written down.

    python -m interop.confirm_vectors [--write]

`docs/spec/vectors/mls/confirmed.json` says by file, named by its digest, how many cases
ts-mls found right, and of each other case why not; of the refusals, how many it refuses
too, under whatever name. Exit code 1 if that changed. Each
format also has one case spoilt on purpose, which ts-mls must not find right: a check
that can't say no shows nothing. `tools/peers.sh` installs ts-mls into build/peers.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.make_vectors import FORMATS, VECTORS, path_of
from tools.mls_vectors import load

__all__ = ["RECORD", "confirm", "main", "record"]

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "build" / "peers"
RECORD = VECTORS / "confirmed.json"
_SCRIPT = Path(__file__).with_name("check_vectors.mjs")

Case = dict[str, Any]

# In each format a field that is compared, or without which nothing opens.
_SPOILT = {
    "crypto-basics": "derive_secret",
    "deserialization": "length",
    "key-schedule": "initial_init_secret",
    "message-protection": "encryption_secret",
    "messages": "ratchet_tree",
    "passive-client-handling-commit": "initial_epoch_authenticator",
    "passive-client-random": "initial_epoch_authenticator",
    "passive-client-welcome": "initial_epoch_authenticator",
    "psk_secret": "psk_secret",
    "secret-tree": "encryption_secret",
    "transcript-hashes": "interim_transcript_hash_after",
    "tree-math": "root",
    "tree-operations": "tree_hash_after",
    "tree-validation": "tree_hashes",
    "treekem": "group_id",
    "welcome": "signer_pub",
}


def confirm(name: str, cases: list[Case]) -> list[str]:
    """Return for each case why ts-mls finds it wrong; empty where it finds it right.

    Raises CalledProcessError if node does not run.
    """
    modules = str(PEERS / "node_modules")
    asked = json.dumps({"modules": modules, "format": name, "cases": cases})
    done = subprocess.run(
        ["node", str(_SCRIPT)], input=asked, capture_output=True, text=True, check=True
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [answer.get("why", "") for answer in answers]


def record() -> Case:
    """Return what ts-mls says of all files today."""
    package = json.loads((PEERS / "node_modules/ts-mls/package.json").read_text())
    return {
        "by": f"ts-mls {package['version']}",
        "files": {name: _file(name) for name in sorted(FORMATS)},
    }


def main(arguments: list[str]) -> int:
    """Compare, or write down."""
    now = record()
    for name, said in now["files"].items():
        print(f"{name:32} {said['held']:3} of {said['cases']:3} as ts-mls has it")
        for case, why in said["not held"].items():
            print(f"    case {case}: {why}")
    if "--write" in arguments:
        RECORD.write_text(json.dumps(now, indent=1) + "\n")
    if json.loads(RECORD.read_text()) != now:
        print(f"this is not what {RECORD.relative_to(ROOT)} says")
        return 1
    return 0


def _file(name: str) -> Case:
    path = path_of(name)
    cases = load(path)
    reasons = confirm(name, [*cases, _spoilt(name, cases)])
    if not reasons.pop():
        raise SystemExit(f"ts-mls finds a spoilt case of {name} right")
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "cases": len(cases),
        "held": reasons.count(""),
        "not held": {str(at): why for at, why in enumerate(reasons) if why},
    }


def _spoilt(name: str, cases: list[Case]) -> Case:
    if name == "refusals":
        # What must be taken before it comes again is no message to refuse.
        case = next(one for one in cases if one["rule"] == "GENERATION_CONSUMED")
        return {**case, "before": []}
    case, field = cases[0], _SPOILT[name]
    value = case[field]
    match value:
        case int():
            return {**case, field: value + 1}
        case str():
            return {**case, field: "11" * (len(value) // 2)}
        case list():
            return {**case, field: [_other(value[0]), *value[1:]]}
        case _:
            return {**case, field: {**value, "out": _other(value["out"])}}


def _other(value: str) -> str:
    return "11" * (len(value) // 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
