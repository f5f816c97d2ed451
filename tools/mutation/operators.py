"""Small changes to a source text, each of which some test should notice.

A mutant replaces one expression or statement. Left alone are annotations, docstrings,
decorators, and the words of errors: no behaviour is in them.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Mutant", "mutants_of"]

_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: where, and the whole text with it.

    `place` is the function or class; `before` and `after` are the changed lines
    without their indentation, by which a list of survivors names the mutant.
    """

    place: str
    line: int
    before: str
    after: str
    text: str = ""


def mutants_of(text: str) -> list[Mutant]:
    """Return every mutant of a module's text, in the order of its lines."""
    tree = ast.parse(text)
    found = [
        _made(text, place, node, changed)
        for place, node in _walk(tree, "")
        for changed in _changes(node)
    ]
    named: dict[tuple[str, str, str], Mutant] = {}
    for mutant in found:
        named.setdefault((mutant.place, mutant.before, mutant.after), mutant)
    return sorted(named.values(), key=lambda mutant: mutant.line)


def _walk(node: ast.AST, place: str) -> Iterator[tuple[str, ast.expr | ast.stmt]]:
    """Yield what may change, with the name of the function or class around it."""
    for child in _living_children(node):
        inside = place
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            inside = f"{place}.{child.name}".lstrip(".")
        if isinstance(child, ast.expr | ast.stmt):
            yield inside, child
        yield from _walk(child, inside)


def _living_children(node: ast.AST) -> Iterator[ast.AST]:
    dead = {"annotation", "returns", "decorator_list", "type_params"}
    if isinstance(node, ast.Raise):
        return
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return
    for name, value in ast.iter_fields(node):
        if name in dead:
            continue
        items = value if isinstance(value, list) else [value]
        yield from (
            item for item in items if isinstance(item, ast.AST) and not _is_words(item)
        )


def _is_words(node: ast.AST) -> bool:
    """Say whether a node is a docstring or the list of public names."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def _changes(node: ast.expr | ast.stmt) -> Iterator[str]:
    """Yield the texts that may stand in a node's place, or in that of its test."""
    match node:
        case ast.Raise() | ast.AugAssign() | ast.Expr(value=ast.Call()):
            yield "pass"
        case ast.Break():
            yield "continue"
        case ast.Continue():
            yield "break"
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            if isinstance(test, ast.Name | ast.Call | ast.Attribute):
                yield f"(not {ast.unparse(test)})"
        case ast.Constant(value=value):
            yield from _other_values(value)
        case ast.expr():
            yield from _other_operators(node)


def _other_operators(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            for other in _COMPARE[type(operator)]:
                yield ast.unparse(ast.Compare(left, [other()], [right]))
        case ast.BinOp(left=left, op=operation, right=right):
            kind = _ARITHMETIC.get(type(operation))
            if kind is not None:
                yield f"({ast.unparse(ast.BinOp(left, kind(), right))})"
        case ast.BoolOp(op=operation, values=values):
            turned = ast.Or() if isinstance(operation, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(turned, values))})"
        case ast.UnaryOp(operand=operand):
            yield f"({ast.unparse(operand)})"


def _other_values(value: object) -> Iterator[str]:
    match value:
        case bool():
            yield str(not value)
        case int():
            yield str(value + 1)
        case str():
            yield repr(value + "!")
        case bytes():
            yield repr(value + b"!")


def _made(text: str, place: str, node: ast.expr | ast.stmt, changed: str) -> Mutant:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        node = node.test
    lines = text.encode().splitlines(keepends=True)
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    head = lines[first][: node.col_offset]
    tail = lines[last][node.end_col_offset :]
    fresh = head + changed.encode() + tail
    before = b"".join(lines[first : last + 1])
    whole = b"".join((*lines[:first], fresh, *lines[last + 1 :]))
    return Mutant(
        place, node.lineno, _one_line(before), _one_line(fresh), whole.decode()
    )


def _one_line(text: bytes) -> str:
    return " ".join(text.decode().split())
