"""Ratios of a run of the benchmarks, as text: stored, and compared with those accepted last.

Run by `nox -s bench` (``store``) and `nox -s bench-compare` (``compare``), on the JSON that
pytest-benchmark writes. Only ratios are kept, since seconds say nothing on another machine:

- *peers*: what a test timed in turns with ours (`turns.py`, which says how the interval is made);
  and of what was timed by itself, the members of a group take so many times as long as the first
  that does the same work, which is ours;
- *growth*: likewise what a test timed in turns at several sizes; and where a number alone varies,
  the slope of log time on its logarithm.

Of what was timed by itself the interval comes from the quartiles of the rounds.

A peer that lost more than `SLACK` of its distance to ours, or a slope that grew by more than
`STEEPER`, beyond what the rounds of both runs scatter, is a regression and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from turns import BESIDE, GROWTH, slope_weights

FOLDER = Path("baseline") / "benchmarks"
COMMAND = "nox -s bench"
WHO = frozenset({"how", "method", "peer", "policy", "sampler", "solve", "step", "model"})
"""Parameters of benchmarks that say who does the work; all others say what the work is."""

SLACK, STEEPER = 1.25, 0.15
"""Ratios of medians in two runs differ by 10 % on a quiet machine, slopes by 0.05 or so."""

Record = dict[str, Any]


def records(found: Mapping[str, Any]) -> dict[str, Record]:
    """Return what is stored of a run, by the name of the file of the benchmarks.

    A file whose benchmarks have no peer, no growth and nothing to state is left out.
    """
    files: dict[str, list[Record]] = {}
    for bench in found["benchmarks"]:
        files.setdefault(_file(bench), []).append(bench)
    where = {"command": COMMAND, "date": _date(found), "machine": machine()}
    found = {name: _of_file(benches) for name, benches in sorted(files.items())}
    return {name: {**where, **rows} for name, rows in found.items() if any(rows.values())}


def _file(bench: Mapping[str, Any]) -> str:
    return Path(bench["fullname"].split("::")[0]).stem.removeprefix("test_bench_")


def _date(found: Mapping[str, Any]) -> str:
    return str(found.get("datetime") or datetime.datetime.now(datetime.UTC).isoformat())[:10]


def machine() -> Record:
    """Return what the ratios were measured on, without a name that leads to it."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _of_file(benches: list[Record]) -> Record:
    groups: dict[str, list[Record]] = {}
    for bench in benches:
        groups.setdefault(bench["group"] or _test(bench), []).append(bench)
    made: Record = {"peers": [], "growth": [], "stated": []}
    for name, members in groups.items():
        alone = [bench for bench in members if not _in_turns(bench)]
        if varying := _number(alone):
            made["growth"].append({"group": name, **_growth(alone, varying)})
        made["peers"] += [{"group": name, **row} for row in _beside(alone)]
        for bench in members:
            made["peers"] += [_peer_in_turns(name, bench, row) for row in _kept(bench, BESIDE)]
            made["growth"] += [_growth_in_turns(name, bench, row) for row in _kept(bench, GROWTH)]
            made["stated"] += _stated(name, bench)
    return made


def _kept(bench: Mapping[str, Any], where: str) -> list[Record]:
    """Return what a test recorded of what it timed in turns."""
    return list(bench["extra_info"].get(where, ()))


def _in_turns(bench: Mapping[str, Any]) -> bool:
    return bool(_kept(bench, BESIDE) or _kept(bench, GROWTH))


def _peer_in_turns(group: str, bench: Mapping[str, Any], row: Mapping[str, Any]) -> Record:
    return {
        "group": group,
        "ours": _inside(bench) or "ours",
        "peer": row["peer"],
        "ratio": _round(row["ratio"]),
        "interval": _rounded(row["interval"]),
        "rounds": row["rounds"],
    }


def _growth_in_turns(group: str, bench: Mapping[str, Any], row: Mapping[str, Any]) -> Record:
    """Return the row; its group says which of several is meant, as one slope is all it holds."""
    return {
        "group": ", ".join(filter(None, (group, _inside(bench), row["of"]))),
        "parameter": row["parameter"],
        "sizes": row["sizes"],
        "slope": _round(row["slope"]),
        "interval": _rounded(row["interval"]),
    }


def _test(bench: Mapping[str, Any]) -> str:
    return str(bench["name"]).partition("[")[0].removeprefix("test_").replace("_", " ")


def _beside(members: list[Record]) -> list[Record]:
    """Return members of a group against the first one that has the same task, which is ours."""
    found = []
    for place, other in enumerate(members):
        ours = next(one for one in members[: place + 1] if _same_task(one, other))
        if ours is not other:
            found.append(_against(ours, other))
    return found


def _same_task(one: Record, other: Record) -> bool:
    """Say whether two members differ by who does the work alone."""
    mine, theirs = one["params"] or {}, other["params"] or {}
    tasks = (mine.keys() & theirs.keys()) - WHO
    return all(str(mine[name]) == str(theirs[name]) for name in tasks)


