"""The sampler's exact laws against the sampler itself, and the variances that are declared."""

import numpy as np
import pytest
import scipy
from refutable.simulations.generative.sgmse import corrector, forward_paths, thirty_steps
from refutable.simulations.generative.sgmse._sampler import Sampler, drawn_outputs, output
from refutable.theory.generative.sgmse import Ouve, Speech, marginal, start_law

from refutable import Cell, Effort

SDE, SPEECH = Ouve(), Speech()


def literal(steps, snr, start, draw, t_end=0.03, noisy_end=False):
    """Run the sampler step by step, its noise being what `draw` returns."""
    times = np.linspace(1, t_end, steps)
    begun = start_law(SDE, SPEECH, start)
    x = begun.mean + np.sqrt(begun.variance) * draw()

    def score(x, t):
        law = marginal(SDE, SPEECH, t)
        return -(x - law.mean) / law.variance

    for i, t in enumerate(times):
        h = t - times[i + 1] if i + 1 < steps else t
        if snr:
            d = (snr * np.sqrt(SDE.variance(t))) ** 2 * 2
            x = x + d * score(x, t) + np.sqrt(2 * d) * draw()
        g = SDE.diffusion(t)
        clean = x - h * (SDE.stiffness * (SPEECH.noisy - x) - g**2 * score(x, t))
        x = clean + g * np.sqrt(h) * draw()
    return x if noisy_end else clean


def units(steps, snr):
    """Return a source of noise whose k-th draw is the k-th unit vector, and one of zeros."""
    count = 1 + steps * (2 if snr else 1)
    rows = iter(np.eye(count))
    return (lambda: next(rows)), (lambda: 0.0)


@pytest.mark.parametrize("snr", [0.0, 0.5])
@pytest.mark.parametrize("start", ["mixture", "noise", "exact"])
@pytest.mark.parametrize(("steps", "t_end", "noisy_end"), [(30, 0.03, False), (7, 0.01, True)])
def test_the_output_law_is_that_of_the_sampler_taken_literally(snr, start, steps, t_end, noisy_end):
    """It is affine in its noises: the mean is what no noise gives, and variances add."""
    unit, none = units(steps, snr)
    mean = literal(steps, snr, start, none, t_end, noisy_end)
    responses = literal(steps, snr, start, unit, t_end, noisy_end) - mean
    found = output(Sampler(steps, snr, t_end, noisy_end), start)
    assert found.mean == pytest.approx(float(mean), rel=1e-12)
    assert found.variance == pytest.approx(float((responses**2).sum()), rel=1e-12)


TRIAL = {  # steps: bias and standard deviation over s_0, corrector off and on
    5: (-0.0222, 1.155, -0.0224, 1.081),
    10: (-0.0121, 1.000, -0.0098, 0.980),
    15: (-0.0084, 0.987, -0.0060, 0.983),
    30: (-0.0050, 0.980, -0.0026, 0.992),
    60: (-0.0033, 0.978, -0.0012, 0.994),
    120: (-0.0025, 0.978, -0.0007, 0.992),
    1000: (-0.0018, 0.978, -0.0004, 0.985),
}


@pytest.mark.parametrize("steps", TRIAL)
def test_the_table_of_an_earlier_trial(steps):
    off, on = output(Sampler(steps)), output(Sampler(steps, 0.5))
    found = (off.mean - 1, off.sd / 0.1, on.mean - 1, on.sd / 0.1)
    np.testing.assert_allclose(found, TRIAL[steps], atol=6e-4)
    np.testing.assert_allclose(found[::2], TRIAL[steps][::2], atol=6e-5)


def test_drawn_outputs_have_the_mean_and_variance_of_the_recursion():
    n = 100_000
    x = drawn_outputs(np.random.default_rng(0), n, Sampler(10, 0.5), "noise")
    law = output(Sampler(10, 0.5), "noise")
    assert abs(x.mean() - law.mean) < 5 * law.sd / np.sqrt(n)
    assert abs(x.var() / law.variance - 1) < 5 * np.sqrt(2 / n)


