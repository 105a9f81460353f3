"""What was found, in sentences: of a claim, of a paper, of a field.

Written from the records and the verdicts; nothing here is written by hand for a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from refutable.reports import numbers
from refutable.reports.standing import is_theirs, refuted_as, refutes_the_paper
from refutable.reports.text import count

from refutable.claims.records import Evidence, Origin, Verdict

Model = dict[str, Any]

KINDS = {"right theory": "Right", "mended world": "It holds for"}
"""How what a positive control states is introduced."""
LOOSEST = 0.05
"""A bound of which less is reached is a safe ceiling: its share says nothing."""
_OPEN = (Verdict.UNDECIDED, Verdict.TOOTHLESS, Verdict.SUSPECT, Verdict.FAILED, Verdict.NOT_RUN)


def lowered(title: str) -> str:
    """Return a title as it reads within a sentence."""
    first, _, rest = title.partition(" ")
    return title if any(letter.isupper() for letter in first[1:]) else f"{first.lower()} {rest}"


def titled(claim: Model) -> str:
    """Return a claim's title, or else its name."""
    return str(claim["title"] or claim["name"])


def of_paper(claims: Sequence[Model]) -> str:
    """Return what of a paper's own statements is refuted, or else what is supported first.

    Parameters
    ----------
    claims : sequence of dict
        With `title`, `name`, `origin`, `basis` and `verdict`; all of one paper.
    """
    told = [_told(claim) for claim in headlines(claims)]
    return "; ".join(told) + "." if told else "nothing is decided yet."


def headlines(claims: Sequence[Model]) -> list[Model]:
    """Return the claims that a paper's finding is made of."""
    wrong = [claim for claim in claims if refutes_the_paper(claim)]
    best = first_supported(claims)
    return wrong or ([best] if best else [])


def _told(claim: Model) -> str:
    refuted = f" ({refuted_as(claim)})" if refutes_the_paper(claim) else ""
    return f"{lowered(titled(claim))}{refuted}"


def first_supported(claims: Iterable[Model]) -> Model | None:
    """Return the supported claim that says most of the paper: what was read in print first."""
    ranks = {str(origin): place for place, origin in enumerate(Origin)}
    right = [claim for claim in claims if claim["verdict"] == Verdict.SUPPORTED]

    def rank(claim: Model) -> tuple[bool, int]:
        return not is_theirs(claim), ranks.get(claim["origin"], len(ranks))

    return min(right, key=rank, default=None)


def right_value(claim: Model) -> str:
    """Return what holds in place of a refuted claim, as its positive controls state it."""
    held = [c for c in claim["positive"] if c["fate"] == Verdict.SUPPORTED]
    for kind, words in KINDS.items():
        names = [control["name"] for control in held if control["kind"] == kind]
        if names:
            return f"{words}: {'; '.join(names)}."
    return ""


def extent(claim: Model) -> str:
    """Return where a claim was seen and how close its bound is; empty where neither is known."""
    return ", ".join(filter(None, (_sizes(claim), _tightness(claim))))


def _sizes(claim: Model) -> str:
    names = [name for check in claim["checks"] for name in check["cell"]]
    given = (claim["figure"] or {}).get("x")
    first = [name for name in (given, "n") if name in names]
    for name in dict.fromkeys([*first, *names]):
        values = {check["cell"].get(name) for check in claim["checks"]}
        if len(values) > 1 and all(_is_number(value) for value in values):
            return f"{name} from {numbers.number(min(values))} to {numbers.number(max(values))}"
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tightness(claim: Model) -> str:
    """Return the largest share of an upper bound that was reached; tolerances are none."""
    upper = [c for c in claim["checks"] if c["tightness"] and c["region"][0] is None]
    bounds = [c["tightness"]["ratio"] for c in upper if c["evidence"] == Evidence.STATISTICAL]
    shares = [share for share in bounds if LOOSEST < share <= 1]
    return f"up to {numbers.number(100 * max(shares), 2)} % of the bound reached" if shares else ""


def fields(model: Model) -> list[Model]:
    """Return what was found, field by field, in the order of the claims.

    Returns
    -------
    list of dict
        `field`; `papers` and `claims` (counts); `theirs`, `holds`, `wrong`, `recalled`,
        `derived`, `guards`, `open`: claims of the model, no claim in two of the last six.
    """
    made = []
    for field, members in groupby(model["claims"], key=lambda claim: claim["field"]):
        claims = list(members)
        papers = len({claim["paper"] for claim in claims})
        made.append({"field": field, "papers": papers, "claims": len(claims), **_sorted(claims)})
    return made


