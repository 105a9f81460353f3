"""Syntax trees of modules: what binds each top-level name, and what a definition mentions."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from refutable.storing.fingerprint.belonging import ours
from refutable.storing.fingerprint.statements import alias_name, bound, statements

_Documented = ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef | ast.Module


@dataclass(frozen=True)
class Module:
    """A parsed module: what binds each of its top-level names, and on which conditions.

    Lambdas have no names to be found by: they are kept by the line in which they begin.
    """

    name: str
    package: str
    bindings: dict[str, list[ast.AST]]
    libraries: frozenset[str]
    lambdas: dict[int, list[ast.Lambda]]


@functools.cache
def module_table(name: str) -> Module | None:
    """Return a module's table, or None if it has no Python source."""
    source, package = _source(name)
    if source is None:
        return None
    tree = ast.parse(source)
    bindings: dict[str, list[ast.AST]] = {}
    for statement, guards in statements(tree.body):
        for name_bound in dict.fromkeys(bound(statement)):
            bindings.setdefault(name_bound, []).extend((*guards, statement))
    imported = {
        alias.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in _imported(node)
    }
    return Module(name, package, bindings, frozenset(imported), _lambdas(tree))


def _lambdas(tree: ast.Module) -> dict[int, list[ast.Lambda]]:
    found: dict[int, list[ast.Lambda]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            found.setdefault(node.lineno, []).append(node)
    return found


def _source(name: str) -> tuple[str | None, str]:
    try:
        module = importlib.import_module(name)
    except ImportError:
        return None, ""
    path = getattr(module, "__file__", None)
    if not path or not path.endswith(".py"):
        return None, ""
    package = name if hasattr(module, "__path__") else name.rpartition(".")[0]
    with open(path, encoding="utf-8") as file:
        return file.read(), package


@functools.cache
def is_module(name: str) -> bool:
    """Say whether there is a module of this name."""
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if node.module and not node.level else []  # relative ones are ours


def targets(
    table: Module, node: ast.Import | ast.ImportFrom, name: str
) -> Iterator[tuple[str, str | None]]:
    """Yield the (module, name) that an import statement binds to a name; None for a module."""
    for alias in node.names:
        if alias_name(alias) != name:
            continue
        if isinstance(node, ast.Import):
            yield alias.name, None
            continue
        base = _absolute(table, node)
        submodule = f"{base}.{alias.name}"
        if alias.name == "*":
            yield base, None
        elif not _binds(base, alias.name) and is_module(submodule):
            yield submodule, None
        else:
            yield base, alias.name


def meaning(table: Module, node: ast.AST, name: str) -> str:
    """Return what a statement means for one of the names it binds, as text."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return repr(list(targets(table, node, name)))
    return normal(node)


def _binds(module: str, name: str) -> bool:
    return provider(module, name) is not None if ours(module) else True


def provider(module: str, name: str, met: frozenset[str] = frozenset()) -> str | None:
    """Return the module whose statements bind a name of a module: itself, or one imported whole.

    None if no module of ours does; `met` are those that were asked already.
    """
    table = module_table(module) if ours(module) and module not in met else None
    if table is None:
        return None
    if name in table.bindings:
        return module
    stars = (node for node in table.bindings.get("*", []) if isinstance(node, ast.ImportFrom))
    found = (provider(_absolute(table, node), name, met | {module}) for node in stars)
    return next((place for place in found if place is not None), None)


def _absolute(table: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = table.package.split(".")
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def mentioned(table: Module, node: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Yield the (module, top-level name) pairs that a definition mentions or imports itself."""
    consumed: set[int] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            found = _through_module(table, inner)
            if found:
                consumed.add(id(inner.value))  # a package above a module is not what is meant
                if id(inner) not in consumed:
                    yield found
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and id(inner) not in consumed:
            if (place := provider(table.name, inner.id)) is not None:
                yield place, inner.id
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            for name in map(alias_name, inner.names):
                yield from targets(table, inner, name)


def _through_module(table: Module, node: ast.Attribute) -> tuple[str, str] | None:
    """Return (module, name) for `alias.name` where `alias` is an imported module."""
    dotted = _dotted(node.value)
    if dotted is None:
        return None
    alias, *rest = dotted
    for binding in table.bindings.get(alias, []):
        if not isinstance(binding, ast.Import | ast.ImportFrom):
            continue
        base = _module_behind(table, binding, alias)
        if base is None:
            continue
        module = ".".join([base, *rest])
        if is_module(module):
            return module, node.attr
    return None


def _dotted(node: ast.expr) -> list[str] | None:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else None


def _module_behind(table: Module, node: ast.Import | ast.ImportFrom, alias: str) -> str | None:
    for given in node.names:
        if alias_name(given) != alias:
            continue
        if isinstance(node, ast.Import):
            return given.name if given.asname else given.name.split(".")[0]
        module = f"{_absolute(table, node)}.{given.name}"
        return module if ours(module) and is_module(module) else None
    return None


@functools.cache
def normal(node: ast.AST) -> str:
    """Return a definition's tree as text, without positions and docstrings."""
    copy = ast.parse(ast.unparse(node))
    for inner in ast.walk(copy):
        if isinstance(inner, _Documented):
            _drop_docstring(inner)
    return ast.dump(copy)


def _drop_docstring(
    node: ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef | ast.Module,
) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        node.body = node.body[1:] or [ast.Pass()]
