"""Every public function of the solvers refuses a bad argument by name, with a ValueError."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import refutable.solvers
from argument_cases import CASES, Case

# What holds a result, is a protocol, an error or a name, or takes nothing but checked records.
NOTHING_TO_CHECK = {
    "accounting.Agreement",
    "accounting.activated",
    "accounting.bytes_stored",
    "accounting.parameters",
    "adaptive_queries.Analyst",
    "adaptive_queries.Mechanism",
    "adaptive_queries.Transcript",
    "adaptive_queries.interact",
    "balanced_kmeans.BalancedClusters",
    "collectives.Exchange",
    "context_transformer.Batch",
    "domain_training.domain_losses",
    "gated_ffn.gelu",
    "gated_ffn.normalising",
    "gated_ffn.relu",
    "gated_ffn.silu",
    "gaussian_hierarchy.LearnedPrior",
    "gaussian_mixture.ClassStatistics",
    "gaussian_moe.Fit",
    "gaussian_moe.Nodes",
    "gaussian_moe.PairFit",
    "gaussian_moe.Status",
    "gaussian_moe.fisher_information",
    "gumbel_softmax.GradientMoments",
    "gaussian_process.Factor",
    "gaussian_process.Functionals",
    "gaussian_process.Posterior",
    "gaussian_process.Process",
    "halfspace.AngleCertificate",
    "halfspace.BandMoments",
    "halfspace.Certificate",
    "halfspace.Path",
    "halfspace.Rejected",
    "halfspace.RejectedWarning",
    "information_quadrature.InformationSpectrum",
    "ising.IsingModel",
    "kernels.ActivationKernel",
    "kernels.WideKernels",
    "kronecker.Posterior",
    "kronecker.Spectrum",
    "laplace_importance.Weighted",
    "linear_gaussian.as_one",
    "linear_gaussian.law_after",
    "linear_gaussian.laws_along",
    "lloyd.LloydFit",
    "marginal_lattice.LatticeFit",
    "marginal_lattice.Steps",
    "mean_field.MeanField",
    "mixture_em.Fit",
    "mixture_em.Status",
    "mixture_em.mean_and_covariance",
    "moe_layer.Coverage",
    "moe_layer.Routing",
    "moe_layer.coverage",
    "moe_layer.one_hot_mask",
    "naive_bayes_augmentation.AugmentedLosses",
    "one_dimensional_kmeans.LineClusters",
    "paired_bootstrap.RankedPairs",
    "parallel_linear_assignment_sorting.SortedGrids",
    "preference.PairwiseFit",
    "preference.largest_curvature",
    "prototype_scores.Distance",
    "quantization.Convention",
    "quantization.GptqResult",
    "quantization.Grouped",
    "quantization.dequantize",
    "random_walk_metropolis.Chains",
    "ridge_logistic.LogisticFits",
    "robust_logistic.LinearRules",
    "scale_mixture.ScaleFit",
    "scale_mixture.ScalePosterior",
    "sdp.AdjustedResult",
    "sdp.FromSdpnal",
    "sdp.IteratedResult",
    "sdp.PartitionTest",
    "sdp.Progress",
    "sdp.SdpResult",
    "sdp.Status",
    "sdp.Stop",
    "sdp.kmeans_of",
    "sdp.read_sdpnal",
    "sdp.write_sdpnal",
    "sinkhorn.EntropicPlan",
    "sparse_bayes.Moments",
    "sparse_bayes.SparseFit",
    "sparse_bayes.classical",
    "sparse_bayes.rank_one",
    "split_merge.Grouping",
    "ternary_codec.CodecError",
    "ternary_codec.Dictionary",
    "ternary_codec.MarkovRate",
    "ternary_codec.Method",
    "ternary_codec.Parsed",
    "ternary_codec.Ties",
    "ternary_codec.cut_ties",
    "ternary_codec.decode",
    "water_filling.Allocation",
}


def public() -> Iterator[str]:
    for found in pkgutil.iter_modules(refutable.solvers.__path__):
        if found.name == "argument_checks" or found.name.startswith("_"):
            continue
        module = importlib.import_module(f"refutable.solvers.{found.name}")
        own = [
            n for n, o in vars(module).items() if getattr(o, "__module__", "") == module.__name__
        ]
        for name in getattr(module, "__all__", own):
            if callable(getattr(module, name)) and not name.startswith("_"):
                yield f"{found.name}.{name}"


def test_every_public_function_has_a_case() -> None:
    known = CASES.keys() | NOTHING_TO_CHECK
    assert sorted(set(public()) - known) == []
    assert sorted(known - set(public())) == []


def bad_numbers(case: Case, name: str, value: float) -> Iterator[object]:
    yield from (True, "3", np.nan, None, 3j)
    if name not in case.loose:
        yield [value, value]
    if name not in case.endless:
        yield np.inf
    if isinstance(value, int):
        yield from (-1, value + 0.5)


def bad_arrays(case: Case, name: str, value: np.ndarray) -> Iterator[object]:
    yield from (None, "text", np.full(value.shape, "a"), True)
    if name not in case.empty:
        yield np.empty((0, *value.shape[1:]))
    if value.dtype.kind == "b":
        yield value.astype(float) + 2
        return
    for worst in () if name in case.later else (np.nan, np.inf):
        spoiled = value.astype(float)
        spoiled[(0,) * value.ndim] = worst
        yield spoiled
    if value.ndim and name not in case.loose:
        yield value.ravel()[0]
    if value.dtype.kind in "iu":
        yield value + 0.5
        yield value - 7


def bad_values(case: Case, name: str, value: Any) -> Iterator[object]:
    """Spoil an argument in every way that its kind allows; records and functions are left alone."""
    if isinstance(value, np.ndarray):
        yield from bad_arrays(case, name, value)
    elif isinstance(value, np.random.Generator):
        yield from (0, None, np.random.RandomState(0))
    elif isinstance(value, str):
        yield from ("no such name", 3, None, True)
    elif isinstance(value, int | float) and not isinstance(value, bool | enum.Enum):
        yield from bad_numbers(case, name, value)


def may_be_none(case: Case, name: str) -> bool:
    parameter = inspect.signature(case.call).parameters.get(name)
    return name in case.optional or (parameter is not None and parameter.default is None)


SPOILED = [
    pytest.param(label, name, bad, id=f"{label}-{name}-{number}")
    for label, case in CASES.items()
    for name, value in case.good().items()
    for number, bad in enumerate(bad_values(case, name, value))
    if not (bad is None and may_be_none(case, name))
]


@pytest.mark.parametrize("label", CASES)
def test_the_good_arguments_are_taken(label: str) -> None:
    CASES[label].call(**CASES[label].good())


@pytest.mark.parametrize(("label", "name", "bad"), SPOILED)
def test_a_bad_argument_is_refused_by_name(label: str, name: str, bad: object) -> None:
    case = CASES[label]
    with pytest.raises(ValueError, match=rf"^{re.escape(name)}\b.*: \w+"):
        case.call(**{**case.good(), name: bad})


@pytest.mark.parametrize("label", CASES)
def test_arrays_that_do_not_go_together_are_refused_by_name(label: str) -> None:
    case = CASES[label]
    arrays = {n: v for n, v in case.good().items() if isinstance(v, np.ndarray) and v.ndim}
    if len(arrays) < 2:
        return
    names = "|".join(arrays)
    for name in arrays.keys() - set(case.free):
        with pytest.raises(ValueError, match=rf"^({names})\b"):
            case.call(**{**case.good(), name: arrays[name][..., :-1]})


@pytest.mark.parametrize("label", CASES)
def test_a_whole_float_and_a_numpy_integer_count_as_whole_numbers(label: str) -> None:
    case = CASES[label]
    for name, value in case.good().items():
        if isinstance(value, int) and not isinstance(value, bool):
            for same in (float(value), np.int32(value), np.array(value)):
                case.call(**{**case.good(), name: same})


def test_records_and_functions_are_the_only_arguments_that_are_left_alone() -> None:
    for label, case in CASES.items():
        for name, value in case.good().items():
            if not list(bad_values(case, name, value)):
                assert (
                    callable(value)
                    or dataclasses.is_dataclass(value)
                    or (type(value).__name__ == "Fraction")
                ), (label, name)
