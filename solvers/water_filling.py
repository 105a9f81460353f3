"""Max-min fair division of a budget among groups of limited size, batched over cases.

Water-filling gives every group ``min(size, level)``. `redistribute_sorted` is the equivalent
one-pass rule over groups sorted by size, as released with Adapt-infinity (arXiv 2410.10636), in
real numbers or with the integer ceilings of the release.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Bools, Floats, bounded_array, positive_array, refuse


@dataclass(frozen=True)
class Allocation:
    """A division of budgets.

    Attributes
    ----------
    shares : array, shape (cases, n)
        Amount of each group, 0 for an absent (size 0) group.
    level : array, shape (cases,)
        The amount that a group of unlimited size would get.
    """

    shares: Floats
    level: Floats


def _checked(sizes: ArrayLike, budget: ArrayLike) -> tuple[Floats, Floats]:
    groups = bounded_array("sizes", sizes, 0, ndim=2)
    budgets = positive_array("budget", budget, ndim=1)
    if len(budgets) != len(groups):
        refuse("budget", budgets, f"one for each of the {len(groups)} cases")
    if (budgets > groups.sum(axis=1)).any():
        raise ValueError("budget exceeds the total size in some case: lower it")
    return groups, budgets


def water_fill(sizes: ArrayLike, budget: ArrayLike) -> Allocation:
    """Max-min fair shares ``min(size, level)`` that sum to the budget.

    Parameters
    ----------
    sizes : array, shape (cases, n)
        Group sizes >= 0; size 0 means that the group is absent.
    budget : array, shape (cases,)
        Amounts to divide, 0 < budget <= total size.

    Raises
    ------
    ValueError
        For a budget above the total size, negative sizes, or mismatched shapes.
    """
    groups, budgets = _checked(sizes, budget)
    ascending = np.sort(groups, axis=1)
    count = groups.shape[1]
    below = np.cumsum(ascending, axis=1) - ascending
    # The level if exactly the groups before position i are exhausted; it is the right one at the
    # first i where it does not exceed that group's size.
    levels = (budgets[:, None] - below) / (count - np.arange(count))
    first = np.argmax(levels <= ascending * (1 + 4 * np.finfo(float).eps), axis=1)
    level = np.take_along_axis(levels, first[:, None], axis=1)[:, 0]
    return Allocation(np.minimum(groups, level[:, None]), level)


def _per_group(amount: Floats, groups: Floats, whole: bool) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(groups > 0, amount / np.maximum(groups, 1), 0.0)
    return np.ceil(share) if whole else share


def _pass_over(ascending: Floats, present: Bools, budgets: Floats, whole: bool) -> Allocation:
    left = present.sum(axis=1).astype(np.float64)
    level = _per_group(budgets, left, whole)
    shares = np.zeros_like(ascending)
    for i in range(ascending.shape[1]):
        here, size = present[:, i], ascending[:, i]
        left = left - here
        short = here & (size < level)
        shares[:, i] = np.where(here, np.minimum(size, level), 0.0)
        level = level + np.where(short, _per_group(level - size, left, whole), 0.0)
    return Allocation(shares, level)


def redistribute_sorted(sizes: ArrayLike, budget: ArrayLike, whole: bool = False) -> Allocation:
    """Divide by equal shares, handing on what small groups cannot use.

    Groups are visited by ascending size with b = budget / n; a group smaller than b is taken whole
    and b grows by (b - size) / (groups left); any other group gets b.

    Parameters
    ----------
    sizes, budget : array
        As in `water_fill`.
    whole : bool, optional
        Round both divisions up, as the release does; the shares may then exceed the budget. Where
        the release would divide by zero groups left (a largest group below its b), that group is
        taken whole. Sizes must be whole numbers then; a budget may be a fraction.

    Raises
    ------
    ValueError
        As in `water_fill`, and for fractional sizes with `whole`.
    """
    groups, budgets = _checked(sizes, budget)
    if whole and (groups != np.floor(groups)).any():
        raise ValueError("sizes holds fractions: round them, or give whole=False")
    order = np.argsort(groups, axis=1, kind="stable")
    ascending = np.take_along_axis(groups, order, axis=1)
    result = _pass_over(ascending, ascending > 0, budgets, whole)
    shares = np.empty_like(groups)
    np.put_along_axis(shares, order, result.shares, axis=1)
    return Allocation(shares, result.level)


def runs_out_of_groups(sizes: ArrayLike, budget: ArrayLike) -> Bools:
    """Cases where the rounded rule finds even its last group too small, shape (cases,).

    The release then divides by zero (a ``ZeroDivisionError``). Sizes must be whole numbers, else
    ValueError.
    """
    groups, _ = _checked(sizes, budget)
    level = redistribute_sorted(groups, budget, whole=True).level
    return np.asarray(groups.max(axis=1) < level)


def proportional(sizes: ArrayLike, budget: ArrayLike) -> Floats:
    """Shares proportional to size, shape (cases, n)."""
    groups, budgets = _checked(sizes, budget)
    return np.asarray(groups * (budgets / groups.sum(axis=1))[:, None])
