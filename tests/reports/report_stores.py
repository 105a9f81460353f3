"""Stores made by hand: what a run leaves behind, without running anything."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from refutable.claims.cells import Cell
from refutable.deciding.ladder import Rung
from refutable.deciding.results import CheckResult, ClaimResult, ControlResult, Failure
from refutable.storing.store import Store, StoredBlock

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> "
    '"double" \'single\' `tick` {{ 7 * 7 }} {% raw %} #panic("typst") $x^2$ @label <label> '
    "*bold* _low_ [link](javascript:1) | pipe \\ ]]> &amp; \u202ertl\u202c "
    "\u200f\u05d0 \x00\x1b[31m\n"
    "second line =1+1"
)
LONG = "x" * 10_000


def record(claim: str, **changes: Any) -> dict[str, Any]:
    """A claim's record as `refutable.claims.describe.record` writes it."""
    key, name = claim.split(".", 1)
    paper = {
        "key": key,
        "field": "mixtures",
        "title": f"On {key}",
        "authors": ["Ada Lovelace", "Emmy Noether"],
        "year": 2024,
        "venue": "ICML 2024",
        "arxiv": "2401.00001",
        "code": None,
        "read": "The arXiv version 2.",
        "not_checked": ["headline A: needs a cluster"],
        "citation": f"Ada Lovelace, Emmy Noether. On {key}. ICML 2024.",
        "bibtex": f"@inproceedings{{{key}2024,\n  title = {{On {key}}},\n}}",
    }
    made = {
        "id": claim,
        "name": name,
        "title": "",
        "origin": "printed",
        "basis": "abstract",
        "paper": {**paper, **changes.pop("paper", {})},
        "field": paper["field"],
        "scope": "as stated",
        "evidence": "statistical",
        "expected": "supported",
        "place": f"refutable.simulations.mixtures.{key}",
        "source": "Theorem 1",
        "statement": "The estimator converges at the stated rate.",
        "formula": "norm(hat(theta) - theta) <= C sqrt(d / n)",
        "does_not_show": "Nothing about n to infinity.",
        "assumptions": ["independent samples", "known variance"],
        "notes": ["At n = 200 the bound is 3 times the loss."],
        "why": "",
        "weak": False,
        "weight": "1/256",
        "deterministic": False,
        "block": 50,
        "caps": {"smoke": 400, "standard": 2000, "full": 10000},
        "figure": {"x": "ratio", "label": "", "log": False},
        "controls": [{"name": "half the constant", "kind": "false theory"}],
    }
    return {**made, **changes}


def check(**changes: Any) -> CheckResult:
    """One check, inside its region."""
    made: dict[str, Any] = {
        "functional": "P(recovered)",
        "evidence": "statistical",
        "cell": {"n": 200, "ratio": 1.4},
        "region": (0.8, math.inf),
        "region_label": ">= 0.8",
        "predicted": None,
        "estimate": 0.96,
        "standard_error": 0.02,
        "interval": (0.86, 0.995),
        "status": "inside",
        "detail": "96 of 100",
        "replicates": 100,
        "alpha": 1e-5,
    }
    return CheckResult(**{**made, **changes})


def outside(**changes: Any) -> CheckResult:
    """One check, outside its region."""
    moved = {"estimate": 0.1, "interval": (0.03, 0.2), "status": "outside", "detail": "10 of 100"}
    return check(**{**moved, **changes})


def result(claim: str, **changes: Any) -> ClaimResult:
    """A decided claim with one refuted control."""
    made: dict[str, Any] = {
        "claim": claim,
        "verdict": "supported",
        "expected": "supported",
        "reason": "all 2 checks lie inside their regions",
        "seed": 7,
        "effort": "smoke",
        "fingerprint": "0123456789abcdef0123456789abcdef",
        "replicates": 200,
        "checks": (
            check(),
            check(
                cell={"n": 200, "ratio": 0.6},
                region=(-math.inf, 0.2),
                region_label="<= 0.2",
                estimate=0.02,
                interval=(0.001, 0.09),
            ),
        ),
        "controls": (ControlResult("half the constant", "false theory", "refuted", (outside(),)),),
        "failures": (),
    }
    return ClaimResult(**{**made, **changes})


