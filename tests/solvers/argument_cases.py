"""For each public function of the solvers, arguments that it takes; the tests then spoil them.

`free`: arrays that stand alone, one entry less along their last axis is still right. `loose`: any
shape will do, a number or a list. `endless`: may be infinite. `optional`: may be None. `empty`: may
be empty. `later`: NaN is found by whoever uses it, see there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from refutable.solvers import accounting as acc
from refutable.solvers import (
    adam,
    affinity,
    assignment,
    balanced_kmeans,
    bar_distribution,
    bridge_mixture,
    cache,
    collectives,
    context_transformer,
    contrastive,
    contrastive_decoding,
    deduplication,
    density_attention,
    domain_training,
    finite_networks,
    fourier_features,
    gated_ffn,
    gaussian_hierarchy,
    gaussian_merging,
    gaussian_process,
    grid_smoothness,
    gumbel_softmax,
    information_quadrature,
    ising,
    kernels,
    kronecker,
    laplace_importance,
    layer_norm,
    linear_gaussian,
    lloyd,
    log_cholesky,
    marginal_lattice,
    masked_least_squares,
    mean_field,
    moe_layer,
    naive_bayes_augmentation,
    normal_inverse_wishart,
    one_dimensional_kmeans,
    paired_bootstrap,
    paired_counts,
    preference,
    prototype_scores,
    random_walk_metropolis,
    randomized_smoothing,
    ridge_logistic,
    robust_logistic,
    robust_self_training,
    scale_mixture,
    score_histograms,
    sdp,
    set_partitions,
    sinkhorn,
    sparse_bayes,
    student_t_process,
    subsets,
    subspace_regression,
    tile_grids,
    unnormalized_gradients,
    water_filling,
)
from refutable.solvers import adaptive_queries as aq
from refutable.solvers import gaussian_algebra as ga
from refutable.solvers import gaussian_mixture as gm
from refutable.solvers import gaussian_moe as moe
from refutable.solvers import halfspace as hs
from refutable.solvers import mixture_em as em
from refutable.solvers import moment_method as mm
from refutable.solvers import parallel_linear_assignment_sorting as plas
from refutable.solvers import quantization as qu
from refutable.solvers import split_merge as sm
from refutable.solvers import ternary_codec as tc


@dataclass(frozen=True)
class Case:
    """A function, arguments it takes (made anew each time), and the exceptions to the rules."""

    call: Callable[..., Any]
    good: Callable[[], dict[str, Any]]
    free: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    endless: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal(shape)


def eyes(count: int, d: int) -> np.ndarray:
    return np.tile(np.eye(d), (count, 1, 1))


Y1 = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
Y2 = np.stack([Y1, -Y1])
LABELS = np.array([0, 1, 0, 1, 0, 1])
POINTS = normal(6, 2) + 3 * LABELS[:, None]
UNIT = np.array([0.6, 0.8])
COVARIANCE = np.array([[2.0, 0.5], [0.5, 1.0]])
GRAM = POINTS @ POINTS.T
INVERSE_GAMMA = student_t_process.InverseGamma(2.0, 0.5)
BOOK = tc.build_dictionary(0.6, 20, 3)
LAW = tc.pair_law(0.6)
PROBLEM = sdp.KMeansProblem(POINTS, 2)
ADJUSTED = sdp.AdjustedProblem(POINTS, np.stack([np.eye(2), np.eye(2)]))
PAIRS = preference.PairwiseProblem(np.ones((3, 3)), np.full((3, 3), 0.5))
FFN = gated_ffn.GatedFFN(normal(4, 3), normal(4, 3), normal(3, 4))
ROUTING = moe_layer.route(normal(5, 3), 2)
LATTICE = marginal_lattice.steps(2, 2)
MODEL = domain_training.DomainModel(normal(2, 2), normal(3, 2, 2))
DATA = domain_training.DomainData(normal(3, 4, 2), normal(3, 4, 2))
GATE = moe.Gate()
EXPERTS = moe.scalar([0.5, 0.0], [1.0, 0.0], [1.0, -1.0], [0.0, 1.0], [1.0, 0.5])
X1, Z1 = normal(40), normal(40, 1)[:, 0] + 0.5
NODES = moe.quadrature(EXPERTS, GATE, ((0.0, 1.0),), 5, 5)
LAYOUT = moe.Layout.of(EXPERTS, GATE)
FAMILY = moe.AffineFamily(LAYOUT, GATE, LAYOUT.pack(EXPERTS), np.eye(LAYOUT.size)[:, :2])
POINT_SETS = POINTS[None]
COLOURS = np.arange(54).reshape(2, 3, 3, 3) % 7
CENTRES = POINTS[None, None, :2]
MIXTURE = em.Mixture(np.array([0.4, 0.6]), POINTS[:2], np.stack([COVARIANCE] * 2))
NIW = normal_inverse_wishart
WISHART = NIW.NormalInverseWishart(np.zeros(2), 1.0, 3.0, COVARIANCE)
GROUP = NIW.GroupStatistics.of(POINTS)
SMOOTHED = {"log_prior": normal(6, 2), "affinity": GRAM}
SIMILAR = np.corrcoef(normal(4, 9))
QUERIES = np.full((1, 4, 2), 0.5)
FLAT = np.full((1, 4), 0.25)
MOMENTS = hs.band_moments(normal(400, 2), np.sign(normal(400)), UNIT, 1.0)
RATE = tc.markov_rate(BOOK, LAW)


BRIDGE = bridge_mixture.Potential(0.5, np.zeros(2), POINTS[:2], np.ones((2, 2)))

BORDERS = np.array([0.0, 1.0, 3.0, 4.0])
NETWORK = context_transformer.Layout(2, 4, 1, 2)
LEARNED = {
    "parameters": context_transformer.initial_parameters(NETWORK, np.random.default_rng(0)),
    "x": normal(4, 5, 2),
    "y": normal(4, 3),
    "visible": np.ones((4, 3), dtype=bool),
}


def same(blocks: np.ndarray) -> np.ndarray:
    return blocks


def ratio_sample() -> unnormalized_gradients.WeightedSample:
    return unnormalized_gradients.WeightedSample(normal(2, 5, 3), normal(2, 5))


CASES: dict[str, Case] = {
    "accounting.Interval": Case(acc.Interval, lambda: {"low": Fraction(1), "high": Fraction(2)}),
    "accounting.Tensor": Case(
        lambda count, bits, active, chosen: acc.Tensor("w", (2, 3), count, bits, active, chosen),
        lambda: {"count": 2, "bits": 8.0, "active": 1, "chosen": 1},
        optional=("active", "chosen"),
    ),
    "accounting.agreement": Case(acc.agreement, lambda: {"value": 1.5, "printed": "1.5"}),
    **{
        f"accounting.{call.__name__}": Case(
            call,
            lambda: {"printed": "61.79", "n": np.array([5]), "unit": 100, "rule": "rounded"},
            loose=("n",),
        )
        for call in (acc.counts_that_print, acc.is_count_over)
    },
    "accounting.exact_mean": Case(
        lambda printed: acc.exact_mean([printed]), lambda: {"printed": "1.5"}
    ),
    "accounting.experts": Case(
        lambda held, chosen: acc.experts(acc.linear("w", 2, 3), held, chosen),
        lambda: {"held": 4, "chosen": 2},
    ),
    "accounting.linear": Case(
        lambda count, bits: acc.linear("w", 2, 3, count=count, bits=bits),
        lambda: {"count": 2, "bits": 8.0},
    ),
    "accounting.multiply_adds": Case(
        lambda tokens: acc.multiply_adds(acc.linear("w", 2, 3), tokens), lambda: {"tokens": 3}
    ),
    "accounting.printed_interval": Case(acc.printed_interval, lambda: {"printed": "1.5"}),
    "accounting.prints": Case(acc.prints, lambda: {"value": 1.5, "printed": "1.5"}),
    "accounting.repeated": Case(
        lambda times: acc.repeated(acc.linear("w", 2, 3), times), lambda: {"times": 2}
    ),
    "adam.adam": Case(
        lambda start, rates, momentum, memory, floor: adam.adam(
            start, lambda x, step: x, rates, momentum=momentum, memory=memory, floor=floor
        ),
        lambda: {
            "start": POINTS,
            "rates": np.full(3, 0.1),
            "momentum": 0.9,
            "memory": 0.99,
            "floor": 1e-8,
        },
        free=("start", "rates"),
        loose=("start",),
    ),
    "adam.dropped_rates": Case(
        adam.dropped_rates, lambda: {"steps": 10, "rate": 0.1, "factor": 0.1, "after": 0.7}
    ),
    "adaptive_queries.ExactAnswers": Case(
        lambda sample, values: aq.ExactAnswers(sample).answer(values),
        lambda: {"sample": FLAT, "values": QUERIES},
        free=("values",),
        optional=("sample",),
    ),
    "adaptive_queries.FeatureSelection": Case(
        aq.FeatureSelection,
        lambda: {
            "rng": rng(),
            "runs": 2,
            "n": 4,
            "d": 5,
            "k": 2,
            "informative": 1,
            "shift": 0.5,
            "block": 3,
        },
    ),
    "adaptive_queries.GaussianAnswers": Case(
        lambda scale, rng, values: aq.GaussianAnswers(scale, rng).answer(values),
        lambda: {"scale": 0.1, "rng": rng(), "values": QUERIES},
    ),
    "adaptive_queries.MajorityAttack": Case(
        aq.MajorityAttack, lambda: {"rng": rng(), "runs": 2, "n": 4, "k": 3, "block": 2}
    ),
    "adaptive_queries.MultiplicativeWeights": Case(
        lambda values, **kw: aq.MultiplicativeWeights(**kw).answer(values),
        lambda: {
            "sample": FLAT,
            "threshold": 0.1,
            "scale": 0.1,
            "rate": 0.1,
            "rng": rng(),
            "values": QUERIES,
        },
        free=("values",),
        endless=("threshold",),
    ),
    "adaptive_queries.Queries": Case(
        aq.Queries, lambda: {"values": QUERIES, "truth": np.full((1, 2), 0.5)}, later=("values",)
    ),
    "adaptive_queries.SplitAnswers": Case(
        lambda parts, values: aq.SplitAnswers(parts).answer(values),
        lambda: {"parts": 2, "values": QUERIES},
    ),
    "adaptive_queries.Thresholdout": Case(
        lambda values, **kw: aq.Thresholdout(**kw).answer(values),
        lambda: {"n_train": 2, "threshold": 0.1, "scale": 0.1, "rng": rng(), "values": QUERIES},
        endless=("threshold",),
    ),
    "adaptive_queries.UniverseAttack": Case(
        aq.UniverseAttack, lambda: {"rng": rng(), "population": FLAT, "m": 3, "block": 2}
    ),
    "affinity.gaussian_affinity": Case(
        affinity.gaussian_affinity, lambda: {"features": POINTS, "rank": 2}
    ),
    "affinity.neighbour_affinity": Case(
        affinity.neighbour_affinity, lambda: {"features": POINTS, "neighbours": 2}
    ),
    "affinity.squared_distances": Case(affinity.squared_distances, lambda: {"features": POINTS}),
    "affinity.with_least_eigenvalue": Case(
        affinity.with_least_eigenvalue, lambda: {"affinity": COVARIANCE, "least": -2.0}
    ),
    **{
        f"assignment.{call.__name__}": Case(call, lambda: {"labels": LABELS, "truth": LABELS[::-1]})
        for call in (
            assignment.adjusted_rand_index,
            assignment.confusion,
            assignment.misclustering_error,
        )
    },
    "balanced_kmeans.absorb_in_turn": Case(
        balanced_kmeans.absorb_in_turn,
        lambda: {"points": POINTS, "centroids": POINTS[:2], "sweeps": 3},
    ),
    "balanced_kmeans.optimal_balanced_labels": Case(
        balanced_kmeans.optimal_balanced_labels,
        lambda: {"points": POINTS, "centroids": POINTS[:2]},
    ),
    "balanced_kmeans.nearest_labels": Case(
        balanced_kmeans.nearest_labels, lambda: {"points": POINTS, "centroids": POINTS[:2]}
    ),
    "balanced_kmeans.mean_distortion": Case(
        balanced_kmeans.mean_distortion,
        lambda: {"points": POINTS, "centroids": POINTS[:2], "labels": LABELS},
    ),
    "balanced_kmeans.code_entropy": Case(
        balanced_kmeans.code_entropy, lambda: {"labels": LABELS, "codes": 2}, loose=("labels",)
    ),
    "bridge_mixture.Potential": Case(
        bridge_mixture.Potential,
        lambda: {
            "epsilon": 0.5,
            "log_weights": normal(3),
            "centres": normal(3, 2),
            "scales": np.full((3, 2), 0.5),
            "axes": np.stack([np.eye(2)] * 3),
        },
    ),
    "bridge_mixture.bridge_states": Case(
        bridge_mixture.bridge_states,
        lambda: {"rng": rng(), "potential": BRIDGE, "start": POINTS, "steps": 3},
    ),
    "bridge_mixture.draw_ends": Case(
        bridge_mixture.draw_ends, lambda: {"rng": rng(), "potential": BRIDGE, "x0": POINTS}
    ),
    "bridge_mixture.drift": Case(
        bridge_mixture.drift, lambda: {"potential": BRIDGE, "x": POINTS, "time": 0.5}
    ),
    "bridge_mixture.fit_minibatches": Case(
        lambda rates: bridge_mixture.fit_minibatches(lambda step: (POINTS, POINTS), BRIDGE, rates),
        lambda: {"rates": np.full(3, 0.1)},
        free=("rates",),
    ),
    "bridge_mixture.fit_weighted": Case(
        bridge_mixture.fit_weighted,
        lambda: {
            "start": BRIDGE,
            "x0": POINTS,
            "x1": POINTS,
            "weights0": np.full(6, 1 / 6),
            "weights1": np.full(6, 1 / 6),
            "iterations": 3,
        },
    ),
    **{
        f"bridge_mixture.{call.__name__}": Case(
            call, lambda name=name: {"potential": BRIDGE, name: POINTS}
        )
        for call, name in (
            (bridge_mixture.log_normaliser, "x0"),
            (bridge_mixture.log_potential, "x1"),
            (bridge_mixture.plan, "x0"),
        )
    },
    "bridge_mixture.loss_gradient": Case(
        bridge_mixture.loss_gradient,
        lambda: {
            "potential": BRIDGE,
            "x0": POINTS,
            "x1": POINTS,
            "weights0": np.full(6, 1 / 6),
            "weights1": np.full(6, 1 / 6),
        },
    ),
    "bar_distribution.BarDistribution": Case(
        bar_distribution.BarDistribution,
        lambda: {"borders": BORDERS, "masses": np.array([0.5, 0.2, 0.3])},
    ),
    "bar_distribution.fit_bars": Case(
        bar_distribution.fit_bars,
        lambda: {"borders": BORDERS, "below": np.array([0.1, 0.2, 0.5, 0.9])},
    ),
    "cache.belady_hits": Case(
        cache.belady_hits,
        lambda: {"traces": LABELS[None], "n_items": 2, "capacity": 1, "look_ahead": 2},
    ),
    **{
        f"cache.{call.__name__}": Case(
            call,
            lambda: {
                "demands": np.array([[1, 2, 3]]),
                "sizes": np.ones(2),
                "capacity": 2.0,
                "weights": np.ones(2),
            },
            free=("demands",),
            endless=("capacity",),
        )
        for call in (cache.optimal_cost, cache.farthest_first_cost)
    },
    **{
        f"cache.{call.__name__}": Case(
            call, lambda: {"p": np.array([0.2, 0.3, 0.5]), "capacity": 2}
        )
        for call in (cache.lru_hit_ratio, cache.fifo_hit_ratio)
    },
    **{
        f"cache.{call.__name__}": Case(
            call, lambda: {"traces": LABELS[None], "n_items": 2, "capacity": 1}
        )
        for call in (cache.lru_hits, cache.fifo_hits)
    },
    "cache.random_hits": Case(
        cache.random_hits,
        lambda: {"traces": LABELS[None], "n_items": 2, "capacity": 1, "rng": rng()},
    ),
    "cache.stationary_order": Case(
        cache.stationary_order,
        lambda: {"p": np.array([0.2, 0.3, 0.5]), "capacity": 2, "rows": 3, "rng": rng()},
    ),
    "collectives.copies_between": Case(
        collectives.copies_between,
        lambda: {"homes": LABELS, "targets": np.stack([LABELS, 1 - LABELS], axis=1), "ranks": 2},
        free=("targets",),
    ),
    "collectives.direct": Case(collectives.direct, lambda: {"payload": normal(4, 4, 2)}),
    "collectives.hierarchical": Case(
        collectives.hierarchical, lambda: {"payload": normal(4, 4, 2), "group": 2}
    ),
    "collectives.round_trip": Case(
        collectives.round_trip, lambda: {"tokens": normal(4, 4, 2), "transform": same}
    ),
    "collectives.coordinated": Case(
        collectives.coordinated,
        lambda: {"tokens": normal(4, 4, 2), "slicing": 2, "transform": same},
    ),
    "context_transformer.Layout": Case(
        context_transformer.Layout,
        lambda: {"features": 2, "width": 6, "layers": 1, "heads": 2},
    ),
    "context_transformer.cosine_rates": Case(
        context_transformer.cosine_rates, lambda: {"steps": 3, "rate": 0.1}
    ),
    "context_transformer.gaussian_loss": Case(
        lambda parameters, x, y, targets, visible: context_transformer.gaussian_loss(
            parameters, NETWORK, x, y, targets, visible
        ),
        lambda: {**LEARNED, "targets": normal(4, 2)},
    ),
    "context_transformer.initial_parameters": Case(
        lambda rng: context_transformer.initial_parameters(NETWORK, rng),
        lambda: {"rng": np.random.default_rng(0)},
    ),
    "context_transformer.predict": Case(
        lambda parameters, x, y, visible: context_transformer.predict(
            parameters, NETWORK, x, y, visible
        ),
        lambda: dict(LEARNED),
    ),
    "context_transformer.train": Case(
        lambda start, rates, clip: context_transformer.train(
            start,
            NETWORK,
            lambda step: context_transformer.Batch(
                LEARNED["x"], LEARNED["y"], normal(4, 2), LEARNED["visible"]
            ),
            rates,
            clip=clip,
        ),
        lambda: {"start": LEARNED["parameters"], "rates": np.full(2, 0.1), "clip": 1.0},
        free=("rates",),
    ),
    "contrastive.normalise": Case(contrastive.normalise, lambda: {"vectors": normal(3, 2)}),
    "contrastive.mnr_loss": Case(
        contrastive.mnr_loss,
        lambda: {"first": normal(3, 2), "second": normal(3, 2), "temperature": 0.5},
    ),
    **{
        f"contrastive.{call.__name__}": Case(
            call, lambda: {"first": normal(3, 2), "second": normal(3, 2)}
        )
        for call in (
            contrastive.symmetric_mnr_loss,
            contrastive.self_similarity_targets,
            contrastive.self_target_loss,
        )
    },
    "contrastive.simplex_vectors": Case(
        contrastive.simplex_vectors, lambda: {"count": 3, "dimension": 4}
    ),
    "contrastive.minimise_on_sphere": Case(
        contrastive.minimise_on_sphere,
        lambda: {"rng": rng(), "count": 2, "dimension": 2, "temperature": 1.0, "restarts": 1},
    ),
    "contrastive_decoding.plausible": Case(
        contrastive_decoding.plausible,
        lambda: {"logits": normal(3, 4), "alpha": 0.1},
    ),
    "contrastive_decoding.contrasted_logits": Case(
        contrastive_decoding.contrasted_logits,
        lambda: {"strong": normal(3, 4), "weak": normal(3, 4), "beta": 0.5, "alpha": 0.1},
    ),
    "deduplication.column_maxima": Case(
        deduplication.column_maxima, lambda: {"similarity": SIMILAR}
    ),
    "deduplication.keep_extreme_maxima": Case(
        deduplication.keep_extreme_maxima, lambda: {"similarity": SIMILAR, "keep": 2}
    ),
    "deduplication.keep_leaders": Case(
        deduplication.keep_leaders, lambda: {"similarity": SIMILAR, "threshold": 0.5}
    ),
    "deduplication.largest_kept_similarity": Case(
        deduplication.largest_kept_similarity,
        lambda: {"similarity": SIMILAR, "kept": np.array([True, True, False, False])},
    ),
    "deduplication.uncovered_points": Case(
        deduplication.uncovered_points,
        lambda: {
            "similarity": SIMILAR,
            "kept": np.array([True, True, False, False]),
            "threshold": 0.5,
        },
    ),
    "domain_training.DomainModel": Case(
        domain_training.DomainModel, lambda: {"trunk": normal(2, 2), "heads": normal(3, 2, 2)}
    ),
    "domain_training.DomainData": Case(
        domain_training.DomainData, lambda: {"inputs": normal(3, 4, 2), "targets": normal(3, 4, 2)}
    ),
    "domain_training.train_jointly": Case(
        domain_training.train_jointly,
        lambda: {
            "start": MODEL,
            "data": DATA,
            "steps": 2,
            "rate": 0.1,
            "route": np.tile(np.arange(3), (2, 1)),
        },
    ),
    "domain_training.train_separately": Case(
        domain_training.train_separately,
        lambda: {"start": MODEL, "data": DATA, "steps": 2, "rate": 0.1},
    ),
    "finite_networks.ErfNetworks": Case(
        finite_networks.ErfNetworks,
        lambda: {
            "net": kernels.InfiniteWidth(),
            "weights": normal(3, 2, 4),
            "biases": normal(3, 4),
            "readout": normal(3, 4),
            "scale": np.ones(3),
        },
    ),
    "finite_networks.features": Case(
        finite_networks.features,
        lambda: {
            "net": kernels.InfiniteWidth(depth=2),
            "points": normal(3, 2),
            "width": 4,
            "count": 5,
            "rng": rng(),
            "gain": np.ones(5),
        },
        free=("points",),
        loose=("gain",),
    ),
    "finite_networks.readout_limit": Case(
        finite_networks.readout_limit,
        lambda: {"hidden": normal(2, 3, 4), "start": normal(2, 3), "y": normal(2)},
        free=("hidden", "y"),
    ),
    "fourier_features.FourierFeatures": Case(
        fourier_features.FourierFeatures,
        lambda: {"frequencies": normal(2, 3), "phases": normal(3)},
    ),
    "fourier_features.draw_fourier_features": Case(
        fourier_features.draw_fourier_features,
        lambda: {"rng": rng(), "count": 3, "d": 2, "bandwidth": 1.5, "size": 2},
    ),
    "fourier_features.penalised_rule": Case(
        fourier_features.penalised_rule,
        lambda: {
            "phi": normal(5, 2),
            "y": normal(5),
            "penalty": np.eye(2),
            "weight": 0.5,
            "ridge": 0.1,
        },
    ),
    "fourier_features.steepest_on_mesh": Case(
        fourier_features.steepest_on_mesh,
        lambda: {
            "features": fourier_features.FourierFeatures(normal(2, 3), normal(3)),
            "rule": normal(3),
            "across": np.linspace(0, 1, 4),
            "along": np.linspace(0, 1, 3),
        },
        free=("across", "along"),
    ),
    "gated_ffn.GatedFFN": Case(
        gated_ffn.GatedFFN, lambda: {"gate": normal(4, 3), "up": normal(4, 3), "down": normal(3, 4)}
    ),
    "gated_ffn.random_ffn": Case(
        gated_ffn.random_ffn,
        lambda: {"rng": rng(), "size": 2, "width": 3, "hidden": 4, "scale": 1.0},
    ),
    "gated_ffn.cut_ffn": Case(
        gated_ffn.cut_ffn,
        lambda: {
            "ffn": FFN,
            "order": np.arange(4),
            "parts": 2,
            "order_up": np.arange(4)[::-1],
        },
    ),
    "gated_ffn.expert_outputs": Case(
        gated_ffn.expert_outputs,
        lambda: {
            "experts": gated_ffn.cut_ffn(FFN, np.arange(4), 2),
            "x": normal(5, 3),
            "activation": "relu",
        },
    ),
    **{
        f"gaussian_mixture.{call.__name__}": Case(
            call,
            lambda extra=extra: {
                "w": UNIT,
                "mean": UNIT,
                "sigma": 1.0,
                "bias": 0.5,
                **extra,
            },
            endless=("dual_order",),
            loose=("sigma", "bias"),
        )
        for call, extra in (
            (gm.class_accuracies, {}),
            (gm.accuracy, {"prior": 0.4}),
            (gm.robust_class_errors, {"radius": 0.1, "dual_order": 2.0}),
        )
    },
    **{
        f"gaussian_algebra.{call.__name__}": Case(
            call,
            lambda: {
                "mean_a": np.zeros(2),
                "cov_a": COVARIANCE,
                "mean_b": np.ones((3, 2)),
                "cov_b": np.stack([COVARIANCE, np.eye(2), COVARIANCE / 2]),
            },
        )
        for call in (ga.bures_wasserstein, ga.kl)
    },
    "gaussian_algebra.conditional": Case(
        ga.conditional,
        lambda: {
            "mean": np.zeros(3),
            "covariance": np.eye(3) + 1.0,
            "given": np.array([2, 0]),
            "x": np.ones((4, 2)),
        },
    ),
    **{
        f"gaussian_algebra.{call.__name__}": Case(call, lambda: {"covariance": COVARIANCE})
        for call in (ga.entropy, ga.symmetric_root)
    },
    "gaussian_algebra.transport_map": Case(
        ga.transport_map, lambda: {"cov_a": COVARIANCE, "cov_b": np.stack([np.eye(2)] * 3)}
    ),
    "gaussian_mixture.balanced_labels": Case(gm.balanced_labels, lambda: {"size": 2, "n": 4}),
    "gaussian_mixture.class_statistics": Case(
        gm.class_statistics, lambda: {"x": normal(2, 6, 2), "y": Y2, "ddof": 1}, free=("x",)
    ),
    "gaussian_mixture.mean_estimator": Case(
        gm.mean_estimator, lambda: {"x": normal(2, 6, 2), "y": Y2}, free=("x",)
    ),
    "gaussian_mixture.random_directions": Case(
        gm.random_directions, lambda: {"rng": rng(), "size": 2, "dim": 3}
    ),
    **{
        f"gaussian_mixture.{call.__name__}": Case(
            call,
            lambda extra=extra: {"rng": rng(), "size": 2, "n": 4, "mean": UNIT, **extra},
        )
        for call, extra in (
            (gm.sample_mean_estimator, {"sigma": 1.0}),
            (gm.sample_mixture, {"sigma": 1.0, "prior": 0.4}),
            (gm.sample_mixture_moment, {}),
            (gm.sample_signed, {"sigma": 1.0}),
        )
    },
    "gaussian_mixture.sample_wishart": Case(
        gm.sample_wishart, lambda: {"rng": rng(), "size": 2, "degrees": 5, "dim": 3}
    ),
    "gaussian_mixture.second_moment": Case(gm.second_moment, lambda: {"x": normal(2, 6, 2)}),
    "gaussian_mixture.top_directions": Case(
        gm.top_directions, lambda: {"moment": np.stack([COVARIANCE] * 2), "rank": 1}
    ),
    "gaussian_moe.AffineFamily": Case(
        moe.AffineFamily,
        lambda: {
            "layout": LAYOUT,
            "gate": GATE,
            "origin": LAYOUT.pack(EXPERTS),
            "directions": np.eye(LAYOUT.size),
        },
        free=("directions",),
    ),
    "gaussian_moe.EmRule": Case(
        moe.EmRule, lambda: {"tolerance": 1e-8, "iterations": 3, "measure": "absolute"}
    ),
    "gaussian_moe.Gate": Case(moe.Gate, lambda: {"activation": "tanh", "top_k": 1}),
    "gaussian_moe.Layout": Case(lambda k, d: moe.Layout(k, d, False), lambda: {"k": 2, "d": 1}),
    "gaussian_moe.Parameters": Case(
        moe.Parameters,
        lambda: (
            {name: getattr(EXPERTS, name) for name in ("b0", "b1", "a", "c", "v")}
            | {"tau": np.array(1.0)}
        ),
    ),
    "gaussian_moe.scalar": Case(
        moe.scalar,
        lambda: {
            "b0": np.zeros(2),
            "b1": np.zeros(2),
            "a": np.ones(2),
            "c": np.ones(2),
            "v": np.ones(2),
            "tau": 1.0,
        },
    ),
    "gaussian_moe.Rule": Case(moe.Rule, lambda: {"tolerance": 1e-8, "iterations": 3}),
    "gaussian_moe.cramer_rao": Case(moe.cramer_rao, lambda: {"information": COVARIANCE}),
    "gaussian_moe.null_vector": Case(moe.null_vector, lambda: {"information": COVARIANCE}),
    "gaussian_moe.scaled_spectrum": Case(moe.scaled_spectrum, lambda: {"information": COVARIANCE}),
    "gaussian_moe.fit": Case(
        moe.fit,
        lambda: {
            "x": X1[None],
            "y": Z1[None],
            "start": EXPERTS,
            "warm_up": 1,
            "variance_floor": 1e-6,
        },
    ),
    "gaussian_moe.fit_em": Case(
        moe.fit_em,
        lambda: {"x": X1[None], "y": Z1[None], "start": EXPERTS, "variance_floor": 1e-6},
    ),
    "gaussian_moe.InnerRule": Case(
        moe.InnerRule, lambda: {"relative": 1e-7, "absolute": 1e-6, "iterations": 3}
    ),
    "gaussian_moe.fit_nested_em": Case(
        moe.fit_nested_em,
        lambda: {"x": X1[None], "y": Z1[None], "start": EXPERTS, "variance_floor": 1e-6},
    ),
    "gaussian_moe.fit_pair": Case(
        moe.fit_pair, lambda: {"x": X1[None], "y": Z1[None], "start": EXPERTS}
    ),
    "gaussian_moe.hellinger_square": Case(
        moe.hellinger_square, lambda: {"family": FAMILY, "z": np.zeros(2), "nodes": NODES}
    ),
    "gaussian_moe.nearest": Case(
        moe.nearest,
        lambda: {
            "family": FAMILY,
            "nodes": NODES,
            "starts": np.zeros((1, 2)),
            "evaluations": 3,
        },
    ),
    "gaussian_moe.kept_experts": Case(
        moe.kept_experts, lambda: {"parameters": EXPERTS, "gate": GATE, "x": X1}, loose=("x",)
    ),
    "gaussian_moe.log_gate": Case(
        moe.log_gate, lambda: {"parameters": EXPERTS, "gate": GATE, "x": X1}, loose=("x",)
    ),
    "gaussian_moe.log_density": Case(
        moe.log_density,
        lambda: {"parameters": EXPERTS, "gate": GATE, "x": X1, "y": Z1},
        loose=("x", "y"),
    ),
    "gaussian_moe.score": Case(
        moe.score, lambda: {"parameters": EXPERTS, "gate": GATE, "x": X1, "y": Z1}, loose=("x", "y")
    ),
    "gaussian_moe.sample": Case(
        moe.sample,
        lambda: {"rng": rng(), "parameters": EXPERTS, "gate": GATE, "x": X1},
        loose=("x",),
    ),
    "gaussian_moe.observed_information": Case(
        moe.observed_information,
        lambda: {"x": X1, "y": Z1, "parameters": EXPERTS, "gate": GATE, "step": 1e-5},
    ),
    "gaussian_moe.total_score": Case(
        moe.total_score,
        lambda: {"x": X1[None], "y": Z1[None], "parameters": EXPERTS, "gate": GATE},
    ),
    "gaussian_moe.pair_score": Case(
        moe.pair_score, lambda: {"truth": EXPERTS, "kappa": 0.1, "x": X1, "y": Z1}
    ),
    "gaussian_moe.quadrature": Case(
        moe.quadrature,
        lambda: {
            "parameters": EXPERTS,
            "gate": GATE,
            "pieces": np.array([[0.0, 1.0]]),
            "x_nodes": 5,
            "y_nodes": 5,
        },
    ),
    "gaussian_process.condition": Case(
        gaussian_process.condition,
        lambda: {"covariance": COVARIANCE, "y": normal(2), "jitter": 0.0, "most": 1e-6},
    ),
    "gaussian_process.jittered_cholesky": Case(
        gaussian_process.jittered_cholesky,
        lambda: {"covariance": COVARIANCE, "jitter": 0.0, "most": 1e-6},
    ),
    "gaussian_process.through": Case(
        gaussian_process.through,
        lambda: {"prior": COVARIANCE, "rows": normal(3, 2), "noise": 0.1},
        loose=("noise",),
    ),
    "halfspace.angle_certificate": Case(
        hs.angle_certificate, lambda: {"moments": MOMENTS, "d": 2, "eta": 0.1, "delta": 0.01}
    ),
    "halfspace.attack": Case(
        hs.attack,
        lambda: {
            "name": "far",
            "x": POINTS,
            "w_star": UNIT,
            "u": np.array([0.8, -0.6]),
            "opt": 0.2,
            "rng": rng(),
        },
    ),
    "halfspace.averaging_direction": Case(
        hs.averaging_direction, lambda: {"x": POINTS, "y": Y1}, free=("x",)
    ),
    "halfspace.band_moments": Case(
        hs.band_moments, lambda: {"x": POINTS, "y": Y1, "w": UNIT, "sigma": 1.0}
    ),
    "halfspace.certify": Case(
        hs.certify,
        lambda: {
            "x": POINTS,
            "y": Y1,
            "w": UNIT,
            "sigma": 1.0,
            "eta": 0.1,
            "epsilon": 0.2,
            "delta": 0.01,
        },
    ),
    "halfspace.disagreement_certificate": Case(
        hs.disagreement_certificate,
        lambda: {"x": POINTS, "w": UNIT, "theta0": 0.1, "strip": 0.5, "strips": 3},
    ),
    "halfspace.flipped": Case(
        hs.flipped, lambda: {"labels": Y1, "rates": np.full(6, 0.1), "rng": rng()}
    ),
    "halfspace.fourth_moment_bound": Case(
        hs.fourth_moment_bound, lambda: {"z": POINTS, "weights": np.ones(6)}, free=("z",)
    ),
    "halfspace.gaussian_moment_deviation": Case(
        hs.gaussian_moment_deviation, lambda: {"x": POINTS, "degree": 2}
    ),
    "halfspace.halfspace_labels": Case(hs.halfspace_labels, lambda: {"x": POINTS, "w": UNIT}),
    "halfspace.learn_direction": Case(
        hs.learn_direction,
        lambda: {
            "x": POINTS,
            "y": Y1,
            "schedule": hs.Schedule(1.0, 1.0, 2, 2, 1),
            "rng": rng(),
            "start": UNIT,
        },
    ),
    "halfspace.massart_rates": Case(
        hs.massart_rates,
        lambda: {"name": "half", "x": POINTS, "w_star": UNIT, "v": UNIT, "eta": 0.1},
    ),
    "halfspace.orthogonal_coordinates": Case(
        hs.orthogonal_coordinates, lambda: {"x": POINTS, "w": UNIT}
    ),
    "halfspace.ramp_gradient": Case(
        hs.ramp_gradient, lambda: {"x": POINTS, "y": Y1, "w": UNIT, "sigma": 1.0}
    ),
    "halfspace.ramp_loss": Case(hs.ramp_loss, lambda: {"t": 0.1, "sigma": 1.0}, loose=("t",)),
    "halfspace.ramp_slope": Case(hs.ramp_slope, lambda: {"t": 0.1, "sigma": 1.0}, loose=("t",)),
    "halfspace.sample_marginal": Case(
        hs.sample_marginal, lambda: {"name": "cube", "rng": rng(), "n": 3, "w_star": UNIT}
    ),
    "halfspace.Schedule": Case(
        hs.Schedule,
        lambda: {"target": 0.5, "widest": 1.0, "steps": 2, "batch": 3, "polish": 1},
    ),
    "halfspace.TesterLearner": Case(
        lambda **kw: hs.TesterLearner(**kw, random_state=0).fit(POINTS, Y1),
        lambda: {
            "epsilon": 0.2,
            "noise_rate": 0.1,
            "sigma": 0.5,
            "delta": 0.01,
            "widest": 1.0,
            "steps": 2,
            "batch": 3,
            "polish": 1,
            "start": UNIT,
            "on_reject": "predict",
        },
        free=("start",),
        optional=("start",),
    ),
    "gumbel_softmax.choose": Case(
        gumbel_softmax.choose, lambda: {"perturbed": normal(5, 3), "temperature": 0.5}
    ),
    "gumbel_softmax.straight_through": Case(
        gumbel_softmax.straight_through,
        lambda: {"perturbed": normal(5, 3), "slopes": normal(3, 3), "temperature": 0.5},
    ),
    "gumbel_softmax.straight_through_moments": Case(
        gumbel_softmax.straight_through_moments,
        lambda: {
            "logits": normal(3),
            "slopes": normal(3, 3),
            "temperature": 0.5,
            "component": 1,
        },
    ),
    "information_quadrature.line_rule": Case(
        information_quadrature.line_rule, lambda: {"low": -1.0, "high": 2.0, "count": 5}
    ),
    "information_quadrature.information_spectrum": Case(
        information_quadrature.information_spectrum,
        lambda: {"scores": normal(2, 5, 3), "weights": np.full((2, 5), 0.2)},
        free=("scores",),
    ),
    "ising.ising_torus": Case(
        ising.ising_torus,
        lambda: {"width": 3, "length": 3, "coupling": 0.2, "field": 0.1, "boundary": "open"},
    ),
    "ising.rotation_classes": Case(ising.rotation_classes, lambda: {"width": 3}),
    "kernels.SpectralMixture": Case(
        lambda gradient, **kw: kernels.SpectralMixture(**kw).pull_back(gradient),
        lambda: {
            "envelope": "matern52",
            "lag": normal(2, 4),
            "log_weights": normal(2, 3),
            "log_lengths": normal(2, 3),
            "frequencies": normal(2, 3),
            "gradient": normal(2, 3, 4),
        },
    ),
    "kernels.InfiniteWidth": Case(
        kernels.InfiniteWidth,
        lambda: {
            "activation": "relu",
            "depth": 2,
            "weight": 1.5,
            "bias": 0.1,
            "readout_weight": 1.0,
            "readout_bias": 0.5,
        },
    ),
    **{
        f"kernels.{call.__name__}": Case(call, lambda: {"gram": np.stack([COVARIANCE] * 2)})
        for call in (kernels.arc_cosine, kernels.erf_kernel, kernels.relu_kernel)
    },
    **{
        f"kernels.{call.__name__}": Case(
            call,
            lambda: {"lag": normal(2, 3), "length": np.full(3, 0.5), "highest": 4},
            loose=("lag", "length"),
        )
        for call in (kernels.matern52, kernels.squared_exponential)
    },
    "kernels.times_cosine": Case(
        kernels.times_cosine,
        lambda: {"derivatives": normal(5, 3), "lag": normal(3), "frequency": np.full(3, 0.5)},
        loose=("lag", "frequency"),
    ),
    "kronecker.decompose": Case(kronecker.decompose, lambda: {"factors": eyes(2, 3)}),
    "kronecker.inverse_multiply": Case(
        kronecker.inverse_multiply, lambda: {"factors": eyes(2, 3), "tensor": normal(3, 3)}
    ),
    "kronecker.logdet": Case(
        kronecker.logdet,
        lambda: {"spectrum": kronecker.decompose(eyes(2, 3)), "noise": 0.1},
        loose=("noise",),
    ),
    "kronecker.mode_product": Case(
        kronecker.mode_product,
        lambda: {"tensor": normal(2, 4, 3), "matrix": normal(5, 3), "axis": 2},
    ),
    "kronecker.multiply": Case(
        kronecker.multiply, lambda: {"factors": normal(2, 4, 3), "tensor": normal(3, 3)}
    ),
    "kronecker.solve": Case(
        kronecker.solve,
        lambda: {
            "spectrum": kronecker.decompose(eyes(2, 3)),
            "noise": 0.1,
            "tensor": normal(3, 3),
        },
        loose=("noise",),
    ),
    "kronecker.sparse_posterior": Case(
        kronecker.sparse_posterior,
        lambda: {
            "matrices": normal(2, 4, 3),
            "scales": np.ones((2, 3)),
            "noise": 0.1,
            "data": normal(4, 4),
        },
        loose=("noise",),
    ),
    "layer_norm.layer_norm": Case(
        layer_norm.layer_norm,
        lambda: {"features": normal(4, 3), "scale": np.ones(3), "shift": np.zeros(3), "floor": 0.1},
        loose=("scale", "shift"),
    ),
    "linear_gaussian.Affine": Case(
        linear_gaussian.Affine,
        lambda: {"factor": normal(5, 3, 3), "shift": normal(5, 3), "noise": eyes(5, 3)},
    ),
    "linear_gaussian.Gaussian": Case(
        linear_gaussian.Gaussian, lambda: {"mean": normal(4, 3), "covariance": eyes(4, 3)}
    ),
    "linear_gaussian.flow": Case(
        linear_gaussian.flow,
        lambda: {
            "begin": 0.0,
            "end": 0.1,
            "drift": lambda t: np.eye(2),
            "shift": lambda t: np.ones(2),
            "noise": lambda t: t * np.eye(2),
            "tolerance": 1e-3,
        },
    ),
    "lloyd.lloyd": Case(
        lloyd.lloyd, lambda: {"x": POINT_SETS, "centres": CENTRES, "iterations": 5}
    ),
    "lloyd.random_points": Case(
        lloyd.random_points, lambda: {"rng": rng(), "x": POINT_SETS, "k": 2, "starts": 2}
    ),
    "log_cholesky.cholesky_factor": Case(
        log_cholesky.cholesky_factor, lambda: {"vector": normal(2, 3)}, free=("vector",)
    ),
    "log_cholesky.coordinates": Case(
        log_cholesky.coordinates, lambda: {"matrix": COVARIANCE}, free=("matrix",)
    ),
    "log_cholesky.log_jacobian": Case(log_cholesky.log_jacobian, lambda: {"vector": normal(2, 3)}),
    "log_cholesky.positive_definite": Case(
        log_cholesky.positive_definite, lambda: {"vector": normal(2, 3)}
    ),
    "log_cholesky.pull_back": Case(
        log_cholesky.pull_back, lambda: {"vector": normal(3), "gradient": COVARIANCE}
    ),
    "marginal_lattice.digits": Case(
        marginal_lattice.digits,
        lambda: {"numbers": np.arange(9), "dimension": 2, "base": 3},
        free=("numbers",),
        loose=("numbers",),
    ),
    "marginal_lattice.steps": Case(marginal_lattice.steps, lambda: {"dimension": 2, "values": 2}),
    "marginal_lattice.marginals": Case(
        marginal_lattice.marginals, lambda: {"joint": np.full(4, 0.25), "lattice": LATTICE}
    ),
    "marginal_lattice.log_conditionals": Case(
        marginal_lattice.log_conditionals, lambda: {"marginal": np.ones(9), "lattice": LATTICE}
    ),
    "marginal_lattice.visits": Case(
        marginal_lattice.visits, lambda: {"joint": np.full(4, 0.25), "lattice": LATTICE}
    ),
    "marginal_lattice.fit_log_marginals": Case(
        marginal_lattice.fit_log_marginals,
        lambda: {"targets": normal(2, 3, 2), "weights": np.ones((2, 3, 2)), "lattice": LATTICE},
    ),
    "marginal_lattice.order_log_likelihoods": Case(
        marginal_lattice.order_log_likelihoods,
        lambda: {"conditionals": normal(2, 3, 2), "lattice": LATTICE},
    ),
    "masked_least_squares.masked_fixed_point": Case(
        masked_least_squares.masked_fixed_point,
        lambda: {
            "covariance": COVARIANCE,
            "cross": normal(3, 2),
            "groups": np.ones((3, 2), int),
        },
    ),
    "masked_least_squares.consistent_fixed_point": Case(
        masked_least_squares.consistent_fixed_point,
        lambda: {
            "covariance": COVARIANCE,
            "cross": normal(3, 2),
            "groups": np.ones((3, 2), int),
            "parts": 2,
            "consistency": 0.5,
        },
    ),
    "masked_least_squares.ordinary_least_squares": Case(
        masked_least_squares.ordinary_least_squares,
        lambda: {"covariance": COVARIANCE, "cross": normal(3, 2)},
    ),
    "masked_least_squares.random_group_descent": Case(
        masked_least_squares.random_group_descent,
        lambda: {
            "rng": rng(),
            "covariance": COVARIANCE,
            "cross": normal(3, 2),
            "groups": np.ones((3, 2), int),
            "parts": 2,
            "step": 0.1,
            "steps": 2,
        },
    ),
    "mean_field.mean_field": Case(
        mean_field.mean_field,
        lambda: {**SMOOTHED, "steps": 3, "tolerance": 1e-6, "strength": 1.0},
        free=("log_prior",),
    ),
    "mean_field.mean_field_path": Case(
        mean_field.mean_field_path,
        lambda: {**SMOOTHED, "steps": 3, "strength": 1.0},
        free=("log_prior",),
    ),
    "mean_field.mean_field_step": Case(
        mean_field.mean_field_step,
        lambda: {**SMOOTHED, "assignment": np.full((6, 2), 0.5), "strength": 1.0},
    ),
    "mixture_em.Mixture": Case(
        em.Mixture,
        lambda: {
            "weights": np.array([0.4, 0.6]),
            "means": POINTS[:2],
            "covariances": np.stack([COVARIANCE] * 2),
            "kind": "full",
        },
    ),
    "mixture_em.Rule": Case(em.Rule, lambda: {"tolerance": 1e-6, "iterations": 3}),
    "mixture_em.fit": Case(
        em.fit,
        lambda: {"x": POINT_SETS, "start": MIXTURE, "floor": 0.1, "sample_weight": np.ones(6)},
        free=("x",),
    ),
    "mixture_em.fit_stepwise": Case(
        em.fit_stepwise,
        lambda: {
            "x": POINT_SETS,
            "start": MIXTURE,
            "batch": 3,
            "steps": np.array([0.5, 0.3]),
            "floor": 0.1,
            "sample_weight": np.ones(6),
        },
        free=("x",),
    ),
    "mixture_em.decaying_steps": Case(
        em.decaying_steps, lambda: {"count": 3, "exponent": 0.6, "offset": 2.0}
    ),
    "mixture_em.kmeans_plus_plus": Case(
        em.kmeans_plus_plus, lambda: {"rng": rng(), "x": POINT_SETS, "k": 2, "starts": 2}
    ),
    "mixture_em.nearest": Case(em.nearest, lambda: {"x": POINT_SETS, "centres": CENTRES}),
    "mixture_em.mixture_at": Case(
        em.mixture_at,
        lambda: {"x": POINT_SETS, "centres": CENTRES, "kind": "full", "floor": 0.1},
    ),
    "mixture_em.marginal": Case(em.marginal, lambda: {"mixture": MIXTURE, "axes": np.array([1])}),
    "mixture_em.conditional": Case(
        em.conditional, lambda: {"mixture": MIXTURE, "given": np.array([1]), "x": normal(3, 1)}
    ),
    "mixture_em.sample_each": Case(em.sample_each, lambda: {"rng": rng(), "mixture": MIXTURE}),
    "mixture_em.mixture_of_labels": Case(
        em.mixture_of_labels,
        lambda: {
            "x": POINT_SETS,
            "labels": LABELS[None, None],
            "k": 2,
            "kind": "diag",
            "floor": 0.1,
        },
        free=("x",),
    ),
    **{
        f"mixture_em.{call.__name__}": Case(call, lambda: {"mixture": MIXTURE, "x": POINTS})
        for call in (em.log_density, em.log_joint, em.responsibilities)
    },
    **{
        f"mixture_em.{call.__name__}": Case(
            call, lambda: {"mixture": MIXTURE, "noise": COVARIANCE, "y": POINTS}
        )
        for call in (em.posterior, em.posterior_covariance, em.posterior_mean)
    },
    "mixture_em.noised": Case(em.noised, lambda: {"mixture": MIXTURE, "noise": COVARIANCE}),
    "mixture_em.score": Case(em.score, lambda: {"mixture": MIXTURE, "y": POINTS}),
    "mixture_em.sample": Case(
        em.sample, lambda: {"rng": rng(), "mixture": MIXTURE, "n": 3, "size": 2}
    ),
    "moe_layer.distinct_experts": Case(
        moe_layer.distinct_experts, lambda: {"experts": LABELS[None, :, None], "n_experts": 2}
    ),
    "moe_layer.load_balancing_loss": Case(
        moe_layer.load_balancing_loss,
        lambda: {"router": np.full((4, 2), 0.5), "k": 1, "form": "switch"},
    ),
    "moe_layer.keep_top_k": Case(moe_layer.keep_top_k, lambda: {"logits": normal(5, 3), "k": 2}),
    "moe_layer.sparse_gate": Case(moe_layer.sparse_gate, lambda: {"logits": normal(5, 3), "k": 2}),
    "moe_layer.top_k_gate": Case(moe_layer.top_k_gate, lambda: {"logits": normal(5, 3), "k": 2}),
    "moe_layer.positions_in_expert": Case(
        moe_layer.positions_in_expert, lambda: {"experts": LABELS[:, None], "n_experts": 2}
    ),
    "moe_layer.route": Case(
        moe_layer.route, lambda: {"logits": normal(5, 3), "k": 2, "capacity": 4}
    ),
    **{
        f"moe_layer.{call.__name__}": Case(
            call, lambda: {"tokens": normal(5, 2), "routing": ROUTING}
        )
        for call in (moe_layer.dispatch_table, moe_layer.dispatch_einsum)
    },
    **{
        f"moe_layer.{call.__name__}": Case(
            call, lambda: {"outputs": normal(3, 5, 2), "routing": ROUTING}
        )
        for call in (moe_layer.combine_table, moe_layer.combine_einsum)
    },
    "moe_layer.moe_forward": Case(
        moe_layer.moe_forward,
        lambda: {"tokens": normal(5, 2), "routing": ROUTING, "experts": same},
    ),
    "moment_method.denoised_moments": Case(
        mm.denoised_moments,
        lambda: {"x": normal(3, 4), "noise": np.ones(4) + 1, "degree": 3},
        loose=("noise",),
    ),
    **{
        f"moment_method.{call.__name__}": Case(
            call, lambda: {"moments": np.array([[0.1, 0.3, 0.05]]), "radius": 2.0}
        )
        for call in (mm.gauss_rule, mm.project_moments, mm.two_atoms)
    },
    "moment_method.wasserstein": Case(
        mm.wasserstein,
        lambda: {
            "atoms": np.array([[0.0, 1.0]]),
            "weights": np.array([[0.5, 0.5]]),
            "other_atoms": np.array([[0.0, 1.0, 2.0]]),
            "other_weights": np.array([[0.2, 0.3, 0.5]]),
        },
    ),
    "naive_bayes_augmentation.augment_by_statistics": Case(
        naive_bayes_augmentation.augment_by_statistics,
        lambda: {
            "rng": rng(),
            "size": 2,
            "m": 4,
            "dim": 3,
            "ratios": np.array([0, 1]),
            "ddof": 1,
        },
    ),
    "naive_bayes_augmentation.augment_literally": Case(
        naive_bayes_augmentation.augment_literally,
        lambda: {
            "rng": rng(),
            "size": 2,
            "m": 4,
            "mean": UNIT,
            "ratios": np.array([0, 1]),
            "ddof": 1,
            "sigma": 0.6,
        },
        free=("mean", "ratios"),
    ),
    "naive_bayes_augmentation.finite_test_noise": Case(
        naive_bayes_augmentation.finite_test_noise,
        lambda: {"rng": rng(), "excess": np.ones(2), "dim": 3, "points": 4},
        loose=("excess",),
    ),
    "normal_inverse_wishart.GroupStatistics": Case(
        NIW.GroupStatistics.by_label,
        lambda: {"x": POINTS, "labels": LABELS, "groups": 2},
        free=("x",),
    ),
    "normal_inverse_wishart.NormalInverseWishart": Case(
        NIW.NormalInverseWishart,
        lambda: {"mean": np.zeros(2), "kappa": 1.0, "nu": 3.0, "scale": COVARIANCE},
        loose=("kappa", "nu"),
    ),
    "normal_inverse_wishart.log_marginal": Case(
        NIW.log_marginal, lambda: {"prior": WISHART, "group": GROUP}
    ),
    "normal_inverse_wishart.log_predictive": Case(
        NIW.log_predictive, lambda: {"law": WISHART, "x": POINTS}
    ),
    **{
        f"normal_inverse_wishart.{call.__name__}": Case(
            call,
            lambda: {"prior": WISHART, "first": GROUP, "second": GROUP, "concentration": 1.0},
        )
        for call in (NIW.log_split_ratio, NIW.log_merge_ratio)
    },
    "one_dimensional_kmeans.kmeans_line": Case(
        one_dimensional_kmeans.kmeans_line,
        lambda: {"x": normal(6), "k": 2, "weights": np.arange(1.0, 7.0)},
    ),
    "paired_bootstrap.rank_pairs": Case(
        paired_bootstrap.rank_pairs, lambda: {"scores": normal(6), "labels": LABELS}
    ),
    "paired_bootstrap.best_f1": Case(
        paired_bootstrap.best_f1, lambda: {"scores": normal(6), "labels": LABELS}
    ),
    "paired_bootstrap.f1_at_best_accuracy": Case(
        paired_bootstrap.f1_at_best_accuracy, lambda: {"scores": normal(6), "labels": LABELS}
    ),
    "paired_bootstrap.weighted_best_f1": Case(
        lambda weights: paired_bootstrap.weighted_best_f1(
            paired_bootstrap.rank_pairs(normal(6), LABELS), weights
        ),
        lambda: {"weights": np.ones(6)},
    ),
    "prototype_scores.prototype_scores": Case(
        prototype_scores.prototype_scores,
        lambda: {"x": POINTS, "prototype": UNIT, "distance": "mean absolute", "variance": 0.5},
    ),
    "paired_counts.sign_test": Case(
        paired_counts.sign_test,
        lambda: {"better": np.array([3, 4]), "worse": np.array([1, 0])},
        loose=("better", "worse"),
    ),
    "paired_counts.tables_with_margins": Case(
        paired_counts.tables_with_margins, lambda: {"first": 2, "second": 3, "n": 6}
    ),
    "paired_counts.two_proportion_test": Case(
        paired_counts.two_proportion_test,
        lambda: {"first": np.array([0.3, 0.4]), "second": np.array([0.5, 0.4]), "n": 6},
        loose=("first", "second"),
    ),
    **{
        f"grid_smoothness.{call.__name__}": Case(
            call, lambda: {"grids": normal(2, 3, 3, 2)}, free=("grids",)
        )
        for call in (
            grid_smoothness.absolute_difference_variance,
            grid_smoothness.neighbour_distance,
        )
    },
    "grid_smoothness.residual_entropy": Case(
        grid_smoothness.residual_entropy, lambda: {"grids": COLOURS}, free=("grids",)
    ),
    "parallel_linear_assignment_sorting.assign_four": Case(
        plas.assign_four, lambda: {"costs": normal(3, 4, 4), "choices": plas.ORDERS}
    ),
    "parallel_linear_assignment_sorting.blurred": Case(
        plas.blurred, lambda: {"grids": normal(2, 6, 6, 2), "radius": 2}, free=("grids",)
    ),
    "parallel_linear_assignment_sorting.radii": Case(plas.radii, lambda: {"side": 16}),
    "parallel_linear_assignment_sorting.sort_grids": Case(
        plas.sort_grids,
        lambda: {
            "grids": normal(2, 6, 6, 2),
            "rng": rng(),
            "least_gain": 0.1,
            "choices": plas.ORDERS,
            "schedule": np.array([2, 1]),
        },
        free=("grids", "schedule"),
    ),
    "parallel_linear_assignment_sorting.sort_towards": Case(
        plas.sort_towards,
        lambda: {
            "grids": normal(2, 6, 6, 2),
            "targets": normal(2, 6, 6, 2),
            "radius": 2,
            "rng": rng(),
            "least_gain": 0.1,
            "shifts": 2,
            "choices": plas.ORDERS,
            "moves": plas.ORDERS,
        },
    ),
    "preference.PairwiseProblem": Case(
        preference.PairwiseProblem,
        lambda: {"weights": np.ones((3, 3)), "preferred": np.full((3, 3), 0.5)},
    ),
    "preference.fit_pairwise": Case(
        preference.fit_pairwise, lambda: {"problem": PAIRS, "iterations": 3, "tolerance": 1e-9}
    ),
    "preference.dpo_update": Case(
        preference.dpo_update,
        lambda: {"log_reference": normal(3), "theta": normal(3), "beta": 0.5},
    ),
    "preference.squared_margin_fit": Case(
        preference.squared_margin_fit, lambda: {"problem": PAIRS, "target": 1.0}
    ),
    "preference.descent_margins": Case(
        preference.descent_margins,
        lambda: {
            "problem": PAIRS,
            "checkpoints": np.array([1, 3]),
            "step": 0.1,
            "log_reference": normal(3),
            "likelihood": np.ones(3),
            "settled": 0.1,
        },
        free=("checkpoints",),
        loose=("log_reference", "likelihood", "step"),
    ),
    "quantization.absmax_quantize": Case(
        qu.absmax_quantize,
        lambda: {"weights": normal(3, 4), "bits": 4, "group": 2, "convention": "sym"},
    ),
    "quantization.absmax_quantizers": Case(
        qu.absmax_quantizers,
        lambda: {"weights": normal(3, 4), "bits": 4, "group": 2, "convention": "sym"},
    ),
    "quantization.absmax_scales": Case(
        qu.absmax_scales,
        lambda: {"weights": normal(3, 4), "bits": 4, "group": 2, "convention": "sym"},
    ),
    "quantization.damped": Case(qu.damped, lambda: {"hessian": COVARIANCE, "fraction": 0.1}),
    "quantization.inverse_factor": Case(qu.inverse_factor, lambda: {"hessian": COVARIANCE}),
    "quantization.gptq": Case(
        lambda weights, factor, block: qu.gptq(weights, factor, np.round, block=block),
        lambda: {"weights": normal(3, 2), "factor": np.eye(2), "block": 2},
    ),
    "quantization.quadratic_error": Case(
        qu.quadratic_error,
        lambda: {"weights": normal(3, 2), "quantized": normal(3, 2), "hessian": COVARIANCE},
    ),
    "quantization.ternary_codes": Case(
        qu.ternary_codes,
        lambda: {"weights": normal(3, 2), "low": -np.ones(3), "high": np.ones(3)},
        free=("weights",),
    ),
    "quantization.ternary_quantizer": Case(
        qu.ternary_quantizer, lambda: {"low": -np.ones(3), "high": np.ones(3)}, loose=("low",)
    ),
    "quantization.ternary_range": Case(qu.ternary_range, lambda: {"weights": normal(3, 2)}),
    "quantization.uniform_quantizer": Case(
        qu.uniform_quantizer, lambda: {"step": 0.5, "largest": 2.0}, endless=("largest",)
    ),
    "randomized_smoothing.interval_probabilities": Case(
        randomized_smoothing.interval_probabilities,
        lambda: {"x": normal(3), "cuts": np.array([0.0, 1.0]), "sigma": 0.5},
        free=("x", "cuts"),
    ),
    "randomized_smoothing.quadrant_probabilities": Case(
        randomized_smoothing.quadrant_probabilities,
        lambda: {"x": normal(3, 2), "corner": np.zeros(2), "sigma": 0.5},
    ),
    "randomized_smoothing.exit_radius": Case(
        randomized_smoothing.exit_radius,
        lambda: {"inside": lambda r: r < 0.5, "longest": 1.0, "step": 0.1, "bisections": 3},
    ),
    "randomized_smoothing.mixed_probabilities": Case(
        randomized_smoothing.mixed_probabilities,
        lambda: {"g": np.array([0.4, 0.6]), "h": np.array([0.5, 0.5]), "alpha": 0.5},
    ),
    **{
        f"random_walk_metropolis.{call.__name__}": Case(
            call, lambda: {"draws": normal(20, 2)}, free=("draws",)
        )
        for call in (
            random_walk_metropolis.bulk_effective_size,
            random_walk_metropolis.split_r_hat,
        )
    },
    "random_walk_metropolis.random_walk_metropolis": Case(
        lambda start, rng, factor, warm_up, kept, thin, target: (
            random_walk_metropolis.random_walk_metropolis(
                lambda x: -(x**2).sum(axis=-1), start, rng, factor, warm_up, kept, thin, target
            )
        ),
        lambda: {
            "start": normal(3, 2),
            "rng": rng(),
            "factor": np.eye(2),
            "warm_up": 2,
            "kept": 3,
            "thin": 1,
            "target": 0.25,
        },
    ),
    "robust_logistic.robust_logistic": Case(
        robust_logistic.robust_logistic,
        lambda: {
            "x": normal(2, 6, 2),
            "y": Y2,
            "radius": 0.1,
            "attack": "l2",
            "weights": np.ones((2, 6)),
            "max_iterations": 3,
        },
        free=("x",),
    ),
    "robust_logistic.class_weights": Case(robust_logistic.class_weights, lambda: {"y": Y2}),
    "robust_logistic.population_robust_logistic": Case(
        robust_logistic.population_robust_logistic,
        lambda: {
            "mean": UNIT,
            "imbalance": 2.0,
            "radius": 0.1,
            "attack": "linf",
            "sigma": 1.0,
            "max_iterations": 300,
        },
    ),
    "robust_self_training.SelfTraining": Case(
        robust_self_training.SelfTraining,
        lambda: {
            "gamma": 1.0,
            "gamma_unlabelled": 0.3,
            "weight": 1.0,
            "annealing": np.ones(2),
            "steps": 4,
            "step_size": 0.1,
        },
    ),
    "robust_self_training.robust_self_training": Case(
        robust_self_training.robust_self_training,
        lambda: {"labelled": normal(2, 6, 2), "labels": Y2, "unlabelled": normal(2, 5, 2)},
    ),
    "robust_self_training.objective": Case(
        robust_self_training.objective,
        lambda: {
            "w": normal(2, 2),
            "labelled": normal(2, 6, 2),
            "labels": Y2,
            "unlabelled": normal(2, 5, 2),
        },
    ),
    "scale_mixture.ScalePrior": Case(
        scale_mixture.ScalePrior, lambda: {"concentration": 1.0, "shape": 2.0, "rate": 0.5}
    ),
    "scale_mixture.dirichlet_divergence": Case(
        scale_mixture.dirichlet_divergence,
        lambda: {"concentration": np.arange(1.0, 4), "prior": np.array([1.0, 0.5, 2.0])},
        loose=("prior",),
    ),
    "scale_mixture.evidence_bound": Case(
        scale_mixture.evidence_bound,
        lambda: {
            "y": normal(3),
            "posterior": scale_mixture.weights_and_scales(normal(3), np.full((3, 2), 0.5)),
        },
    ),
    "scale_mixture.fit_scales": Case(
        scale_mixture.fit_scales,
        lambda: {
            "y": normal(3),
            "start": np.full((3, 2), 0.5),
            "sweeps": 2,
            "expectation": "plug-in",
        },
    ),
    "scale_mixture.gamma_divergence": Case(
        scale_mixture.gamma_divergence,
        lambda: {
            "shape": np.arange(1.0, 4),
            "rate": np.array([0.5, 2.0, 1.0]),
            "prior_shape": np.ones(3),
            "prior_rate": np.array([1.0, 3.0, 0.2]),
        },
        loose=("shape", "rate", "prior_shape", "prior_rate"),
    ),
    "scale_mixture.weights_and_scales": Case(
        scale_mixture.weights_and_scales,
        lambda: {"y": normal(3), "responsibilities": np.full((3, 2), 0.5)},
    ),
    "score_histograms.histogram_entropies": Case(
        score_histograms.histogram_entropies,
        lambda: {"scores": normal(2, 9), "edges": 5, "reach": 2.0, "span": "original"},
    ),
    "sdp.AdjustedOptions": Case(
        sdp.AdjustedOptions,
        lambda: {"rho": 2.0, "max_iterations": 3, "check_every": 2, "patience": 2},
    ),
    "sdp.AdjustedProblem": Case(
        sdp.AdjustedProblem, lambda: {"points": POINTS, "covariances": np.stack([COVARIANCE] * 2)}
    ),
    "sdp.KMeansProblem": Case(sdp.KMeansProblem, lambda: {"points": POINTS, "k": 2}),
    "sdp.SdpnalForm": Case(
        lambda cost, operator, right: sdp.SdpnalForm(cost, operator, right),
        lambda: {"cost": np.eye(3), "operator": np.ones((6, 2)), "right": np.ones(2)},
        free=("cost",),
        loose=("right",),
    ),
    "sdp.NlrOptions": Case(
        sdp.NlrOptions,
        lambda: {
            "step": 0.05,
            "penalty": 5.0,
            "inner": 3,
            "outer": 3,
            "steps": 9,
            "inner_tolerance": 1e-3,
            "tolerance": 1e-6,
        },
    ),
    "sdp.SplittingOptions": Case(
        sdp.SplittingOptions,
        lambda: {
            "rho": 4.0,
            "relaxation": 1.6,
            "max_iterations": 9,
            "first_check": 2,
            "balance_every": 4,
            "balance": 1.0,
        },
    ),
    "sdp.adjusted_dual_bound": Case(
        sdp.adjusted_dual_bound,
        lambda: {
            "similarities": ADJUSTED.similarities,
            "multipliers": np.zeros((2, 6, 6)),
            "prices": np.zeros(6),
        },
    ),
    "sdp.adjusted_partition_test": Case(
        sdp.adjusted_partition_test, lambda: {"problem": ADJUSTED, "labels": LABELS}
    ),
    "sdp.adjusted_sdp": Case(
        sdp.adjusted_sdp,
        lambda: {"problem": ADJUSTED, "start": LABELS, "tolerance": 0.1, "time_limit": 5.0},
    ),
    "sdp.certify_adjusted_partition": Case(
        sdp.certify_adjusted_partition,
        lambda: {"problem": ADJUSTED, "labels": LABELS, "tolerance": 0.1, "time_limit": 5.0},
    ),
    "sdp.certify_large_partition": Case(
        sdp.certify_large_partition,
        lambda: {"problem": PROBLEM, "labels": LABELS, "tolerance": 0.1, "time_limit": 5.0},
    ),
    "sdp.certify_partition": Case(
        sdp.certify_partition,
        lambda: {
            "problem": PROBLEM,
            "labels": LABELS,
            "tolerance": 0.1,
            "corrections": 2,
            "time_limit": 5.0,
        },
    ),
    "sdp.dual_bound": Case(
        sdp.dual_bound, lambda: {"gram": GRAM, "multiplier": np.zeros((6, 6)), "k": 2}
    ),
    "sdp.factorise": Case(
        lambda problem, start, time_limit: sdp.factorise(
            problem, start, sdp.NlrOptions(steps=3, inner=2), time_limit=time_limit
        ),
        lambda: {"problem": PROBLEM, "start": np.ones((6, 2)), "time_limit": 5.0},
        optional=("time_limit",),
    ),
    "sdp.feasible_mixture": Case(
        sdp.feasible_mixture, lambda: {"member": np.full((6, 6), 1 / 6), "k": 2}
    ),
    "sdp.ila_sdp": Case(
        sdp.ila_sdp,
        lambda: {
            "points": POINTS,
            "start": LABELS,
            "shrinkage": 0.2,
            "rounds": 1,
            "tolerance": 0.1,
            "rng": rng(),
            "time_limit": 5.0,
        },
        free=("points",),
    ),
    "sdp.kmeans_sdp": Case(
        sdp.kmeans_sdp,
        lambda: {
            "points": POINTS,
            "k": 2,
            "tolerance": 0.1,
            "method": "certificate",
            "rng": rng(),
            "time_limit": 5.0,
        },
    ),
    "sdp.kmeans_start": Case(
        sdp.kmeans_start, lambda: {"problem": PROBLEM, "rng": rng(), "restarts": 2}
    ),
    "sdp.la_sdp": Case(
        sdp.la_sdp,
        lambda: {
            "points": POINTS,
            "covariances": np.stack([COVARIANCE] * 2),
            "start": LABELS,
            "tolerance": 0.1,
            "rng": rng(),
            "time_limit": 5.0,
        },
    ),
    "sdp.membership_factor": Case(sdp.membership_factor, lambda: {"labels": LABELS, "k": 2}),
    "sdp.partition_test": Case(
        sdp.partition_test, lambda: {"points": POINTS, "labels": LABELS, "k": 2}, free=("points",)
    ),
    "sdp.sdpnal_form": Case(sdp.sdpnal_form, lambda: {"points": POINTS, "k": 2}),
    "sdp.smat": Case(sdp.smat, lambda: {"vector": np.ones(6)}),
    "sdp.solve_by_cvxpy": Case(
        sdp.solve_by_cvxpy,
        lambda: {"problem": PROBLEM, "solver": "scs", "tolerance": 0.1, "time_limit": 5.0},
    ),
    "sdp.solve_by_low_rank": Case(
        sdp.solve_by_low_rank,
        lambda: {"problem": PROBLEM, "tolerance": 0.1, "rng": rng(), "time_limit": 5.0},
    ),
    "sdp.svec": Case(sdp.svec, lambda: {"matrix": np.eye(3)}),
    "sdp.solve_by_splitting": Case(
        sdp.solve_by_splitting,
        lambda: {"problem": PROBLEM, "start": LABELS, "tolerance": 0.1, "time_limit": 5.0},
    ),
    "sinkhorn.entropic_plan": Case(
        sinkhorn.entropic_plan,
        lambda: {
            "log_kernel": normal(3, 4),
            "rows": np.full(3, 1 / 3),
            "columns": np.full(4, 0.25),
            "tolerance": 1e-6,
            "sweeps": 100,
        },
    ),
    "split_merge.Moves": Case(
        sm.Moves,
        lambda: {"rounds": 3, "floor": 0.5, "least": 2, "side": 2, "steps": 5},
        optional=("floor",),
    ),
    "split_merge.Prior": Case(
        sm.Prior, lambda: {"kappa": 0.01, "nu": 5.0, "scale": 1.0, "concentration": 1.0}
    ),
    "split_merge.split_merge": Case(
        sm.split_merge,
        lambda: {
            "rng": rng(),
            "x": POINTS[None],
            "labels": LABELS[None],
            "prior": sm.Prior(0.01, 5.0, 1.0),
        },
        free=("x", "prior"),
    ),
    "set_partitions.cheapest_partition": Case(
        set_partitions.cheapest_partition, lambda: {"x": POINTS, "k": 2}, free=("x",), loose=("x",)
    ),
    "set_partitions.set_partitions": Case(set_partitions.set_partitions, lambda: {"n": 4, "k": 2}),
    "student_t_process.InverseGamma": Case(
        student_t_process.InverseGamma, lambda: {"shape": 2.0, "rate": 0.5}
    ),
    "student_t_process.StudentT": Case(
        student_t_process.StudentT,
        lambda: {"freedom": 3.0, "location": normal(2, 2), "shape": np.stack([COVARIANCE] * 2)},
    ),
    "student_t_process.log_marginal_likelihood": Case(
        student_t_process.log_marginal_likelihood,
        lambda: {"covariance": COVARIANCE, "y": normal(2), "scale": INVERSE_GAMMA},
    ),
    "student_t_process.marginal": Case(
        student_t_process.marginal, lambda: {"covariance": COVARIANCE, "scale": INVERSE_GAMMA}
    ),
    "student_t_process.posterior": Case(
        student_t_process.posterior,
        lambda: {"covariance": np.eye(3), "y": normal(2), "scale": INVERSE_GAMMA},
        free=("y",),
    ),
    "student_t_process.scale_posterior": Case(
        student_t_process.scale_posterior,
        lambda: {"covariance": COVARIANCE, "y": normal(2), "scale": INVERSE_GAMMA},
    ),
    "subsets.random_partitions": Case(
        subsets.random_partitions, lambda: {"rng": rng(), "size": 2, "count": 6, "parts": 3}
    ),
    "subsets.random_subsets": Case(
        subsets.random_subsets, lambda: {"rng": rng(), "size": 2, "population": 6, "k": 3}
    ),
    "subsets.part_masks": Case(
        subsets.part_masks, lambda: {"labels": LABELS, "parts": 2}, loose=("labels",)
    ),
    "subsets.subset_indicators": Case(subsets.subset_indicators, lambda: {"population": 4, "k": 2}),
    "subsets.subset_sum_errors": Case(
        subsets.subset_sum_errors,
        lambda: {
            "vectors": normal(4, 2),
            "indicators": subsets.subset_indicators(4, 2),
            "scale": 2.0,
        },
        free=("vectors",),
    ),
    "subsets.sampling_error": Case(
        subsets.sampling_error, lambda: {"vectors": normal(4, 2), "k": 2}
    ),
    "subsets.with_replacement_error": Case(
        subsets.with_replacement_error, lambda: {"vectors": normal(4, 2), "k": 2}
    ),
    "subspace_regression.least_squares": Case(
        subspace_regression.least_squares,
        lambda: {"x": normal(2, 6, 2), "y": normal(2, 6)},
        free=("x",),
    ),
    "subspace_regression.solve_moments": Case(
        subspace_regression.solve_moments,
        lambda: {
            "gram": np.stack([COVARIANCE] * 2),
            "cross": normal(2, 2),
            "basis": normal(2, 2, 2),
        },
        free=("basis",),
    ),
    "subspace_regression.ridge": Case(
        subspace_regression.ridge,
        lambda: {"x": normal(2, 6, 2), "y": normal(2, 6), "penalty": 0.1},
        free=("x",),
    ),
    "subspace_regression.subspace_least_squares": Case(
        subspace_regression.subspace_least_squares,
        lambda: {"x": normal(2, 6, 2), "y": normal(2, 6), "basis": normal(2, 2, 2)},
        free=("basis",),
    ),
    "subspace_regression.population_regression": Case(
        subspace_regression.population_regression,
        lambda: {"theta": UNIT, "variances": np.ones(2), "basis": normal(2, 2, 2)},
        free=("basis",),
    ),
    "subspace_regression.quadratic_excess": Case(
        subspace_regression.quadratic_excess,
        lambda: {"w": normal(3, 2), "theta": UNIT, "variances": np.ones(2)},
    ),
    "ternary_codec.build_dictionary": Case(
        tc.build_dictionary, lambda: {"p0": 0.6, "size": 20, "most_pairs": 3}
    ),
    "ternary_codec.encode": Case(
        tc.encode,
        lambda: {"trits": np.array([[1, 0, -1]]), "p0": 0.6, "method": "dictionary"},
        empty=("trits",),
    ),
    "ternary_codec.expected_codewords": Case(
        tc.expected_codewords, lambda: {"rate": RATE, "pairs": 3}
    ),
    "ternary_codec.fresh_start_length": Case(
        tc.fresh_start_length, lambda: {"dictionary": BOOK, "law": LAW}
    ),
    "ternary_codec.markov_rate": Case(tc.markov_rate, lambda: {"dictionary": BOOK, "law": LAW}),
    "ternary_codec.variance_of_codewords": Case(
        tc.variance_of_codewords, lambda: {"rate": RATE, "pairs": 3}
    ),
    "ternary_codec.pair_law": Case(tc.pair_law, lambda: {"p0": 0.6}),
    "ternary_codec.parse": Case(
        tc.parse, lambda: {"trits": np.array([[1, 0, -1]]), "dictionary": BOOK}, empty=("trits",)
    ),
    "ternary_codec.retied": Case(
        tc.retied, lambda: {"dictionary": BOOK, "priority": normal(len(tc.cut_ties(BOOK).parents))}
    ),
    "ternary_codec.tunstall_length": Case(
        tc.tunstall_length, lambda: {"law": LAW, "size": 20, "most_pairs": 3}
    ),
    "ternary_codec.unparse": Case(
        lambda columns: tc.unparse(tc.parse(np.zeros((2, 4), int), BOOK), columns, BOOK),
        lambda: {"columns": 4},
    ),
    "tile_grids.candidate_grids": Case(tile_grids.candidate_grids, lambda: {"low": 1, "high": 4}),
    "tile_grids.closest_grids": Case(
        tile_grids.closest_grids,
        lambda: {
            "width": np.ones(2),
            "height": np.ones(2),
            "grids": np.array([[1, 1], [1, 2]]),
            "allowed": np.ones((2, 2), bool),
        },
    ),
    "tile_grids.cut_on_axis": Case(
        tile_grids.cut_on_axis, lambda: {"start": 0.1, "length": 0.2, "parts": 3}, loose=("start",)
    ),
    "tile_grids.random_starts": Case(
        tile_grids.random_starts, lambda: {"rng": rng(), "size": 2, "length": 0.2}
    ),
    "unnormalized_gradients.WeightedSample": Case(
        unnormalized_gradients.WeightedSample,
        lambda: {
            "statistics": normal(2, 5, 3),
            "offsets": normal(2, 5),
            "weights": np.full((2, 5), 0.2),
        },
        free=("statistics",),
    ),
    **{
        f"unnormalized_gradients.{call.__name__}": Case(
            call,
            lambda: {"theta": normal(2, 3), "data": ratio_sample(), "noise": ratio_sample()},
        )
        for call in (
            unnormalized_gradients.contrastive_gradient,
            unnormalized_gradients.contrastive_curvature,
        )
    },
    "unnormalized_gradients.compositional_gradient": Case(
        unnormalized_gradients.compositional_gradient,
        lambda: {
            "theta": normal(2, 3),
            "data": ratio_sample(),
            "noise": ratio_sample(),
            "log_inner": np.zeros(2),
            "averaging": 0.9,
        },
    ),
    **{
        f"water_filling.{call.__name__}": Case(
            call,
            lambda: {"sizes": np.array([[1.0, 2.0, 9.0]] * 2), "budget": np.array([2.0, 3.0])},
            free=("sizes",),
        )
        for call in (
            water_filling.water_fill,
            water_filling.redistribute_sorted,
            water_filling.runs_out_of_groups,
            water_filling.proportional,
        )
    },
    "gaussian_hierarchy.learn_prior": Case(
        gaussian_hierarchy.learn_prior,
        lambda: {
            "precision": np.stack([COVARIANCE] * 6),
            "linear": POINTS,
            "steps": 3,
            "tolerance": 1e-8,
        },
    ),
    "gaussian_hierarchy.task_posteriors": Case(
        gaussian_hierarchy.task_posteriors,
        lambda: {
            "mean": np.zeros(2),
            "covariance": COVARIANCE,
            "precision": np.stack([COVARIANCE] * 6),
            "linear": POINTS,
        },
    ),
    "laplace_importance.student_pairs": Case(
        laplace_importance.student_pairs,
        lambda: {"rng": rng(), "pairs": 4, "dimension": 2, "freedom": 8.0},
    ),
    "laplace_importance.weighted": Case(
        lambda centre, curvature, points, freedom: laplace_importance.weighted(
            lambda x: -(x**2).sum(axis=1), centre, curvature, points, freedom
        ),
        lambda: {
            "centre": np.zeros(2),
            "curvature": COVARIANCE,
            "points": POINTS,
            "freedom": 8.0,
        },
    ),
    "density_attention.gaussian_factors": Case(
        density_attention.gaussian_factors,
        lambda: {
            "x": normal(3, 5),
            "offsets": np.zeros((3, 2)),
            "scales": np.ones((3, 2)),
            "addition": 0.1,
        },
        free=("x",),
    ),
    "density_attention.normalised": Case(
        density_attention.normalised, lambda: {"raw": np.ones((2, 3)), "floor": 0.1}
    ),
    "density_attention.place_weights": Case(
        density_attention.place_weights,
        lambda: {"y": normal(3, 5), "scales": np.ones((3, 5))},
        loose=("scales",),
    ),
    "density_attention.standardised": Case(
        density_attention.standardised,
        lambda: {"x": normal(3, 5), "offsets": np.zeros(5), "addition": 0.1},
    ),
    "gaussian_merging.average": Case(
        gaussian_merging.average,
        lambda: {"means": normal(4, 3, 2), "weights": np.ones(3)},
        free=("means",),
        optional=("weights",),
    ),
    "gaussian_merging.diagonal_mode": Case(
        gaussian_merging.diagonal_mode,
        lambda: {
            "means": normal(4, 3, 2),
            "precisions": np.ones((4, 3, 2)),
            "weights": np.ones(3),
        },
        optional=("weights",),
    ),
    "gaussian_merging.full_mode": Case(
        gaussian_merging.full_mode,
        lambda: {
            "means": normal(4, 3, 2),
            "precisions": np.stack([eyes(3, 2)] * 4),
            "weights": np.ones(3),
        },
        optional=("weights",),
    ),
    "ridge_logistic.information": Case(
        ridge_logistic.information, lambda: {"x": normal(4, 6, 2), "coefficients": normal(4, 2)}
    ),
    "ridge_logistic.losses": Case(
        ridge_logistic.losses,
        lambda: {"x": normal(4, 6, 2), "y": np.tile(Y1 > 0, (4, 1)), "coefficients": normal(4, 2)},
    ),
    "ridge_logistic.ridge_logistic": Case(
        ridge_logistic.ridge_logistic,
        lambda: {"x": normal(4, 6, 2), "y": np.tile(Y1 > 0, (4, 1)), "ridge": 0.1},
        free=("x",),
    ),
    "sparse_bayes.Alternating": Case(
        sparse_bayes.Alternating, lambda: {"sweeps": 5, "tolerance": 1e-5}
    ),
    "sparse_bayes.DenseModel": Case(
        sparse_bayes.DenseModel,
        lambda: {"matrix": normal(2, 3, 4), "data": normal(2, 3), "noise": np.ones(2)},
        free=("matrix",),
    ),
    "sparse_bayes.KroneckerModel": Case(
        sparse_bayes.KroneckerModel,
        lambda: {"matrices": normal(2, 2, 3, 4), "data": normal(2, 3, 3), "noise": np.ones(2)},
        free=("matrices",),
    ),
    "sparse_bayes.fit": Case(
        lambda **options: sparse_bayes.fit(
            sparse_bayes.DenseModel(normal(2, 3, 4), normal(2, 3), np.ones(2)),
            sparse_bayes.classical,
            **options,
        ),
        lambda: {"iterations": 3, "prune": 0.01, "tolerance": 1e-4, "variance_weight": 1.0},
    ),
    "sparse_bayes.support_least_squares": Case(
        sparse_bayes.support_least_squares,
        lambda: {
            "model": sparse_bayes.DenseModel(normal(2, 3, 4), normal(2, 3), np.ones(2)),
            "support": np.eye(2, 4, dtype=bool),
        },
    ),
}
