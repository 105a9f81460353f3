"""Losses against a plain loop; the polynomial system against its definition and known solutions."""

import itertools
import math

import numpy as np
import pytest
import sympy
from refutable.theory.experts.softmax_gmoe import atoms, losses, splits
from refutable.theory.experts.softmax_gmoe import polynomial_system as system
from scipy.stats import halfnorm

from refutable.claims.symbolic import vanishes


def loop_loss(fitted, truth, over):
    """D_1 or D_2 of one fit, written out atom by atom."""
    fields = ("b1", "a", "c", "v")
    cells = []
    for i in range(len(fitted.b0)):
        distance = [
            sum((getattr(fitted, f)[i] - getattr(truth, f)[j]) ** 2 for f in fields)
            for j in range(len(truth.b0))
        ]
        cells.append(int(np.argmin(distance)))
    loss = 0.0
    for j in range(len(truth.b0)):
        members = [i for i, cell in enumerate(cells) if cell == j]
        r = losses.RBAR[len(members)] if over and members else 1
        for i in members:
            power = {"b1": r, "c": r, "a": max(r / 2, 1), "v": max(r / 2, 1)}
            error = sum(
                abs(getattr(fitted, f)[i] - getattr(truth, f)[j]) ** power[f] for f in fields
            )
            loss += math.exp(fitted.b0[i]) * error
        loss += abs(sum(math.exp(fitted.b0[i]) for i in members) - math.exp(truth.b0[j]))
    return loss


def random_atoms(rng, shape):
    return atoms.Atoms(*(rng.normal(size=shape) for _ in range(4)), rng.uniform(0.1, 2, shape))


@pytest.mark.parametrize("k", [2, 3])
def test_losses_equal_the_loop(k):
    rng = np.random.default_rng(k)
    truth, fitted = random_atoms(rng, 2), random_atoms(rng, (40, k))
    for i in range(40):
        one = atoms.Atoms(*(getattr(fitted, f)[i] for f in ("b0", "b1", "a", "c", "v")))
        assert losses.exact_loss(fitted, truth)[i] == pytest.approx(loop_loss(one, truth, False))
        wanted = loop_loss(one, truth, True)
        assert losses.overspecified_loss(fitted, truth)[i] == pytest.approx(wanted)


def test_losses_vanish_only_at_the_truth():
    truth = atoms.EASY_TRUTH
    assert losses.exact_loss(truth, truth) == 0
    split = atoms.Atoms(*(getattr(truth, f)[[0, 0, 1]] for f in ("b0", "b1", "a", "c", "v")))
    split.b0[:2] -= math.log(2)
    assert losses.overspecified_loss(split, truth) == pytest.approx(0, abs=1e-15)


def test_overspecified_loss_refuses_cells_without_exponents():
    five = atoms.Atoms(*(np.zeros(5) for _ in range(4)), np.ones(5))
    one = atoms.Atoms(*(np.zeros(1) for _ in range(4)), np.ones(1))
    with pytest.raises(ValueError, match="rbar is known up to 3"):
        losses.overspecified_loss(five, one)


def test_exponents_are_all_solutions_of_their_equations():
    for l1, l2 in system.degrees(6):
        brute = {
            a
            for a in itertools.product(range(7), repeat=4)
            if a[0] + a[1] == l1 and a[1] + a[2] + 2 * a[3] == l2
        }
        assert set(system.exponents(l1, l2)) == brute
    assert len(system.degrees(4)) == 14


def test_numeric_and_exact_systems_agree():
    rng = np.random.default_rng(0)
    p, w = rng.normal(size=(4, 2)), rng.uniform(0.2, 1, 2)
    exact = [
        float(system.equation(*d, [list(map(sympy.Float, q)) for q in p], list(w)))
        for d in system.degrees(4)
    ]
    np.testing.assert_allclose(system.polynomial_system(p, w, 4), exact, rtol=1e-12)


