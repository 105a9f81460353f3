"""How much room letters take in DejaVu Sans, which figures are set in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

ASCENT, DESCENT = 0.7598, 0.24
"""How far letters reach above and below the baseline, in sizes of the font."""

LARGE = 100.0
"""Size at which widths are measured."""


def width(words: str, size: float) -> float:
    """Return the points that words are wide."""
    return size * sum(map(_advance, words))


@cache
def _advance(letter: str) -> float:
    font = _font()
    glyph = font.load_glyph(font.get_char_index(ord(letter)))
    return float(glyph.linearHoriAdvance) / 65536 / LARGE


@cache
def _font() -> Any:
    import matplotlib
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"))
    font.set_size(LARGE, 72)
    return font
