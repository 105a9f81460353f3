"""Which errors of the fitted gate shrink with n: all, or only what is identified.

Theorems for the dense-to-sparse and the activation gate (recalled).
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.experts._gaussian_moe.efficiency import information
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS, World
from refutable.simulations.experts.temperature_moe._flat_prediction import (
    cold,
    cooled,
    predicted_raw,
    predicted_slope,
)
from refutable.solvers.gaussian_moe import Fit, Gate, Layout, Parameters, cramer_rao, fit, scalar
from refutable.theory.experts import temperature_moe as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Slope,
)

START_NOISE = 0.15
LADDER = (1000, 3000, 9000)
FLAT = ("linear", "relu")


def start_noise(rng: Generator, size: int) -> FloatArray:
    """Return the noise of (b0, b1, log tau) of the starts, shape (3, size)."""
    return START_NOISE * rng.standard_normal((3, size))


def noisy_start(world: World, noise: FloatArray) -> Parameters:
    """Return starts off the truth by `noise` in (b0, b1, log tau)."""
    t, free = world.truth, np.array([1.0, 0.0])
    same = (noise.shape[1], 2)
    return scalar(
        t.b0 + noise[0][:, None] * free, t.b1 + noise[1][:, None] * free,
        np.broadcast_to(t.a, same), np.broadcast_to(t.c, same), np.broadcast_to(t.v, same),
        world.tau * np.exp(noise[2]),
    )  # fmt: skip


def ladder_fits(
    world: World, rng: Generator, noise: FloatArray, sizes: tuple[int, ...],
    gate: Gate | None = None,
) -> list[Fit]:  # fmt: skip
    """Return fits at each n of a ladder; a replicate's starts are the same at every n.

    A gate whose temperature is not free starts at the true temperature.
    """
    used = gate or world.gate
    start = noisy_start(world, noise * np.array([[1], [1], [float(used.free_temperature)]]))
    return [fit(*world.draw(rng, noise.shape[1], n), start, used) for n in sizes]


def raw_error(world: World, found: Fit) -> FloatArray:
    """Return the norm of the errors of b1 and log tau as they stand, shape (size,)."""
    p = found.parameters
    slope = p.b1[:, 0, 0] - world.truth.b1[0]
    return np.asarray(np.hypot(slope, np.log(p.tau / world.tau)))


def identified_error(name: str, found: Fit) -> FloatArray:
    """Return the root mean squared error of what is identified, each in units of its own bound.

    Under a homogeneous gate that is (b0/tau, b1/tau) and the experts; otherwise everything.
    """
    world, p = WORLDS[name], found.parameters
    if theory.DEGREE[world.gate.activation] is None:
        layout, metric = Layout.of(world.parameters, world.gate), information(name)
        error = layout.pack(p) - layout.pack(world.parameters)
    else:
        truth, metric = cold(name)
        layout = Layout.of(truth, Gate())
        error = layout.pack(cooled(p)) - layout.pack(truth)
    return np.asarray(np.sqrt(np.mean((error / cramer_rao(metric)) ** 2, axis=1)))


def _beyond(name: str, noise: FloatArray, found: Fit) -> FloatArray:
    """Return the error of (b1, log tau) over that of the ray's point nearest to the start."""
    p = cooled(found.parameters)
    nearest = predicted_raw(name, noise, np.stack([p.b0[:, 0], p.b1[:, 0, 0]]))
    return np.asarray(raw_error(WORLDS[name], found) / nearest)


def rates(cell: Cell, rng: Generator, size: int) -> Columns:
    """Errors along the ladder, (size, 3).

    ``raw``: of (b1, log tau) as they stand; ``identified``: of what is identified; ``beyond``: raw
    over what the invariance predicts from the start and the identified part (1 where it predicts
    nothing).
    """
    world, noise = WORLDS[cell.world], start_noise(rng, size)
    fits = ladder_fits(world, rng, noise, LADDER)
    beyond = [_beyond(cell.world, noise, f) if cell.world in FLAT else np.ones(size) for f in fits]
    return {
        "raw": np.stack([raw_error(world, f) for f in fits], axis=1),
        "identified": np.stack([identified_error(cell.world, f) for f in fits], axis=1),
        "beyond": np.stack(beyond, axis=1),
    }


