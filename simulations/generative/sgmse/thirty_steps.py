"""How near thirty steps of the sampler come, and what no number of steps mends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from numpy.random import Generator
from refutable.simulations.generative.sgmse._sampler import (
    ASSUMED,
    SPEECH,
    TRUTH,
    Sampler,
    drawn_outputs,
    output,
)
from refutable.theory.generative import sgmse as theory
from refutable.theory.generative.sgmse import Start

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Distribution,
    Exact,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Values,
)

FEW_PER_CENT = 0.06
SPREAD = 0.03


def shares(cell: Cell, start: Start = "mixture", t_end: float = 0.03) -> Values:
    """Return what the sampler's output law misses.

    Returns
    -------
    dict
        ``bias``, in units of s_0; ``sd_ratio`` to s_0; ``distance`` (Wasserstein-2), in units of
        s_0.
    """
    law = output(Sampler(cell.steps, cell.snr, t_end), start)
    return {
        "bias": float(law.mean - TRUTH.mean) / SPEECH.sd,
        "sd_ratio": float(law.sd) / SPEECH.sd,
        "distance": theory.distance(law, TRUTH) / SPEECH.sd,
    }


BIAS = Exact("bias", steps=30, snr=0.0)
RATIO = Exact("sd_ratio", steps=30, snr=0.0)

THIRTY = Claim(
    id="sgmse.thirty-steps",
    title="Thirty steps come within a few per cent of the right law",
    source="Abstract: thirty diffusion steps; the sampler as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With thirty steps, the recording as start and no corrector, the output's bias is at "
    "most 6 per cent of the standard deviation of clean speech, and its standard deviation right "
    "to 3 per cent.",
    formula='|"bias"_30| <= 0.06 s_0, quad |"sd"_30 \\/ s_0 - 1| <= 0.03',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about the quality of speech, or learned scores; one Gaussian, $m = 1$, "
    "$s_0 = 0.1$, $y = 0.6$.",
    assumptions=ASSUMED,
    notes=(
        "Bias and ratio are -0.050 and 0.980; with one corrector step each (r = 0.5) -0.026 and "
        "0.992.",
        "Five steps have a bias of -0.22 and a ratio of 1.155; a thousand -0.018 and 0.978.",
        "With corrector a hundred steps or so are nearer than a thousand: see "
        "too-many-corrected-steps.",
    ),
    cells=Cells(snr=(0.0, 0.5), steps=(5, 10, 15, 30, 60, 120, 250, 500, 1000)),
    compute=shares,
    expect=(
        BIAS.within(-FEW_PER_CENT, FEW_PER_CENT),
        RATIO.near(1, SPREAD),
        Exact("bias").shown(),
        Exact("sd_ratio").shown(),
        Exact("distance").shown(),
    ),
    controls=(
        FalseTheory(
            "five steps do for the standard deviation",
            Exact("sd_ratio", steps=5, snr=0.0).near(1, SPREAD),
        ),
        FalseTheory(
            "ten steps do for the bias",
            Exact("bias", steps=10, snr=0.0).within(-FEW_PER_CENT, FEW_PER_CENT),
        ),
        FalseTheory(
            "fifteen steps do for the bias",
            Exact("bias", steps=15, snr=0.0).within(-FEW_PER_CENT, FEW_PER_CENT),
        ),
        BrokenWorld(
            "zero as start",
            change={"start": "noise"},
            at={"steps": 30, "snr": 0.0},
            judged_by="bias",
        ),
        BrokenWorld(
            "even steps that end at 0.06, twice as early",
            change={"t_end": 0.06},
            at={"steps": 30, "snr": 0.0},
            judged_by="sd_ratio",
        ),
    ),
    figure=Axis(x="steps", label="steps N", log=True),
)


def drawn(cell: Cell, rng: Generator, size: int, start: Start = "mixture") -> Columns:
    """Run the sampler on `size` points; ``output`` is what comes out, less m, in units of s_0."""
    end = drawn_outputs(rng, size, Sampler(cell.steps, cell.snr), start)
    return {"output": (end - SPEECH.mean) / SPEECH.sd}


def _exact_cdf(cell: Cell) -> Callable[[FloatArray], FloatArray]:
    """Return the distribution function that the recursion gives."""
    law = shares(cell)
    return lambda x: np.asarray(scipy.special.ndtr((x - law["bias"]) / law["sd_ratio"]))


def _right_cdf(cell: Cell) -> Callable[[FloatArray], FloatArray]:
    """Return the distribution function of clean speech given the recording."""
    del cell
    return lambda x: np.asarray(scipy.special.ndtr(x))


DRAWN = Claim(
    id="sgmse.drawn-outputs",
    title="Drawn outputs of the sampler have the law of the exact recursion",
    source="The sampler, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Outputs that are drawn with thirty steps follow the Gaussian that the recursion of "
    "mean and variance gives, to 0.01 in distribution.",
    formula='sup_x |F_"drawn" (x) - Phi((x - m - "bias"_30) \\/ "sd"_30)| <= 0.01',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about learned scores.",
    assumptions=ASSUMED,
    cells=ByEffort(
        smoke=Cells(steps=(30,), snr=(0.0,)),
        standard=Cells(steps=(30,), snr=(0.0, 0.5)),
        full=Cells(steps=(10, 30, 100), snr=(0.0, 0.5)),
    ),
    simulate=drawn,
    expect=(Distribution("output", _exact_cdf).within(0.01),),
    controls=(
        FalseTheory(
            "they follow the law of clean speech",
            Distribution("output", _right_cdf, steps=30, snr=0.0).within(0.01),
        ),
        BrokenWorld("zero as start", change={"start": "noise"}, at={"steps": 30, "snr": 0.0}),
    ),
    block=16_384,
    cap=ByEffort(smoke=400_000, standard=800_000, full=800_000),
)
