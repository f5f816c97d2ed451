"""Write docs/spec/vectors/*.json, or check that they are what the code makes.

    python tools/make_spec_vectors.py [--check] [NAME…]

The vectors of a released format never change: a difference is a new version of the
format or a mistake. Exit code 1 if `--check` finds one.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tools.spec_vectors import (  # noqa: E402
    Maker,
    chats,
    content,
    identity,
    logs,
    refounds,
    relay,
    repair,
    seeded,
    signals,
    signatures,
    tokens,
    transcript,
    work,
)

VECTORS = ROOT / "docs" / "spec" / "vectors"
AREAS = (
    *(signatures, identity, content, relay, logs, chats, repair, transcript, signals),
    *(tokens, refounds, work),
)


def makers() -> dict[str, Maker]:
    """Return what makes each file, by the file's name without its ending."""
    return {name: make for area in AREAS for name, make in area.MAKERS.items()}


def render(name: str) -> str:
    """Return the file `name` as the code of today makes it."""
    vectors = makers()[name](seeded(name))
    whole = {"format": name, "version": 1, "vectors": vectors}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the named files, or all of them."""
    check = "--check" in arguments
    different = 0
    for name in [one for one in arguments if one != "--check"] or sorted(makers()):
        path = VECTORS / f"{name}.json"
        text = render(name)
        same = path.exists() and path.read_text(encoding="utf-8") == text
        different += not same
        if not check:
            path.write_text(text, encoding="utf-8")
        print(f"{'same' if same else 'DIFFERENT' if check else 'written'}  {path.name}")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
