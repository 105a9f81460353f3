"""The sentences of a report that say a result."""

from __future__ import annotations

from typing import Any

from refutable.reports import labels, numbers
from refutable.reports.claims import beside, counted
from refutable.reports.merging import is_computed
from refutable.reports.text import count, grouped, one_line

Model = dict[str, Any]

_YES_OR_NO = {(1.0, 1.0): "yes", (0.0, 0.0): "no"}


def tally(summary: Model) -> list[tuple[str, int]]:
    """Return how many claims have each verdict, without those that none has."""
    counts = summary["verdicts"]
    known = [name for name in labels.VERDICTS if counts.get(name)]
    return [(name, counts[name]) for name in known]


def approximate(summary: Model, verdict: str) -> str:
    """Return how many of the claims with a verdict have it only approximately; else nothing."""
    number = summary["approximate"].get(verdict, 0)
    if not number:
        return ""
    every = number == summary["verdicts"][verdict]
    return "approximate" if every else f"{grouped(number)} of them approximate"


def headline(summary: Model) -> str:
    """Return the summary in a few words for each origin: a paper answers for its own claims only.

    Parameters
    ----------
    summary : dict
        Of the model.
    """
    total = summary["claims"]
    if not total:
        return "This store holds no results."
    papers = count(summary["papers"], "paper")
    said = [f"{count(total, 'claim')} of {papers}."]
    origins = summary["origins"]
    said += [
        f"{words}: {counts(origins[name])}." for name, words in SAID.items() if name in origins
    ]
    return " ".join(said)


SAID = {
    "printed": "Printed in a paper",
    "implied": "Implied by a paper",
    "derived": "Derived here",
    "guard": "Guards, which nobody claims",
    "unstated": "Of unstated origin",
}


def origins(summary: Model) -> list[list[str]]:
    """Return a row for each origin: who says it, how many claims, and their verdicts."""
    found = summary["origins"]
    return [
        [words, grouped(found[name]["claims"]), counts(found[name])]
        for name, words in SAID.items()
        if name in found
    ]


def counts(found: Model) -> str:
    """Return `4 supported (1 of them approximate), 2 refuted` of an entry of `origins`."""
    parts = []
    for name, number in tally(found):
        weak = approximate(found, name)
        parts.append(f"{grouped(number)} {name}{f' ({weak})' if weak else ''}")
    return ", ".join(parts)


def papers_and_claims(summary: Model) -> str:
    """Return how many claims of how many papers."""
    if not summary["claims"]:
        return headline(summary)
    return f"{count(summary['claims'], 'claim')} of {count(summary['papers'], 'paper')}."


def promise(model: Model) -> str:
    """Return how likely a verdict is wrong, and where that is not promised, in two sentences."""
    weak = sum(model["summary"]["approximate"].values())
    stands = "stands" if weak == 1 else "stand"
    return (
        f"Where checks stand on theorems, the chance that any verdict is wrong is at most "
        f"{numbers.probability(model['ledger']['together'])} in all."
        + (f" {count(weak, 'verdict')} marked approximate {stands} on none." if weak else "")
    )


def judgement(summary: Model, unfinished: list[Model], trouble: list[Model]) -> str:
    """Return whether the verdicts are the expected ones, and what is missing."""
    said = []
    if unfinished:
        said.append(f"The run has not finished: {count(len(unfinished), 'claim')} without verdict.")
    if trouble:
        said.append(f"{count(len(trouble), 'problem')} kept claims from being registered.")
    if summary["unexpected"]:
        verb = "differs" if summary["unexpected"] == 1 else "differ"
        said.append(f"{count(summary['unexpected'], 'verdict')} {verb} from the expected one.")
    elif summary["claims"] and not said:
        said.append("Every verdict is the expected one.")
    return " ".join(said)


def begun(blocks: int) -> str:
    """Return how far a claim without a verdict has come."""
    stored = f"{count(blocks, 'block')} stored, no verdict yet" if blocks else "not begun"
    return f"{stored}; run the same command again to go on"


