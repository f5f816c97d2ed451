"""What SQLite and PostgreSQL spell in two ways, and steps and tables in one.

Statements have `?` where PostgreSQL counts its parameters; tables are declared with
the types of SQLite.
"""

import re
from functools import cache

__all__ = ["spelled"]

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
    if statement.lstrip().startswith("CREATE"):
        plain = _OPTIONS.sub(")", statement)
        return _WORD.sub(lambda found: _WORDS[found[0]], plain)
    numbers = iter(range(1, 100))
    return _PARAMETER.sub(lambda _: f"${next(numbers)}", statement)
