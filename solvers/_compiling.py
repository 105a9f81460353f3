"""Compile loops when they are first called, so that importing a solver does not load numba.

Numba takes a quarter of a second to import, which whoever only lists claims need not pay.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, update_wrapper
from importlib import import_module
from types import FunctionType
from typing import Any, cast


class Compiled:
    """A function that numba compiles at its first call, ``py_func`` in plain Python.

    Compiled functions call each other through the names of their module, where numba must find
    its own dispatchers: those names are therefore rebound just before the compilation. Whoever
    imported this object earlier may go on calling it.
    """

    def __init__(self, function: FunctionType, options: dict[str, Any]) -> None:
        self.py_func, self.options = function, options
        update_wrapper(self, function)

    @cached_property
    def dispatcher(self) -> Callable[..., Any]:
        """The compiled function itself."""
        import numba

        namespace = self.py_func.__globals__
        for name in self.py_func.__code__.co_names:
            called = namespace.get(name)
            if isinstance(called, Compiled):
                namespace[name] = called.dispatcher
        return cast(Callable[..., Any], numba.njit(**self.options)(self.py_func))

    def __call__(self, *arguments: Any) -> Any:
        """Compile if that has not been done, and call."""
        return self.dispatcher(*arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
        """Pickle by name, as functions are."""
        return _named, (self.py_func.__module__, self.py_func.__name__)


def _named(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function with ``numba.njit(**options)`` when it is called.

    The compiled code is kept on disk between processes (``cache=True``). A function that calls
    itself cannot be compiled so.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        return Compiled(cast(FunctionType, function), {"cache": True, **options})

    return decorate
