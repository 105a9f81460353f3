"""The statements of a module, each with the conditions on which it is run."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence

Guards = tuple[ast.stmt, ...]

_BRANCHES = ast.If | ast.Try | ast.TryStar | ast.With
_WHOLE = ast.For | ast.While | ast.Match
"""Taken as one statement: what is bound inside depends on all of it."""
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_IMPORTS = ast.Import | ast.ImportFrom


def statements(body: Sequence[ast.stmt], guards: Guards = ()) -> Iterator[tuple[ast.stmt, Guards]]:
    """Yield every statement below `if`, `try` and `with`, and what it stands under.

    What a statement stands under is kept as the compound statement without its bodies, but for a
    mark in the one that was entered: so its condition counts, and which branch it was. The body of
    a `try` is its condition: what is raised there decides what else is run.
    """
    for statement in body:
        if isinstance(statement, _BRANCHES):
            yield _entered(statement, None), guards
            for branch, inner in _branches(statement):
                yield from statements(inner, (*guards, _entered(statement, branch)))
        else:
            yield statement, guards
        if isinstance(statement, _WHOLE):
            inside = (node for node in ast.walk(statement) if isinstance(node, _IMPORTS))
            yield from ((node, (*guards, statement)) for node in inside)


Branch = tuple[str, int]
"""Field of a compound statement, and which `except` it is."""


def _branches(
    statement: ast.If | ast.Try | ast.TryStar | ast.With,
) -> Iterator[tuple[Branch, list[ast.stmt]]]:
    for field in ("body", "orelse", "finalbody"):
        if getattr(statement, field, []):
            yield (field, 0), getattr(statement, field)
    for number, handler in enumerate(getattr(statement, "handlers", [])):
        yield ("handlers", number), handler.body


def _entered(statement: ast.stmt, branch: Branch | None) -> ast.stmt:
    """Return a compound statement without its bodies, with a mark in one of them."""
    bare, tried = copy.copy(statement), isinstance(statement, ast.Try | ast.TryStar)
    for field in ("orelse", "finalbody") if tried else ("body", "orelse"):
        if getattr(statement, field, []):
            setattr(bare, field, _body(branch == (field, 0)))
    if isinstance(bare, ast.Try | ast.TryStar):
        bare.handlers = [
            ast.ExceptHandler(handler.type, handler.name, _body(branch == ("handlers", number)))
            for number, handler in enumerate(bare.handlers)
        ]
    return bare


def _body(entered: bool) -> list[ast.stmt]:
    return [ast.Expr(ast.Constant(...)) if entered else ast.Pass()]


def bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the top-level names that a statement binds or may change."""
    if isinstance(statement, _DEFINITIONS):
        yield statement.name
    elif isinstance(statement, _IMPORTS):
        yield from map(alias_name, statement.names)
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _roots(target)
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        yield from _roots(statement.target)
    elif isinstance(statement, _WHOLE | ast.Expr | ast.Delete):
        yield from _mentioned(statement)
    elif isinstance(statement, ast.With):
        for item in statement.items:
            yield from _roots(item.optional_vars) if item.optional_vars else ()
    if not isinstance(statement, _DEFINITIONS):
        walrus = (node for node in ast.walk(statement) if isinstance(node, ast.NamedExpr))
        yield from (node.target.id for node in walrus)


def alias_name(alias: ast.alias) -> str:
    """Return the name that an import binds, `*` for all names of a module."""
    return alias.asname or alias.name.split(".")[0]


def _mentioned(statement: ast.stmt) -> set[str]:
    """Return every name in a statement, read or bound: any of them may be changed by it."""
    return {name for node in ast.walk(statement) if (name := _name(node)) is not None}


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, _DEFINITIONS | ast.MatchAs | ast.MatchStar):
        return node.name
    return node.rest if isinstance(node, ast.MatchMapping) else None


def _roots(target: ast.expr) -> Iterator[str]:
    """Yield the names at the root of an assignment's target, `TABLE` for `TABLE["x"]`."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _roots(element)
        return
    while isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id
