"""The shared sums of the ambient diffusion experiments, against samples drawn one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from refutable.simulations.generative.ambient_diffusion import (
    _moments,
    dimension,
    least_favourable,
    mix,
    price,
    worst_case,
)
from refutable.solvers.moment_method import denoised_moments
from refutable.theory.generative.ambient_diffusion import two_atoms

from refutable import Cell


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


class Recorded:
    """A generator that keeps what it drew."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def standard_normal(self, shape: tuple[int, int]) -> np.ndarray:
        self.z = self.rng.standard_normal(shape)
        return self.z

    def binomial(self, *arguments: object) -> np.ndarray:
        self.plus = self.rng.binomial(*arguments)
        return self.plus


@pytest.mark.parametrize(("e", "noise"), [(0.4, 1.0), (1.5, 0.5), (0.7, 2.0)])
def test_six_sums_give_the_moments_of_the_samples(
    e: float, noise: float, rng: np.random.Generator
) -> None:
    recorded = Recorded(rng)
    sums = _moments.draw(recorded, 3, 4, 50)  # type: ignore[arg-type]
    signs = np.where(np.arange(50) < recorded.plus[:, None], 1.0, -1.0)
    x = (e * signs + noise * recorded.z).reshape(3, 4, 50)
    assert sums.moments(e, noise) == pytest.approx(denoised_moments(x, noise, 3))
    pairs = denoised_moments(x.reshape(3, 2, 100), noise, 3)
    assert sums.merged(2).moments(e, noise) == pytest.approx(pairs)
    assert sums.merged(3).moments(e, noise).shape == (3, 1, 3)
    assert sums[1:3].moments(e, noise) == pytest.approx(denoised_moments(x[:, 1:3], noise, 3))


def test_signs_are_fair_and_independent_of_the_noise(rng: np.random.Generator) -> None:
    sums = _moments.draw(rng, 4000, 1, 200)
    scale = math.sqrt(200 * 4000)
    deviations = np.array([1.0, 1.0, math.sqrt(2.0)])
    assert (np.abs(sums.odd[:, 0].mean(axis=0)) * scale < 4.5 * deviations).all()
    assert 200 * sums.odd[:, 0].var(axis=0) == pytest.approx(deviations**2, rel=0.12)
    assert 200 * sums.even[:, 0].var(axis=0) == pytest.approx([1, 2, 6], rel=0.12)


@pytest.mark.parametrize("power", [0.0, 2.0])
def test_a_mix_is_weighted_as_the_solver_does(power: float, rng: np.random.Generator) -> None:
    x, noise = rng.standard_normal((5, 30)), np.array([1.0] * 10 + [2.5] * 20)
    clean, noisy = denoised_moments(x[:, :10], 1.0, 3), denoised_moments(x[:, 10:], 2.5, 3)
    expected = denoised_moments(x, noise, 3, discounted=power > 0)
    assert _moments.discounted(clean, noisy, (10, 20), 2.5, power) == pytest.approx(expected)


def test_losses_are_cut_off_at_the_radius() -> None:
    far = np.array([[2.0, 4.0, 8.0], [0.0, 0.04, 0.0]])
    assert _moments.loss(far, 0.2) == pytest.approx([2.0, 0.0])
    assert _moments.cut_loss(far, 0.2) == pytest.approx([1.0, 0.0])


def test_a_ladder_has_the_risk_of_normal_moments_at_each_size(rng: np.random.Generator) -> None:
    found = worst_case.ladders(Cell({"first": 3000}), rng, 60)
    c, _ = two_atoms.least_favourable()
    for i, step in enumerate(worst_case.STEPS):
        n = 3000 * step
        for name, e, noise in (("worst", c * n ** (-1 / 6), 1.0), ("apart", 1.5, 0.5)):
            losses = found[name][:, i]
            error = 4.5 * losses.std() / math.sqrt(len(losses))
            assert losses.mean() == pytest.approx(two_atoms.risk(n, e, noise), abs=error)
    assert not found["beyond"].any()