def known_temperature(cell: Cell, rng: Generator, size: int) -> Columns:
    """Fit the linear gate with its temperature known."""
    world, noise = WORLDS[cell.world], start_noise(rng, size)
    fits = ladder_fits(world, rng, noise, LADDER, Gate(world.gate.activation))
    return {"raw": np.stack([raw_error(world, f) for f in fits], axis=1)}


def nearly_flat(cell: Cell) -> float:
    """Return the slope of the error of (b1, log tau) that the invariance predicts."""
    return predicted_slope(cell.world, LADDER, START_NOISE)


MLE_RATES = Claim(
    id="temperature_moe.temperature-mle-rates",
    title="The raw gate stays at its start; with an activation all is root-n",
    source="Theorems for the dense-to-sparse and the activation gate (recalled)",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "Under a homogeneous gate (linear, ReLU) the fitted b1 and tau end at the point of the ray "
        "of equal densities that is nearest to the start, so that their error keeps a constant "
        "however large n is, while b0/tau, b1/tau and the experts are root-n; with a sigmoid or "
        "tanh inside the gate everything is root-n."
    ),
    formula='(hat(b)_1, hat(tau)) "flat", quad (hat(b)_1 / hat(tau), hat(a), hat(c), hat(v)) = '
    "O_P (n^(-1/2))",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "Three sizes up to 9000. At these the sampling error of b1/tau still adds to the constant, "
        "and the slope that is expected is the one that both together have, not 0. Where on the "
        "ray a fit ends is a property of Levenberg-Marquardt, not of the likelihood. Low "
        "temperatures for sigmoid and tanh: at high ones the gate hardly sees x. The rates are "
        "those of a typical run, the median of each run's own slope: of rare runs that fail they "
        "say nothing."
    ),
    assumptions=("scalar x", "two experts", "starts within 0.15 of the truth"),
    cells=ByEffort(
        smoke=Cells(world=("linear", "sigmoid")),
        standard=Cells(world=("linear", "relu", "sigmoid", "tanh")),
        full=Cells(world=("linear", "relu", "sigmoid", "tanh")),
    ),
    simulate=rates,
    expect=(
        Slope("raw", LADDER, world=FLAT).near(nearly_flat, 0.06),
        Slope("beyond", LADDER, world=FLAT).near(0, 0.06),
        Slope("identified", LADDER).near(-0.5, 0.13),
    ),
    controls=(
        FalseTheory(
            "b1 and $tau n^(-1/8)$", Slope("raw", LADDER, world="linear").near(-1 / 8, 0.06)
        ),
        FalseTheory(
            "beyond the prediction $n^(-1/10)$",
            Slope("beyond", LADDER, world="linear").near(-0.1, 0.06),
        ),
        FalseTheory(
            "sigmoid $n^(-1/3)$", Slope("identified", LADDER, world="sigmoid").near(-1 / 3, 0.06)
        ),
        BrokenWorld(
            "known temperature",
            simulate=known_temperature,
            at={"world": "linear"},
            judged_by="raw",
        ),
    ),
    block=50,
    cap=ByEffort(smoke=2400, standard=4000, full=8000),
    notes=(
        "The regions of 0.06 about the predicted slopes were set after a pilot of 300 runs.",
        "EM stopped at a relative gain of 1e-6 is no control: from the same starts its slopes "
        "agree with the converged ones to 0.03 (identified: linear -0.50, ReLU -0.55, sigmoid "
        "-0.51, tanh -0.54).",
    ),
)
