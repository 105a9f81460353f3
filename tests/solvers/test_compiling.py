"""Compilation waits for the first call, and whoever lists solvers does not load heavy libraries."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys

import numpy as np
import pytest
from refutable.solvers import _vector
from refutable.solvers._compiling import Compiled, compiled
from refutable.solvers.gaussian_moe import _sums

HEAVY = ("numba", "sklearn", "cvxpy", "sympy", "pandas", "statsmodels", "scipy.stats",
         "scipy.optimize", "scipy.integrate", "scipy.spatial", "scipy.sparse.linalg")  # fmt: skip
LIST = """
import importlib, pkgutil, sys
import refutable.solvers as s
for module in pkgutil.iter_modules(s.__path__):
    importlib.import_module(f"{s.__name__}.{module.name}")
print(*(name for name in %r if name in sys.modules))
"""


def test_importing_every_solver_loads_no_heavy_library() -> None:
    command = [sys.executable, "-c", LIST % (HEAVY,)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == []


def test_the_estimator_is_there_when_asked_for() -> None:
    from refutable.solvers import halfspace

    assert halfspace.TesterLearner.__name__ == "TesterLearner"
    with pytest.raises(AttributeError, match="Learner2"):
        _ = halfspace.Learner2


@compiled()
def _double(x: float) -> float:
    return 2 * x


@compiled(error_model="numpy")
def _quadruple(x: float) -> float:
    """Four times x."""
    return _double(_double(x))


def test_nested_functions_are_compiled_and_keep_their_python() -> None:
    from numba.core.dispatcher import Dispatcher

    before = _double
    assert isinstance(before, Compiled)
    assert _quadruple(3.0) == 12.0
    assert isinstance(globals()["_double"], Dispatcher)
    assert before(4.0) == 8.0
    assert _quadruple.py_func(1.0) == 4.0
    assert (_quadruple.__name__, _quadruple.__doc__) == ("_quadruple", "Four times x.")
    assert _quadruple.dispatcher.targetoptions["error_model"] == "numpy"


def test_a_function_that_waits_is_pickled_by_name() -> None:
    from refutable.solvers.cache import policies

    copy = pickle.loads(pickle.dumps(policies._ring))
    hits = copy(np.array([[0, 1, 0]]), 2, 2, np.zeros((0, 0)))
    assert hits.tolist() == [[False, False, True]]


def test_names_that_another_module_imported_are_compiled_too() -> None:
    from numba.core.dispatcher import Dispatcher

    assert isinstance(_sums.score_sums, Compiled | Dispatcher)
    x, y = np.zeros((1, 1, 3)), np.ones((1, 3))
    theta = np.zeros((1, 8))
    row, tau = np.zeros(1, dtype=np.int64), np.ones(1)
    value = _sums.score_sums(x, y, row, theta, tau, 2, False, 0, 2)[0]
    np.testing.assert_allclose(value, 3 * (-0.5 * np.log(2 * np.pi) - 0.5))
    assert isinstance(_sums.dot, Dispatcher)
    assert _vector.dot(np.ones(3), np.ones(3), 2) == 2.0


def test_fingerprints_still_know_of_the_libraries() -> None:
    from refutable.solvers import cache, halfspace, robust_logistic

    from refutable.storing.fingerprint import fingerprint

    lru = fingerprint(cache.lru_hits).parts
    assert {"version:numba", "refutable.solvers.cache.policies:_lru"} <= lru.keys()
    assert "refutable.solvers._compiling:compiled" in lru
    assert "version:scikit-learn" in fingerprint(halfspace.TesterLearner).parts
    assert "version:scipy" in fingerprint(robust_logistic.robust_logistic).parts


def test_a_name_that_a_package_loads_late_is_followed() -> None:
    from refutable.storing.fingerprint import syntax

    table = syntax.module_table("refutable.solvers.halfspace")
    assert table is not None
    imports = [n for n in table.bindings["TesterLearner"] if isinstance(n, ast.ImportFrom)]
    found = {target for n in imports for target in syntax.targets(table, n, "TesterLearner")}
    assert found == {("refutable.solvers.halfspace.estimator", "TesterLearner")}
