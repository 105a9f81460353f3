"""The PDF, by Typst: layout from a template, content as data, so that text stays text."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from refutable.reports import formulas, mathtext, printed
from refutable.reports.typesetting import compiled

Model = dict[str, Any]


def pdf(model: Model, figures: dict[str, str], math: formulas.MathML) -> bytes:
    """Return the report as PDF.

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
    places = {name: f"figures/{place}.svg" for place, name in enumerate(sorted(figures))}
    content = printed.content(mathtext.marked(model, math), places, formulas.printable(math))
    inputs = {
        "main.typ": (files("refutable.reports") / "templates" / "report.typ").read_bytes(),
        "data.json": json.dumps(content, ensure_ascii=False).encode(),
        **{place: figures[name].encode() for name, place in places.items()},
    }
    return compiled(inputs, "pdf")
