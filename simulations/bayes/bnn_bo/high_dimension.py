"""How the infinite network fares in 200 dimensions, by what it is compared with."""

from __future__ import annotations

from refutable.simulations.bayes.bnn_bo._contests import CONTEST, contest

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    FalseTheory,
    Origin,
    Probability,
    Scope,
)

HIGH = 200

PROMISING = Claim(
    id="bnn_bo.ibnn-promising-high-d",
    title="In 200 dimensions the infinite network predicts better than either Matern process",
    source="abstract: infinite-width networks are particularly promising, above all in high "
    "dimension",
    origin=Origin.PRINTED,
    basis=Basis.ABSTRACT,
    statement="On tanh networks of 200 inputs the infinite network predicts better in more than "
    "half of the data sets than a Matern process with the old length-scale prior Gamma(3, 6), and "
    "than one whose length-scale is fitted.",
    formula='P("RMSE"_infinity < "RMSE"_"Matern") >= 1/2, quad d = 200',
    scope=Scope.SCALED_DOWN,
    does_not_show="Better optimisation: none is tried. That hidden layers are what helps: without "
    "them the network predicts no worse, see infinite-network-is-linear. That anything useful is "
    "learned: all errors are near one standard deviation of the outputs.",
    assumptions=(*CONTEST, "at the smallest effort the old prior is the only rival"),
    notes=(
        "Mean errors in 256 data sets: 1.007 with the old prior, 0.996 with a fitted length-scale, "
        "0.986 for the infinite network, and 0.982 for it without hidden layers, which is ahead "
        "of it in some two thirds of the data sets.",
    ),
    cells=ByEffort(
        smoke=Cells(d=(HIGH,), rival=("prior",)),
        standard=Cells(d=(HIGH,), rival=("prior", "fitted", "linear")),
        full=Cells(d=(HIGH,), rival=("prior", "fitted", "linear")),
    ),
    simulate=contest,
    expect=(
        Probability("network_wins").at_least(lambda cell: None if cell.rival == "linear" else 0.5),
        Probability("network_wins").shown(),
    ),
    controls=(
        FalseTheory(
            "the process with the old prior is as good, nearly",
            Probability("network_wins", rival="prior").at_most(0.55),
        ),
        BrokenWorld(
            "as much noise as signal, and an infinite network that fits it",
            change={"noise": 1.0, "network_noise": 1e-4},
            at={"rival": "prior"},
        ),
    ),
    block=8,
    cap=ByEffort(smoke=256, standard=512, full=2048),
    figure=Axis(x="rival", label="what the infinite network is compared with"),
)
