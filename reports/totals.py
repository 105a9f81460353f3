"""What is said of all claims together: how many, whose, with which verdicts."""

from __future__ import annotations

from typing import Any

from refutable.reports import labels
from refutable.reports.text import count, grouped

Model = dict[str, Any]

SAID = {
    "printed": "Printed in a paper",
    "implied": "Implied by a paper",
    "derived": "Derived here",
    "guard": "Guards, which nobody claims",
    "unstated": "Of unstated origin",
}


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


def papers_and_claims(summary: Model) -> str:
    """Return how many claims of how many papers."""
    if not summary["claims"]:
        return headline(summary)
    return f"{count(summary['claims'], 'claim')} of {count(summary['papers'], 'paper')}."


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
