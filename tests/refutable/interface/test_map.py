"""`rf.map` and `refutable map`: every cell of a plane, with one error for the whole."""

import json

import numpy as np
import pytest
from commands import EXAMPLE, refutable

import refutable as rf
from refutable.claims.cells import Cell
from refutable.claims.planes import expression
from refutable.deciding.onsets.boundary import boundary
from refutable.deciding.onsets.mapped import MapFound
from refutable.storing.onsets import line, maps_of
from refutable.storing.store import Store


def hit(cell, rng, size):
    return {"hit": rng.random(size) < 1.0 / (1.0 + (100.0 / (cell.n * cell.r)) ** 4)}


CLAIM = rf.Claim(
    id="plane.one",
    source="p. 1",
    statement="s",
    formula="n r >= 100",
    scope=rf.Scope.AS_STATED,
    does_not_show="d",
    cells=rf.Cells(n=(100,), r=(1.0,)),
    simulate=hit,
    expect=(rf.Probability("hit").at_least(0.45),),
    controls=(rf.FalseTheory("always", rf.Probability("hit").at_least(0.99)),),
    block=16,
)
OVER = {"r": (0.5, 1.0, 2.0, 4.0), "n": (20, 60, 180, 540)}


@pytest.fixture(scope="module")
def plane():
    return rf.map(CLAIM, OVER, "P(hit) >= 0.5", predicted="n * r >= 100", alpha=0.02, budget=4_000)


def truth(one):
    return one.x * one.y >= 100


def test_no_cell_is_wrong(plane):
    assert len(plane.found.fields) == 16
    decided = [one for one in plane.found.fields if one.status != "open"]
    assert len(decided) >= 14
    assert all((one.status == "inside") == truth(one) for one in decided)


def test_error_is_shared_by_all_cells(plane):
    alphas = {check.alpha for one in plane.found.fields for check in one.checks}
    assert alphas == {0.02 / 16}


def test_budget_goes_to_the_boundary(plane):
    """Cells far from it are done in three blocks or fewer; the nearest takes the most."""
    spent = {(one.x, one.y): one.replicates for one in plane.found.fields}
    assert spent[0.5, 20] <= 48
    assert spent[4.0, 540] <= 48
    most = max(spent, key=spent.get)
    assert 0.5 < most[0] * most[1] / 100 < 2.0
    assert sum(spent.values()) == plane.found.replicates <= 4_000


def test_agreement_counts_what_is_certain(plane):
    shares = plane.agreement
    assert sum(shares) == pytest.approx(1.0)
    assert shares[1] == 0.0
    assert f"agrees in {shares[0]:.0%}" in plane.sentence


