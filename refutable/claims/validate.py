"""What is wrong with a claim, said so that its author can mend it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from refutable.claims import fields, kinds, reading
from refutable.claims.asking import resolved, resolved_map
from refutable.claims.claim import UNNAMED, Claim
from refutable.claims.controls import BrokenWorld, FalseTheory, RightTheory
from refutable.claims.expectations import RateOfMean, Slope
from refutable.claims.records import CLAIM_ID, Basis, Effort, Scope, Verdict
from refutable.errors import ClaimError, MisuseError

_EXPECTED = re.compile(r"\bEE\b")
LONGEST_ID = 200


def check(claim: Claim) -> None:
    """Raise the first problem of a claim.

    Raises
    ------
    ClaimError
        Naming the claim, the problem and the mend.
    """
    for problem, mend in problems(claim):
        raise ClaimError(str(claim.id), problem, mend)


def problems(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yield (problem, mend) for everything that keeps a claim from being tried."""
    sound = True
    for problem in kinds.problems(claim):
        sound = False
        yield problem
    if not sound:
        return
    for problem in itertools.chain(
        _record(claim),
        _mechanism("the claim", claim.simulate, claim.compute),
        _sizes(claim),
        _controls(claim),
    ):
        sound = False
        yield problem
    if sound:
        yield from reading.problems(claim)
        yield from fields.problems(claim)
        yield from _asked(claim)


def _asked(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yield what keeps an onset or a map from being sought."""
    try:
        for onset in claim.onsets:
            resolved(claim, onset)
        for plane in claim.maps:
            resolved_map(claim, plane)
    except MisuseError as error:
        yield f"its onset or map cannot be sought: {error}", "See Onset and Map."


def _record(claim: Claim) -> Iterator[tuple[str, str]]:
    if claim.paper is UNNAMED:
        yield "it names no paper.", "Set paper=..., or bind the Paper to PAPER in its module."
        return
    key = claim.paper.key
    if not CLAIM_ID.fullmatch(claim.id) or claim.id.split(".")[0] != key:
        yield (
            f"the id is not of the form {key}.<name>.",
            "Use lower case letters, digits, hyphens and underscores after the paper's key.",
        )
    if len(claim.id) > LONGEST_ID:
        yield f"the id has {len(claim.id)} letters.", f"At most {LONGEST_ID}: files have its name."
    for name in ("source", "statement", "formula", "does_not_show"):
        if not getattr(claim, name).strip():
            yield f"{name} is empty.", f"Say it: {name} is part of every report."
    if claim.basis is Basis.RECALLED and claim.scope is Scope.AS_STATED:
        yield (
            "it is 'as stated' on the basis of a statement that is only recalled.",
            "Use another scope, or the basis of what was read of the paper.",
        )
    if claim.expected is not Verdict.SUPPORTED and not claim.why.strip():
        yield f"it expects {claim.expected!s} without saying why.", "Set why='...'."
    if not any(e.decides for e in claim.expect):
        yield "no expectation has a region.", "Add one with .at_least, .at_most or .near."
    yield from _rate(claim)


def _rate(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yield the problem of a formula about an expected loss that is tried by the typical one."""
    typical = any(isinstance(e.functional, Slope) for e in claim.expect if e.decides)
    of_mean = any(isinstance(e.functional, RateOfMean) for e in claim.expect if e.decides)
    if typical and not of_mean and _EXPECTED.search(claim.formula) and not _names_median(claim):
        yield (
            "its formula is about an expectation (EE), and Slope is the median slope: a few "
            "replicates that never learn would go unseen.",
            "Use RateOfMean, the rate of the expected loss; or, where the typical rate is meant, "
            "say median in the formula.",
        )


def _names_median(claim: Claim) -> bool:
    return "med" in claim.formula


def _mechanism(who: str, simulate: object, compute: object) -> Iterator[tuple[str, str]]:
    if (simulate is None) == (compute is None):
        yield f"{who} needs exactly one of simulate and compute.", "Give one of them."
    elif not callable(compute if simulate is None else simulate):
        yield f"what {who} simulates or computes with is not callable.", "Give a function."


def _sizes(claim: Claim) -> Iterator[tuple[str, str]]:
    caps = [claim.cap] if isinstance(claim.cap, int) else [claim.cap[e] for e in Effort]
    if claim.block < 1 or min(caps) < 1:
        yield f"block={claim.block} and cap={caps} must be positive.", "Use 1 or more."
    if any(b < a for a, b in pairwise(caps)):
        yield f"the caps {caps} shrink with the effort.", "More effort must allow more data."
    if not isinstance(claim.weight, Fraction) or not 0 < claim.weight <= 1:
        yield f"weight={claim.weight!r} is not a Fraction in (0, 1].", "E.g. Fraction(1, 256)."


def _controls(claim: Claim) -> Iterator[tuple[str, str]]:
    if not claim.controls:
        yield (
            "it has no control.",
            "Add a nearby false claim: FalseTheory(...) or BrokenWorld(...).",
        )
    names = [control.name for control in claim.beside]
    if len(set(names)) < len(names):
        yield "two of its controls have the same name.", "Give each a name of its own."
    for control in claim.beside:
        if isinstance(control, BrokenWorld):
            yield from _broken_world(claim, control)
        else:
            yield from _theory(claim, control)


def _theory(claim: Claim, control: FalseTheory | RightTheory) -> Iterator[tuple[str, str]]:
    if not any(e.decides for e in control.expect):
        yield (
            f"the control {control.name!r} states nothing that could be refuted.",
            f"Give {type(control).__name__} at least one expectation with a region.",
        )
        return
    own = {e.identity for e in claim.expect}
    if all(e.identity in own for e in control.expect):
        yield (
            f"the control {control.name!r} says the same as the claim, so it is not one.",
            "State another prediction: a nearby false one, or the right one.",
        )


def _broken_world(claim: Claim, control: BrokenWorld) -> Iterator[tuple[str, str]]:
    if control.simulate is not None and control.compute is not None:
        yield (
            f"the control {control.name!r} has both simulate and compute.",
            "Give one of them, or neither to use the claim's own.",
        )
    yield from _mechanism(
        f"the control {control.name!r}", *control.mechanism(claim.simulate, claim.compute)
    )
    if control.expect is not None and control.judged_by:
        yield (
            f"the control {control.name!r} has both expect and judged_by.",
            "Use judged_by to pick expectations of the claim, or expect for other ones.",
        )
    yield from _picked(claim, control)
    if control.expect is not None and not any(e.decides for e in control.expect):
        yield (
            f"the control {control.name!r} states nothing that could be refuted.",
            "Give it an expectation with a region, or leave out expect to use the claim's own.",
        )
    own = (claim.simulate, claim.compute)
    same = control.mechanism(*own) == own
    if same and control.expect is None and control.cells is None:
        yield (
            f"the control {control.name!r} is the claim's own world, so it is not one.",
            "Break an assumption or remove an ingredient of the method.",
        )


def _picked(claim: Claim, control: BrokenWorld) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the choice among the claim's own expectations."""
    read = {name for expectation in claim.expect for name in expectation.functional.outcomes}
    for name in control.outcomes:
        if name not in read:
            yield (
                f"the control {control.name!r} is judged by {name!r}, "
                "of which the claim expects nothing.",
                f"The claim's outcomes are: {', '.join(sorted(read))}.",
            )
