"""Two columns: what the members see, and what the operator sees of the same thing."""

import sqlite3
import textwrap
from itertools import zip_longest
from pathlib import Path
from typing import Any

__all__ = ["members_view", "operator_view", "two_columns", "wire_view"]

WIDTH = 50


def members_view(messages: list[dict[str, Any]]) -> list[str]:
    """Return a chat as its members read it."""
    lines: list[str] = []
    names = {m["message"]: m for m in messages}
    for message in messages:
        lines += _message(message, names)
    return lines


def _message(message: dict[str, Any], names: dict[str, Any]) -> list[str]:
    who = message["sender"]["name"]
    if message["kind"] == "line":
        about = (message["about"] or {}).get("name", "")
        return [f"· {who} {message['what']} {about}".rstrip()]
    text = message["text"]
    if message["kind"] == "deleted":
        text = "(deleted)"
    elif message["file"]:
        size = message["file"]["size"]
        text = f"[{message['file']['name']}, {size / 1000:,.0f} kB] {text}".rstrip()
    if message["edited"]:
        text += " (edited)"
    lines = [f"{who}: {text}"]
    answered = names.get(message["reply_to"])
    if answered:
        lines.insert(0, f"  > {answered['text'][:40]}")
    for reaction in message["reactions"]:
        givers = ", ".join(p["name"] for p in reaction["people"])
        lines.append(f"  {reaction['emoji']} {givers}")
    return lines


def operator_view(data: Path, most: int) -> list[str]:
    """Return rows of the relay's databases as they are, columns by their names."""
    lines = ["entries of the log side:"]
    lines += _rows(
        data / "logs.sqlite",
        "SELECT hex(substr(log_id, 1, 4)) AS log, seq, minute,"
        " length(envelope) AS bytes, hex(substr(envelope, 1, 8)) AS envelope"
        " FROM entries ORDER BY log_id, seq",
        most,
    )
    lines += ["blobs:"]
    lines += _rows(
        data / "logs.sqlite",
        "SELECT hex(substr(blob_id, 1, 8)) AS blob, size FROM blobs ORDER BY size",
        4,
    )
    lines += ["accounts of the account side:"]
    lines += _rows(
        data / "accounts.sqlite",
        "SELECT hex(substr(account_id, 1, 8)) AS account, name AS handle FROM handles",
        4,
    )
    return lines


def wire_view(traffic: Path, most: int) -> list[str]:
    """Return the beginning of what went over the wire, as it is."""
    lines = ["on the wire, without TLS and mask:"]
    largest = sorted(traffic.glob("*-up.payload"), key=lambda p: -p.stat().st_size)
    for path in largest[:1]:
        data = path.read_bytes()[4096:]
        lines += [f"  {data[at : at + 16].hex(' ')}" for at in range(0, most * 16, 16)]
    return lines


def _rows(database: Path, query: str, most: int) -> list[str]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
    finally:
        connection.close()
    lines = [" ".join(names)]
    lines += [" ".join(str(value) for value in row) for row in rows[:most]]
    if len(rows) > most:
        lines.append(f"… and {len(rows) - most} more of the same kind")
    return [f"  {line}" for line in lines]


def two_columns(left: list[str], right: list[str]) -> str:
    """Return both lists side by side under their headings."""
    rows = [("what the members see", "what the operator sees"), ("─" * WIDTH,) * 2]
    rows += list(zip_longest(_wrapped(left), _wrapped(right), fillvalue=""))
    return "\n".join(f"{a:<{WIDTH}} │ {b}".rstrip() for a, b in rows)


def _wrapped(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        found += textwrap.wrap(line, WIDTH, subsequent_indent="    ") or [""]
    return found
