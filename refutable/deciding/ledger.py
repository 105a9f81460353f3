"""The error ledger: who may spend how much of a store's error probability, and on which verdict.

A claim owns ``alpha``: `SUITE_ERROR` times its weight times the share of the run. A check has two
error probabilities, one for each way in which it can be wrong.

*inside*, at the claim's full ``alpha``. *supported* asks that every check lies inside its region.
If the claim is false, the functional of some check lies outside its region, and *supported* asks
that this very check errs: ``P(supported | false) <= alpha``, however many checks there are
(intersection-union test, Berger 1982). A functional outside lies on one side of its region, so
that only one end of the interval can bring the error about: an interval at ``2 alpha`` has it, for
regions with one end or two.

*outside*, at ``alpha / m`` for the ``m`` checks of the claim that chance can decide. *refuted* asks
that one of them lies outside; if the claim is true, each does so with probability at most
``alpha / m``, and any of them with ``alpha`` (union bound): ``P(refuted | true) <= alpha``.
A value inside a region with two ends can be missed on either side, so an interval at ``alpha / m``
has it; where the region has one end, at ``2 alpha / m``.

A claim is true or false, so one of the two bounds applies, and the verdicts *supported* and
*refuted* of a store are wrong with probability at most the sum of what its claims own.

Controls are a gate: they take verdicts away and never turn one into the other, so the two bounds
hold whatever becomes of them. A control is refuted if one of its checks lies outside. If in truth
nothing is false about it, that happens with probability at most ``alpha``, its checks at
``alpha / (their number)``; what is lost is a *toothless*: a verdict is given by a rule that does
not refute what it should. A verdict needs every control refuted, so ``P(a verdict | some control
holds) <= alpha`` without a division by the number of controls; by the same argument the joint
statement "the claim holds and its controls do not" is wrongly made with probability at most
``alpha``. *toothless* asks that one of ``k`` controls lies inside its region with all its checks;
each does so wrongly with probability at most ``alpha / k``: ``P(toothless | every control is
false) <= alpha``. That is a statement about the rule and not about the claim: it is not among the
errors that the ledger's sum bounds, and whoever counts it too may double the sum.

Positive controls are a gate too: what is right beside the claim must be supported by the same rule.
A verdict needs all their checks inside, each at ``alpha``. *toothless* by them asks that a check of
one of ``k`` of them lies outside; were all of them right, that happens with probability at most
``alpha``, the checks of each at ``alpha / (k times their number)``.

The lines of a ledger belong to a store and to its seed (`refutable.storing.lines`). A second look
at the same replicates with another weight is paid for by the larger of the weights; a claim
decided anew at another effort shows the last verdict, and the bounds hold for an effort that was
not chosen after seeing the others.

The claims of each installed package of others are a *family* with a ledger of its own:
`SUITE_ERROR` once for each, so that what others claim takes no room from the suite, and the suite
none from them. The bound above holds within every family; the verdicts of a store with several are
wrong with probability at most the sum over its families.

Shares depend on the claim, its grid and the run's share alone: neither on other claims nor on
order, workers or looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from refutable.claims.cells import Cell
from refutable.claims.claim import Claim
from refutable.claims.expectations import Expectation
from refutable.claims.records import Effort, Evidence
from refutable.errors import ClaimError

SUITE_ERROR = 0.01
"""Probability that any verdict *supported* or *refuted* of a family of a store is wrong."""


@dataclass(frozen=True)
class Levels:
    """The error probabilities of a check.

    Parameters
    ----------
    inside : float
        Of saying that the functional lies in the region, in (0, 1).
    outside : float
        Of saying that it does not, in (0, 1).
    """

    inside: float
    outside: float

    @classmethod
    def both(cls, alpha: float) -> Levels:
        """Return one error probability for either statement."""
        return cls(alpha, alpha)


def alpha(claim: Claim, share: float = 1.0) -> float:
    """Return the error probability that a claim owns: a fixed weight, whatever else runs.

    Parameters
    ----------
    claim : Claim
    share : float
        Part of the ledger that this run owns (see `refutable.storing.fresh`).
    """
    return SUITE_ERROR * float(claim.weight) * share


def own_levels(claim: Claim, effort: Effort, share: float = 1.0) -> Levels:
    """Return the error probabilities of each of a claim's own checks."""
    owned = alpha(claim, share)
    own, *_ = claim.worlds(effort)
    return Levels(owned, owned / max(chances(own.expect, own.cells), 1))


