"""Write docs/spec/mls-rules.md from `privity.mls.Rule`, or check that it is current.

    python tools/rules_table.py [--check]

A row a rule: its section of RFC 9420 or its draft, what it demands, and the tests that
break it.
Exit code 1 if `--check` finds a difference.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src")]

from privity.mls import Rule  # noqa: E402

PAGE = ROOT / "docs" / "spec" / "mls-rules.md"
TESTS = ROOT / "tests" / "unit" / "mls"
_USED = re.compile(r"\bRule\.([A-Z0-9_]+)")
_VALUE = re.compile(
    r"(RFC 9420 §(?P<section>[\d.]+)|draft-ietf-mls-extensions (?P<draft>\w+))"
    r", (?P<demand>.+)"
)
_TOP = """\
# Rules of MLS

{count} requirements of RFC 9420, and of draft-ietf-mls-extensions for SelfRemove, by
whose names a message is refused. A refused message changes nothing. Each has a test
that builds the violating input and sees the name. Structures that do not decode
(`DecodeError`) and seals, tags and signatures that fail (`NotAuthentic`) have no row.
Where the RFC says MUST to a sender only, we refuse to send and not to read, since
others may read: so it is with the extensions of a key package, which its leaf must list
(§10), and with GREASE (§13.5). This page is made by `python tools/rules_table.py` from
`src/privity/mls/rules.py`; what is deleted when is in
[security/mls](../security/mls.md).

| § | rule | what it demands | broken in |
|---|---|---|---|
"""


def render() -> str:
    """Return the page as the code of today makes it."""
    tests = _tests_by_rule()
    rows = sorted((_row(rule, tests) for rule in Rule), key=lambda row: row[0])
    return _TOP.format(count=len(rows)) + "".join(text for _, text in rows)


def main(arguments: list[str]) -> int:
    """Write or check the page."""
    text = render()
    same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    check = "--check" in arguments
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    print(f"{'same' if same else 'DIFFERENT' if check else 'written'}  {PAGE.name}")
    return 1 if check and not same else 0


def _row(rule: Rule, tests: dict[str, list[str]]) -> tuple[list[int], str]:
    matched = _VALUE.fullmatch(rule.value)
    if matched is None:
        raise SystemExit(f"{rule.name} does not name its section")
    section, demand = matched["section"] or matched["draft"], matched["demand"]
    files = " ".join(f"`{name}`" for name in tests.get(rule.name, ()))
    # The draft has no section numbers that stay; its rules stand at the end.
    order = [int(part) for part in (matched["section"] or "99").split(".")]
    return order, f"| {section} | `{rule.name}` | {demand} | {files} |\n"


def _tests_by_rule() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted(TESTS.glob("test_*.py")):
        for name in sorted(set(_USED.findall(file.read_text(encoding="utf-8")))):
            found.setdefault(name, []).append(file.stem)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
