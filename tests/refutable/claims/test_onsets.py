"""What an author asks: what theory predicts may be computed, and is so only when it is sought."""

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
    assert [round(value, 3) for pair in found.values() for value in pair] == [
        *(1001.777, 842.671, 0.745, 3, 2)
    ]
