"""How long reports take; compared only within one process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import report_stores as stores
from refutable.reports import figures, formulas, model, pdf
from turns import Beside

from refutable import reports


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> model.Model:
    return model.build(stores.many(tmp_path_factory.mktemp("bench") / "store", 150, 20))


def test_pdf_of_150_claims_besides_figures(benchmark: Any, built: model.Model) -> None:
    math = formulas.mathml(claim["formula"] for claim in built["claims"])
    benchmark.pedantic(pdf.pdf, (built, {}, math), rounds=3, warmup_rounds=1)


def test_model_of_150_claims(benchmark: Any, tmp_path: Path) -> None:
    store = stores.many(tmp_path / "store", 150, 20)
    benchmark.pedantic(model.build, (store,), rounds=3)


def test_figures(benchmark: Any, built: model.Model) -> None:
    drawn = built["claims"][:10]
    benchmark.pedantic(figures.draw_all, (drawn, lambda text: None), rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="60 formulas as MathML")
def test_formulas_in_one_document_beat_one_by_one(beside: Beside, built: model.Model) -> None:
    sources = [claim["formula"] for claim in built["claims"][:60]]

    def alone() -> list[object]:
        return [formulas.mathml([source]) for source in sources]

    assert beside("one document each", lambda: formulas.mathml(sources), alone, turns=3) > 2


@pytest.mark.slow
def test_300_claims_and_100_figures(benchmark: Any, tmp_path: Path) -> None:
    store = stores.many(tmp_path / "store", 300, 100)
    benchmark.pedantic(reports.write, (store, tmp_path / "out"), rounds=1)