def test_polynomial_jacobian_equals_finite_differences():
    rng, h = np.random.default_rng(1), 1e-6
    p, w = rng.normal(size=(4, 3)), rng.uniform(0.2, 1, 3)
    in_p, in_w = system.polynomial_jacobian(p, w, 5)
    for q, atom in itertools.product(range(4), range(3)):
        e = np.zeros((4, 3))
        e[q, atom] = h
        change = system.polynomial_system(p + e, w, 5) - system.polynomial_system(p - e, w, 5)
        np.testing.assert_allclose(in_p[:, q, atom], change / (2 * h), atol=1e-7)
    np.testing.assert_allclose(in_w @ w, system.polynomial_system(p, w, 5), atol=1e-12)


@pytest.mark.parametrize("m", [2, 3, 4])
def test_hermite_nodes_solve_the_system_below_twice_their_number(m):
    roots, weight = system.hermite_solution(m)
    p = np.zeros((4, m))
    p[2], p[3] = [float(r) for r in roots], -0.5
    w = np.array([float(x) for x in weight])
    np.testing.assert_allclose(system.polynomial_system(p, w, 2 * m - 1), 0, atol=1e-12)
    assert np.abs(system.polynomial_system(p, w, 2 * m)).max() > 1e-4
    nodes, quad = np.polynomial.hermite_e.hermegauss(m)
    np.testing.assert_allclose(p[2], nodes, atol=1e-12)
    np.testing.assert_allclose(w, quad / quad.sum(), atol=1e-12)


def test_two_atoms_leave_a_remainder_without_root():
    remainder = system.two_atom_remainder()
    (w,) = remainder.free_symbols
    values = [float(remainder.subs(w, x)) for x in np.linspace(0.01, 0.99, 99)]
    assert max(values) < 0
    # at equal weights the solution is the Hermite one with s = 2: 16 times the remainder
    assert 16 * remainder.subs(w, sympy.Rational(1, 2)) == -sympy.Rational(1, 12)


def test_atoms_of_common_variance_leave_the_skewness_of_two_points():
    remainder = system.two_atom_remainder(common_variance=True)
    (w,) = remainder.free_symbols
    # the points -(1-w) and w with weights w and 1 - w have the third moment w (1-w) (2w-1)
    moment = w * -((1 - w) ** 3) + (1 - w) * w**3
    assert sympy.expand(6 * remainder - moment) == 0
    assert remainder.subs(w, sympy.Rational(1, 2)) == 0


def test_pair_density_expands_in_kappa_with_the_fourth_hermite_polynomial():
    z, t, v = sympy.symbols("z t v", positive=True)
    w = v - t**2

    def normal(mean):
        return sympy.exp(-((z * sympy.sqrt(v) - mean) ** 2) / (2 * w)) / sympy.sqrt(w)

    ratio = (normal(t) + normal(-t)) / 2 / normal(0).subs(t, 0)
    series = sympy.series(ratio, t, 0, 5).removeO()
    wanted = 1 - t**4 * (z**4 - 6 * z**2 + 3) / (12 * v**2)
    assert sympy.simplify(series - wanted) == 0


def test_cosh_identity_needs_every_expert_to_be_split():
    assert vanishes(splits.cosh_identity(2)) == "proved"
    assert vanishes(splits.cosh_identity(1), f1=(1,), f2=(3,)).startswith("refuted")


def test_quantiles_of_the_split_are_those_of_a_half_normal():
    kappa = 0.7 / math.sqrt(500) * halfnorm.ppf(0.8)  # the positive half: q = (1 + .8)/2
    assert splits.half_normal_quantile(0.9, 0.7, 500) == pytest.approx(kappa**0.25)
    with pytest.raises(ValueError, match="1/2 < q"):
        splits.half_normal_quantile(0.4, 1.0, 10)


def test_exact_loss_constant_is_a_weighted_sum_of_mean_absolute_errors():
    bound = np.array([[23.499, 0], [72.256, 0], [1.796, 6.776], [1.234, 1.338], [0.155, 0.4]])
    assert losses.exact_loss_constant(bound, atoms.PAPER_TRUTH) == pytest.approx(6.82, abs=0.01)