def basis(model: Model) -> str:
    """Return what the verdicts rest on, and how likely one of them is wrong."""
    summary = model["summary"]
    if not summary["claims"]:
        return ""
    controls = count(summary["controls"], "control")
    refuted = grouped(summary["controls_refuted"])
    right = (
        f" {grouped(summary['positive_supported'])} of "
        f"{count(summary['positive'], 'positive control')}, which state what is right beside a "
        "claim, came out supported."
        if summary["positive"]
        else ""
    )
    return (
        f"The verdicts rest on {count(summary['checks'], 'check')} and "
        f"{count(summary['replicates'], 'replicate')}; {refuted} of {controls} came out refuted, "
        f"as every one of them must.{right} The chance that any verdict drawn from replicates is "
        f"wrong is at most {numbers.probability(model['ledger']['together'])} for "
        f"{_all_families(model)} where every check "
        "stands on a theorem. A check that is marked approximate has no such promise: its outcome "
        "has no declared bounds, and rarer events than it names are not excluded."
    )


def _all_families(model: Model) -> str:
    others = len(model["ledger"]["families"])
    return f"the suite and {count(others, 'package')} of others" if others else "the whole suite"


def _families(model: Model) -> str:
    """Return the sentence about packages whose claims have a ledger of their own, if any have."""
    each = numbers.probability(model["suite_error"])
    said = [
        f"{one_line(family['name'], 60)} ({count(family['claims'], 'claim')}, "
        f"{numbers.probability(family['owned'])} owned)"
        for family in model["ledger"]["families"]
    ]
    if not said:
        return ""
    return (
        f" Of these, the claims of each package of others have a ledger of their own of {each}: "
        f"{', '.join(said)}; so have all other claims together."
    )


def ledger(model: Model) -> str:
    """Return who may spend how much of the error probability."""
    many, owned = model["ledger"]["claims"], model["ledger"]["owned"]
    own = "owns" if many == 1 else "own"
    return (
        "The verdicts supported and refuted of this store may err with probability "
        f"{numbers.probability(model['ledger']['together'])} together, whatever the number of "
        "commands that wrote into it. Every claim in which chance has a part owns a fixed share. "
        "Supported needs every check inside its region, each at the whole share; refuted "
        "needs one outside, at the share divided by their number. Neither depends on other claims "
        f"nor on how often one looks. The {count(many, 'claim')} of this store with such a share "
        f"{own} {numbers.probability(owned)} together.{_families(model)}"
    )


def environment(found: Model) -> str:
    """Return what is recorded of the environment, and what is not."""
    if not found["libraries"]:
        return "The store recorded no versions of Python or of libraries." + _kernels(found)
    mixed = (
        f" Mixed versions: {', '.join(found['mixed'])}. The store was filled under more than one "
        "environment."
        if found["mixed"]
        else ""
    )
    recorded = {library["name"] for library in found["libraries"]}
    python, missing = ("Python and of ", "") if "python" in recorded else ("", "Python, of ")
    return (
        f"These are the versions of {python}the numerical libraries that the fingerprints of the "
        f"claims recorded; the versions of {missing}other libraries and of the operating system, "
        "and the machine beyond its kernels, are recorded nowhere. The fingerprints cover "
        f"{count(found['definitions'], 'definition')} of the project\u2019s own code.{mixed}"
        f"{_kernels(found)}"
    )


def _kernels(found: Model) -> str:
    if not found["kernels"]:
        return ""
    each = "; ".join(
        f"{count(one['blocks'], 'block')} with {one['name'] or 'no word of it'}"
        for one in found["kernels"]
    )
    return (
        " Blocks of this store were drawn with different kernels, so the last digits may differ "
        f"from those of one machine: {each}."
    )


def expectation_note(claim: Model) -> str:
    """Return whether a verdict is the expected one, in words; empty where that goes unsaid."""
    if claim["verdict"] == claim["expected"]:
        return "" if claim["verdict"] == "supported" else "as expected"
    if claim["as_expected"]:
        return "data must be brought"
    return f"expected: {claim['expected']}"


def interval(check: Model) -> str:
    """Return the interval, or the computed values; in words where the check is a yes or a no."""
    if check["yes_or_no"]:
        return str(check["detail"]) or _YES_OR_NO.get(tuple(check["interval"]), "not yet known")
    low, high = check["interval"]
    if not is_computed(check) or low is None or high is None:
        return numbers.interval(check["interval"])
    least, largest = numbers.number(low), numbers.number(high)
    return least if least == largest else f"{least} to {largest}"


