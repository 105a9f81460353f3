"""The experiments on a Gaussian mean against plain loops of both algorithms and integrals."""

import math

import numpy as np
import pytest
from refutable.simulations.generative.meco import _line as line
from refutable.simulations.generative.meco import _races as races
from refutable.simulations.generative.meco import (
    descent,
    far_noise,
    inner_rate,
    landscape,
    near_noise,
    noise_variance,
)
from refutable.theory.generative import meco as theory
from scipy import integrate, special, stats

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def composed_loop(generator, size, distance, noise, iterations, batch=races.BATCH):
    """The pseudo-code for one replicate after another, in plain numbers."""
    draws = [races.batches(generator, size, distance, noise, batch) for _ in range(iterations)]
    arrived, final = np.full(size, iterations + 1), np.empty(size)
    for r in range(size):
        theta, u = 0.0, None
        for t, (data, drawn) in enumerate(draws, start=1):
            x, z = data[r], drawn[r]
            w = np.exp(-(z**2) / 2 + theta * z) / stats.norm.pdf(z, noise.mean, noise.deviation)
            u = w.mean() if u is None else 0.9 * u + 0.1 * w.mean()
            theta = min(max(theta - 0.1 * ((w * z).mean() / u - x.mean()), -20.0), 20.0)
            if abs(theta - distance) < 0.1 * distance and arrived[r] > iterations:
                arrived[r] = t
        final[r] = abs(theta - distance)
    return arrived, final


def contrastive_loop(generator, size, distance, noise, iterations, step):
    draws = [
        races.batches(generator, size, distance, noise, races.BATCH) for _ in range(iterations)
    ]
    arrived = np.full(size, iterations + 1)
    for r in range(size):
        b = c = 0.0
        for t, (data, drawn) in enumerate(draws, start=1):
            x, z = data[r], drawn[r]

            def share(y, b=b, c=c):
                p = stats.norm.pdf(y) * np.exp(b * y - c)
                return p / (p + stats.norm.pdf(y, noise.mean, noise.deviation))

            b -= step * 0.5 * ((share(z) * z).mean() - ((1 - share(x)) * x).mean())
            c -= step * 0.5 * (-share(z).mean() + (1 - share(x)).mean())
            if abs(b - distance) < 0.1 * distance and arrived[r] > iterations:
                arrived[r] = t
    return arrived


@pytest.mark.parametrize("noise", [line.Normal(2.0), line.Normal(0.0, 2.0), line.Normal()])
def test_a_race_is_that_of_the_two_plain_loops(noise):
    composed, contrastive = races.race(rng(1), 3, 2.0, noise, 80, boost=2.0)
    arrived, final = composed_loop(rng(1), 3, 2.0, noise, 80)
    assert composed.arrived.tolist() == arrived.tolist()
    assert composed.final == pytest.approx(final, rel=1e-6)
    step = 2.0 / theory.smoothness(2.0, noise.mean, noise.deviation)
    wanted = contrastive_loop(rng(1), 3, 2.0, noise, 80, step)
    assert contrastive.arrived.tolist() == wanted.tolist()
    assert min(arrived.min(), wanted.min()) <= 80


def test_batches_have_the_laws_of_data_and_noise():
    x, z = races.batches(rng(8), 100, 3.0, line.Normal(-1.0, 2.0), 400)
    assert (x.shape, z.shape) == ((100, 400), (100, 400))
    assert [x.mean(), x.std(), z.mean(), z.std()] == pytest.approx([3, 1, -1, 2], abs=0.05)


def test_the_composition_alone_runs_as_in_a_race_and_is_clipped():
    alone = races.composed_run(rng(2), 4, 4.0, line.Normal(), 150, batch=4)
    arrived, final = composed_loop(rng(2), 4, 4.0, line.Normal(), 150, 4)
    assert alone.arrived.tolist() == arrived.tolist()
    assert alone.final == pytest.approx(final, rel=1e-6)
    assert alone.final.max() == races.CLIP - 4.0


def test_near_races_report_who_arrived_first():
    cell = Cell({"distance": 3, "noise": "near"})
    found = near_noise.races(cell, rng(3), 8)
    assert found["first"].all()
    assert found["stays"].all()
    assert (found["factor"] > 1).all()
    assert not near_noise.races(cell, rng(3), 8, boost=3.0)["first"].any()
    assert not near_noise.races(cell, rng(3), 8, far=True)["stays"].any()
    assert near_noise.noise_of(Cell({"distance": 3, "noise": "wide"})) == line.Normal(0.0, 3.0)


def test_far_runs_pass_and_leave():
    found = far_noise.far_runs(Cell({"distance": 4}), rng(4), 8)
    assert found["passes"].all()
    assert not found["ends_there"].any()
    assert found["final"].min() > 0.4
    assert far_noise.far_runs(Cell({"distance": 2}), rng(4), 8, toward=1.0)["ends_there"].all()
    short = far_noise.far_runs(Cell({"distance": 4}), rng(4), 8, iterations=20)
    assert not short["passes"].any()
    early = far_noise.far_runs(Cell({"distance": 1}), rng(4), 8, iterations=8)
    assert early["final"].min() > 0.2


