"""The PDFs, by Typst: layout from a template, content as data, so that text stays text."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from typing import Any

from refutable.reports import formulas, mathtext, printed, printed_summary
from refutable.reports.typesetting import compiled

Model = dict[str, Any]

MOST_PAGES = 12
"""Of the summary."""
LIMITS = (12, 9, 6, 4, 2, 1)
"""Entries of a list of the summary and figures in it: the first that keep it short enough."""


def pdf(model: Model, figures: dict[str, str], math: formulas.MathML) -> bytes:
    """Return the full report as PDF.

    Parameters
    ----------
    model : dict
        As `refutable.reports.model.build` returns it.
    figures : dict of str to str
        Claim id to SVG.
    math : MathML
        Says which formulas compile.

    Returns
    -------
    bytes
        The same for the same model; without dates.
    """
    places = _places(figures)
    content = printed.content(mathtext.marked(model, math), places, formulas.printable(math))
    return packed(_set("report.typ", content, figures))


def summary(model: Model, figures: dict[str, str]) -> bytes:
    """Return the summary as PDF, of at most `MOST_PAGES` pages where shortening can do it.

    Parameters
    ----------
    model, figures
        As in `pdf`; sentences are set as they are, so give them in Unicode.
    """
    places = _places(figures)
    made = b""
    for most in LIMITS:
        made = _set("summary.typ", printed_summary.content(model, places, most), figures)
        if pages(made) <= MOST_PAGES:
            break
    return packed(made)


def pages(document: bytes) -> int:
    """Return how many pages a PDF has."""
    import pikepdf

    with pikepdf.open(io.BytesIO(document)) as opened:
        return len(opened.pages)


def packed(document: bytes) -> bytes:
    """Return a PDF in a third of the bytes: the same objects, most of them compressed together.

    Typst writes what a screen reader goes by, an object for every cell of every table, as plain
    text; that is the greater part of a long report.
    """
    import pikepdf

    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(document)) as opened:
        together = pikepdf.ObjectStreamMode.generate
        opened.save(written, object_stream_mode=together, deterministic_id=True)
    return written.getvalue()


def _places(figures: dict[str, str]) -> dict[str, str]:
    return {name: f"figures/{place}.svg" for place, name in enumerate(sorted(figures))}


def _set(template: str, content: Model, figures: dict[str, str]) -> bytes:
    inputs = {
        "main.typ": (files("refutable.reports") / "templates" / template).read_bytes(),
        "data.json": json.dumps(content, ensure_ascii=False).encode(),
        **{place: figures[name].encode() for name, place in _places(figures).items()},
    }
    return compiled(inputs, "pdf")
