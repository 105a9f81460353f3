"""In words: what would change the verdict of a claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from refutable.claims.claim import Claim
from refutable.claims.records import Effort, Verdict
from refutable.deciding.distances import distance
from refutable.deciding.guarantee import Grade
from refutable.deciding.results import BY_LOGIC, CheckResult, ClaimResult, ControlResult
from refutable.interface.views import number

_SHARE = (
    "A verdict owns its share of the store's 1 %, a theorem where bounds or variances are declared."
)
_AGAIN = (
    "Running it again, in another order or with other claims, changes nothing; another seed draws "
    "other data."
)
MOST = 6
"""So many checks are told one by one; the rest is counted."""

STATUS = {
    "inside": "lies inside {region}: an interval that reaches beyond it would leave the claim open",
    "outside": "lies outside {region}: it would have to meet it for the claim not to be refuted",
    "open": "does not lie inside {region} nor outside: more replicates narrow it",
}
FATE = {
    "refuted": "was refuted, as it must be; had it come out inside, the claim would be toothless",
    "survived": "came out inside its region, so the check cannot tell the claim from it",
    "undecided": "needs more data to be refuted; until then the claim is undecided",
    BY_LOGIC: "is refuted by logic whenever the claim is supported, and counts for nothing",
    "supported": "was supported, as it must be; otherwise the claim would be toothless",
}
MEND = {
    Verdict.UNDECIDED: "A higher cap or effort may decide it; `refutable plan` says how much.",
    Verdict.TOOTHLESS: "Mend the check: a narrower region, or data that tell the control apart.",
    Verdict.SUSPECT: "Draw from `rng` alone, every replicate on its own, and run it again.",
    Verdict.FAILED: "Mend what raised; the finished blocks are kept.",
    Verdict.NOT_RUN: "Bring the data that it asks for.",
}


def explained(claim: Claim, found: ClaimResult | None) -> list[str]:
    """Return paragraphs on what would change a claim's verdict.

    Parameters
    ----------
    claim : Claim
        Valid.
    found : ClaimResult or None
        None where it has not been decided.
    """
    if found is None:
        return [*_before(claim), f"{_SHARE} {_AGAIN}"]
    lines = [f"{claim.id} is {found.graded}: {found.reason}."]
    lines += _told(found.checks)
    lines += [_control(c) for c in found.beside]
    if found.verdict in MEND:
        lines.append(MEND[Verdict(found.verdict)])
    if not found.as_expected:
        lines.append(f"The author expects it to be {found.expected}.")
    return [*lines, *_grounds(found), _AGAIN]


def _before(claim: Claim) -> Iterator[str]:
    yield f"{claim.id} is not decided yet; its author expects it to be {claim.expected}."
    parts = [part for e in claim.expect if e.decides for part in e.parts]
    cells = claim.worlds(Effort.SMOKE)[0].cells
    for part in parts:
        spoken = [cell for cell in cells if part.speaks_of(cell)]
        some = [f"{part.region.at(cell).label}{_at(cell.label)}" for cell in spoken[:MOST]]
        more = f" and in {len(spoken) - MOST} more cells" if len(spoken) > MOST else ""
        yield f"{part.functional.label} must lie {'; '.join(some)}{more}."
    yield "It is supported if every interval lies inside its region and every control is refuted."
    yield "It is refuted if one interval has nothing in common with its region."
    for control in (*claim.controls, *claim.positive):
        right = control in claim.positive
        fate = "supported" if right else "refuted"
        other = "outside" if right else "inside"
        yield (
            f"{control.kind.capitalize()} {control.name!r} must be {fate}; if it comes out {other} "
            "its region, the claim is toothless."
        )


def _told(checks: Sequence[CheckResult]) -> Iterator[str]:
    deciding = sorted(
        (check for check in checks if check.status != "shown"), key=lambda c: c.status == "inside"
    )
    for check in deciding[:MOST]:
        yield _check(check)
    if len(deciding) > MOST:
        states = {check.status for check in deciding[MOST:]}
        yield f"And {len(deciding) - MOST} more checks, {' or '.join(sorted(states))}."


def _check(check: CheckResult) -> str:
    where = _at(", ".join(f"{name}={value}" for name, value in check.cell.items()))
    if check.yes_or_no:
        said = check.detail or check.status
        return f"{check.functional}{where}: {said}; any other outcome would turn the verdict."
    low, high = (number(end) for end in check.interval)
    text = STATUS[check.status].format(region=check.region_label)
    room = f" (room: {_room(check)})" if check.status == "inside" else ""
    return f"{check.functional}{where}: the interval [{low}, {high}] {text}{room}."


def _room(check: CheckResult) -> str:
    """Return how far the interval is from the nearest end of the region."""
    ends = (check.interval[0] - check.region[0], check.region[1] - check.interval[1])
    return number(min(ends))


def _control(control: ControlResult) -> str:
    far = f" ({distance(control)})" if distance(control) else ""
    fate = FATE.get(control.fate, f"is {control.fate}")
    return f"{control.kind.capitalize()} {control.name!r}{far} {fate}."


def _grounds(found: ClaimResult) -> Iterator[str]:
    """Yield what an error costs and on what ground; of what decides nothing, nothing."""
    if found.verdict not in (Verdict.SUPPORTED, Verdict.REFUTED):
        return
    if found.grade == Grade.COMPUTED:
        yield "No chance is in the verdict."
    elif found.alpha is None or found.grade == Grade.UNKNOWN:
        yield "Its error probability is not known: it was stored by a former version."
    elif found.grade == Grade.APPROXIMATE:
        weak = [c.guarantee.label for c in found.checks if c.guarantee.grade == Grade.APPROXIMATE]
        named = "; ".join(dict.fromkeys(weak))
        yield f"The verdict is meant to be wrong with {found.alpha:.2g}, and is {named}."
    else:
        yield f"The probability that the verdict is wrong is at most {found.alpha:.2g}, a theorem."


def _at(cell: str) -> str:
    return f" at {cell}" if cell else ""
