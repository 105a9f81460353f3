"""One-line mutants of a module: every place where a small slip would change what it does.

Messages, docstrings and annotations are left alone: nobody's result depends on them.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift,
}  # fmt: skip
NAMES = {
    "min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum",
    "maximum": "minimum", "floor": "ceil", "ceil": "floor", "argmin": "argmax",
    "argmax": "argmin", "isfinite": "isnan", "nextafter": "maximum",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One changed place.

    Attributes
    ----------
    line : int
        Where it stands in the source.
    change : str
        The statement before and after, as a diff.
    source : str
        The whole module, changed.
    """

    line: int
    change: str
    source: str


@dataclass(frozen=True)
class Slip:
    """A place of a syntax tree, by its number on the walk through it, and what to do there."""

    place: int
    kind: str


def slips(source: str) -> list[Slip]:
    """Every place of a module that can be changed, and how."""
    tree = ast.parse(source)
    quiet = _quiet(tree)
    loud = [(n, node) for n, node in enumerate(ast.walk(tree)) if id(node) not in quiet]
    return [Slip(n, kind) for n, node in loud for kind in _kinds(node)]


def _at(tree: ast.AST, place: int) -> ast.AST:
    for n, node in enumerate(ast.walk(tree)):
        if n == place:
            return node
    raise IndexError(place)


def _quiet(tree: ast.AST) -> set[int]:
    """Nodes inside of what no result depends on."""
    roots = [root for node in ast.walk(tree) for root in _roots(node)]
    return {id(inner) for root in roots for inner in ast.walk(root)}


def _roots(node: ast.AST) -> list[ast.AST]:
    """Messages, docstrings, annotations, imports, decorators and `__all__` at a node."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.decorator_list, *filter(None, [node.returns])]
    if isinstance(node, ast.ClassDef):
        return list(node.decorator_list)
    if isinstance(node, ast.arg | ast.AnnAssign):
        return [node.annotation] if node.annotation is not None else []
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom | ast.Assert):
        return [node]
    return [node] if _is_word(node) else []


def _is_word(node: ast.AST) -> bool:
    """Whether a node is there for readers and type checkers only."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "__all__"
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "TypeVar")


def _kinds(node: ast.AST) -> Iterator[str]:
    """Names of what can be done to a node."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield "comparison"
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        yield "operator"
    if isinstance(node, ast.BoolOp):
        yield "and-or"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield "sign"
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        yield "constant"
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "always"
        yield "never"
    if isinstance(node, ast.Call) and _called(node) in NAMES:
        yield "name"
    if isinstance(node, ast.Expr | ast.AugAssign):
        yield "left out"
    if isinstance(node, ast.Break | ast.Continue):
        yield "jump"


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def mutant(source: str, slip: Slip) -> Mutant:
    """Return the module with one slip made."""
    changed, kind = ast.parse(source), slip.kind
    node = _at(changed, slip.place)
    before = _statement(changed, node)
    old = ast.unparse(before)
    if kind in ("left out", "jump"):
        _replace(changed, node, _instead(node))
        new = ast.unparse(_instead(node))
    else:
        _change(node, kind)
        new = ast.unparse(before)
    ast.fix_missing_locations(changed)
    return Mutant(getattr(before, "lineno", 0), _diff(old, new), ast.unparse(changed))


def _instead(node: ast.AST) -> ast.stmt:
    if isinstance(node, ast.Break):
        return ast.Continue()
    return ast.Break() if isinstance(node, ast.Continue) else ast.Pass()


def _change(node: ast.AST, kind: str) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp | ast.AugAssign):
        node.op = OPERATORS[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd() if isinstance(node.op, ast.USub) else _identity(node)
    elif isinstance(node, ast.Constant):
        node.value = _other(node.value)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        node.test = ast.Constant(kind == "always")
    elif isinstance(node, ast.Call):
        _rename(node)


def _identity(node: ast.UnaryOp) -> ast.Not:
    node.operand = ast.UnaryOp(ast.Not(), node.operand)
    return ast.Not()


def _other(value: object) -> object:
    """Return another constant: a flag turned, a count one up, a number doubled (0.0 becomes 1)."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    assert isinstance(value, float)
    return 2.0 * value if value else 1.0


def _rename(node: ast.Call) -> None:
    function, name = node.func, NAMES[_called(node)]
    if isinstance(function, ast.Attribute):
        function.attr = name
    elif isinstance(function, ast.Name):
        function.id = name


def _statement(tree: ast.AST, wanted: ast.AST) -> ast.AST:
    """Return the innermost statement that holds a node (of a compound one, the whole of it)."""
    best: ast.AST = tree
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and any(inner is wanted for inner in ast.walk(node)):
            best = node
    return best


def _replace(tree: ast.AST, old: ast.AST, new: ast.stmt) -> None:
    for parent in ast.walk(tree):
        for _, block in ast.iter_fields(parent):
            if isinstance(block, list):
                for n, item in enumerate(block):
                    if item is old:
                        block[n] = new


def _diff(old: str, new: str) -> str:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
