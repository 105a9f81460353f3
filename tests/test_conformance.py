"""What every registered claim must be, one generic test."""

from pathlib import Path

import numpy as np
import pytest
import refutable.simulations
import teeth
from reached import reached
from refutable.simulations.mixtures.ila_sdp._data import RATIO

from refutable import Basis, Effort, Evidence, NeedsData, Origin, Scope, Verdict
from refutable.claims.curves import boundary, curves
from refutable.claims.describe import record
from refutable.claims.formulas import broken_formulas
from refutable.claims.records import FIELDS
from refutable.deciding import ledger, seeds
from refutable.deciding.outcomes import check_computed, check_simulated, encode
from refutable.running.job import Job
from refutable.running.registry import discover
from refutable.storing.fingerprint import fingerprint

REGISTRY = discover()
MOST_LINES = 250
MOST_LETTERS = 90
CLAIMS = list(REGISTRY.claims.values())
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)


def test_every_module_registers_without_problems():
    assert [problem.text for problem in REGISTRY.problems] == []


def test_the_weights_of_the_suite_sum_to_at_most_one():
    assert 0 < sum(ledger.lines(CLAIMS).values()) <= 1


LEAST_SHARE = 0.85
"""Of the statistical checks of a paper that stand on a theorem; the rest says why not."""


def test_controls_touch_what_decides_and_are_not_refuted_by_logic():
    for kind, named in teeth.gaps(CLAIMS).items():
        assert named == {}, f"{kind}: give a near miss, or say why not in `untouched_because`"


def test_nearly_every_statistical_check_of_a_paper_stands_on_a_theorem():
    graded = {}
    for claim in CLAIMS:
        graded.setdefault(claim.paper.key, []).extend(grade for grade, _ in teeth.grades(claim))
    shares = {k: v.count("theorem") / len(v) for k, v in graded.items() if v}
    assert {k: share for k, share in shares.items() if share < LEAST_SHARE} == {}
    assert len(shares) > 10


def test_every_formula_compiles():
    assert broken_formulas(CLAIMS) == {}


def test_every_curve_and_boundary_that_a_claim_asks_for_can_be_computed():
    drawn = [claim for claim in CLAIMS if claim.figure is not None]
    # RATIO is shared with claims whose bounds are of single cells
    asked = [claim for claim in drawn if claim.figure.curve and claim.figure is not RATIO]
    assert asked
    assert [claim.id for claim in asked if not curves(claim, Effort.SMOKE)] == []
    mapped = [claim for claim in drawn if claim.figure.boundary is not None]
    assert [claim.id for claim in mapped if not boundary(claim, Effort.SMOKE)] == []


def test_every_paper_has_the_same_name_in_theory_and_simulations():
    for claim in CLAIMS:
        folder = REGISTRY.sources[claim.id].place.rpartition(".")[0]
        assert folder == f"refutable.simulations.{claim.paper.field}.{claim.paper.key}"
        assert claim.paper.field in FIELDS


def test_no_claim_file_is_long():
    root = Path(refutable.simulations.__path__[0])
    long = {
        str(path.relative_to(root)): lines
        for path in root.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert long == {}


@each_claim
def test_it_says_who_says_it_and_what_was_read(claim):
    assert isinstance(claim.origin, Origin)
    assert isinstance(claim.basis, Basis)
    assert not (claim.basis is Basis.RECALLED and claim.scope is Scope.AS_STATED)


@each_claim
def test_its_title_is_a_short_sentence_for_strangers(claim):
    words = claim.title.split()
    assert len(words) >= 3
    assert len(claim.title) <= MOST_LETTERS
    assert claim.title[0].isupper() or claim.title[0].isdigit()
    assert not set(claim.title) & set("_$\\^{}"), "symbols belong into the formula"


@each_claim
def test_the_record_is_complete(claim):
    shown = record(claim, "here")
    for name in ("statement", "source", "does_not_show", "formula"):
        assert len(shown[name]) >= 3, name
    assert claim.paper.read, "say which copy of the paper was read"
    assert claim.statement.rstrip().endswith("."), "a statement is a sentence"
    assert claim.controls
    if claim.expected is not Verdict.SUPPORTED:
        assert len(claim.why) > 20
    if claim.expected is Verdict.REFUTED:
        assert claim.positive, "a rule that refutes everything must not pass: give what is right"
    if claim.origin is Origin.GUARD:
        assert claim.scope is not Scope.AS_STATED, "nobody states what a guard says"


@each_claim
@pytest.mark.parametrize("effort", list(Effort))
def test_predictions_exist_in_every_cell_at_every_effort(claim, effort):
    job = Job(claim, REGISTRY.sources[claim.id], effort, 0)
    assert list(job.trial.needs())


@each_claim
def test_one_small_block_of_every_world_is_well_formed_and_repeatable(claim):
    for world in claim.worlds(Effort.SMOKE):
        cell = world.cells[0]
        try:
            first, again = (_block(claim, world, cell) for _ in range(2))
        except NeedsData:
            pytest.skip("its data must be brought by the user")
        assert encode(first) == encode(again)


def _block(claim, world, cell, size=2):
    if world.compute is not None:
        return check_computed(world.compute(cell))
    rng = seeds.generator(1, claim.id, cell, 0)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state must not be touched
    columns = check_simulated(world.simulate(cell, rng, size), size)
    assert (np.random.get_state()[1] == before).all(), "global random state"  # noqa: NPY002
    return columns


@each_claim
def test_the_fingerprint_reaches_what_the_claim_calls(claim):
    for world in claim.worlds(Effort.SMOKE):
        function = world.simulate or world.compute
        called, parts = reached(function), fingerprint(function).parts
        assert called, "nothing of the package is called"
        assert called <= parts.keys()


@each_claim
def test_the_fingerprint_reaches_the_paper_s_theory_or_a_solver(claim):
    own = claim.worlds(Effort.SMOKE)[0]
    parts = fingerprint(own.simulate, own.compute).parts
    if claim.evidence is Evidence.STATISTICAL:
        assert any(name.startswith(("refutable.solvers", "refutable.theory")) for name in parts)
