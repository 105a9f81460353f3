"""What the verdict of a claim will take, told before anything of it runs.

The spread of a replicate and the time it takes come from one pilot block per cell, drawn from a
stream of its own that no verdict ever uses. What the claim predicts is taken for the truth about
the claim and its false theories. Where nothing is predicted there is only the pilot: it is quoted
with its range, and where the range holds an end of the region the plan says that it is at an edge.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.claim import OWN, Claim, World
from refutable.claims.expectations import Expectation
from refutable.claims.records import Effort
from refutable.deciding import ledger, planning, seeds
from refutable.deciding.checks import Check, expand
from refutable.deciding.estimating import Status
from refutable.deciding.forecasts import Chance, Forecast, Premises, forecast
from refutable.deciding.outcomes import check_computed, check_simulated
from refutable.threads import one_blas_thread


@dataclass(frozen=True)
class Prospect:
    """What is expected of one check.

    Parameters
    ----------
    group : str
        `claim`, or the name of the control.
    world : str
        Whose data: `claim`, or the name of a broken world.
    functional, cell, region : str
        Which check.
    replicates : float
        Expected until the decision.
    seconds : float
        They take, on one worker.
    supported : float
        Probability of `inside` by the cap.
    refuted : float
        Probability of `outside` by the cap.
    detects : str
        The smallest violation that the cap refutes with 80 % power.
    cap : int
        Most replicates of a cell.
    truth : str
        What was taken for the truth: the prediction, or the range of the pilot.
    edge : bool
        Whether that is at, or may lie on either side of, an end of the region. Where it is the
        pilot that cannot tell, `replicates` is the cap and both probabilities are NaN.
    needs : int or None
        Where the pilot saw no event (or nothing else): how many such replicates in a row decide.
    power : tuple of Chance
        Of the claim's own checks: the probability of `inside` by the cap, were the truth at the
        end of the region, and were it one margin inside.
    how : str
        How the numbers were computed.
    """

    group: str
    world: str
    functional: str
    cell: str
    region: str
    replicates: float
    seconds: float
    supported: float
    refuted: float
    detects: str
    cap: int
    truth: str
    edge: bool
    needs: int | None
    power: tuple[Chance, ...]
    how: str


@dataclass(frozen=True)
class Pilot:
    """One block of a cell, for planning only."""

    columns: Columns
    seconds: float


class Judged(NamedTuple):
    """What is judged on the data of a world: the claim, or a control."""

    group: str
    expect: tuple[Expectation, ...]
    theory: tuple[Expectation, ...]


def prospects(claim: Claim, effort: Effort, seed: int = 0) -> Iterator[Prospect]:
    """Yield what to expect of every check of a claim and of its controls."""
    for world in claim.worlds(effort):
        pilots = {cell: _pilot(claim, world, cell, seed) for cell in world.cells}
        for judged in _judged(claim, world):
            levels = _levels(claim, effort, judged, world)
            for check in expand(judged.expect, world.cells, levels, effort):
                if check.decides:
                    truth, own = _truth(judged.theory, check), judged.group == OWN
                    premises = Premises(check, world.cap, world.block, truth, own)
                    yield _prospect(judged.group, premises, pilots[check.cell], world)


def _levels(claim: Claim, effort: Effort, judged: Judged, world: World) -> ledger.Levels:
    if judged.group == OWN:
        return ledger.own_levels(claim, effort)
    return ledger.levels_beside(claim, judged.group, judged.expect, world.cells)


def _judged(claim: Claim, world: World) -> Iterator[Judged]:
    if world.name != OWN:
        yield Judged(world.name, world.expect, world.expect if world.positive else ())
        return
    right = tuple(e for control in claim.right_theories for e in control.expect)
    truth = (*right, *claim.expect)  # where both speak of a functional, the corrected value
    yield Judged(OWN, claim.expect, truth)
    for control in claim.theories:
        yield Judged(control.name, control.expect, truth)


def _truth(theory: Iterable[Expectation], check: Check) -> float | None:
    """Return what a theory predicts of the functional of a check in its cell."""
    functional = check.expectation.functional
    for part in (part for expectation in theory for part in expectation.parts):
        if part.functional.identity == functional.identity and part.selects(check.cell):
            predicted = part.region.at(check.cell).predicted
            if predicted is not None:
                return predicted
    return None


def _pilot(claim: Claim, world: World, cell: Cell, seed: int) -> Pilot:
    start = time.perf_counter()
    with one_blas_thread():
        if world.compute is not None:
            return Pilot(check_computed(world.compute(cell)), time.perf_counter() - start)
        assert world.simulate is not None
        rng = seeds.generator(seed, f"{claim.id} pilot", cell, 0)
        columns = check_simulated(world.simulate(cell, rng, world.size), world.size)
    return Pilot(columns, time.perf_counter() - start)


def _prospect(group: str, premises: Premises, pilot: Pilot, world: World) -> Prospect:
    check = premises.check
    if world.computed:
        found = Forecast(_computed(check, pilot), "any beyond the tolerance", "computed")
    else:
        found = forecast(check.expectation.functional, premises, pilot.columns)
    outlook = found.outlook
    return Prospect(
        group=group,
        world=world.name,
        functional=check.expectation.functional.label,
        cell=check.cell.label,
        region=check.region.label,
        replicates=outlook.replicates,
        seconds=outlook.replicates / world.size * pilot.seconds,
        supported=outlook.supported,
        refuted=outlook.refuted,
        detects=found.detects,
        cap=1 if world.computed else world.cap,
        truth=found.truth,
        edge=found.edge,
        needs=found.needs,
        power=found.power,
        how=outlook.how,
    )


def _computed(check: Check, pilot: Pilot) -> planning.Outlook:
    """Return the outlook of a computed check: its only evaluation is the pilot itself."""
    check.feed(pilot.columns, 1)
    check.close()
    inside, outside = (check.status is status for status in (Status.INSIDE, Status.OUTSIDE))
    return planning.Outlook(1.0, float(inside), float(outside))


def total_seconds(found: list[Prospect]) -> float:
    """Return the expected time of a claim on one worker: the slowest check of each cell.

    A control is done with as soon as one of its checks is refuted.
    """
    slowest: dict[Any, float] = {}
    for prospect in found:
        key = prospect.world, prospect.cell
        end = _control_ends(found, prospect.group)
        seconds = prospect.seconds * min(1.0, end / prospect.replicates)
        slowest[key] = max(slowest.get(key, 0.0), seconds)
    return sum(slowest.values())


def _control_ends(found: list[Prospect], group: str) -> float:
    """Return the replicates per cell after which a control is likely refuted."""
    if group == OWN:
        return math.inf
    refuted = [p.replicates for p in found if p.group == group and p.refuted > 0.5]
    return min(refuted, default=math.inf)
