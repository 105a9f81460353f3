"""Colours, fonts and sizes of figures; the colours have the names of the style sheet's."""

from __future__ import annotations

COLOURS = {
    "ink": "#1b1f24",
    "soft": "#57606a",
    "paper": "#ffffff",
    "line": "#d4d9df",
    "own": "#0b57b7",
    "control": "#a04100",
    "region": "#cfeed8",
    "region-edge": "#2f8d4a",
    "control-region": "#f8dcc4",
}
MARKERS = "osD^v"

SETTINGS = {
    "svg.fonttype": "path",
    "svg.image_inline": True,
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.edgecolor": COLOURS["soft"],
    "axes.labelcolor": COLOURS["ink"],
    "axes.titlesize": 9.0,
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # fixed: looking for a free place takes a quarter of the time
    "axes.titlecolor": COLOURS["ink"],
    "axes.facecolor": COLOURS["paper"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "figure.facecolor": COLOURS["paper"],
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["soft"],
    "ytick.color": COLOURS["soft"],
    "xtick.labelcolor": COLOURS["ink"],
    "ytick.labelcolor": COLOURS["ink"],
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "hatch.linewidth": 0.6,
    "path.simplify": False,
}
