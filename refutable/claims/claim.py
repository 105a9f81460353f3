"""A claim, as its author writes it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction

from refutable.claims.axis import Axis
from refutable.claims.cells import ByEffort, Cell, Cells, at_effort
from refutable.claims.controls import (
    BrokenWorld,
    Compute,
    Control,
    FalseTheory,
    MendedWorld,
    Positive,
    RightTheory,
    Simulate,
)
from refutable.claims.expectations import Expectation
from refutable.claims.only_shown import shown_in
from refutable.claims.onsets import Onset
from refutable.claims.planes import Map
from refutable.claims.records import (
    Basis,
    Effort,
    Evidence,
    Origin,
    Paper,
    Scope,
    Verdict,
    weakest,
    when_sampled,
)

DEFAULT_WEIGHT = Fraction(1, 2048)
"""Room for 2,000 claims in a store; 8 times less costs a factor of 1.2 in replicates or so, since
they grow with the logarithm of the error probability."""

OWN = "claim"
SHOWN = "shown"
"""Key of the world whose cells are for the figure alone."""

DRAWN = 64
"""Replicates, in whole blocks and at least one, of a cell that is for the figure alone: at every
effort, since no verdict waits for it; a probability is then known to 0.15 or so."""

UNNAMED = Paper(
    key="unnamed",
    field="none",
    title="(no paper is named)",
    authors=("nobody",),
    year=0,
    venue="",
    read="nothing",
)
"""Stands where a claim names no paper until its module's is given to it (see `adopt`)."""


def grid_at(grid: Cells | ByEffort[Cells], effort: Effort) -> tuple[Cell, ...]:
    """Return the cells of a grid at an effort."""
    cells: Cells = at_effort(grid, effort)
    return tuple(cells)