def fill(
    path: Path,
    entries: Iterable[tuple[dict[str, Any] | None, ClaimResult | None]],
    problems: list[dict[str, Any]] | None = None,
    seconds: float = 1.5,
) -> Path:
    """Write records and results into a new store."""
    with Store(path, 7) as store:
        for known, found in entries:
            _write(store, known, found, seconds)
        store.write_problems(problems or [])
    return path


def _write(
    store: Store, known: dict[str, Any] | None, found: ClaimResult | None, seconds: float
) -> None:
    if known is not None:
        store.write_record(known["id"], known)
    if found is not None:
        store.write_result(found, {"seconds": seconds, "blocks": 4})
        versions = {
            "version:numpy": "2.4.6",
            "version:scipy": "1.17.1",
            "refutable.solvers.em:fit": "ab",
        }
        store.write_print(found.claim, {"claim": versions})


def block(path: Path, claim: str) -> None:
    """Append a finished block of a claim that has no verdict yet."""
    with Store(path) as store:
        stored = StoredBlock("claim", Cell({"n": 1}), 0, 5, "f", {}, 0.1)
        store.append(claim, stored)


def mixed(path: Path, seconds: float = 1.5) -> Path:
    """A store with every verdict, two papers, and every kind of check."""
    printed = check(
        functional="size reproduces 3.2",
        evidence="exact",
        cell={},
        region=(1.0, math.inf),
        region_label=">= 1",
        estimate=3.21,
        standard_error=None,
        interval=(1.0, 1.0),
        detail="computed 3.21, printed 3.2: reproduced",
    )
    wide = outside(status="open", estimate=0.7, interval=(0.5, 0.9), detail="70 of 100")
    bound = check(
        functional="E[loss]",
        region=(-math.inf, 2.0),
        region_label="<= 2",
        estimate=1.5,
        standard_error=0.1,
        interval=(1.2, 1.8),
        detail="12 means of 8",
    )
    slope = check(
        functional="slope of log(loss / curve)",
        cell={"d": 3},
        region=(-0.1, 0.1),
        region_label="within 0.1 of 0",
        predicted=0.0,
        estimate=0.02,
        interval=(-0.05, 0.08),
        ladder=(
            Rung(100, 0.5, 0.02, 2.0),
            Rung(400, 0.25, 0.02, 1.0),
            Rung(1600, 0.125, None, 0.5),
        ),
    )
    shown = check(functional="E[a] / E[b]", status="shown", region=(-math.inf, math.inf))
    survived = ControlResult("nothing removed", "broken world", "survived", (check(),))
    failure = Failure(
        "claim",
        {"n": 200},
        3,
        "claim alpha.failed, cell n=200, block 3, seed 7: ZeroDivisionError: division by zero",
        "refutable rerun alpha.failed --cell 'n=200' --block 3 --seed 7",
    )
    plain = {"figure": None, "evidence": "exact", "deterministic": True, "scope": "arithmetic"}
    return fill(
        path,
        [
            (record("alpha.supported"), result("alpha.supported")),
            (
                record("alpha.bound", weak=True, figure=None),
                result("alpha.bound", checks=(bound, shown)),
            ),
            (
                record("alpha.refuted", expected="refuted", why="The table has a misprint."),
                result(
                    "alpha.refuted",
                    verdict="refuted",
                    expected="refuted",
                    reason="P(recovered) lies outside >= 0.8",
                    checks=(outside(),),
                ),
            ),
            (
                record("alpha.surprise"),
                result("alpha.surprise", verdict="refuted", checks=(outside(),), reason="outside"),
            ),
            (
                record("alpha.undecided"),
                result("alpha.undecided", verdict="undecided", checks=(wide,), reason="not yet"),
            ),
            (
                record("beta.toothless", figure=None),
                result(
                    "beta.toothless",
                    verdict="toothless",
                    checks=(check(), slope),
                    controls=(survived,),
                ),
            ),
            (
                record("beta.failed"),
                result(
                    "beta.failed",
                    verdict="failed",
                    reason=failure.error,
                    checks=(),
                    controls=(),
                    failures=(failure,),
                ),
            ),
            (
                record("beta.not-run"),
                result("beta.not-run", verdict="not run", reason="needs data: X", checks=()),
            ),
            (record("beta.printed", **plain), result("beta.printed", checks=(printed,))),
        ],
        seconds=seconds,
    )


