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
SERIES = ("#0b57b7", "#8358c9", "#00838f", "#c2358f", "#7a7d00", "#6e7781")
"""Of a claim's series, the first being `own`: apart from one another and from the controls' for
people who do not tell red from green, and dark enough on white, light enough on black."""

MARKERS = "osD^vPX<>"
DASHES = ((4, 2), (1, 1.4), (7, 1.5, 1, 1.5), (9, 3), (2.5, 1), (4, 1.5, 1, 1.5, 1, 1.5))
"""Of the predictions of several series."""

FONT = "'DejaVu Sans', Verdana, Geneva, sans-serif"
"""The font that the texts are measured with, then those of about its widths."""

SETTINGS = {
    "svg.fonttype": "none",  # texts stay texts: found, read aloud, and a fifth of the bytes
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
