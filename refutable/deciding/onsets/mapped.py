"""What a survey of a plane found: numbers, plain values for a file, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from refutable.claims.planes import Map
from refutable.deciding.estimating import Status
from refutable.deciding.guarantee import Grade, weakest
from refutable.deciding.onsets.boundary import boundary
from refutable.deciding.onsets.found import placed
from refutable.deciding.onsets.points import Point
from refutable.deciding.onsets.survey import Survey
from refutable.deciding.results import CheckResult, check_of, finite


@dataclass(frozen=True)
class Field:
    """One cell of a map.

    Parameters
    ----------
    x, y : int or float
        The horizontal and the vertical parameter.
    status : str
        `inside` (it holds there), `outside` (it fails) or `open`.
    replicates : int
    predicted : bool or None
        Whether theory says that it holds there.
    checks : tuple of CheckResult
    """

    x: float
    y: float
    status: str
    replicates: int
    predicted: bool | None
    checks: tuple[CheckResult, ...]

    @property
    def agrees(self) -> bool | None:
        """Whether theory and finding are the same; None where one of the two says nothing."""
        if self.predicted is None or self.status == Status.OPEN:
            return None
        return self.predicted == (self.status == Status.INSIDE)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Field:
        """Return what `MapFound.to_json` wrote of it."""
        return cls(**{**stored, "checks": tuple(map(check_of, stored["checks"]))})


@dataclass(frozen=True, kw_only=True)
class MapFound:
    """A map of where an expectation holds.

    Parameters
    ----------
    claim : str
    functional, region : str
    x, y : str
        Names of the parameters.
    at : mapping
        The parameters that were held fixed.
    alpha : float
        Of the whole map.
    budget, replicates, seed, block : int
    fields : tuple of Field
        Row by row of the vertical parameter.
    theory : str
        Where it holds by theory, in words; empty where nothing is predicted.
    fingerprint : str
    boundary : tuple of pairs
        Points of theory's boundary, one in each row or column that it crosses.
    """

    claim: str
    functional: str
    region: str
    x: str
    y: str
    at: Mapping[str, Any]
    alpha: float
    budget: int
    replicates: int
    seed: int
    block: int
    fields: tuple[Field, ...]
    theory: str = ""
    fingerprint: str = ""
    boundary: tuple[tuple[float, float], ...] = ()

    def count(self, status: str) -> int:
        """Return how many cells have a status."""
        return sum(field.status == status for field in self.fields)

    @property
    def agreement(self) -> tuple[float, float, float] | None:
        """Shares of the cells where theory and finding agree, disagree, and where one is open."""
        if all(field.predicted is None for field in self.fields):
            return None
        found = [field.agrees for field in self.fields]
        shares = [sum(a is what for a in found) / len(found) for what in (True, False, None)]
        return shares[0], shares[1], shares[2]

    @property
    def grade(self) -> str:
        """The weakest ground of any statement made here."""
        return weakest(check.guarantee.grade for f in self.fields for check in f.checks)

    @property
    def sentence(self) -> str:
        """What was found, in a sentence or two."""
        holds, fails, left = (self.count(s) for s in (Status.INSIDE, Status.OUTSIDE, Status.OPEN))
        graded = ", approximate" if self.grade == Grade.APPROXIMATE else ""
        said = (
            f"{self.functional} {self.region} holds in {holds} and fails in {fails} of "
            f"{len(self.fields)} cells of {self.x} and {self.y}{placed(self.at)}; {left} are open "
            f"(error of the whole map at most {self.alpha:g}{graded})."
        )
        shares = self.agreement
        if shares is None:
            return said
        return (
            f"{said} Theory ({self.theory or 'as predicted'}) agrees in {shares[0]:.0%} of them, "
            f"disagrees in {shares[1]:.0%}."
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        plain: dict[str, Any] = finite({**asdict(self), "at": dict(self.at)})
        return plain

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> MapFound:
        """Return what `to_json` wrote."""
        fields = tuple(map(Field.from_json, stored["fields"]))
        line = tuple((x, y) for x, y in stored.get("boundary", ()))
        return cls(**{**stored, "fields": fields, "boundary": line})


def mapped_by(survey: Survey, asked: Map, claim: str, seed: int, fingerprint: str = "") -> MapFound:
    """Return what a survey has found so far."""
    x, y = asked.names
    theory = asked.theory()
    regions = {check.region.label for p in survey.points.values() for check in p.checks[:1]}
    words = asked.predicted if isinstance(asked.predicted, str) else ""

    def of(point: Point) -> Field:
        predicted = None if theory is None else bool(theory(point.cell))
        place: tuple[Any, Any] = (point.cell[x], point.cell[y])
        return Field(*place, str(point.status), point.replicates, predicted, point.results())

    return MapFound(
        claim=claim,
        functional=survey.expectation.functional.label,
        region=regions.pop() if len(regions) == 1 else "in its region",
        x=x,
        y=y,
        at=dict(asked.at),
        alpha=survey.alpha,
        budget=survey.budget,
        replicates=survey.replicates,
        seed=seed,
        block=survey.size,
        fields=tuple(map(of, survey.points.values())),
        theory=words,
        fingerprint=fingerprint,
        boundary=boundary(asked),
    )
