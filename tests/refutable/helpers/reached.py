"""What a function reaches in this package, found out from what runs and not from what is written.

The names that compiled code loads are looked up in the function's own globals. Nothing here reads
source or knows of fingerprints, so that the two can be held against each other.
"""

import dis
import functools
import inspect
from types import CodeType, FunctionType, MethodType, ModuleType


def reached(*functions):
    """Return `module:name` of every definition of the package that these functions lead to."""
    found, met, waiting = set(), set(), list(functions)
    while waiting:
        value = waiting.pop()
        if id(value) in met:
            continue
        met.add(id(value))
        waiting += _carried(value)
        if _ours(_plain(value)):
            found.add(_key(_plain(value)))
            waiting += _used(_plain(value))
    return {key for key in found if not key.endswith("<lambda>")}


def _plain(value):
    """Return a function without what wraps it: a cache, a compiler, a binding."""
    value = getattr(value, "py_func", value)
    value = value.__func__ if isinstance(value, MethodType) else value
    return inspect.unwrap(value) if callable(value) else value


def _ours(value):
    return isinstance(value, FunctionType | type) and str(value.__module__).startswith("refutable.")


def _key(value):
    return f"{value.__module__}:{value.__qualname__.split('.')[0]}"


def _carried(value):
    """Return what a partial, or a closure, carries along."""
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    cells = getattr(value, "__closure__", None) or ()
    held = [cell.cell_contents for cell in cells]
    return [one for one in held if callable(one)]


def _used(value):
    if isinstance(value, type):
        methods = [_plain(method) for method in vars(value).values()]
        return [m for m in methods if isinstance(m, FunctionType) and not _generated(m)]
    defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
    loaded = _loaded(value.__code__, value.__globals__)
    return [one for one in (*defaults, *loaded) if callable(one)]


def _generated(function):
    return function.__code__.co_filename.startswith("<")


def _loaded(code, names):
    """Yield the globals that code loads, through the attributes of modules."""
    value = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            value = names.get(instruction.argval)
        elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(value, ModuleType):
            value = getattr(value, instruction.argval, None)
        else:
            value = None
        if value is not None:
            yield value
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loaded(constant, names)