def _number(members: list[Record]) -> str:
    """Return the one parameter by which members of a test differ, if it is a number."""
    params = [member["params"] or {} for member in members]
    names = {name for one in params for name in one if len({str(p.get(name)) for p in params}) > 1}
    if len(members) < 2 or len(names) != 1 or len({_test(one) for one in members}) > 1:
        return ""
    (name,) = names
    numeric = all(isinstance(one[name], int | float) and one[name] > 0 for one in params)
    return name if numeric else ""


def _inside(bench: Mapping[str, Any]) -> str:
    return str(bench["name"]).partition("[")[2].removesuffix("]")


def _name(bench: Mapping[str, Any]) -> str:
    return _inside(bench) or _test(bench)


def _error(bench: Mapping[str, Any]) -> float:
    """Return the standard error of the logarithm of a median: 0.93 IQR / sqrt(rounds)."""
    stats = bench["stats"]
    if stats["rounds"] < 2:
        return math.inf
    return float(0.93 * stats["iqr"] / stats["median"] / math.sqrt(stats["rounds"]))


def _interval(value: float, error: float) -> list[float] | None:
    if not math.isfinite(error):
        return None
    return _rounded((value * math.exp(-1.96 * error), value * math.exp(1.96 * error)))


def _rounded(ends: Iterable[float] | None) -> list[float] | None:
    return None if ends is None else [_round(end) for end in ends]


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def _against(ours: Record, other: Record) -> Record:
    ratio = other["stats"]["median"] / ours["stats"]["median"]
    error = math.hypot(_error(ours), _error(other))
    return {
        "ours": _name(ours),
        "peer": _name(other),
        "ratio": _round(ratio),
        "interval": _interval(ratio, error),
        "rounds": min(ours["stats"]["rounds"], other["stats"]["rounds"]),
    }


def _growth(members: list[Record], name: str) -> Record:
    sizes = [member["params"][name] for member in members]
    weights = slope_weights(sizes)
    slope = float(weights @ np.log([member["stats"]["median"] for member in members]))
    error = math.sqrt(sum((w * _error(m)) ** 2 for w, m in zip(weights, members, strict=True)))
    ends = (slope - 1.96 * error, slope + 1.96 * error) if math.isfinite(error) else None
    return {
        "parameter": name,
        "sizes": sizes,
        "slope": _round(slope),
        "interval": _rounded(ends),
    }


def _stated(group: str, bench: Record) -> list[Record]:
    values = {k: v for k, v in bench["extra_info"].items() if k not in (BESIDE, GROWTH)}
    return [{"group": group, "of": _name(bench), "values": values}] if values else []


def store(found: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write what is kept of a run, one file of text per file of benchmarks."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, record in records(found).items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(record, indent=1, sort_keys=True, default=str) + "\n")
        written.append(path)
    return written


def read(folder: Path) -> dict[str, Record]:
    """Return the stored records by the names of their files."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def regressions(accepted: Mapping[str, Record], now: Mapping[str, Record]) -> list[str]:
    """Return what became worse, in words; what only one of both has is no regression."""
    said: list[str] = []
    for name in accepted.keys() & now.keys():
        said += _slower(name, accepted[name]["peers"], now[name]["peers"])
        said += _steeper(name, accepted[name]["growth"], now[name]["growth"])
    return sorted(said)


def _slower(name: str, old: Iterable[Record], new: Iterable[Record]) -> list[str]:
    known = {(row["group"], row["ours"], row["peer"]): row for row in old}
    said = []
    for row in new:
        before = known.get((row["group"], row["ours"], row["peer"]))
        if before and _high(row, "ratio") * SLACK < _low(before, "ratio"):
            said.append(
                f"{name}, {row['group']}: {row['peer']} took {before['ratio']:g} times as long as "
                f"{row['ours']}, and takes {row['ratio']:g} times as long now"
            )
    return said


def _steeper(name: str, old: Iterable[Record], new: Iterable[Record]) -> list[str]:
    known = {(row["group"], row["parameter"], str(row["sizes"])): row for row in old}
    said = []
    for row in new:
        before = known.get((row["group"], row["parameter"], str(row["sizes"])))
        if before and _low(row, "slope") > _high(before, "slope") + STEEPER:
            said.append(
                f"{name}, {row['group']}: time grew as {row['parameter']}^{before['slope']:g}, and "
                f"grows as {row['parameter']}^{row['slope']:g} now"
            )
    return said


def _low(row: Record, value: str) -> float:
    return float(row["interval"][0] if row["interval"] else row[value])


def _high(row: Record, value: str) -> float:
    return float(row["interval"][1] if row["interval"] else row[value])


def main() -> int:
    """Store, or compare and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("store", "compare"))
    parser.add_argument("run", type=Path, help="JSON of pytest-benchmark")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    known = parser.parse_args()
    if not known.run.exists():
        raise SystemExit(f"{known.run} is missing: the benchmarks did not run")
    found = json.loads(known.run.read_text())
    if known.what == "store":
        for path in store(found, known.folder):
            print(path)
        return 0
    accepted = read(known.folder)
    if not accepted:
        raise SystemExit(f"{known.folder} holds no ratios; store some with `{COMMAND}`")
    worse = regressions(accepted, records(found))
    print("\n".join(worse) or "no ratio is worse than the one accepted last")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
