"""What SQLite and PostgreSQL spell in two ways, and steps and tables in one.

Statements have `?` where PostgreSQL counts its parameters; tables are declared with
the types of SQLite.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count
from typing import TypeAlias

from privity.relay.storage.store import Value

__all__ = ["spelled", "spelled_for_each", "spelled_for_rows", "types_of"]

_WORDS = {
    "BLOB": "BYTEA",
    "INTEGER": "BIGINT",
    "offset": '"offset"',
}
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
_OPTIONS = re.compile(r"\)\s*STRICT(?:,\s*WITHOUT ROWID)?\s*$")
_PARAMETER = re.compile(r"\?")


@cache
def spelled(statement: str) -> str:
    """Return a statement as PostgreSQL reads it; there are some hundred of them."""
    if statement.lstrip().startswith(("CREATE", "ALTER")):
        plain = _OPTIONS.sub(")", statement)
        return _WORD.sub(lambda found: _WORDS[found[0]], plain)
    numbers = iter(range(1, 100))
    return _PARAMETER.sub(lambda _: f"${next(numbers)}", statement)


_TYPES: dict[type, str] = {bytes: "bytea", int: "bigint", str: "text"}
_ROW = re.compile(r"VALUES \((\?(?:, \?)*)\)$")


Typed: TypeAlias = tuple[str, tuple[str, ...]]
"""A statement of one row of values, and what the row is made of."""


def types_of(row: Sequence[Value]) -> tuple[str, ...]:
    """Return the names of what a row of values is made of; none of them is None."""
    return tuple(_TYPES[type(value)] for value in row)


@cache
def spelled_for_rows(*inserts: Typed) -> str:
    """Return INSERTs of one row each as one statement for many rows in each.

    Their values come as columns, those of the first INSERT in front.
    """
    numbers = count(1)
    *first, last = (_many_rows(insert, numbers) for insert in inserts)
    if not first:
        return last
    named = (f"rows_{number} AS ({insert})" for number, insert in enumerate(first))
    return f"WITH {', '.join(named)} {last}"


def _many_rows(insert: Typed, numbers: Iterator[int]) -> str:
    statement, types = insert
    rows = f"SELECT * FROM {_columns(types, numbers)}"  # noqa: S608
    whole, replaced = _ROW.subn(rows, statement)
    if not replaced:
        raise ValueError(f"no INSERT of plain values: {statement}")
    return whole


@cache
def spelled_for_each(*queries: Typed) -> str:
    """Return queries as one statement for many rows of values, which come as columns.

    It finds the number of a query, that of a row of its values, both from 0 on, and the
    first that the query finds for it. Inside of its own LIMIT it is asked row by row,
    whatever the planner thinks of the size of a table that was empty when it planned.
    """
    numbers = count(1)
    return " UNION ALL ".join(
        _each_row(at, query, numbers) for at, query in enumerate(queries)
    )


def _each_row(at: int, query: Typed, numbers: Iterator[int]) -> str:
    statement, types = query
    names = [f"v{number}" for number in range(len(types))]
    values = iter(names)
    asking = _PARAMETER.sub(lambda _: f"asked.{next(values)}", statement)
    return (
        f"SELECT {at}, asked.n - 1, found"  # noqa: S608
        f" FROM {_columns(types, numbers)}"
        f" WITH ORDINALITY AS asked({', '.join(names)}, n),"
        f" LATERAL (SELECT * FROM ({asking}) AS query LIMIT 1) AS found"
    )


def _columns(types: tuple[str, ...], numbers: Iterator[int]) -> str:
    columns = (f"${next(numbers)}::{name}[]" for name in types)
    return f"unnest({', '.join(columns)})"
