"""Losses along their ladders of sizes: the claim on the left, its controls on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refutable.reports.figures import marks, scales
from refutable.reports.figures.rungs import Ladder
from refutable.reports.figures.style import COLOURS, MARKERS
from refutable.reports.text import one_line

PLOT, LINE = 2.65, 0.17
"""Inches of the panels with their axes, and of a line of the legend below."""


def height(own: Sequence[Ladder], controls: Sequence[Ladder]) -> float:
    """Return the inches that they need, 0 for none."""
    lines = [sum(bool(ladder.series) for ladder in members) for members in (own, controls)]
    return PLOT + LINE * max(lines) if own or controls else 0.0


def title(members: Sequence[Ladder]) -> str:
    """Return what is drawn: medians or means with their errors, or what was computed."""
    kinds = list(dict.fromkeys(ladder.typical for ladder in members if ladder.typical))
    shown = f" ({' and '.join(kinds)}, 2 s.e.)" if kinds else ""
    return f"losses{shown}, dashed: prediction"


def ladders(figure: Any, own: Sequence[Ladder], controls: Sequence[Ladder], label: str) -> None:
    """Draw both panels on axes in common.

    Parameters
    ----------
    figure : matplotlib figure or part of one
        Empty, `height` inches high.
    own, controls : sequence of Ladder
        Not both empty.
    label : str
        Of the horizontal axis.
    """
    whole = height(own, controls)
    bottom = 0.5 + whole - PLOT
    edges = {"left": 0.085, "right": 0.985, "top": 1 - 0.3 / whole, "bottom": bottom / whole}
    grid = figure.add_gridspec(1, 2 if own and controls else 1, wspace=0.08, **edges)
    every = [*own, *controls]
    xs = sorted({size for ladder in every for size in ladder.sizes})
    values = [value for ladder in every for value in ladder.values]
    halves = [(own, marks.OWN), (controls, marks.CONTROL)]
    for column, (members, look) in enumerate(half for half in halves if half[0]):
        axes = figure.add_subplot(grid[0, column])
        axes.set(xscale="log", yscale="log", xlabel=label)
        axes.set(xlim=scales.limits(xs, True), ylim=scales.limits(values, True))
        _axes(axes, xs, values, column == 1)
        for place, ladder in enumerate(members):
            _plot(axes, ladder, look, MARKERS[place % len(MARKERS)])
        _name(axes, members, look)


def _axes(axes: Any, xs: Sequence[float], values: Sequence[float], beside: bool) -> None:
    scales.ticks(axes, xs, True)
    scales.between_powers(axes.yaxis, values)
    scales.plain_powers(axes.yaxis)
    axes.grid(axis="y", color=COLOURS["line"], lw=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(labelleft=not beside)


def _plot(axes: Any, ladder: Ladder, look: marks.Look, marker: str) -> None:
    face = COLOURS["paper"] if look.hollow else look.colour
    if ladder.curve:
        dashes = (0, (4, 2))
        axes.plot(ladder.sizes, ladder.curve, color=COLOURS["ink"], lw=1.2, ls=dashes, zorder=3)
    for size, ends in zip(ladder.sizes, ladder.ends, strict=True):
        axes.plot((size, size), ends, color=look.colour, lw=1.8, zorder=4)
    style = {"marker": marker, "ms": 5.0, "mfc": face, "mec": look.colour, "mew": 1.3}
    name = one_line(ladder.series, 44)
    axes.plot(ladder.sizes, ladder.losses, ls="none", label=name, zorder=5, **style)


def _name(axes: Any, members: Sequence[Ladder], look: marks.Look) -> None:
    if look is marks.OWN:
        axes.set_title(title(members), fontweight="bold")
    else:
        axes.set_title(marks.CONTROLS, color=COLOURS["control"])
    if any(ladder.series for ladder in members):
        below = {"loc": "upper left", "bbox_to_anchor": (0.0, -0.19), "borderaxespad": 0.0}
        axes.legend(handlelength=1.2, fontsize=7.5, labelspacing=0.25, **below)
