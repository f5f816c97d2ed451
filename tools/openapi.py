"""Write docs/spec/openapi.json: the HTTPS calls, as a relay serves them.

    python tools/openapi.py [--check]

Made from the table that the relay makes its routes from. Exit code 1 if `--check`
finds that the file is another.
"""

import json
import sys
from pathlib import Path

from privity.relay.openapi import document

PAGE = Path(__file__).resolve().parent.parent / "docs" / "spec" / "openapi.json"

__all__ = ["PAGE", "main", "render"]


def render() -> str:
    """Return the file's text."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the file."""
    text = render()
    same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    check = "--check" in arguments
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    print(f"{'same' if same else 'DIFFERENT' if check else 'written'}  {PAGE.name}")
    return 1 if check and not same else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
