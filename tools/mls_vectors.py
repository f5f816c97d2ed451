#!/usr/bin/env python3
"""Check files of MLS test vectors, in the formats of the MLS working group.

    python tools/mls_vectors.py FILE...

Each FILE is json or json.xz and holds cases of one format, which is recognised
by its fields. A case for what this version lacks counts as skipped. The last line
reads `passed N, failed N, skipped N`; the exit code is 1 if any case failed or a
file could not be read.
"""

import json
import lzma
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from privity.errors import Unsupported  # noqa: E402
from tools import mls_vectors_groups as groups  # noqa: E402
from tools import mls_vectors_messages as messages  # noqa: E402
from tools import mls_vectors_tree as trees  # noqa: E402

__all__ = ["Tally", "check_file", "check_of", "load", "main"]

Case = dict[str, Any]

# A format is known by a field that no other format has at its top level.
_CHECKS: dict[str, Callable[[Case], None]] = {
    "rule": groups.check_refusal,
    "ref_hash": messages.check_crypto_basics,
    "vlbytes_header": messages.check_deserialization,
    "initial_init_secret": messages.check_key_schedule,
    "psks": messages.check_psk_secret,
    "sender_data": messages.check_secret_tree,
    "proposal_priv": messages.check_message_protection,
    "authenticated_content": messages.check_transcript_hashes,
    "signer_pub": groups.check_welcome,
    "mls_welcome": groups.check_messages,
    "initial_epoch_authenticator": groups.check_passive_client,
    "n_leaves": trees.check_tree_math,
    "tree_before": trees.check_tree_operations,
    "resolutions": trees.check_tree_validation,
    "leaves_private": trees.check_treekem,
}


@dataclass
class Tally:
    """How many cases passed, failed, were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        """Return the line that ends the output."""
        return f"passed {self.passed}, failed {self.failed}, skipped {self.skipped}"


def load(path: Path) -> list[Case]:
    """Return the cases of a file; raises ValueError or OSError."""
    data = path.read_bytes()
    if path.suffix == ".xz":
        data = lzma.decompress(data)
    cases = json.loads(data)
    if not isinstance(cases, list) or not cases or not isinstance(cases[0], dict):
        raise ValueError("not a list of cases")
    return cases


def check_of(case: Case) -> Callable[[Case], None]:
    """Return the check of a case's format; raises ValueError if there is none."""
    for field, check in _CHECKS.items():
        if field in case:
            return check
    raise ValueError("a format that this tool does not know")


def check_file(path: Path, tally: Tally) -> None:
    """Run every case of a file and count; a file that is unknown fails once."""
    try:
        cases = load(path)
        check = check_of(cases[0])
    except (OSError, ValueError, lzma.LZMAError) as problem:
        print(f"{path}: {problem}")
        tally.failed += 1
        return
    before = Tally(tally.passed, tally.failed, tally.skipped)
    for number, case in enumerate(cases):
        _run(f"{path.name} case {number}", check, case, tally)
    print(
        f"{path.name}: passed {tally.passed - before.passed},"
        f" failed {tally.failed - before.failed},"
        f" skipped {tally.skipped - before.skipped}"
    )


def main(arguments: list[str]) -> int:
    """Check the files that the arguments name."""
    if not arguments:
        print(__doc__)
        return 2
    tally = Tally()
    for argument in arguments:
        check_file(Path(argument), tally)
    print(tally)
    return 1 if tally.failed else 0


def _run(name: str, check: Callable[[Case], None], case: Case, tally: Tally) -> None:
    try:
        check(case)
    except Unsupported:
        tally.skipped += 1
    except Exception:  # noqa: BLE001  whatever goes wrong is a failed case
        print(f"{name} failed")
        traceback.print_exc(limit=-3, file=sys.stdout)
        tally.failed += 1
    else:
        tally.passed += 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
