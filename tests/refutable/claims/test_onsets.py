"""What an author asks: what theory predicts may be computed, and is so only when it is sought."""

from pathlib import Path

import pytest

from refutable import Onset
from refutable.running.registry import discover


def test_a_prediction_may_be_a_number_a_function_or_nothing():
    asked = {"along": "n", "between": (1, 100)}
    assert Onset(**asked).prediction is None
    assert Onset(**asked, predicted=30.0).prediction == 30.0

    def never():
        raise AssertionError("it was called while the claim was written")

    lazy = Onset(**asked, predicted=never)
    with pytest.raises(AssertionError, match="while the claim"):
        lazy.prediction  # noqa: B018


def test_the_suite_s_predictions_are_those_of_the_page_on_onsets():
    claims = discover().claims
    found = {
        name: tuple(onset.prediction for onset in claims[name].onsets)
        for name in (
            "adaptive_data_analysis.naive-answers-fail",
            "adaptive_data_analysis.noise-slows-the-attack",
            "adaptive_smoothing.margins-decide-the-trade-off",
            "generative_augmentation.small-sample-improvement",
        )
    }
    printed = [
        f"{value:,.3g}" if value < 1 else f"{value:,.0f}" for v in found.values() for value in v
    ]
    assert printed == ["1,008", "844", "0.745", "2", "2"]
    page = (Path(__file__).parents[3] / "docs" / "onset.md").read_text()
    assert all(f"| {number} |" in page for number in printed)