def test_what_is_cut_off_is_told(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    monkeypatch.setitem(worst_case.CUT, "worst", 0.5)
    cell = Cell({"first": 3000})
    found = worst_case.ladders(cell, rng, 8)
    bound = worst_case._most("worst")(cell)
    assert bound == pytest.approx(0.5 * np.array([3000, 9000, 27_000]) ** (-1 / 6))
    assert found["beyond"].all()
    assert (found["worst"] <= bound).all()


@pytest.mark.parametrize("noise", [1.5, 2.0])
def test_sizes_of_the_prices(noise: float) -> None:
    for power in (0.0, 2.0, 4.0, 6.0):
        exact = 2000 * noise**power
        assert exact - 125 < 125 * price.units(noise, power) <= exact


def test_prices_and_mixes_have_the_risks_of_normal_moments(rng: np.random.Generator) -> None:
    e, s = 0.5, 1.5
    cell = Cell({"separation": e, "noise": s})
    found = price.priced(cell, rng, 150)
    base = two_atoms.risk(2000, e)
    expected = {
        "clean_minus_priced": base - two_atoms.risk(22_750, e, s),
        "s4_minus_clean": two_atoms.risk(10_125, e, s) - base,
        "s2_minus_clean": two_atoms.risk(4500, e, s) - base,
    }
    for name, value in expected.items():
        error = 4.5 * found[name].std() / math.sqrt(150)
        assert found[name].mean() == pytest.approx(value, abs=error)
    mixed = mix.mixtures(cell, rng, 1000)
    gap = two_atoms.risk(4000, e, s) - two_atoms.risk(400, e)
    difference = mixed["noisy_minus_mix"] - mixed["tenth_minus_mix"]
    assert difference.mean() == pytest.approx(gap, abs=4.5 * difference.std() / math.sqrt(1000))


def test_a_mix_without_noise_is_all_clean_data(rng: np.random.Generator) -> None:
    found = mix.mixtures(Cell({"separation": 0.5, "noise": 1.0}), rng, 20)
    assert found["mix_minus_clean"] == pytest.approx(np.zeros(20), abs=1e-12)


def test_wishart_has_the_moments_of_sums_of_squares(rng: np.random.Generator) -> None:
    """``E W = n I`` and ``E W^2 = n (n + d + 1) I``; and the mean eigenvalues of samples."""
    d, n = 4, 7
    drawn = dimension.wishart(rng, 20_000, d, n)
    assert drawn.mean(axis=0) == pytest.approx(n * np.eye(d), abs=0.15)
    assert (drawn @ drawn).mean(axis=0) == pytest.approx(n * (n + d + 1) * np.eye(d), abs=3.0)
    x = rng.standard_normal((20_000, n, d))
    direct = np.linalg.eigvalsh(np.swapaxes(x, 1, 2) @ x).mean(axis=0)
    assert np.linalg.eigvalsh(drawn).mean(axis=0) == pytest.approx(direct, rel=0.03)


def test_the_norm_is_that_of_samples(rng: np.random.Generator) -> None:
    cell = Cell({"share": 0.5, "noise": 1.5, "d": 60})
    counts, noises = dimension.groups(cell)
    assert counts == (10_000, 10_000)
    level = np.repeat(noises, counts)
    x = rng.standard_normal((20_000, 60)) * level[:, None]
    weights = level**-4.0
    matrix = (x.T * weights) @ x - (weights * level**2).sum() * np.eye(60)
    norm = np.abs(np.linalg.eigvalsh(matrix / weights.sum())).max()
    drawn = dimension.spectral_noise(cell, rng, 40)["norm"]
    assert drawn.min() * 0.97 < norm < drawn.max() * 1.03


def test_a_wrong_noise_level_enters_the_polynomials(rng: np.random.Generator) -> None:
    recorded = Recorded(rng)
    cell = Cell({"n": 300, "c": 1.3})
    found = least_favourable.separations(cell, recorded, 20, assumed=0.9)  # type: ignore[arg-type]
    e = 1.3 * 300 ** (-1 / 6)
    signs = np.where(np.arange(300) < recorded.plus[:, None], 1.0, -1.0)
    moments = denoised_moments(e * signs + recorded.z, 0.9, 3)
    assert found["loss"] == pytest.approx(_moments.cut_loss(moments, e))