def hostile(path: Path, text: str = HOSTILE) -> Path:
    """A store in which every text that a claim's author or an error can set is hostile."""
    paper = dict.fromkeys(("title", "venue", "read", "code", "citation", "bibtex", "arxiv"), text)
    fields = dict.fromkeys(
        ("source", "statement", "formula", "does_not_show", "why", "scope", "evidence", "place"),
        text,
    ) | dict.fromkeys(("title", "origin", "basis"), text)
    known = record(
        "evil.claim",
        paper={**paper, "key": "evil", "authors": [text], "field": text, "not_checked": [text]},
        name=text,
        assumptions=[text],
        notes=[text],
        figure={"x": "n", "label": text, "log": False},
        **fields,
    )
    cells = ({"n": 1, "note": text}, {"n": 2, "note": "plain"})
    checks = tuple(check(functional=text, cell=cell, detail=text) for cell in cells)
    found = result(
        "evil.claim",
        verdict="failed",
        expected="supported",
        reason=text,
        checks=checks,
        controls=(ControlResult(text, "false theory", "survived", checks),),
        failures=(Failure("claim", {"note": text}, 0, text, text),),
        effort="smoke",
        fingerprint=text,
    )
    problems = [
        {"where": text, "text": text, "claim": None},
        {"where": text, "text": text, "claim": text},
    ]
    statistical = record("evil.drawn", evidence="statistical", paper={"title": text})
    return fill(
        path,
        [
            (known, found),
            (statistical, result("evil.drawn", checks=checks)),
        ],
        problems=problems,
    )


def many(path: Path, claims: int, figures: int) -> Path:
    """A store of so many claims, the first `figures` of them with a figure."""
    entries = []
    for place in range(claims):
        name = f"paper{place // 6}.claim-{place}"
        drawn = place < figures
        changes: dict[str, Any] = {} if drawn else {"figure": None, "evidence": "exact"}
        formula = f"Delta^2 >= (1 + {place}) 4 sigma^2 (1 + sqrt(1 + (K p) / (n log n))) log n"
        entries.append((record(name, formula=formula, **changes), result(name)))
    return fill(path, entries)


def wide(path: Path) -> Path:
    """A store whose tables have much to say: long names, long cells, long numbers."""
    cell = {"separation": 0.98765, "correlation": 0.9, "rows": 128, "generator": "m^2 points"}
    long = check(
        functional="E[excess_test_loss] / E[oracle_train_loss]",
        cell=cell,
        region=(0.0321654, 0.0323456),
        region_label="in [0.0321654, 0.0323456]",
        predicted=0.0322345,
        estimate=0.00099371,
        standard_error=4.5123e-06,
        interval=(0.00096761, 0.0010213),
        status="outside",
        detail="2500 means of 8",
        replicates=20_000,
    )
    ratio = check(functional="E[loss]", cell=cell, region=(0.0, math.inf), region_label=">= 0")
    controls = (ControlResult("the test risk", "false theory", "refuted", (long,)),)
    every = [
        (record(f"{paper}.claim-{place:03}"), result(f"{paper}.claim-{place:03}"))
        for paper in ("alpha", "beta")
        for place in range(61)
    ]
    first = result("alpha.a-claim", checks=(long, ratio), controls=controls)
    return fill(path, [(record("alpha.a-claim", figure=None), first), *every])
