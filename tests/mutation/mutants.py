"""Mutants of a source: the same program with one small fault in it, of the sorts that people make.

What cannot change what a program does is left alone: docstrings, annotations, imports, and decorators, which here only remember
results or make a class frozen.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
"""The boundary moved, and the comparison turned round."""

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Pow: ast.Mult,
}

OPPOSITES = {"min": "max", "any": "all", "minimum": "maximum", "first": "last", "zeros": "ones"}
NAMES = {**OPPOSITES, **{other: name for name, other in OPPOSITES.items()}}
"""Names that are easily taken for each other."""

NEVER_RUN = {"annotation", "returns", "decorator_list", "type_params"}


@dataclass(frozen=True)
class Mutant:
    """One changed program. ``line``: of the file, where the change is; ``sort``: which kind of fault; ``source``: the whole file,
    written anew; ``diff``: the changed lines as they are written anew."""

    file: str
    line: int
    sort: str
    source: str
    diff: tuple[str, ...]


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a file's source, in order of line, none twice."""
    tree = ast.parse(source)
    original = ast.unparse(tree)
    seen = {original}
    found = []
    for node, put in _places(tree):
        for sort, changed in _changes(node):
            put(changed)
            text = ast.unparse(tree)
            put(node)
            if text not in seen:
                seen.add(text)
                found.append(Mutant(file, _line(node), sort, text, _diff(original, text)))
    yield from sorted(found, key=lambda one: one.line)


def _line(node: ast.AST) -> int:
    """Where a node begins; what has no place of its own, as a comprehension, begins with its first part."""
    return next(one.lineno for one in ast.walk(node) if hasattr(one, "lineno"))


def _diff(old: str, new: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return tuple(f"{line[0]} {line[1:].strip()}" for line in lines if line[:3] not in ("---", "+++") and line[0] != "@")


Put = Callable[[Any], None]


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, Put]]:
    """Every node that runs, and how to put another in its place."""
    for name, value in ast.iter_fields(tree):
        if name in NEVER_RUN:
            continue
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(one, ast.AST) and not _says_only(one):
                yield one, _setter(tree, name, number if isinstance(value, list) else None)
                yield from _places(one)


def _says_only(node: ast.AST) -> bool:
    """Whether a statement is a docstring or an import."""
    words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return words or isinstance(node, ast.Import | ast.ImportFrom)


def _setter(parent: ast.AST, name: str, number: int | None) -> Put:
    def put(node: Any) -> None:
        if number is None:
            setattr(parent, name, node)
        else:
            getattr(parent, name)[number] = node

    return put


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _not(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _without(parts: list[Any], number: int) -> list[Any]:
    return parts[:number] + parts[number + 1 :]


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The faults that a node may have: their sort, and the node as it then stands."""
    match node:
        case ast.Constant() | ast.Name() | ast.Attribute():
            yield from _of_a_word(node)
        case ast.Call():
            yield from _of_a_call(node)
        case ast.If() | ast.While() | ast.IfExp() | ast.comprehension():
            yield from _of_a_condition(node)
        case ast.Return(value=value) if value is not None and ast.unparse(value) != "None":
            yield "return value", _with(node, value=None)
        case ast.Expr():
            yield "statement left out", ast.copy_location(ast.Pass(), node)
        case ast.AugAssign(target=target, value=value):
            yield "assignment", ast.copy_location(ast.Assign([target], value), node)
            yield from _of_an_operator(node)
        case ast.Compare() | ast.BinOp() | ast.BoolOp() | ast.UnaryOp():
            yield from _of_an_operator(node)


def _of_a_word(node: ast.Constant | ast.Name | ast.Attribute) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Constant(value=bool(value)):
            yield "boolean", _with(node, value=not value)
        case ast.Constant(value=int(value)):
            yield "constant", _with(node, value=value + 1)
            yield "constant", _with(node, value=value - 1)
        case ast.Constant(value=str(value)):
            yield "constant", _with(node, value=f"{value}?")
        case ast.Name(id=name) if name in NAMES:
            yield "name", _with(node, id=NAMES[name])
        case ast.Attribute(attr=name) if name in NAMES:
            yield "name", _with(node, attr=NAMES[name])


def _of_a_call(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    for number in range(len(node.args)):
        yield "argument left out", _with(node, args=_without(node.args, number))
    for number in range(len(node.keywords)):
        yield "argument left out", _with(node, keywords=_without(node.keywords, number))
    if node.args:
        yield "call left out", node.args[0]


def _of_a_condition(node: ast.If | ast.While | ast.IfExp | ast.comprehension) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.comprehension):
        for number, test in enumerate(node.ifs):
            yield "condition left out", _with(node, ifs=_without(node.ifs, number))
            yield "condition negated", _with(node, ifs=[*node.ifs[:number], _not(test), *node.ifs[number + 1 :]])
        return
    yield "condition negated", _with(node, test=_not(node.test))
    if isinstance(node, ast.If):
        yield "condition left out", _with(node, test=ast.Constant(True))
        yield "condition left out", _with(node, test=ast.Constant(False))
    if isinstance(node, ast.IfExp):
        yield "condition left out", node.body
        yield "condition left out", node.orelse


def _of_an_operator(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=ops):
            for number, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield "comparison", _with(node, ops=[*ops[:number], other(), *ops[number + 1 :]])
        case ast.BinOp(left=left, op=op, right=right):
            yield "arithmetic", _with(node, op=OPERATORS[type(op)]())
            yield "operand left out", left
            yield "operand left out", right
        case ast.AugAssign(op=op):
            yield "arithmetic", _with(node, op=OPERATORS[type(op)]())
        case ast.BoolOp(op=op, values=values):
            yield "boolean", _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
            for number in range(len(values)):
                kept = _without(values, number)
                yield "operand left out", kept[0] if len(kept) == 1 else _with(node, values=kept)
        case ast.UnaryOp(operand=operand):
            yield "operand left out", operand
