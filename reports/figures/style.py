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

TEXT, TITLE, SMALL = 8.5, 9.0, 7.5
"""Sizes in points: of what stands at axes, above them, and of names."""
