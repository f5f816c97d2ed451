"""Every public name of `privity.mls` says what it is, and where RFC 9420 does."""

import ast
import inspect
import re
from itertools import pairwise
from pathlib import Path

import privity.errors
import privity.mls

PLACED = re.compile(r"§\d|not in RFC 9420|draft-ietf-mls-[a-z]+")
"""A section, the draft that has what the RFC has not, or that there is none."""


def constants():
    """Return what stands under each assignment of a name in the library's modules."""
    found = {}
    for file in Path(privity.mls.__file__).parent.glob("*.py"):
        body = ast.parse(file.read_text(encoding="utf-8")).body
        for here, below in pairwise(body):
            match here, below:
                case (
                    ast.Assign(targets=[ast.Name(id=name)]),
                    ast.Expr(value=ast.Constant(value=str(said))),
                ):
                    found[name] = said
    return found


def own_members(kind):
    """Return a class's own public methods and properties; not what Struct gives."""
    for name, value in vars(kind).items():
        if name.startswith("_"):
            continue
        plain = getattr(value, "__func__", value)
        if isinstance(plain, property) or inspect.isfunction(plain):
            yield name, plain.__doc__


def said():
    """Return the docstring of every public name, and of every member of a class."""
    loose = constants()
    for name in privity.mls.__all__:
        thing = getattr(privity.mls, name)
        if isinstance(thing, type):
            yield name, vars(thing).get("__doc__")
            yield from ((f"{name}.{at}", doc) for at, doc in own_members(thing))
        else:
            yield name, thing.__doc__ if inspect.isfunction(thing) else loose.get(name)


def test_each_names_its_section_or_that_there_is_none():
    everything = dict(said())
    silent = [name for name, doc in everything.items() if not PLACED.search(doc or "")]
    assert silent == []
    assert len(everything) > len(privity.mls.__all__) + 80


def test_each_begins_with_one_sentence_on_one_line():
    long = [
        name
        for name, doc in said()
        if not re.match(r"[^\n]+[.:]\n\n|[^\n]+[.:;]$|[^\n]+[.]$", (doc or "").strip())
    ]
    assert long == []


def test_every_error_that_is_spoken_of_can_be_imported():
    known = {*privity.mls.__all__, *privity.errors.__all__}
    spoken = {
        error
        for _, doc in said()
        for error in re.findall(r"\b[A-Z]\w+(?:Error|Violation|Authentic)\b", doc or "")
    }
    assert {"DecodeError", "RuleViolation", "NotAuthentic", "UsageError"} <= spoken
    assert spoken <= known


def test_a_name_without_a_section_would_be_found():
    assert not PLACED.search("Return the group's name.")
    assert PLACED.search("Return the group's name (§8.1).")
