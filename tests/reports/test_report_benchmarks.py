"""Benchmarks as ratios: what is stored of a run, what counts as a regression, and their page."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import ratios
import report_stores as stores
import turns
from refutable.reports import benchmarks, model
from refutable.reports.writing import write
from scipy import stats

from refutable.errors import StoreError


def _bench(name: str, median: float, params: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return {
        "fullname": f"tests/benchmarks/test_bench_halfspace.py::{name}",
        "name": name,
        "group": "fit",
        "params": params,
        "extra_info": {},
        "stats": {"median": median, "iqr": 0.02 * median, "rounds": 25},
        **more,
    }


def _run(peer: float = 3.0, large: float = 4.0) -> dict[str, Any]:
    return {
        "datetime": "2026-11-29T12:00:00",
        "benchmarks": [
            _bench("test_peers[ours]", 1.0, {"peer": "ours"}, group="peers"),
            _bench("test_peers[svc]", peer, {"peer": "svc"}, group="peers"),
            _bench("test_fit[20]", 1.0, {"n": 20}),
            _bench("test_fit[80]", large, {"n": 80}),
            _bench("test_engine", 1.0, None, group=None, extra_info={"ours_ms": 0.4}),
        ],
    }


class Clock:
    """Stands still but for calls, which say how long they take."""

    def __init__(self) -> None:
        self.now, self.called = 0.0, ""

    def __call__(self) -> float:
        return self.now

    def work(self, *seconds: float, name: str = "") -> Callable[[], None]:
        """Return a call that takes these seconds in turn, over and over."""
        taken = itertools.cycle(seconds)

        def call() -> None:
            self.now += next(taken)
            self.called += name

        return call


def _fixture(name: str, group: str | None = "fit", taken: set[Any] | None = None) -> turns.Recorder:
    file, param = "tests/benchmarks/test_bench_halfspace.py", name.partition("[")[2][:-1]
    bench = SimpleNamespace(
        fullname=f"{file}::{name}", name=name, group=group, param=param or None, extra_info={}
    )
    uses = iter((True,))  # a benchmark can be used once

    def pedantic(call: Callable[[], object], **how: Any) -> None:
        assert next(uses, False)
        call()

    bench.pedantic = pedantic
    return turns.Recorder(bench, set() if taken is None else taken)


def _measured(recorder: turns.Recorder) -> dict[str, Any]:
    """Return what the run of a benchmark says that used the fixtures."""
    bench = recorder.benchmark
    kept = json.loads(json.dumps(bench.extra_info))
    return _bench(bench.name, 1.0, None, group=bench.group, extra_info=kept)


def _run_in_turns(peer: float = 3.0, large: float = 4.0) -> dict[str, Any]:
    clock, fits = Clock(), _fixture("test_faster")
    turns.Beside(fits)("svc", clock.work(1), clock.work(peer), turns=5, clock=clock)
    turns.Growth(fits)("n", {20: clock.work(1), 80: clock.work(large)}, turns=5, clock=clock)
    return {"datetime": "2026-11-29T12:00:00", "benchmarks": [_measured(fits)]}


def test_what_was_timed_in_turns_becomes_the_same_rows() -> None:
    (alone,), (record,) = (ratios.records(run()).values() for run in (_run, _run_in_turns))
    (peer,), (growth,) = record["peers"], record["growth"]
    assert peer == {
        "group": "fit", "ours": "ours", "peer": "svc", "ratio": 3.0, "interval": [3.0, 3.0],
        "rounds": 5,
    }  # fmt: skip
    assert growth == {
        "group": "fit", "parameter": "n", "sizes": [20, 80], "slope": 1.0, "interval": [1.0, 1.0]
    }  # fmt: skip
    assert [row.keys() for row in (peer, growth)] == [
        alone[kind][0].keys() for kind in ("peers", "growth")
    ]
    assert record["stated"] == []


def test_rows_of_several_cases_and_slopes_are_told_apart() -> None:
    clock = Clock()
    both, alone = _fixture("test_grids[full-4]"), _fixture("test_grids[diag-4]")
    turns.Beside(alone)("svc", clock.work(1), clock.work(2), clock=clock)
    for of in ("dense", "Kronecker"):
        turns.Growth(both)("side", {2: clock.work(1), 4: clock.work(8)}, of=of, clock=clock)
    for peer in ("svc", "logistic"):
        turns.Beside(both)(peer, clock.work(1), clock.work(2), clock=clock)
    benches = [_measured(both), _measured(alone)]
    (record,) = ratios.records({"benchmarks": benches}).values()
    groups = [row["group"] for row in record["growth"]]
    assert groups == ["fit, full-4, dense", "fit, full-4, Kronecker"]
    names = [(row["ours"], row["peer"]) for row in record["peers"]]
    assert names == [("full-4", "svc"), ("full-4", "logistic"), ("diag-4", "svc")]


def test_two_rows_by_the_same_names_are_refused() -> None:
    taken: set[Any] = set()
    first, second = (_fixture(f"test_{name}", "fit", taken) for name in "ab")
    other = _fixture("test_c", "other", taken)
    for recorder in (first, other):
        turns.Beside(recorder).measured("svc", lambda: 1.0, lambda: 3.0)
    with pytest.raises(ValueError, match="'svc' is recorded twice in 'fit'"):
        turns.Beside(second).measured("svc", lambda: 1.0, lambda: 3.0)


def test_the_interval_is_students_on_the_logarithms_of_the_turns() -> None:
    clock, recorder = Clock(), _fixture("test_a")
    ratio = turns.Beside(recorder)("svc", clock.work(1), clock.work(2, 5), turns=4, clock=clock)
    logs = np.log([2, 5, 2, 5])
    (row,) = recorder.benchmark.extra_info[turns.BESIDE]
    assert row["ratio"] == ratio == pytest.approx(stats.gmean([2, 5, 2, 5]))
    ends = stats.ttest_1samp(logs, 0).confidence_interval(0.95)
    assert row["interval"] == pytest.approx(np.exp([ends.low, ends.high]))
    slope = turns.Growth(recorder)(
        "n", {1: clock.work(1), 10: clock.work(10, 100)}, turns=4, clock=clock
    )
    (row,) = recorder.benchmark.extra_info[turns.GROWTH]
    assert row["slope"] == slope == pytest.approx(1.5)
    ends = stats.ttest_1samp([1, 2, 1, 2], 0).confidence_interval(0.95)
    assert row["interval"] == pytest.approx([ends.low, ends.high])


def test_a_single_turn_has_no_interval() -> None:
    recorder = _fixture("test_a")
    assert turns.Beside(recorder).measured("svc", lambda: 1.0, lambda: 3.0, 1) == pytest.approx(3)
    (row,) = recorder.benchmark.extra_info[turns.BESIDE]
    assert row["interval"] is None
    run = {"benchmarks": [_measured(recorder)]}
    assert ratios.records(run)["halfspace"]["peers"][0]["interval"] is None


def test_sides_take_turns_and_are_compared_per_unit_of_work() -> None:
    clock, recorder = Clock(), _fixture("test_a")
    ours, theirs = clock.work(64, name="a"), clock.work(18, name="b")
    ratio = turns.Beside(recorder)("svc", ours, theirs, work=(64, 6), turns=3, clock=clock)
    assert ratio == pytest.approx(3)
    assert clock.called == "aabbaabbaab"  # warm and tried, listed, three turns


def test_short_calls_are_repeated_until_the_clock_can_tell() -> None:
    clock = Clock()
    side = turns.PerCall(clock.work(0.003, name="a"), clock)
    assert side() == pytest.approx(0.003)
    assert len(clock.called) == 2 + 7  # 0.02 / 0.003
    assert turns.PerCall(lambda: None, clock).number == turns.MOST


def test_a_file_without_rows_is_not_stored(tmp_path: Path) -> None:
    run = {"benchmarks": [_bench("test_seconds_alone", 1.0, None, group=None)]}
    assert ratios.records(run) == {}
    assert ratios.store(run, tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_every_accepted_file_has_rows() -> None:
    accepted = ratios.read(Path(__file__).parents[2] / ratios.FOLDER)
    assert accepted
    kinds = ("peers", "growth", "stated")
    assert [name for name, one in accepted.items() if not any(one[kind] for kind in kinds)] == []


def test_a_run_becomes_ratios_slopes_and_what_was_stated() -> None:
    (record,) = ratios.records(_run()).values()
    (peer,) = record["peers"]
    assert (peer["ours"], peer["peer"], peer["ratio"]) == ("ours", "svc", 3.0)
    assert peer["interval"][0] < 3 < peer["interval"][1]
    (growth,) = record["growth"]
    assert (growth["parameter"], growth["sizes"], growth["slope"]) == ("n", [20, 80], 1.0)
    assert record["stated"] == [{"group": "engine", "of": "engine", "values": {"ours_ms": 0.4}}]
    assert (record["date"], record["command"]) == ("2026-11-29", "nox -s bench")


def test_one_round_has_no_interval() -> None:
    run = _run()
    run["benchmarks"][1]["stats"]["rounds"] = 1
    assert ratios.records(run)["halfspace"]["peers"][0]["interval"] is None


@pytest.mark.parametrize("run", [_run, _run_in_turns])
@pytest.mark.parametrize(
    ("peer", "large", "worse"),
    [(3.0, 4.0, 0), (2.7, 4.2, 0), (9.0, 2.0, 0), (2.0, 4.0, 1), (3.0, 8.0, 1), (1.0, 16.0, 2)],
)
def test_what_is_clearly_slower_or_steeper_is_a_regression(
    run: Callable[..., dict[str, Any]], peer: float, large: float, worse: int
) -> None:
    accepted, now = ratios.records(run()), ratios.records(run(peer, large))
    assert len(ratios.regressions(accepted, now)) == worse


def test_stored_ratios_are_the_accepted_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(what: str, run: dict[str, Any]) -> int:
        (tmp_path / "run.json").write_text(json.dumps(run))
        folder = str(tmp_path / "kept")
        arguments = ["ratios.py", what, str(tmp_path / "run.json"), "--folder", folder]
        monkeypatch.setattr("sys.argv", arguments)
        return int(ratios.main())

    with pytest.raises(SystemExit, match="nox -s bench"):
        told("compare", _run())
    assert told("store", _run()) == 0
    assert told("compare", _run()) == 0
    assert told("compare", _run(peer=1.5)) == 1
    assert "svc took 3 times as long as ours, and takes 1.5" in capsys.readouterr().out


def test_the_report_has_a_page_of_them(tmp_path: Path) -> None:
    store = stores.many(tmp_path / "store", 1, 0)
    write(store, tmp_path / "none", ("html",))
    assert not (tmp_path / "none" / "benchmarks.html").exists()
    ratios.store(_run(), store / benchmarks.FOLDER)
    write(store, tmp_path / "out", ("html",))
    page = (tmp_path / "out" / "benchmarks.html").read_text()
    assert "nox -s bench on 2026-11-29" in page
    assert "svc" in page
    assert "ours_ms 0.4" in page
    ratios.store(_run_in_turns(), store / benchmarks.FOLDER)
    write(store, tmp_path / "turns", ("html",))
    page = re.sub(r"\s+|<[^>]*>", " ", (tmp_path / "turns" / "benchmarks.html").read_text())
    assert "fit ours svc 3 [3, 3] 5" in re.sub(" +", " ", page)
    assert 'href="benchmarks.html"' in (tmp_path / "out" / "index.html").read_text()


def test_a_file_that_is_no_record_is_named(tmp_path: Path) -> None:
    store = stores.many(tmp_path / "store", 1, 0)
    (store / benchmarks.FOLDER).mkdir()
    (store / benchmarks.FOLDER / "odd.json").write_text("[]")
    with pytest.raises(StoreError, match=r"odd\.json"):
        model.build(store)
