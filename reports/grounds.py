"""What the verdicts of a store rest on, and how likely one of them is wrong."""

from __future__ import annotations

from typing import Any

from refutable.reports import numbers
from refutable.reports.text import count, grouped, one_line

from refutable.running.machine import mixture

Model = dict[str, Any]


def promise(model: Model) -> str:
    """Return how likely a verdict is wrong, and where that is not promised, in two sentences."""
    weak = sum(model["summary"]["approximate"].values())
    stands = "stands" if weak == 1 else "stand"
    return (
        f"Where checks stand on theorems, the chance that any verdict is wrong is at most "
        f"{numbers.probability(model['ledger']['together'])} in all."
        + (f" {count(weak, 'verdict')} marked approximate {stands} on none." if weak else "")
    )


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
        f"{own} {numbers.probability(owned)} together.{_families(model)}{_searches(model)}"
    )


def _searches(model: Model) -> str:
    """Return the sentence about what onsets and maps may err beside the verdicts, if any may."""
    sought = model["ledger"].get("sought")
    if not sought:
        return ""
    own = "owns" if sought["searches"] == 1 else "own"
    return (
        f" Beside the verdicts, {count(sought['searches'], 'search', 'searches')} for where claims "
        f"hold (onsets, maps, tightness of bounds) {own} an error probability of "
        f"{numbers.probability(sought['owned'])} together: whatever is said there is wrong with "
        "probability at most that, where its checks stand on theorems."
    )


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
    machines = {one["name"]: one["blocks"] for one in found["kernels"]}
    return f" {mixture(machines, grouped)}"