def _sorted(claims: list[Model]) -> Model:
    open_, decided = _parted(claims, lambda c: c["verdict"] in _OPEN)
    wrong, rest = _parted(decided, refutes_the_paper)
    holds, ours = _parted(rest, is_theirs)
    guards, others = _parted(ours, lambda c: c["origin"] == Origin.GUARD)
    derived, recalled = _parted(others, lambda c: c["origin"] == Origin.DERIVED)
    return {
        "theirs": [c for c in claims if is_theirs(c)],
        "wrong": wrong,
        "holds": holds,
        "recalled": recalled,
        "derived": derived,
        "guards": guards,
        "open": open_,
    }


def _parted(claims: list[Model], fits: Any) -> tuple[list[Model], list[Model]]:
    return [c for c in claims if fits(c)], [c for c in claims if not fits(c)]


def holding(found: Model) -> str:
    """Return how many of a field's own statements hold."""
    theirs, holds = len(found["theirs"]), len(found["holds"])
    if not theirs:
        return "No statement of these papers could be tried as it stands."
    verb = "holds" if holds == 1 else "hold"
    return f"{holds} of {count(theirs, 'printed or implied statement')} {verb}."


def waiting(found: Model) -> str:
    """Return how many claims of a field wait for data that the user must bring."""
    number = sum(claim["verdict"] == Verdict.NOT_RUN for claim in found["open"])
    return f"{count(number, 'claim')} not run: data must be brought." if number else ""


def beyond(found: Model) -> str:
    """Return what was found besides the papers' own statements."""
    said = [_tally("recalled, not read", found["recalled"])]
    said.append(_tally("derived here", found["derived"]))
    said.append(_tally("guards", found["guards"], ("held", "fallen")))
    return ". ".join(part[0].upper() + part[1:] for part in said if part) + "." * any(said)


def _tally(
    what: str, claims: list[Model], words: tuple[str, str] = ("supported", "refuted")
) -> str:
    if not claims:
        return ""
    held = sum(claim["verdict"] == Verdict.SUPPORTED for claim in claims)
    rest = len(claims) - held
    parts = [f"{n} {word}" for n, word in zip((held, rest), words, strict=True) if n]
    return f"{what}: {', '.join(parts)}"


def best(holds: Sequence[Model]) -> Model:
    """Return the claim to be named for the others: printed if one is, and seen over a range."""
    return min(holds, key=lambda c: (c["origin"] != Origin.PRINTED, not extent(c), len(titled(c))))


def opening(claims: Sequence[Model]) -> str:
    """Return what was found of a paper, in one or two sentences; claims are the model's."""
    wrong = [claim for claim in claims if refutes_the_paper(claim)]
    if not wrong:
        found = first_supported(claims)
        if found is None:
            return "Nothing of this paper is decided."
        seen = extent(found)
        where = f" ({seen})" if seen else ""
        return f"{titled(found)}{where}. No statement of the paper was refuted."
    said = [f"\u201c{titled(c)}\u201d is {refuted_as(c)}. {right_value(c)}" for c in wrong[:2]]
    more = [f"{count(len(wrong) - 2, 'more statement')} refuted."] if len(wrong) > 2 else []
    return " ".join(part.strip() for part in [*said, *more])


def shares(claims: Sequence[Model]) -> str:
    """Return how many claims of a paper came out how, each origin apart."""
    found = _sorted(list(claims))
    waiting = f" {count(len(found['open']), 'claim')} open." if found["open"] else ""
    own = holding(found) if found["theirs"] else "None of its statements could be tried as it is."
    return f"{own} {beyond(found)}{waiting}"


def card(claims: Sequence[Model]) -> str:
    """Return a finding of a paper in a few words, for a list of papers: its shortest one."""
    wrong = sum(map(refutes_the_paper, claims))
    if wrong:
        return f"{wrong} refuted in print"
    right = [claim for claim in claims if claim["verdict"] == Verdict.SUPPORTED]
    of_theirs = [claim for claim in right if is_theirs(claim)]
    return min(map(titled, of_theirs or right), key=len, default="Nothing is decided yet")
