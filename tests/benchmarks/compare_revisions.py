"""Measure two revisions interleaved in one job and report ratios of their times with intervals.

Run by `nox -s bench-compare -- REV [--rounds N] [pytest arguments]`. Base and head take turns, in
alternating order, so that a machine that slows down slows both. A benchmark whose ratio lies
above 1.1 with its whole interval makes the exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from turns import student

TOLERANCE = 1.1


def measure(tree: Path, arguments: list[str]) -> dict[str, float]:
    """Return the median seconds of every benchmark of a tree."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [sys.executable, "-m", "pytest", "-q", "--benchmark-only"]
        environment = {**os.environ, "PYTHONPATH": str(tree)}
        subprocess.run(
            [*command, f"--benchmark-json={out}", *arguments],
            cwd=tree,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if not out.exists():
            raise SystemExit(f"the benchmarks of {tree} did not run")
        found = json.loads(out.read_text())["benchmarks"]
    return {bench["fullname"]: bench["stats"]["median"] for bench in found}


def interleave(base: Path, head: Path, rounds: int, arguments: list[str]) -> dict[str, list[float]]:
    """Return head/base ratios of every benchmark that both have, one per round."""
    ratios: dict[str, list[float]] = {}
    for number in range(rounds):
        order = (base, head) if number % 2 == 0 else (head, base)
        times = {tree: measure(tree, arguments) for tree in order}
        for name in times[base].keys() & times[head].keys():
            ratios.setdefault(name, []).append(times[head][name] / times[base][name])
        print(f"round {number + 1} of {rounds} done", flush=True)
    return ratios


def main() -> int:
    """Check out the base beside the working tree, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("revision")
    parser.add_argument("--rounds", type=int, default=5)
    known, rest = parser.parse_known_args()
    head = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        subprocess.run(["git", "worktree", "add", "-q", base, known.revision], check=True)
        try:
            ratios = interleave(base, head, known.rounds, rest or ["tests/benchmarks"])
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", base], check=False)
    slower = 0
    for name, values in sorted(ratios.items()):
        middle, low, high = np.exp(student(np.log(values)))
        mark = "  SLOWER" if low > TOLERANCE else ""
        slower += bool(mark)
        print(f"{name}: head/base {middle:.3f} [{low:.3f}, {high:.3f}]{mark}")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