def found_in(checks: list[Model]) -> str:
    """Return the head of the column that says what was found: intervals only where there are."""
    numeric = [check for check in checks if not check["yes_or_no"]]
    if not numeric:
        return "Comparison"
    return "Values" if all(map(is_computed, numeric)) else "Interval"


def cells(checks: list[Model]) -> list[list[str]]:
    """Return checks that stand behind one row, as rows of a table of words."""
    return [
        [
            check["functional"],
            check["label"] or "\u2013",
            interval(check),
            grouped(check["replicates"]),
            check["detail"] or "\u2013",
        ]
        for check in checks
    ]


def region(check: Model) -> str:
    """Return the region; in words where the check is a yes or a no."""
    if not check["yes_or_no"] or check["region"] != [1.0, None]:
        return numbers.relation(check["region_label"])
    return "proved" if check["functional"].startswith("identity ") else "reproduced"


def losses(claim: Model) -> list[list[str]]:
    """Return the losses behind the slopes of a claim and of its controls, as rows of a table."""
    named = [("the claim", check) for check in claim["checks"]]
    named += [(c["name"], check) for c in beside(claim) for check in c["checks"]]
    return [
        [
            name,
            check["label"] or "–",
            numbers.number(rung["size"]),
            numbers.number(rung["loss"]),
            numbers.number(rung["relative_error"], 2),
            numbers.number(rung["curve"]),
        ]
        for name, check in named
        for rung in check["ladder"]
    ]


def controls_note(claim: Model) -> str:
    """Return `3 of 3 refuted`."""
    controls = claim["controls"]
    if not controls:
        return "\u2013"
    kept = counted(controls)
    refuted = sum(control["fate"] == "refuted" for control in kept)
    vain = len(controls) - len(kept)
    more = f", {vain} by logic" if vain else ""
    held = sum(control["fate"] == "supported" for control in claim["positive"])
    right = (
        f"; {held} of {len(claim['positive'])} right ones supported" if claim["positive"] else ""
    )
    return f"{refuted} of {len(kept)} refuted{more}{right}"


def controls_failed(controls: list[Model], wanted: str) -> bool:
    """Say whether a control that counts has not the fate that it must have."""
    return any(control["fate"] not in (wanted, "not run") for control in counted(controls))


def controls_line(controls: list[Model], wanted: str) -> str:
    """Return `3 of 3 refuted, as they must be`."""
    kept = counted(controls)
    held = sum(control["fate"] == wanted for control in kept)
    must = (
        ("as it must be" if len(kept) == 1 else "as they must be")
        if held == len(kept)
        else ("as all must be")
    )
    vain = len(controls) - len(kept)
    more = f"; {vain} more by logic alone" if vain else ""
    return f"{held} of {len(kept)} {wanted}, {must}{more}"


def what_it_takes(claim: Model) -> str:
    """Return what an undecided claim still needs."""
    open_checks = [check for check in claim["checks"] if check["status"] == "open"]
    if not open_checks:
        return f"{claim['reason']}. Run the same command again to go on."
    check = open_checks[0]
    if check["yes_or_no"]:
        return f"{_name(check)}: {interval(check)}. Run the same command again to go on."
    return (
        f"{_name(check)}: the interval {numbers.interval(check['interval'])} after "
        f"{count(check['replicates'], 'replicate')} must lie inside or outside "
        f"{numbers.relation(check['region_label'])}; a larger effort draws more."
    )


def _name(check: Model) -> str:
    return f"{check['functional']} at {check['label']}" if check["label"] else check["functional"]


def figure_text(claim: Model) -> str:
    """Return the alternative text of a claim's figure: it says the result."""
    decided = [check for check in claim["checks"] if check["status"] != "shown"]
    inside = sum(check["status"] == "inside" for check in decided)
    controls = counted(claim["controls"])
    out = sum(control["fate"] == "refuted" for control in controls)
    lie = "lies inside its" if len(decided) == 1 else "lie inside their"
    region = "region" if len(decided) == 1 else "regions"
    are = "is" if len(controls) == 1 else "are"
    return (
        f"Figure of {claim['id']}, {claim['verdict']}: {inside} of "
        f"{count(len(decided), 'interval')} {lie} acceptance {region}; {out} of "
        f"{count(len(controls), 'control')} {are} refuted. The numbers are in the tables beside it."
    )
