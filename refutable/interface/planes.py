"""The figure of a map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refutable.claims.cells import Cell, plain
from refutable.deciding.onsets.mapped import MapFound
from refutable.extras import require

FAILS, OPEN, HOLDS = "#b2473e", "#e3e3e0", "#2f6f9f"
"""Colours that differ in lightness too, so that they are told apart without colour."""

MESH = 100
"""Points on each axis at which theory is asked, for its boundary."""


def drawing(found: MapFound, theory: Callable[[Cell], bool] | None = None) -> Any:
    """Return a Matplotlib figure of a map, theory's boundary drawn over it."""
    require("report", "A map cannot be drawn")
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.add_subplot()
    x, y = _values(found)
    codes = {"outside": 0, "open": 1, "inside": 2}
    shown = np.array([codes[one.status] for one in found.fields]).reshape(len(y), len(x))
    colours = ListedColormap([FAILS, OPEN, HOLDS])
    axes.pcolormesh(
        _edges(x), _edges(y), shown, cmap=colours, vmin=-0.5, vmax=2.5, edgecolors="w", lw=0.4
    )
    axes.set(xlabel=found.x, ylabel=found.y, title=f"{found.functional} {found.region}")
    for values, axis in ((x, axes.xaxis), (y, axes.yaxis)):
        if _log(values):
            axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    handles: list[Any] = [
        Patch(color=HOLDS, label=f"holds ({found.count('inside')})"),
        Patch(color=FAILS, label=f"fails ({found.count('outside')})"),
        Patch(color=OPEN, label=f"open ({found.count('open')})"),
    ]
    if theory is not None:
        handles += _boundary(axes, found, theory, x, y)
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4)
    return figure


def _boundary(
    axes: Any,
    found: MapFound,
    theory: Callable[[Cell], bool],
    x: tuple[float, ...],
    y: tuple[float, ...],
) -> list[Any]:
    """Draw where theory changes its mind; return the entry of the legend."""
    from matplotlib.lines import Line2D

    fine_x, fine_y = _fine(x), _fine(y)

    def says(a: Any, b: Any) -> float:
        return float(theory(Cell({**found.at, found.x: plain(a), found.y: plain(b)})))

    said = np.array([[says(a, b) for a in fine_x] for b in fine_y])
    if said.min() < said.max():
        axes.contour(fine_x, fine_y, said, levels=[0.5], colors="black", linewidths=1.6)
    label = f"theory: {found.theory}" if found.theory else "theory"
    return [Line2D([], [], color="black", label=label)]


def _values(found: MapFound) -> tuple[tuple[float, ...], tuple[float, ...]]:
    x = tuple(dict.fromkeys(one.x for one in found.fields))
    return x, tuple(dict.fromkeys(one.y for one in found.fields))


def _log(values: tuple[float, ...]) -> bool:
    """Say whether values are spaced by ratios: then they are drawn so."""
    if values[0] <= 0 or len(values) < 3:
        return False
    v = np.asarray(values, dtype=float)
    return bool(np.std(np.diff(np.log(v))) < np.std(np.diff(v)) / np.mean(np.diff(v)))


def _edges(values: tuple[float, ...]) -> Any:
    """Return the edges of cells around values, midway between them on the scale that is drawn."""
    at = np.log(values) if _log(values) else np.asarray(values, dtype=float)
    middles = (at[1:] + at[:-1]) / 2
    edges = np.concatenate([[2 * at[0] - middles[0]], middles, [2 * at[-1] - middles[-1]]])
    return np.exp(edges) if _log(values) else edges


def _fine(values: tuple[float, ...]) -> Any:
    edges = _edges(values)
    space = np.geomspace if _log(values) else np.linspace
    return space(edges[0], edges[-1], MESH)
