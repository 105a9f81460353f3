"""Benchmarks as ratios: what is stored of a run, what counts as a regression, and their page."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import report_stores as stores
from refutable.reports import benchmarks, model
from refutable.reports.writing import write

from refutable.errors import StoreError

_PLACE = Path(__file__).parents[1] / "benchmarks" / "ratios.py"
_SPEC = importlib.util.spec_from_file_location("ratios", _PLACE)
assert _SPEC is not None
assert _SPEC.loader is not None
ratios = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(ratios)


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


@pytest.mark.parametrize(
    ("peer", "large", "worse"),
    [(3.0, 4.0, 0), (2.7, 4.2, 0), (9.0, 2.0, 0), (2.0, 4.0, 1), (3.0, 8.0, 1), (1.0, 16.0, 2)],
)
def test_what_is_clearly_slower_or_steeper_is_a_regression(
    peer: float, large: float, worse: int
) -> None:
    accepted, now = ratios.records(_run()), ratios.records(_run(peer, large))
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
    assert 'href="benchmarks.html"' in (tmp_path / "out" / "index.html").read_text()


def test_a_file_that_is_no_record_is_named(tmp_path: Path) -> None:
    store = stores.many(tmp_path / "store", 1, 0)
    (store / benchmarks.FOLDER).mkdir()
    (store / benchmarks.FOLDER / "odd.json").write_text("[]")
    with pytest.raises(StoreError, match=r"odd\.json"):
        model.build(store)