def test_descent_on_nce_is_that_of_plain_quadrature():
    x = np.linspace(-9, 17, 521)
    p, q, dx = stats.norm.pdf(x, 2), stats.norm.pdf(x), x[1] - x[0]
    b = c = 0.0
    step = 8 / np.linalg.eigvalsh([[6.0, -2.0], [-2.0, 2.0]])[-1]
    for taken in range(1, 100):  # noqa: B007
        s = special.expit(b * x - c)
        force = 0.5 * (q * s - p * (1 - s)) * dx
        b, c = b - step * (force * x).sum(), c + step * force.sum()
        if abs(b - 2) < 0.2 and abs(c - 2) < 0.4:
            break
    assert line.contrastive_steps(2, line.Normal()) == taken == 42


def test_neither_descent_goes_on_for_ever():
    with pytest.raises(RuntimeError, match="no arrival within 5 steps"):
        line.contrastive_steps(2, line.Normal(), 5)
    with pytest.raises(RuntimeError, match="no arrival within 5 steps"):
        line.composed_steps(2, line.Normal(), 0.1, 5)


def test_descents_measure_in_time_constants_and_differences():
    found = descent.descents(Cell({"distance": 2}))
    assert math.exp(found["log_steps"]) == pytest.approx(42)
    assert found["growth"] == pytest.approx(math.log(42 / 7))
    assert found["composed_steps"] == 22
    x = np.linspace(-12, 14, 4001)
    p, q = stats.norm.pdf(x, 2), stats.norm.pdf(x)
    rows = np.stack([x, -np.ones_like(x)])
    hessian = (rows * (0.5 * p * q / (p + q) * (x[1] - x[0]))) @ rows.T
    wanted = theory.smoothness(2) / np.linalg.eigvalsh(hessian)[0]
    assert descent._time_constant(2) == pytest.approx(wanted)


def test_the_composed_landscape_is_the_likelihood_until_its_noise_is_cut():
    found = landscape.composed_landscape(Cell({"noise": "wide"}))
    assert max(found["gradient_error"], found["constant_error"]) < 1e-10
    assert found["curvature"] == pytest.approx(np.ones(17), abs=1e-8)
    wider = landscape.composed_landscape(Cell({"noise": "Laplace"}), variance=1.5)
    assert wider["curvature"] == pytest.approx(np.full(17, 1.5), abs=1e-8)
    cut = landscape.composed_landscape(Cell({"noise": "wide"}), reach=8.0)
    kept = stats.norm.cdf(8, 6) / (stats.norm.cdf(2) - stats.norm.cdf(-2))
    assert cut["constant_error"] == pytest.approx(
        max(abs(math.log(kept)), abs(math.log(1 / (1 - 2 * stats.norm.sf(2))))), abs=1e-3
    )


def test_the_landscape_of_nce_has_the_values_of_a_trial():
    """From a separate program, with the weight in closed form and the Hessian formed."""
    for distance, least in ((2, 0.028443), (6, 1.90793e-5), (10, 7.14173e-10)):
        found = landscape.contrastive_landscape(Cell({"distance": distance}))
        assert math.exp(found["log_least"]) == pytest.approx(least, rel=2e-5, abs=0)
        ratio = least / theory.flattest_limit(distance)
        assert found["exponent"] == pytest.approx(0.125 - math.log(ratio) / distance**2, abs=1e-6)


def test_log_mean_squares_are_integrals():
    cell = Cell({"gap": 1.5, "variance": 0.8})

    def term(x):
        return np.exp(2 * stats.norm.logpdf(x, 1.5) - stats.norm.logpdf(x, 0, math.sqrt(0.8)))

    wanted = math.log(integrate.quad(term, -30, 40, points=[0, 4])[0])
    assert noise_variance.inner_moment(cell)["log_square"] == pytest.approx(wanted, abs=1e-8)
    nearer = noise_variance.inner_moment(cell, shift=0.5)["log_square"]
    assert nearer == pytest.approx(math.log(theory.second_moment(1.0, 0.8)))
    growth = noise_variance.cut_moment(Cell({"variance": 0.4}))["growth"]
    erfi = [special.erfi(0.5 * cut) for cut in (30.0, 50.0)]
    assert growth == pytest.approx(math.log(erfi[1] / erfi[0]) / 1600, abs=1e-3)


def test_drawn_squares_are_those_of_the_ratio_of_densities():
    found = noise_variance.drawn_squares(Cell({"gap": 0.7}), rng(5), 3)["square"]
    z = rng(5).standard_normal((3, noise_variance.DRAWS))
    assert found == pytest.approx(((stats.norm.pdf(z, 0.7) / stats.norm.pdf(z)) ** 2).mean(axis=1))


def test_errors_of_the_constant_are_those_of_the_mean_ratio():
    found = inner_rate.constant_errors(Cell({"variance": 0.5}), rng(6), 2, shift=0.25)["error"]
    generator, deviation = rng(6), math.sqrt(0.75)
    for place, n in enumerate(inner_rate.SIZES):
        z = deviation * generator.standard_normal((2, inner_rate.BATCHES, n))
        ratio = stats.norm.pdf(z) / stats.norm.pdf(z, 0, deviation)
        wanted = np.median(np.abs(ratio.mean(axis=-1) - 1), axis=-1)
        assert found[:, place] == pytest.approx(wanted)