def control_levels(
    claim: Claim, expect: Iterable[Expectation], cells: Iterable[Cell], share: float = 1.0
) -> Levels:
    """Return the error probabilities of each check of one of a claim's controls.

    Parameters
    ----------
    claim : Claim
    expect, cells : iterables of Expectation and Cell
        Of the control.
    share : float
        Part of the ledger that this run owns.
    """
    owned = alpha(claim, share)
    return Levels(owned / len(claim.controls), owned / max(chances(expect, cells), 1))


def positive_levels(
    claim: Claim, expect: Iterable[Expectation], cells: Iterable[Cell], share: float = 1.0
) -> Levels:
    """Return the error probabilities of each check of one of a claim's positive controls.

    The parameters are those of `control_levels`.
    """
    owned = alpha(claim, share)
    return Levels(owned, owned / (len(claim.positive) * max(chances(expect, cells), 1)))


def levels_beside(
    claim: Claim,
    name: str,
    expect: Iterable[Expectation],
    cells: Iterable[Cell],
    share: float = 1.0,
) -> Levels:
    """Return those of each check of what stands beside a claim under this name.

    The other parameters are those of `control_levels`.
    """
    right = any(control.name == name for control in claim.positive)
    spend = positive_levels if right else control_levels
    return spend(claim, expect, cells, share)


def chances(expectations: Iterable[Expectation], cells: Iterable[Cell]) -> int:
    """Count the deciding checks in which chance has a part."""
    deciding = (e for e in expectations if e.decides and by_chance(e))
    cells = tuple(cells)
    parts = [part for expectation in deciding for part in expectation.parts]
    return sum(part.speaks_of(cell) for part in parts for cell in cells)


def by_chance(expectation: Expectation) -> bool:
    """Say whether a statement on its functional can be wrong by chance."""
    return expectation.functional.evidence is Evidence.STATISTICAL


def spends(claim: Claim) -> bool:
    """Say whether chance has a part in a claim's verdict; only then it needs a share."""
    beside = [control.expect or () for control in claim.beside]
    every = [e for group in (claim.expect, *beside) for e in group]
    return any(by_chance(e) for e in every if e.decides)


def lines(
    claims: Iterable[Claim],
    known: Mapping[str, Fraction] | None = None,
    families: Mapping[str, str] | None = None,
) -> dict[str, Fraction]:
    """Return the ledger of a store after a run, by claim id; proofs and arithmetic spend nothing.

    Parameters
    ----------
    claims : iterable of Claim
        Of the run.
    known : mapping of str to Fraction, optional
        Weights that the store's ledger holds; a claim that is in it keeps the larger one.
    families : mapping of str to str, optional
        Claim id to its family, for claims of packages; the others are one family together.

    Raises
    ------
    ClaimError
        If the weights of a family sum to more than 1: its error would exceed `SUITE_ERROR`.
    """
    claims, known, families = [c for c in claims if spends(c)], known or {}, families or {}
    asked = {claim.id: max(claim.weight, known.get(claim.id, claim.weight)) for claim in claims}
    entered = {**known, **asked}
    for family, total in by_family(entered, families).items():
        if total > 1:
            mine = [claim for claim in claims if families.get(claim.id, "") == family]
            others = {k: w for k, w in known.items() if families.get(k, "") == family}
            raise _overdrawn(mine, {k: w for k, w in others.items() if k not in asked}, total)
    return entered


def by_family(weights: Mapping[str, Fraction], families: Mapping[str, str]) -> dict[str, Fraction]:
    """Return the sum of the weights of each family, the suite's own under the empty name."""
    sums: dict[str, Fraction] = {}
    for name, weight in weights.items():
        family = families.get(name, "")
        sums[family] = sums.get(family, Fraction(0)) + weight
    return sums


def _overdrawn(claims: list[Claim], before: Mapping[str, Fraction], total: Fraction) -> ClaimError:
    heaviest = max(claims, key=lambda claim: claim.weight)
    many = "1 claim" if len(claims) == 1 else f"{len(claims)} claims"
    problem = f"the weights of the {many} of this run sum to {float(total):.4g}, more than 1."
    if before:
        kept = sum(before.values(), Fraction(0))
        problem = (
            f"the weights of the {many} of this run and of {len(before)} that the store holds "
            f"already ({float(kept):.4g}) sum to {float(total):.4g}, more than 1; a store owns "
            "its error probability once."
        )
    mend = f"Lower the weights (this one has {heaviest.weight})"
    other = "use another store, which has a ledger of its own" if before else "run fewer claims"
    return ClaimError(heaviest.id, problem, f"{mend}, or {other}. Nothing was drawn.")
