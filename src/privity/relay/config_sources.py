"""Where settings come from: `relay.toml`, the environment over it, defaults below both.

`PRIVITY_RELAY__LOG__COMMIT_SPACING_MS=0` sets `commit_spacing_ms` of the table
`log`. A name that `config` doesn't declare is refused wherever it stands, so that a
misspelt limit never silently means "no limit".
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec

from privity.errors import UsageError
from privity.relay.config import (
    CONFIG_NAME,
    ENV_PREFIX,
    Config,
    check_config,
    shown_value,
)

__all__ = ["DEFAULT", "Setting", "list_settings", "load_config", "read_config"]

DEFAULT = "default"

_Name = tuple[str, ...]
_PLACE = re.compile(r"(.*) - at `\$\.([a-z0-9_.]+)`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Setting:
    """One value as it holds.

    `origin` is the file's name, a variable's, or `default`.
    """

    name: str
    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class _Given:
    value: object
    origin: str


def load_config(data: Path, environ: Mapping[str, str]) -> Config:
    """Return the settings of the relay in `data`; raises UsageError."""
    return read_config(_text(data), environ)


def read_config(text: str, environ: Mapping[str, str]) -> Config:
    """Return the settings in a TOML text under `environ`; raises UsageError."""
    config = _convert(_given(text, environ))
    check_config(config)
    return config


def list_settings(data: Path, environ: Mapping[str, str]) -> list[Setting]:
    """Return every setting of the relay in `data` with its origin; as `load_config`."""
    text = _text(data)
    given = _given(text, environ)
    tree = msgspec.to_builtins(read_config(text, environ))
    return [
        Setting(*_shown(name, value), given[name].origin if name in given else DEFAULT)
        for name, value in _leaves(tree)
    ]


def _shown(name: _Name, value: object) -> tuple[str, object]:
    dotted = ".".join(name)
    return dotted, shown_value(dotted, value)


def _text(data: Path) -> str:
    path = data / CONFIG_NAME
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"{path} is missing; `privity-relay --data {data} init` makes it"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is unreadable: {type(error).__name__}") from None


def _given(text: str, environ: Mapping[str, str]) -> dict[_Name, _Given]:
    """Return what the file and the environment set; all of it is declared."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{CONFIG_NAME}: {error}") from None
    given = {name: _Given(value, CONFIG_NAME) for name, value in _leaves(tree)}
    for variable, value in sorted(environ.items()):
        if variable.startswith(ENV_PREFIX):
            name = tuple(variable.removeprefix(ENV_PREFIX).lower().split("__"))
            given[name] = _Given(value, variable)
    known = dict(_leaves(msgspec.to_builtins(Config())))
    for name, one in given.items():
        _check_name(known, name, one)
    return given


def _check_name(known: Mapping[_Name, object], name: _Name, given: _Given) -> None:
    if name in known:
        return
    dotted = ".".join(name)
    if any(name == one[: len(name)] for one in known):
        if given.value == {}:
            return
        raise UsageError(f"{given.origin}: {dotted} is a table, not a value")
    advice = ""
    if near := _nearest(name, known):
        is_ours = given.origin == CONFIG_NAME
        told = ".".join(near) if is_ours else ENV_PREFIX + "__".join(near).upper()
        advice = f"; did you mean {told}?"
    raise UsageError(f"{given.origin}: there is no setting {dotted}{advice}")


def _nearest(name: _Name, known: Mapping[_Name, object]) -> _Name:
    """Return the declared name that looks most like `name`, or ()."""
    namesakes = [one for one in known if one[-1] == name[-1]]
    asked = {".".join(one): one for one in namesakes or known}
    cutoff = 0.0 if namesakes else 0.6
    found = difflib.get_close_matches(".".join(name), asked, 1, cutoff)
    return asked[found[0]] if found else ()


def _convert(given: Mapping[_Name, _Given]) -> Config:
    tree: dict[str, Any] = {}
    for (*tables, key), one in given.items():
        below = tree
        for table in tables:
            below = below.setdefault(table, {})
        below[key] = {} if one.value == {} else one.value
    try:
        return msgspec.convert(tree, Config, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(_said_of(str(error), given)) from None


def _said_of(message: str, given: Mapping[_Name, _Given]) -> str:
    """Name who set the value that msgspec refuses."""
    found = _PLACE.fullmatch(message)
    one = given.get(tuple(found[2].split("."))) if found else None
    if found is None or one is None:
        return f"{CONFIG_NAME}: {message}"
    return f"{one.origin}: {found[2]}: {found[1]}"


def _leaves(tree: Mapping[str, Any], above: _Name = ()) -> Iterator[tuple[_Name, Any]]:
    """Yield what is no table, and empty tables."""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(cast("dict[str, Any]", value), (*above, key))
        else:
            yield (*above, key), value