@pytest.mark.parametrize("t", [0.1, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize(("per_unit", "variance", "mean"), [(500, 2e-3, 0.01), (1000, 1e-3, 5e-3)])
def test_eulers_error_is_what_is_said(t, per_unit, variance, mean):
    cell = Cell({"t": t, "per_unit": per_unit})
    v = forward_paths.TOGETHER * forward_paths.most_of_shift(cell)
    a2 = (forward_paths.TOGETHER * forward_paths.most_of_square(cell) - 2 * v**2) / (4 * v)
    assert variance / 2 < 1 - v < 1.2 * variance
    assert np.sqrt(a2) < 1.1 * mean


def test_the_variance_of_a_square_is_that_of_the_noncentral_chi_square():
    a, v = 1.5, 0.7
    exact = v**2 * scipy.stats.ncx2.var(1, a**2 / v)
    assert forward_paths.variance_of_square(a, v) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("t", [0.1, 0.5])
def test_variances_that_are_declared_of_paths_hold_in_every_world(t):
    """Within five standard errors; a mean of 64 squares has the kurtosis 3 + 12/64, or less."""
    cell, n = Cell({"t": t, "per_unit": 500}), 2000
    declared = (forward_paths.most_of_shift(cell), forward_paths.most_of_square(cell))
    own = forward_paths.paths(cell, np.random.default_rng(0), n)
    for name, most in zip(("shift", "square"), declared, strict=True):
        assert own[name].var() == pytest.approx(most, rel=5 * np.sqrt(2.2 / n))
    for control in forward_paths.PATHS.controls[1:]:
        world = forward_paths.paths(cell, np.random.default_rng(1), n, **control.change)
        most = declared[("shift", "square").index(control.judged_by)]
        assert world[control.judged_by].var() < most * (1 + 5 * np.sqrt(2.2 / n))


@pytest.mark.parametrize("step", [1.0, 0.5])
def test_the_variance_of_a_chains_average_is_that_of_its_matrix(step):
    """The iterates are a triangular matrix times independent noise; Var |x|^2 = 2 ||C||_F^2."""
    d = 2 * step * 0.5**2
    rows = [np.eye(corrector.ITERATES + 1)[0]]
    for k in range(corrector.ITERATES):
        rows.append((1 - d) * rows[-1] + np.sqrt(2 * d) * np.eye(corrector.ITERATES + 1)[k + 1])
    kept = np.array(rows)[corrector.BURN_IN + 1 :]
    exact = 2 * ((kept @ kept.T) ** 2).mean() / corrector.TOGETHER
    assert corrector.variance_of_average(0.5, step) == pytest.approx(exact, rel=1e-10)
    drawn = corrector.chain_averages(Cell({"snr": 0.5}), np.random.default_rng(2), 1000, step)[
        "square"
    ]
    assert drawn.var() == pytest.approx(exact, rel=5 * np.sqrt(2.2 / 1000))
    assert corrector.most_of_average(Cell({"snr": 0.5})) >= exact * (1 - 1e-12)


def test_what_the_burn_in_leaves_is_far_below_the_margin():
    for world in corrector.CHAINS.worlds(Effort.FULL)[0].cells:
        steps = corrector.corrector_steps(world.snr, 1.0, corrector.ITERATES)
        along = corrector.laws_along(steps, corrector.UNIT).covariance[corrector.BURN_IN + 1 :]
        right = corrector.inflation(world)
        assert abs(float(along.mean()) - right) < 0.02 * corrector.within_two_per_cent(world)


def test_the_predicted_distribution_is_that_of_the_recursion():
    cell = Cell({"steps": 30, "snr": 0.0})
    law = output(Sampler(30))
    cdf = thirty_steps.DRAWN.expect[0].functional.cdf(cell)
    middle = (law.mean - SPEECH.mean) / SPEECH.sd
    assert cdf(middle) == pytest.approx(0.5)
    assert cdf(middle + law.sd / SPEECH.sd) == pytest.approx(0.8413447, abs=1e-7)
