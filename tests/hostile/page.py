"""Write docs/security/hostile-input.md: what hostile input meets, call by call.

    python -m tests.hostile.page [--check]

Made from the tables that the tests try. Exit code 1 if `--check` finds another page.
"""

import sys
from pathlib import Path

from privity.relay.http import STATUS
from privity.wire.calls import CALLS
from privity.wire.codes import Code
from tests.hostile.rows import CALL_ROWS, FRAME_ROWS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security" / "hostile-input.md"
TOP = """\
# What hostile input meets

Made by `python -m tests.hostile.page` from the tables that
[the tests](../../tests/unit/relay/test_hostile_inputs.py) try against a real relay. A call
or a frame without a row here fails them. Each test holds a connection that was there before
and must notice nothing, and the relay's log must not tell of a fault of its own.

## Whatever is asked

| input | over HTTPS | on a WebSocket |
|---|---|---|
| unknown, missing or additional field, wrong type | 400 `malformed` | `malformed`, close 1008 |
| a body or message beyond its limit | 413 `too_large`, the rest is not kept | close 1009 |
| the other plane | 404, or the handshake is refused | `malformed` (before a login `not_logged_in`), close 1008 |
| a request's head or a handshake that stops or drips | closed after 30 s | the same |
| TLS that stops before, within or behind its ClientHello, or drips | closed after 60 s; it has cost some 60 KB, at most 400 | the same |
| what is no TLS | closed at once | the same |
| a TLS record that stops in the middle | as a head that stops, and at most 30 s more for TLS to end | as a frame that stops, and the same 30 s |
| a body that stops or drips | 400 after ten minutes; behind its answer, closed after 30 s | |
| a frame that stops in the middle | | closed by the relay's ping, within 40 s |
| a message in pieces | | at most 1,024 of them, else closed (1008) |
| no login on the identified plane | | `not_logged_in` after 30 s, close 1008 |
| one half of the connection ended | closed | closed |
| a session that is made up, ended or broken | 401 `not_logged_in` | |
| a reader that does not read | | at most a few MiB wait; the rest stays in the database |
| a full disk | 507 `storage_full`; blobs first, messages go on | `storage_full`, not stored |

Answers carry a code and a sentence, never a trace. `make hostile` makes calls of every
kind from the [OpenAPI document](../spec/openapi.json) and takes none but declared codes;
`make fuzz` searches the frames of both planes through the relay's own dispatch.
"""

__all__ = ["PAGE", "main", "render"]


def render() -> str:
    """Return the page."""
    calls = [
        (f"`{name}`", *_shown(CALL_ROWS[name]))
        for name in (f"{call.method} {call.path}" for call in CALLS)
    ]
    frames = [
        (kind.__name__, *_shown(row, "`{code.value}`"))
        for kind, row in FRAME_ROWS.items()
    ]
    return "\n".join(
        [
            TOP,
            *_table("call", calls, "Calls", "a stranger", "with another's right"),
            "",
            *_table("frame", frames, "Frames", "a stranger", "with another's right"),
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """Write or check the page."""
    text = render()
    same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    check = "--check" in arguments
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    print(f"{'same' if same else 'DIFFERENT' if check else 'written'}  {PAGE.name}")
    return 1 if check and not same else 0


def _shown(row, form="{status} `{code.value}`"):
    return _code(row.stranger, form), _code(row.foreign, form), row.why


def _code(code: Code | None, form: str) -> str:
    if code is None:
        return "nothing of anybody's"
    return form.format(status=STATUS[code], code=code)


def _table(first, rows, title, *columns):
    names = (first, *columns, "what it takes")
    yield f"## {title}\n"
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
