"""`rf.tightness`: the ratio of a bound to what it bounds, and the constant that suffices."""

import json
from dataclasses import replace

import numpy as np
import pytest
from commands import refutable

import refutable as rf
from refutable.deciding.kernels.interval import Interval
from refutable.storing.onsets import line
from refutable.storing.store import Store


def loss(cell, rng, size):
    """Outcomes uniform on [0, 1 / n]: the mean is 1 / (2 n), the 0.95 quantile 0.95 / n."""
    return {"loss": rng.random(size) / cell.n}


def bound(cell):
    return 2.0 / cell.n**0.5


CLAIM = rf.Claim(
    id="bound.one",
    source="p. 1",
    statement="s",
    formula="x",
    scope=rf.Scope.AS_STATED,
    does_not_show="d",
    cells=rf.Cells(n=(4, 16)),
    simulate=loss,
    expect=(rf.Mean("loss", bounds=(0, 1)).at_most(bound),),
    controls=(rf.FalseTheory("tiny", rf.Mean("loss", bounds=(0, 1)).at_most(1e-3)),),
    block=100,
)


@pytest.fixture(scope="module")
def found():
    return rf.tightness(CLAIM, replicates=2_000)


def test_ratio_lies_in_its_interval(found):
    for one in found.found.cells:
        n = one.cell["n"]
        low, high = one.interval
        assert one.bound == bound(rf.Cell({"n": n}))
        assert low < (0.5 / n) / one.bound < high
        assert high - low < 0.1


def test_constant_is_the_quantile_of_the_outcome_over_the_bound(found):
    for one in found.found.cells:
        low, high = one.constant
        assert low < (0.95 / one.cell["n"]) / one.bound < high
        assert high - low < 0.03


def test_growth_is_the_exponent_of_the_ratio():
    """The mean falls as 1 / n, the bound as n^(-1/2)."""
    found = rf.tightness(CLAIM, over={"n": (1, 4, 16)}, replicates=4_000)
    low, high = found.growth("n")
    assert low < -0.5 < high
    assert high - low < 0.5
    with pytest.raises(rf.RefutableError, match="differ in it alone"):
        found.growth("k")


def test_every_interval_owns_an_equal_share(monkeypatch):
    asked = []
    from refutable.deciding.onsets.gauging import Gauge

    def note(self, alpha):
        asked.append(alpha)
        return Interval(0.0, 1.0)

    monkeypatch.setattr(Gauge, "ratio", note)
    rf.tightness(CLAIM, replicates=100, alpha=0.04)
    assert asked == [0.04 / 4, 0.04 / 4]


def test_says_what_suffices(found):
    ends = [one.constant[1] for one in found.found.cells]
    assert f"{max(ends):.3g} times the bound suffices for all but a share of 0.05" in repr(found)
    frame = found.to_frame()
    assert list(frame["n"]) == [4, 16]
    assert np.allclose(frame["ratio"], [one.ratio for one in found.found.cells])


def test_lower_bound_has_the_lower_quantile():
    lower = rf.Mean("loss", bounds=(0, 1)).at_least(lambda cell: 0.1 / cell.n)
    (one,) = rf.tightness(CLAIM, lower, over={"n": (4,)}, q=0.1).found.cells
    low, high = one.constant
    assert low < 1.0 < high  # the 0.1 quantile is 0.1 / n


@pytest.mark.parametrize(
    "holds",
    [
        rf.Mean("loss", bounds=(0, 1)).within(0.0, 0.5),
        rf.Mean("loss", bounds=(0, 1)).at_most(0.0),
    ],
)
def test_what_is_no_bound_is_refused(holds):
    with pytest.raises(rf.RefutableError, match="no bound of one positive end"):
        rf.tightness(CLAIM, holds)


FILE = """
import refutable as rf
PAPER = rf.Paper(key="bound", field="x", title="T", authors=("A",), year=2024, venue="V")
def loss(cell, rng, size):
    return {"loss": rng.random(size) / cell.n}
def bound(cell):
    return 2.0 / cell.n**0.5
CLAIM = rf.Claim(
    id="bound.one", source="p. 1", statement="s", formula="x", scope=rf.Scope.AS_STATED,
    does_not_show="d", cells=rf.Cells(n=(4, 16)), simulate=loss,
    expect=(rf.Mean("loss", bounds=(0, 1)).at_most(bound),),
    controls=(rf.FalseTheory("tiny", rf.Mean("loss", bounds=(0, 1)).at_most(1e-3)),),
    block=100,
)
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "bound_claims.py"
    path.write_text(FILE)
    return path


def test_command_says_what_python_says(file, tmp_path):
    where = ("--store", tmp_path / "s", "--backend", "serial")
    over = ("--over", "n=1,4,16", "--replicates", 1_000)
    code, out, err = refutable("tightness", file, *over, *where)
    assert code == 0, err
    same = rf.tightness(CLAIM, over={"n": (1, 4, 16)}, replicates=1_000)
    low, high = same.growth("n")
    said = " ".join(out.split())
    assert f"bound.one: {same.sentence}" in said
    assert f"the ratio grows like n^c, c in [{low:.3g}, {high:.3g}]" in said
    assert "wrong with probability at most 0.01" in said
    one = same.found.cells[1]
    assert f"[{one.interval[0]:.3g}, {one.interval[1]:.3g}]" in said
    code, out, err = refutable("tightness", file, *over, *where, "--json")
    (told,) = json.loads(out)["tightness"]
    assert told["sentence"] == same.sentence
    assert told["growths"] == {"n": [low, high]}
    assert [cell["ratio"] for cell in told["cells"]] == [c.ratio for c in same.found.cells]


def test_command_refuses_what_is_no_bound(file, tmp_path):
    code, _, err = refutable(
        "tightness", file, "--holds", "E[loss] in [0, 1]", "--store", tmp_path / "s"
    )
    assert (code, "no bound of one positive end" in err) == (2, True), err


def test_each_claim_and_bound_owns_an_error_of_its_own(tmp_path):
    """The ledger tells one claim from another, though all else be equal; the same asked again is
    the same."""
    other = replace(CLAIM, id="bound.two")
    for claim in (CLAIM, CLAIM, other):
        rf.tightness(claim, replicates=100, alpha=0.02, store=tmp_path / "s")
    owned = line(Store(tmp_path / "s", create=False))
    assert list(owned.values()) == [0.02, 0.02]
    assert [key.split('"')[3] for key in owned] == ["bound.one", "bound.two"]


@pytest.mark.parametrize(
    "option", [{"alpha": 1.0}, {"q": 0.0}, {"replicates": 0}, {"block": 0}], ids=str
)
def test_what_cannot_be_asked_is_refused(option):
    with pytest.raises(rf.RefutableError, match=next(iter(option))):
        rf.tightness(CLAIM, **option)
