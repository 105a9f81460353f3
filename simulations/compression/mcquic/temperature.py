"""Bias against variance of straight-through gradients over the temperature, without draws."""

from __future__ import annotations

from refutable.simulations.compression.mcquic._losses import (
    LAST,
    SETTING,
    exact,
    moments,
    slopes,
)
from refutable.simulations.compression.mcquic.gumbel_argmax import LOGITS
from refutable.simulations.compression.mcquic.straight_through import SOURCE
from refutable.theory.compression import mcquic as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Printed,
    Scope,
    Values,
)

COLDEST = 0.01


def trade_off(cell: Cell, loss: str | None = None, share: float = 1.0) -> Values:
    """Bias and variance at the cell's temperature and at half of it, over the exact gradient.

    Parameters
    ----------
    loss : str, optional
        Instead of the cell's.
    share : float
        Factor on the predicted limits.
    """
    name = loss or cell.loss
    true = exact(name)
    here, colder = (moments(name, tau) for tau in (cell.tau, cell.tau / 2))
    bias, next_bias = (abs(m.mean / true - 1) for m in (here, colder))
    limit = share * theory.cold_gradient(LOGITS, slopes(name))[LAST]
    spread = share * theory.cold_variance(LOGITS, slopes(name))[LAST]
    return {
        "bias": bias,
        "bias_falls_by": bias - next_bias,
        "variance": here.variance / true**2,
        "variance_grows_by": colder.variance / here.variance,
        "mean_over_limit": here.mean / limit,
        "variance_over_limit": here.variance * cell.tau / spread,
        "mean_over_exact": here.mean / true,
        "limit_over_exact": limit / true,
    }


TRADE_OFF = Claim(
    id="mcquic.straight-through-temperature",
    title="Halving the temperature lowers the bias and doubles the variance, or more",
    source=SOURCE,
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="For linear and quadratic losses the bias of the straight-through gradient falls to "
    "0 with the temperature, at every halving from 1 on, and its variance at least doubles: it "
    "grows as a constant over the temperature, which comes from ties of two choices.",
    formula='lim_(tau -> 0) EE hat(g)_c = (partial EE f) / (partial l_c), quad tau "Var"(hat(g)_c) '
    "-> sum_k (p_c p_k) / 12 sum_(i in {c, k}) (nabla f(e_i) dot (e_c - e_k))^2",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Other losses: see cubic-loss-stays-biased. Other logits and values than these.",
    assumptions=(*SETTING, "gradient in the last logit", "moments by quadrature"),
    cells=Cells(loss=("linear", "square"), tau=(1.0, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, COLDEST)),
    compute=trade_off,
    expect=(
        Exact("bias").at_most(0.5),
        Exact("bias", tau=COLDEST).at_most(0.005),
        Exact("bias_falls_by").at_least(1e-6),
        Exact("variance_grows_by").at_least(2.0),
        Exact("mean_over_limit", tau=COLDEST).near(1, 0.005),
        Exact("variance_over_limit", tau=COLDEST).near(1, 0.02),
        Exact("variance").shown(),
    ),
    controls=(
        BrokenWorld(
            "a cubic loss", change={"loss": "cubic"}, at={"loss": "square", "tau": (0.3, COLDEST)}
        ),
        FalseTheory("a bias below 30% at temperature 1", Exact("bias", tau=1.0).at_most(0.3)),
        FalseTheory("the variance never trebles", Exact("variance_grows_by").at_most(3.0)),
        BrokenWorld(
            "limits larger by an eleventh",
            change={"share": 12 / 11},
            at={"tau": COLDEST},
            judged_by=("mean_over_limit", "variance_over_limit"),
        ),
    ),
    figure=Axis(x="tau", label="temperature", log=True),
)

CUBIC = Claim(
    id="mcquic.cubic-loss-stays-biased",
    title="Straight-through gradients of a cubic loss stay biased as the temperature falls",
    source=SOURCE,
    origin=Origin.GUARD,
    basis=Basis.CODE,
    statement="That the bias of the straight-through gradient of any nonlinear loss vanishes with "
    "the temperature must not be read into the method. The limit is the trapezoidal rule between "
    "the slopes at two choices: exact for quadratic losses, but 43% too large for this cubic one.",
    formula="lim_(tau -> 0) EE hat(g)_c = sum_k p_c p_k (nabla f(e_c) + nabla f(e_k)) / 2 dot "
    "(e_c - e_k)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="How large the bias is for the losses that the method is trained with.",
    assumptions=(*SETTING, "gradient in the last logit", "moments by quadrature"),
    cells=Cells(loss=("cubic",), tau=(1.0, 0.5, 0.2, 0.1, 0.05, 0.02, COLDEST, 0.002)),
    compute=trade_off,
    expect=(
        Exact("mean_over_exact").shown(),
        Exact("mean_over_limit", tau=0.002).near(1, 0.002),
        Printed("limit_over_exact", tau=0.002).prints("1.43"),
        Exact("bias", tau=(0.1, 0.05, 0.02, COLDEST, 0.002)).at_least(0.3),
        Exact("variance_over_limit", tau=COLDEST).near(1, 0.02),
    ),
    controls=(
        BrokenWorld(
            "a quadratic loss",
            change={"loss": "square"},
            at={"tau": 0.002},
        ),
        BrokenWorld(
            "limits larger by an eleventh", change={"share": 12 / 11}, at={"tau": (0.002, COLDEST)}
        ),
        FalseTheory(
            "the limit is reached at a temperature of 0.1",
            Exact("mean_over_limit", tau=0.1).near(1, 0.002),
        ),
    ),
    notes=(
        "At temperature 1 the gradient is 21% too small, and unbiased somewhere from 1 to 0.5.",
    ),
    figure=Axis(x="tau", label="temperature", log=True),
)
