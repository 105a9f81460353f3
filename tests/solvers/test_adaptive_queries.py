"""Mechanisms and analysts against plain loops, closed forms and each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers import adaptive_queries as aq
from refutable.theory.learning import adaptive_data_analysis as theory


def plain_multiplicative_weights(sample, values, threshold, noise, rate):
    """One query at a time, one run, as on paper."""
    x = np.full(len(sample), 1 / len(sample))
    answers, updates = [], 0
    for f, z in zip(values.T, noise, strict=True):
        a = f @ sample + z
        if abs(a - f @ x) <= threshold:
            answers.append(f @ x)
            continue
        answers.append(a)
        x = x * np.exp(rate * np.sign(a - f @ x) * f)
        x /= x.sum()
        updates += 1
    return np.array(answers), updates


class TestMultiplicativeWeights:
    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 10**6), st.sampled_from([0.0, 0.05, 0.1, 0.3]), st.integers(1, 9))
    def test_blocks_equal_one_query_at_a_time(self, seed, threshold, block):
        rng = np.random.default_rng(seed)
        runs, points, m = 3, 12, 18
        sample = rng.dirichlet(np.ones(points), runs)
        values = rng.random((runs, points, m))
        mechanism = aq.MultiplicativeWeights(sample, threshold, 0.0, 0.3, rng)
        parts = [mechanism.answer(values[:, :, i : i + block]) for i in range(0, m, block)]
        answers = np.concatenate(parts, axis=1)
        for run in range(runs):
            expected, updates = plain_multiplicative_weights(
                sample[run], values[run], threshold, np.zeros(m), 0.3
            )
            np.testing.assert_allclose(answers[run], expected, atol=1e-5)
            assert mechanism.updates[run] == updates

    def test_stays_a_distribution(self):
        rng = np.random.default_rng(0)
        mechanism = aq.MultiplicativeWeights(rng.dirichlet(np.ones(9), 4), 0.0, 0.1, 0.5, rng)
        mechanism.answer(rng.random((4, 9, 30)))
        np.testing.assert_allclose(mechanism.hypothesis.sum(axis=1), 1)
        assert (mechanism.updates == 30).all()

    def test_answers_within_threshold_and_noise(self):
        rng = np.random.default_rng(0)
        sample = rng.dirichlet(np.ones(50), 5)
        values = rng.integers(0, 2, (5, 50, 40)).astype(float)
        answers = aq.MultiplicativeWeights(sample, 0.1, 0.0, 0.1, rng).answer(values)
        means = np.einsum("rp,rpb->rb", sample, values)
        assert np.abs(answers - means).max() <= 0.1 + 1e-6


class TestSimpleMechanisms:
    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 30), st.integers(1, 6))
    def test_exact_answers_are_means(self, seed, runs, n, b):
        values = np.random.default_rng(seed).random((runs, n, b))
        np.testing.assert_allclose(aq.ExactAnswers().answer(values), values.mean(axis=1))
        uniform = np.full((runs, n), 1 / n)
        np.testing.assert_allclose(aq.ExactAnswers(uniform).answer(values), values.mean(axis=1))

    def test_gaussian_noise_has_its_scale(self):
        values = np.zeros((200, 3, 50))
        answers = aq.GaussianAnswers(0.3, np.random.default_rng(0)).answer(values)
        assert answers.std() == pytest.approx(0.3, rel=0.05)

    def test_split_uses_each_part_once(self):
        values = np.arange(12, dtype=float).reshape(1, 12, 1).repeat(4, axis=2)
        split = aq.SplitAnswers(4)
        first, second = split.answer(values[:, :, :1]), split.answer(values[:, :, :3])
        assert first.tolist() == [[1.0]]
        assert second.tolist() == [[4.0, 7.0, 10.0]]
        with pytest.raises(ValueError, match="used up"):
            split.answer(values[:, :, :1])

    def test_thresholdout_between_its_extremes(self):
        rng = np.random.default_rng(0)
        values = rng.random((3, 20, 5))
        train, holdout = values[:, :8].mean(axis=1), values[:, 8:].mean(axis=1)
        never = aq.Thresholdout(8, np.inf, 0.1, rng)
        always = aq.Thresholdout(8, 0.0, 0.0, rng)
        np.testing.assert_allclose(never.answer(values), train)
        np.testing.assert_allclose(always.answer(values), holdout)
        assert (never.spent, always.spent) == (0, 15)


class TestMajorityAttack:
    @pytest.mark.parametrize(("n", "k", "s"), [(21, 11, 0.0), (50, 25, 0.0), (40, 81, 0.1)])
    def test_bias_is_the_exact_one(self, n, k, s):
        rng = np.random.default_rng(0)
        attack = aq.MajorityAttack(rng, 6000, n, k)
        aq.interact(attack, aq.GaussianAnswers(s, rng))
        error = 4 * attack.final_mean.std() / np.sqrt(6000)
        assert attack.final_mean.mean() == pytest.approx(
            theory.final_mean_exact(n, k, s), abs=error
        )

    def test_no_bias_without_adaptivity(self):
        rng = np.random.default_rng(0)
        attack = aq.MajorityAttack(rng, 4000, 100, 51, adaptive=False)
        aq.interact(attack, aq.ExactAnswers())
        assert attack.final_mean.mean() == pytest.approx(0.5, abs=0.005)

    def test_blocks_do_not_matter_in_law(self):
        means = []
        for block in (1, 7, 64):
            rng = np.random.default_rng(block)
            attack = aq.MajorityAttack(rng, 4000, 60, 31, block=block)
            transcript = aq.interact(attack, aq.ExactAnswers())
            means.append(attack.final_mean.mean())
            assert transcript.answers.shape == (4000, 32)
            np.testing.assert_allclose(transcript.answers[:, -1], attack.final_mean)
        assert np.ptp(means) < 0.006

    def test_majority_mean_counts_ties_half(self):
        attack = aq.MajorityAttack(np.random.default_rng(0), 3, 10, 5)
        assert attack.majority_mean.tolist() == [0.5] * 3


class TestUniverseAttack:
    def test_truths_and_the_median_split(self):
        rng = np.random.default_rng(0)
        population = rng.dirichlet(np.ones(200), 4)
        sample = rng.multinomial(100, population) / 100
        transcript = aq.interact(
            aq.UniverseAttack(rng, population, 60, block=7), aq.ExactAnswers(sample)
        )
        assert transcript.truth.shape == (4, 61)
        assert (np.abs(transcript.truth[:, -1] - 0.5) < 0.1).all()
        assert (transcript.errors[:, -1] > transcript.errors[:, :-1].mean(axis=1)).all()


class TestFeatureSelection:
    def test_naive_report_is_the_predicted_one(self):
        rng = np.random.default_rng(0)
        game = aq.FeatureSelection(rng, 60, 400, 400, 300)
        told = aq.interact(game, aq.Thresholdout(400, 0.0, 0.0, rng))
        assert told.answers.shape == (60, 401)
        assert told.answers[:, -1].mean() == pytest.approx(
            theory.naive_holdout_accuracy(400, 400, 300), abs=0.02
        )
        assert (told.truth[:, -1] == 0.5).all()

    def test_informative_features_are_worth_something(self):
        rng = np.random.default_rng(0)
        game = aq.FeatureSelection(rng, 10, 400, 200, 50, informative=20, shift=0.3)
        told = aq.interact(game, aq.Thresholdout(400, 0.0, 0.0, rng))
        assert (told.truth[:, -1] > 0.7).all()
        assert (game.train_accuracy > 0.7).all()

    def test_nothing_selected_is_a_coin(self):
        class Silent:
            def answer(self, values):
                return np.zeros((values.shape[0], values.shape[2]))

        game = aq.FeatureSelection(np.random.default_rng(0), 2, 50, 10, 5)
        told = aq.interact(game, Silent())
        assert (told.truth[:, -1] == 0.5).all()
        assert game.train_accuracy.tolist() == [0.5, 0.5]


RNG = np.random.default_rng(0)
HALVES = [[0.5, 0.5]]
BAD = {
    "even": (lambda: aq.MajorityAttack(RNG, 1, 10, 4), r"^k\b"),
    "no runs": (lambda: aq.MajorityAttack(RNG, 0, 10, 3), r"^runs\b"),
    "two axes": (lambda: aq.ExactAnswers().answer(np.ones((2, 3))), r"\(runs, points, b\)"),
    "empty": (lambda: aq.ExactAnswers().answer(np.ones((2, 0, 1))), "^values has shape.*non-empty"),
    "not a law": (lambda: aq.ExactAnswers([[0.5, 0.6]]), "sum to 1"),
    "negative": (lambda: aq.ExactAnswers([[1.5, -0.5]]), "at least 0"),
    "flat law": (lambda: aq.UniverseAttack(RNG, [0.5, 0.5], 3), "^population has 1 axes"),
    "runs": (lambda: aq.ExactAnswers(HALVES).answer(np.ones((2, 2, 1))), "1 runs"),
    "points": (lambda: aq.ExactAnswers(HALVES).answer(np.ones((1, 3, 1))), "2 points"),
    "scale": (lambda: aq.GaussianAnswers(-1, RNG), r"^scale\b"),
    "nan": (lambda: aq.GaussianAnswers(np.nan, RNG), r"^scale\b"),
    "parts": (lambda: aq.SplitAnswers(0), r"^parts\b"),
    "points of parts": (lambda: aq.SplitAnswers(4).answer(np.ones((1, 3, 1))), "at least parts=4"),
    "threshold": (lambda: aq.Thresholdout(3, -1, 0, RNG), "threshold"),
    "no holdout": (lambda: aq.Thresholdout(3, 0, 0, RNG).answer(np.ones((1, 3, 1))), "n_train=3"),
    "rate": (lambda: aq.MultiplicativeWeights(HALVES, 0.1, 0.1, -1, RNG), "rate"),
    "truth": (lambda: aq.Queries(np.ones((2, 3, 4)), np.ones((2, 3))), r"^truth\b"),
    "values": (lambda: aq.Queries(np.ones((2, 3)), np.ones((2, 3))), r"^values\b"),
    "features": (lambda: aq.FeatureSelection(RNG, 1, 10, 5, 0), r"^k\b"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    call, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_silent_analyst_is_refused():
    class Silent:
        def ask(self):
            return None

        def hear(self, answers):
            raise AssertionError

    with pytest.raises(ValueError, match="at least one query"):
        aq.interact(Silent(), aq.ExactAnswers())