@dataclass(frozen=True)
class World:
    """One data-generating mechanism of a claim: its own, a broken one, or a mended one.

    Parameters
    ----------
    name : str
        `claim` for the claim's own, else the name of the control.
    simulate, compute : callable or None
        Exactly one of them.
    cells : tuple of Cell
        At the effort asked for.
    expect : tuple of Expectation
        Judged on its data.
    block, cap : int
        Of the claim, at the effort asked for; they are for what is simulated.
    positive : bool
        Whether it is a positive control's, whose expectations must hold.
    """

    name: str
    simulate: Simulate | None
    compute: Compute | None
    cells: tuple[Cell, ...]
    expect: tuple[Expectation, ...]
    block: int
    cap: int
    positive: bool = False

    @property
    def key(self) -> str:
        """Short and safe name for files and seeds."""
        if self.name in (OWN, SHOWN):
            return self.name
        return hashlib.blake2b(self.name.encode(), digest_size=6).hexdigest()

    @property
    def computed(self) -> bool:
        """Whether it is computed rather than sampled: then there is one value, and no more."""
        return self.compute is not None

    @property
    def size(self) -> int:
        """Replicates in a block."""
        return 1 if self.computed else self.block

    @property
    def blocks(self) -> int:
        """Blocks of a cell, up to the cap: whole ones, at least one."""
        return 1 if self.computed else max(1, self.cap // self.block)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What is claimed, how it is tried, and what must be refuted beside it.

    A badly formed claim can be built; `refutable.claims.validate.problems` says what is wrong with
    it, so that one bad claim does not keep its neighbours from running.

    Parameters
    ----------
    id : str
        `<paper key>.<name of the claim>`.
    paper : Paper, optional
        Where it is made. Left out, it is the `PAPER` of the claim's own module or, in the suite,
        of the module in `theory` that has the name of the claim's folder.
    source : str
        Theorem, equation, table or figure.
    statement : str
        One or two plain sentences.
    formula : str
        Typst math, without dollar signs.
    title : str
        A short sentence that a stranger understands, without symbols.
    origin : Origin, optional
        Who says it.
    basis : Basis, optional
        What of the paper was read for it.
    scope : Scope
        How far the experiment reaches towards the statement.
    does_not_show : str
        What a verdict says nothing about.
    cells : Cells or ByEffort of Cells
        The grid.
    expect : tuple of Expectation
        What theory predicts; all must hold.
    controls : tuple of FalseTheory or BrokenWorld
        Nearby false claims; at least one.
    positive : tuple of RightTheory or MendedWorld
        Right claims beside it that the same rule must support; where a claim is expected to be
        refuted, the corrected value.
    simulate : callable (cell, rng, size) -> columns, optional
        `size` independent replicates. Exactly one of `simulate` and `compute` is given.
    compute : callable (cell) -> values, optional
        A deterministic experiment.
    block : int
        Replicates drawn by one task; should last 50 ms or more.
    cap : int or ByEffort of int
        The most replicates per cell, in whole blocks; undecided there is `undecided`.
    expected : Verdict
        The right finding. Other than supported it needs `why`.
    why : str
        Why another verdict than supported is right.
    assumptions : tuple of str
        What the theorem assumes and the experiment grants.
    notes : tuple of str
        Measured remarks: what a run gave, beside what `does_not_show` keeps out in principle.
    untouched_because : str
        Why a functional that decides is touched by no control, where there is a reason.
    weak : bool
        An upper bound that practically cannot fail; labelled so in every report.
    weight : Fraction
        Share of the 1 % error budget of a store.
    figure : Axis, optional
        What the figure's horizontal axis shows.
    draw : Cells or ByEffort of Cells, optional
        More cells, for the figure alone: `DRAWN` replicates or so each, no say in the verdict.
    onset : Onset or tuple of Onset, optional
        From which value of a parameter on it is to be found that it holds (`refutable onset`); it
        has no part in the verdict.
    map : Map or tuple of Map, optional
        In which cells of a plane (`refutable map`), likewise.
    """

    id: str
    source: str
    statement: str
    formula: str
    scope: Scope
    does_not_show: str
    expect: tuple[Expectation, ...]
    controls: tuple[Control, ...]
    positive: tuple[Positive, ...] = ()
    paper: Paper = UNNAMED
    title: str = ""
    origin: Origin | None = None
    basis: Basis | None = None
    cells: Cells | ByEffort[Cells] = Cells()  # noqa: RUF009 - immutable
    simulate: Simulate | None = None
    compute: Compute | None = None
    block: int = 64
    cap: int | ByEffort[int] = 4096
    expected: Verdict = Verdict.SUPPORTED
    why: str = ""
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    untouched_because: str = ""
    weak: bool = False
    weight: Fraction = DEFAULT_WEIGHT
    figure: Axis | None = None
    draw: Cells | ByEffort[Cells] | None = None
    onset: Onset | tuple[Onset, ...] = ()
    map: Map | tuple[Map, ...] = ()

    @property
    def onsets(self) -> tuple[Onset, ...]:
        """The onsets that its author asks for."""
        return self.onset if isinstance(self.onset, tuple) else (self.onset,)

    @property
    def maps(self) -> tuple[Map, ...]:
        """The maps that its author asks for."""
        return self.map if isinstance(self.map, tuple) else (self.map,)

    @property
    def name(self) -> str:
        """The id without the paper's key."""
        return self.id.split(".", 1)[-1]

    @property
    def evidence(self) -> Evidence:
        """The weakest kind of evidence among its expectations, on the data that it has."""
        kinds = [e.functional.evidence for e in self.expect if e.decides]
        return weakest(kinds if self.deterministic else [when_sampled(kind) for kind in kinds])

    @property
    def deterministic(self) -> bool:
        """Whether it is computed rather than sampled."""
        return self.compute is not None

    def worlds(self, effort: Effort) -> tuple[World, ...]:
        """Return the data streams it needs: its own, one per broken world, one per mended one."""
        own = World(
            OWN,
            self.simulate,
            self.compute,
            grid_at(self.cells, effort),
            self.expect,
            self.block,
            at_effort(self.cap, effort),
        )
        return (own, *(self._world(control, own, effort) for control in self.other_worlds))

    def drawn(self, effort: Effort) -> World | None:
        """Return the world of the cells that are for the figure alone, None without any.

        It is the claim's own world with the same seeds, and takes no part in the verdict.
        """
        own = set(grid_at(self.cells, effort))
        given = () if self.draw is None else grid_at(self.draw, effort)
        cells = tuple(cell for cell in given if cell not in own)
        expect = shown_in(self.expect)
        if not cells or not expect:
            return None
        return World(SHOWN, self.simulate, self.compute, cells, expect, self.block, DRAWN)

    def _world(self, control: BrokenWorld, own: World, effort: Effort) -> World:
        given = own.cells if control.cells is None else grid_at(control.cells, effort)
        cells = tuple(cell for cell in given if cell.matches(control.at))
        simulate, compute = control.mechanism(self.simulate, self.compute)
        expect = control.judging(self.expect, cells)
        mended = isinstance(control, MendedWorld)
        return World(control.name, simulate, compute, cells, expect, own.block, own.cap, mended)

    @property
    def beside(self) -> tuple[Control | Positive, ...]:
        """All that is judged beside its own expectations: controls, then positive controls."""
        return (*self.controls, *self.positive)

    @property
    def other_worlds(self) -> tuple[BrokenWorld, ...]:
        """Those of them with data of their own."""
        return tuple(c for c in self.beside if isinstance(c, BrokenWorld))

    @property
    def false_theories(self) -> tuple[FalseTheory, ...]:
        """The controls that are judged on the claim's own data."""
        return tuple(c for c in self.controls if isinstance(c, FalseTheory))

    @property
    def right_theories(self) -> tuple[RightTheory, ...]:
        """The positive controls that are judged on the claim's own data."""
        return tuple(c for c in self.positive if isinstance(c, RightTheory))

    @property
    def theories(self) -> tuple[FalseTheory | RightTheory, ...]:
        """Everything besides its own expectations that is judged on the claim's own data."""
        return self.false_theories + self.right_theories


def adopt(claim: Claim, paper: Paper) -> None:
    """Give a claim that names no paper the one of its module; what it names itself stands."""
    if claim.paper is UNNAMED:
        object.__setattr__(claim, "paper", paper)
