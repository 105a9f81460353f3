"""Fingerprints of what code means, so that only a change of meaning makes a result stale.

The fingerprint of a function covers the syntax tree (without comments, docstrings and layout) of
every definition that it reaches in modules of ours (see `belonging`), with the conditions under
which it is made, followed name by name through imports; the values that the function carries,
numbers without their last bits; and the versions of the numerical libraries that those modules
import.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from refutable.storing.fingerprint import belonging, rounding, session
from refutable.storing.fingerprint.belonging import ours
from refutable.storing.fingerprint.syntax import (
    is_module,
    meaning,
    mentioned,
    module_table,
    normal,
    provider,
    targets,
)

_DISTRIBUTIONS = {
    "numpy": ("numpy",),
    "scipy": ("scipy",),
    "cvxpy": ("cvxpy", "scs", "clarabel"),
    "sklearn": ("scikit-learn",),
    "numba": ("numba",),
    "pandas": ("pandas",),
    "sympy": ("sympy",),
    "PIL": ("pillow",),
}
"""Libraries of the suite, to the distributions that bring them and what they compute with."""


ABSENT = "absent"
"""Stands for the version of a library that is not installed."""


@dataclass(frozen=True)
class Fingerprint:
    """A digest, and the digests of the parts it is made of.

    Parameters
    ----------
    digest : str
        32 hexadecimal digits.
    parts : dict of str to str
        `module:name` or `version:library` to a digest or a version.
    """

    digest: str
    parts: dict[str, str]

    def differences(self, other: dict[str, str]) -> list[str]:
        """Return the names of the parts that are not the same in `other`."""
        names = self.parts.keys() | other.keys()
        return sorted(name for name in names if self.parts.get(name) != other.get(name))


def fingerprint(*functions: Callable[..., Any] | None) -> Fingerprint:
    """Return the fingerprint of what these functions reach."""
    given = [function for function in functions if function is not None]
    reach = _Reach(frozenset(map(_root, given)))
    for function in given:
        reach.function(function)
    parts = {**reach.parts, **reach.versions()}
    text = json.dumps(sorted(parts.items()))
    return Fingerprint(_digest(text), parts)


def forget() -> None:
    """Read every module again; only needed when sources change under a running process."""
    belonging.forget()
    for cached in (module_table, is_module, _definition):
        cached.cache_clear()


class _Reach:
    """Follows names from definition to definition."""

    def __init__(self, roots: frozenset[str]) -> None:
        self.parts: dict[str, str] = {}
        self.libraries: set[str] = {"numpy", "scipy"}
        self.roots = roots  # where the functions themselves are at home, wherever that lies

    def function(self, function: Any) -> None:
        """Take a function, a partial, a bound method or a callable object."""
        if isinstance(function, functools.partial):
            self.function(function.func)
            self._value("partial", (function.args, function.keywords))
            return
        target = function if hasattr(function, "__qualname__") else type(function)
        if target is not function or hasattr(function, "__self__"):
            self._value(target.__qualname__, getattr(function, "__self__", function))
        module, name = str(target.__module__), target.__qualname__.split(".")[0]
        self.libraries.add(module.split(".")[0])
        for number, cell in enumerate(getattr(function, "__closure__", None) or ()):
            self._value(f"{target.__qualname__}.{number}", cell.cell_contents)
        if session.lives_here(function):
            self._of_the_session(function)
        elif name.startswith("<"):  # a lambda, also one made by a comprehension
            self._lambda(module, function)
        else:
            self.symbol(module, name)

    def _lambda(self, module: str, function: FunctionType) -> None:
        """Take a lambda, with those that begin in its line; its whole module where none is found.

        So the words of a claim are no part of what a bound in it means.
        """
        table = module_table(module) if self._ours(module) else None
        nodes = table.lambdas.get(function.__code__.co_firstlineno, []) if table else []
        if table is None or not nodes:
            self._whole(module)
            return
        digest = _digest("".join(map(normal, nodes)))
        key = f"{module}:<lambda> {digest[:8]}"
        self.parts[key] = digest
        self.libraries |= table.libraries
        self._value(key, [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).items()])
        for node in nodes:
            for place, name in mentioned(table, node):
                self._import(place, name)

    def _of_the_session(self, function: FunctionType) -> None:
        """Take a function that is in no file, and what it reaches by name."""
        key = f"session:{function.__qualname__}"
        if key in self.parts:
            return
        self.parts[key] = _digest(session.meaning(function))
        for number, value in enumerate(function.__defaults__ or ()):
            self._value(f"{key}.{number}", value)
        for name, value in session.mentioned(function):
            if isinstance(value, ModuleType):
                self.libraries.add(value.__name__.split(".")[0])
            elif isinstance(value, FunctionType | type):
                self._definition_of(name, value)
            else:
                self._value(f"{key}.{name}", value)

    def _definition_of(self, name: str, value: FunctionType | type) -> None:
        if isinstance(value, type):
            methods = [v for v in vars(value).values() if session.lives_here(v)]
            for method in methods:
                self._of_the_session(method)
            if not methods:
                self.symbol(value.__module__, name)
        else:
            self.function(value)

    def _value(self, where: str, value: object) -> None:
        """Take a value that a function carries along; containers are taken piece by piece."""
        plain = getattr(value, "py_func", value)  # a compiled function means its source
        if isinstance(plain, dict):
            self._value(where, list(plain.items()))
        elif isinstance(plain, list | tuple | set | frozenset):
            for number, item in enumerate(plain):
                self._value(f"{where}.{number}", item)
        elif isinstance(plain, functools.partial):
            self.parts[f"value:{where}"] = "code"
            self.function(plain)
        elif hasattr(plain, "__qualname__"):
            self.parts[f"value:{where}"] = f"code of {plain.__module__}:{plain.__qualname__}"
            self.function(plain)
        elif dataclasses.is_dataclass(plain):
            self._kind(plain)
            fields = [field.name for field in dataclasses.fields(plain)]
            self._value(where, [(name, getattr(plain, name)) for name in fields])
        else:
            self._constant(where, plain)

    def _constant(self, where: str, value: object) -> None:
        self._kind(value)
        self.parts[f"value:{where}"] = _digest(f"{type(value).__qualname__}{_stable(value)}")

    def _kind(self, value: object) -> None:
        self.symbol(type(value).__module__, type(value).__qualname__.split(".")[0])

    def symbol(self, module: str, name: str) -> None:
        """Take a top-level name of a module, and what it reaches."""
        key = f"{module}:{name}"
        if key in self.parts or not self._ours(module):
            return
        table = module_table(module)
        if table is None or name not in table.bindings:
            self._elsewhere(module, name)
            return
        self.libraries |= table.libraries
        self.parts[key], reached = _definition(module, name)
        for place, next_name in reached:
            self._import(place, next_name)

    def _elsewhere(self, module: str, name: str) -> None:
        """Take a name that no statement of its module binds: a module, or one of a star import."""
        place = provider(module, name)
        if place is not None:
            self.symbol(place, name)
        elif is_module(f"{module}.{name}"):
            self._whole(f"{module}.{name}")

    def _import(self, module: str, name: str | None) -> None:
        if name is None:
            self._whole(module)
        elif self._ours(module):
            self.symbol(module, name)

    def _whole(self, module: str) -> None:
        table = module_table(module) if self._ours(module) else None
        for name in table.bindings if table else ():
            if not name.startswith("__"):
                self.symbol(module, name)

    def _ours(self, module: str) -> bool:
        return module.split(".")[0] in self.roots or ours(module)

    def versions(self) -> dict[str, str]:
        """Return the versions of the libraries that the reached modules import.

        Those of the suite may be absent; another one counts where it is installed by its name.
        """
        suite = self.libraries & _DISTRIBUTIONS.keys()
        versions = {d: _version(d) for name in suite for d in _DISTRIBUTIONS[name]}
        others = {name: _version(name) for name in self.libraries - suite if self._foreign(name)}
        versions |= {name: version for name, version in others.items() if version != ABSENT}
        python = ".".join(map(str, sys.version_info[:2]))
        return {"version:python": python, **{f"version:{d}": versions[d] for d in sorted(versions)}}

    def _foreign(self, library: str) -> bool:
        return library not in sys.stdlib_module_names and not self._ours(library)


@functools.cache
def _definition(module: str, name: str) -> tuple[str, tuple[tuple[str, str | None], ...]]:
    """Return the digest of what binds a name, and the (module, name) pairs that it mentions."""
    table = module_table(module)
    assert table is not None
    nodes = table.bindings[name]
    reached: dict[tuple[str, str | None], None] = {}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            reached.update(dict.fromkeys(targets(table, node, name)))
        else:
            reached.update(dict.fromkeys(mentioned(table, node)))
    return _digest("".join(meaning(table, node, name) for node in nodes)), tuple(reached)


def _root(function: Any) -> str:
    """Return the top-level name of the module that a function, or a callable's type, is of."""
    while isinstance(function, functools.partial):
        function = function.func
    target = function if hasattr(function, "__qualname__") else type(function)
    return str(target.__module__).split(".")[0]


def _stable(value: object) -> str:
    """Return the same text in every process: no addresses, whole arrays, no last bits."""
    if isinstance(value, np.ndarray):
        plain = rounding.rounded(value) if value.dtype.kind == "f" else value
        return f"{value.dtype}{value.shape}{plain.tobytes().hex()}"
    text = rounding.text(value)
    return "" if " at 0x" in text else text


@functools.cache
def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ABSENT


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
