"""Figures of many claims, drawn in several processes; the same bytes as drawn in one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from refutable.reports import figures

Model = dict[str, Any]
Progress = Callable[[str], None]

FEW = 40
"""Claims with a figure that are drawn sooner than processes are started for them."""
SHARE = 12
"""Claims drawn by one task: large enough to be worth sending, small enough to show progress."""
MOST_WORKERS = 8


def draw_all(claims: list[Model], progress: Progress) -> dict[str, str]:
    """Return the figures of those claims that have one, by claim id, in their order.

    Parameters
    ----------
    claims : list of dict
        Of the model.
    progress : callable
        Told how many are drawn.
    """
    likely = [claim for claim in claims if _may_be_drawn(claim)]
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    if len(likely) <= FEW or workers == 1:
        return figures.draw_all(likely, progress)
    return _in_processes(likely, workers, progress)


def _may_be_drawn(claim: Model) -> bool:
    """Say whether a claim has checks at all, so that processes are counted on what they draw."""
    return bool(claim["checks"])


def _in_processes(claims: list[Model], workers: int, progress: Progress) -> dict[str, str]:
    import loky

    shares = [claims[start : start + SHARE] for start in range(0, len(claims), SHARE)]
    executor = loky.get_reusable_executor(max_workers=workers)
    drawn: dict[str, str] = {}
    done = 0
    for share, found in zip(shares, executor.map(_drawn, shares), strict=True):
        drawn |= found
        done += len(share)
        progress(f"figures: {len(drawn)} drawn, {done} of {len(claims)} claims seen")
    executor.shutdown(wait=True)
    return drawn


def _drawn(claims: list[Model]) -> dict[str, str]:
    return figures.draw_all(claims, _silent)


def _silent(text: str) -> None:
    del text