def test_frame_figure_and_page(plane, tmp_path):
    frame = plane.to_frame()
    assert list(frame.columns[:3]) == ["r", "n", "status"]
    assert len(frame) == 16
    assert plane.savefig(tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")
    page = plane._repr_html_()
    assert "<svg" in page
    assert "n * r" in page


def test_letters_grow_upwards(plane):
    rows = repr(plane).splitlines()[1:5]
    assert rows[0].startswith("540 ")
    assert set(rows[0][-2:]) == {"#"}
    assert rows[-1].startswith(" 20 ")
    assert rows[-1][4] == "."


def test_plain_values_give_the_same_record(plane):
    assert MapFound.from_json(json.loads(json.dumps(plane.found.to_json()))) == plane.found


def test_workers_change_nothing(plane, tmp_path):
    again = rf.map(
        CLAIM, OVER, "P(hit) >= 0.5", predicted="n * r >= 100", alpha=0.02, budget=4_000,
        workers=2, store=tmp_path / "s",
    )  # fmt: skip
    assert again.found == plane.found
    store = Store(tmp_path / "s", create=False)
    assert list(maps_of(store, "plane.one").values()) == [again.found]
    assert list(line(store).values()) == [0.02]


def test_theory_may_be_a_function():
    found = rf.map(
        CLAIM, {"r": (0.5, 4.0), "n": (20, 540)}, predicted=lambda c: c.n * c.r > 1, budget=800
    )
    assert found.agreement == (0.5, 0.5, 0.0)  # in both cells with n = 20 it fails


@pytest.mark.parametrize(
    ("text", "value"),
    [("a >= 2", True), ("a < 2", False), ("-a + 4 > sqrt(b) >= 0", False), ("1 < a**2 < b", True)],
)
def test_expression_says(text, value):
    assert expression(text, ("a", "b"))(Cell({"a": 3, "b": 16})) is value


@pytest.mark.parametrize(
    "text",
    ["a", "a >=", "c > 1", "a.real > 1", "__import__('os') > 1", "a > '1'", "(lambda: 1)() > a"],
)
def test_expression_refuses(text):
    with pytest.raises(rf.RefutableError):
        expression(text, ("a", "b"))


@pytest.mark.parametrize(
    "over",
    [{"r": (1.0, 2.0)}, {"r": (2.0, 1.0), "n": (1, 2)}, {"r": (1.0,), "n": (1, 2)}],
)
def test_plane_refuses(over):
    with pytest.raises(rf.RefutableError, match="over"):
        rf.map(CLAIM, over)


def test_command_refuses_one_parameter(tmp_path):
    code, _, err = refutable(
        "map", EXAMPLE, "--claim", "example.coin", "--over", "p=0.1:0.9:3", "--store", tmp_path
    )
    assert (code, "two parameters" in err) == (2, True)


def test_authors_onset_and_map_are_sought_shown_and_reported(tmp_path):
    """The records of a claim: found by the commands, told by `show` and by the report."""
    file = tmp_path / "claims_plane.py"
    file.write_text(AUTHORS)
    store = tmp_path / "s"
    where = ("--store", store, "--workers", "1")
    assert refutable("onset", file, *where)[0] == 0
    code, _out, _ = refutable("map", file, *where, "--figure", tmp_path / "m.svg")
    assert code == 0
    assert (tmp_path / "m.svg").read_text().startswith("<?xml")
    assert refutable("run", file, *where)[0] == 0
    shown = refutable("show", file, "--store", store)[1]
    assert "Onset: P(hit) >= 0.5 holds from n in [" in shown
    assert "theory: 100; at r = 1.0." in " ".join(shown.split())
    assert "Map: P(hit) >= 0.5 holds in" in shown
    from refutable.reports import grounds, html, model, onsets, printed

    built = model.build(store)
    (claim,) = built["claims"]
    assert [one["kind"] for one in claim["onsets"]] == ["onset", "map"]
    page = onsets.markup(claim)
    assert "holds from n in [" in page
    assert page.count("<rect") == 4
    assert html.environment().globals["onsets"] is onsets.markup
    assert np.isclose(claim["onsets"][0]["predicted"], 100.0)
    assert built["ledger"]["sought"] == {"searches": 2, "owned": 0.02}
    assert "2 searches for where claims hold" in grounds.ledger(built)
    ((name, svg, _),) = onsets.printed(claim)
    assert svg.count("<rect") == 4
    (paper,) = printed.content(built, {name: "figures/0.svg"}, frozenset())["papers"]
    assert [one["figure"] for one in paper["claims"][0]["maps"]] == ["figures/0.svg"]
    told = [sentence.replace("\u200b", "") for sentence in paper["claims"][0]["onsets"]]
    assert told == [one["sentence"] for one in claim["onsets"]]


AUTHORS = """
import refutable as rf
PAPER = rf.Paper(key="plane", field="x", title="T", authors=("A",), year=2024, venue="V")
def hit(cell, rng, size):
    return {"hit": rng.random(size) < 1.0 / (1.0 + (100.0 / (cell.n * cell.r)) ** 4)}
CLAIM = rf.Claim(
    id="plane.one", source="p. 1", statement="s", formula="n r >= 100",
    scope=rf.Scope.AS_STATED, does_not_show="d", cells=rf.Cells(n=(300,), r=(1.0,)),
    simulate=hit, expect=(rf.Probability("hit").at_least(0.5),),
    controls=(rf.FalseTheory("seldom", rf.Probability("hit").at_most(0.9)),),
    onset=rf.Onset(along="n", between=(10, 1000), tolerance=0.5, predicted=100.0),
    map=rf.Map(over={"r": (0.5, 4.0), "n": (20, 540)}, predicted="n * r >= 100"),
)
"""


@pytest.mark.parametrize(
    ("over", "predicted", "points"),
    [
        (OVER, "n * r >= 100", ((100 / 60, 60), (100 / 180, 180))),  # the other rows do not change
        ({"r": (0.5, 1.0, 2.0), "n": (20, 60)}, "n >= 40", ((0.5, 39.5), (1.0, 39.5), (2.0, 39.5))),
        ({"r": (0.5, 1.0, 2.0), "n": (20, 60)}, lambda c: 0.6 < c.r < 1.5, ()),
        ({"r": (0.5, 1.0), "n": (20, 60)}, None, ()),
    ],
)
def test_boundary_is_where_theory_changes(over, predicted, points):
    found = boundary(rf.Map(over=over, predicted=predicted))
    assert np.allclose(found, points)
    assert len(found) == len(points)
