"""The page on costs is made of the baseline."""

import importlib.util
import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "costs.py"


@pytest.fixture(scope="module")
def costs():
    spec = importlib.util.spec_from_file_location("costs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_that_of_the_baseline(costs):
    assert costs.PAGE.read_text("utf-8") == costs.page(), "run `python docs/costs.py`"


def test_claims_of_a_paper_are_added_up_and_the_dearest_is_named(costs, tmp_path):
    entries = [("a.one", 3, 1.25), ("a.two", 4, 2.5), ("b.only", 1000, 10.0)]
    for claim, replicates, seconds in entries:
        entry = {"claim": claim, "replicates": replicates, "seconds": seconds}
        (tmp_path / f"{claim}.json").write_text(json.dumps(entry))
    rows = costs.page(tmp_path).splitlines()[-3:]
    assert rows == [
        "| `b` | 1 | 1,000 | 10.0 | `only` | 10.0 |",
        "| `a` | 2 | 7 | 3.8 | `two` | 2.5 |",
        "| all 2 | 3 | 1,007 | 14 | | |",
    ]
