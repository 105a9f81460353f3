"""Arrows between the rooms of the engine, and between it and the four parts, go one way."""

from itertools import combinations

import pytest
from whole_graph import PARTS, graph_of_the_whole

GROUND = {"errors", "threads", "_version", "extras"}
BELOW = {
    "claims": set(),
    "deciding": {"claims"},
    "storing": {"deciding", "claims"},
    "calibration": {"deciding", "claims"},
    "running": {"storing", "deciding", "claims"},
    "interface": {"running", "storing", "deciding", "claims"},
    "cli": {"interface", "running", "storing", "deciding", "claims"},
}
"""What each room may import, besides the ground and itself."""


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return graph_of_the_whole(folder, exclude_type_checking_imports=True)


def imported(graph, importer, parts):
    """Return which of these children of the package a child of it imports."""
    module = f"refutable.{importer}"
    inside = {module, *graph.find_descendants(module)}
    found = {m for one in inside for m in graph.find_modules_directly_imported_by(one)}
    return {part for part in parts for m in found if f"{m}.".startswith(f"refutable.{part}.")}


def test_every_module_lies_in_a_room_or_on_the_ground(graph):
    children = {module.split(".")[1] for module in graph.modules if "." in module}
    assert children <= {*BELOW, *PARTS, *GROUND, "__main__", "pytest_plugin"}
    assert {*BELOW, *PARTS} <= children, "the graph does not hold the whole package"


@pytest.mark.parametrize("room", BELOW)
def test_a_room_imports_only_rooms_below_it(graph, room):
    assert imported(graph, room, [*BELOW, *PARTS, "__main__"]) <= {room, *BELOW[room]}


@pytest.mark.parametrize("module", sorted(GROUND))
def test_the_ground_imports_no_room(graph, module):
    if f"refutable.{module}" in graph.modules:
        assert imported(graph, module, [*BELOW, *PARTS]) == set()


def test_each_room_is_entered_from_above(graph):
    used = set().union(*(imported(graph, room, BELOW) - {room} for room in BELOW))
    assert used == {"claims", "deciding", "storing", "running", "interface"}


def test_no_two_modules_of_a_room_import_each_other(graph):
    for room in BELOW:
        modules = sorted(graph.find_descendants(f"refutable.{room}"))
        circles = [
            (a, b)
            for a, b in combinations(modules, 2)
            if graph.chain_exists(a, b) and graph.chain_exists(b, a)
        ]
        assert circles == []


THEORY_MAY = {
    "refutable",
    "refutable.claims.records",
    "refutable.claims.arrays",
    "refutable.errors",
}


def test_solvers_import_nothing_of_the_project_and_theory_only_records(graph):
    for part, allowed in (("solvers", set()), ("theory", THEORY_MAY)):
        for module in graph.find_descendants(f"refutable.{part}"):
            others = {
                found
                for found in graph.find_modules_directly_imported_by(module)
                if not f"{found}.".startswith(f"refutable.{part}.")
            }
            assert others <= allowed, module


def test_reports_know_the_engine_and_simulations_do_not_report(graph):
    assert imported(graph, "reports", PARTS) == {"reports"}
    assert "reports" not in imported(graph, "simulations", PARTS)
