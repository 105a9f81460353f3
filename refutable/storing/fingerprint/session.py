"""What the functions of a session mean: those of a notebook's cell, of a prompt, of `exec`.

They are in no file. Where the session keeps their source (`inspect` and `linecache` know the cells
of a notebook) its syntax tree counts; elsewhere their byte code.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from types import CodeType, FunctionType

from refutable.storing.fingerprint.syntax import normal


def lives_here(function: object) -> bool:
    """Say whether a function was defined in the session and not in a module's file."""
    if not isinstance(function, FunctionType):
        return False
    module = function.__globals__.get("__name__")
    if module in sys.stdlib_module_names and module != "__main__":
        return False
    file = getattr(sys.modules.get(str(module)), "__file__", None)
    return file is None or function.__code__.co_filename.startswith("<")


def meaning(function: FunctionType) -> str:
    """Return what a function means as text, without comments, docstrings and layout."""
    try:
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, ValueError, SyntaxError):
        return repr(_plain(function.__code__))
    is_whole = isinstance(node, ast.FunctionDef) and node.name == function.__name__
    return normal(node) if is_whole else repr(_plain(function.__code__))


def mentioned(function: FunctionType) -> Iterator[tuple[str, object]]:
    """Yield the global names that a function mentions, with their values."""
    for name in sorted(set(_names(function.__code__))):
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _plain(code: CodeType) -> tuple[object, ...]:
    constants = [_plain(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return code.co_code.hex(), constants, code.co_names, code.co_varnames
