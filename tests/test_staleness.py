"""Over the real import graph: a change makes exactly the claims stale that reach it."""

import ast
import importlib
import inspect

import pytest
from whole_graph import graph_of_the_whole

from refutable import Effort
from refutable.running.registry import discover
from refutable.storing import fingerprint as fingerprints
from refutable.storing.fingerprint import fingerprint, syntax

REGISTRY = discover()
SOLVERS = (
    "refutable.solvers.water_filling",
    "refutable.solvers.sdp.certificate",
    "refutable.solvers.moe_layer.layer",
)


def prints():
    """Return the digests of every claim's worlds."""
    return {
        claim.id: [
            fingerprint(world.simulate, world.compute).digest
            for world in claim.worlds(Effort.SMOKE)
        ]
        for claim in REGISTRY.claims.values()
    }


@pytest.fixture
def edit(monkeypatch):
    """Return a function that changes the text of a module as the fingerprint reads it."""
    original = syntax._source

    def change(module, rewrite):
        def read(name):
            text, package = original(name)
            return (rewrite(text), package) if name == module else (text, package)

        monkeypatch.setattr(syntax, "_source", read)
        fingerprints.forget()

    yield change
    monkeypatch.undo()
    fingerprints.forget()


@pytest.fixture(scope="module")
def before():
    return prints()


@pytest.fixture(scope="module")
def importers(tmp_path_factory):
    """Return a function from a module to the claims whose own module imports it, however far."""
    graph = graph_of_the_whole(tmp_path_factory.mktemp("whole"))

    def claims(module):
        downstream = graph.find_downstream_modules(module)
        return {name for name, source in REGISTRY.sources.items() if source.place in downstream}

    return claims


class _Negate(ast.NodeTransformer):
    """Changes the arithmetic of every function: what is returned is returned negated."""

    def visit_Return(self, node):
        if node.value is None:
            return node
        return ast.copy_location(ast.Return(ast.UnaryOp(ast.USub(), node.value)), node)


def negate(text):
    return ast.unparse(_Negate().visit(ast.parse(text)))


def definitions_that_return(module):
    """Return the top-level names of a module that `negate` changes; a bare record has none."""
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        if any(isinstance(part, ast.Return) and part.value for part in ast.walk(node))
    }


@pytest.mark.parametrize("module", SOLVERS)
def test_a_comment_makes_nothing_stale(before, edit, module):
    edit(module, lambda text: f"# a comment\n{text}\n# and another\n")
    assert prints() == before


@pytest.mark.parametrize("module", SOLVERS)
def test_a_solver_s_arithmetic_makes_exactly_its_claims_stale(before, edit, importers, module):
    changed = {f"{module}:{name}" for name in definitions_that_return(module)}
    reach = {
        claim.id
        for claim in REGISTRY.claims.values()
        for world in claim.worlds(Effort.SMOKE)
        if changed & parts(world).keys()
    }
    edit(module, negate)
    stale = {name for name, digests in prints().items() if digests != before[name]}
    assert stale == reach
    assert stale
    assert stale <= importers(module)


def parts(world):
    return fingerprint(world.simulate, world.compute).parts
