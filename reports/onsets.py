"""Where claims start to hold: the onsets and maps of a store, as sentences and figures.

`attach` is called once on the claims of the model (`model.build`), `markup` by the page of a claim
(`templates/claim.html`, as ``onsets(claim)``). Stores without onsets give the report that they gave
before there were any.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from refutable.deciding.onsets.found import OnsetFound
from refutable.deciding.onsets.mapped import MapFound
from refutable.storing.onsets import latest_maps, latest_onsets
from refutable.storing.store import Store

Model = dict[str, Any]

SIGNS = {"inside": "#", "outside": ".", "open": "?"}
STYLES = {"#": "#2f6f9f", ".": "#b2473e", "?": "#b9b9b4"}
WORDS = {"#": "holds", ".": "fails", "?": "open"}
LEFT, BELOW, WIDE, HIGH = 58, 46, 460, 260
"""Of a map in pixels: room for the vertical labels and the horizontal ones, and the plane."""


def attach(store: Store, claims: Iterable[Model]) -> None:
    """Give the claims of the model what is stored of their onsets and maps, if anything is."""
    for claim in claims:
        found = [_onset(one) for one in latest_onsets(store, claim["id"])]
        found += [_map(one) for one in latest_maps(store, claim["id"])]
        if found:
            claim["onsets"] = found


def _onset(found: OnsetFound) -> Model:
    low, high = found.bracket or (None, None)
    return {
        "kind": "onset",
        "sentence": found.sentence,
        "ending": found.ending,
        "along": found.line.name,
        "low": low,
        "high": high,
        "predicted": found.predicted,
        "alpha": found.alpha,
        "grade": found.grade,
        "replicates": found.replicates,
        "values": [[p.value, SIGNS[p.status]] for p in found.probes],
    }


def _map(found: MapFound) -> Model:
    return {
        "kind": "map",
        "sentence": found.sentence,
        "x": found.x,
        "y": found.y,
        "x_values": list(dict.fromkeys(one.x for one in found.fields)),
        "y_values": list(dict.fromkeys(one.y for one in found.fields)),
        "found": "".join(SIGNS[one.status] for one in found.fields),
        "theory": "".join(_says(one.predicted) for one in found.fields),
        "alpha": found.alpha,
        "grade": found.grade,
        "replicates": found.replicates,
    }


def _says(predicted: bool | None) -> str:
    return "?" if predicted is None else "#" if predicted else "."


def markup(claim: Model) -> Markup:
    """Return the part of a claim's page about its onsets and maps, empty where there are none."""
    found = claim.get("onsets") or []
    if not found:
        return Markup("")
    parts = [f"<li><bdi>{html.escape(one['sentence'])}</bdi></li>" for one in found]
    figures = [_figure(one) for one in found if one["kind"] == "map"]
    title = "From where on it holds"
    return Markup(
        f'<div class="onsets"><h3>{title}</h3><ul>{"".join(parts)}</ul>{"".join(figures)}</div>'
    )


def _figure(one: Model) -> str:
    """Return a map as SVG: a rectangle for each cell, and a line where theory changes its mind."""
    columns, rows = len(one["x_values"]), len(one["y_values"])
    w, h = WIDE / columns, HIGH / rows

    def at(i: int, j: int) -> tuple[float, float]:
        return LEFT + i * w, 8 + (rows - 1 - j) * h

    cells = []
    for place, sign in enumerate(one["found"]):
        x, y = at(place % columns, place // columns)
        said = f"{one['x']} = {one['x_values'][place % columns]:g}, "
        said += f"{one['y']} = {one['y_values'][place // columns]:g}: {WORDS[sign]}"
        cells.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{w - 1:.1f}" height="{h - 1:.1f}" '
            f'fill="{STYLES[sign]}"><title>{html.escape(said)}</title></rect>'
        )
    body = "".join([*cells, _boundary(one, columns, rows, w, h), *_labels(one, w, h)])
    caption = "Blue: it holds; red: it fails; grey: open. Line: theory."
    return (
        f'<figure><svg viewBox="0 0 {LEFT + WIDE + 8} {HIGH + 8 + BELOW}" role="img" '
        f'aria-label="{html.escape(one["sentence"])}">{body}</svg>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _boundary(one: Model, columns: int, rows: int, w: float, h: float) -> str:
    said = one["theory"]
    lines = []
    for place, sign in enumerate(said):
        i, j = place % columns, place // columns
        x, y = LEFT + i * w, 8 + (rows - 1 - j) * h
        if i + 1 < columns and said[place + 1] != sign:
            lines.append(f"M{x + w - 0.5:.1f} {y:.1f}v{h:.1f}")
        if j + 1 < rows and said[place + columns] != sign:
            lines.append(f"M{x:.1f} {y - 0.5:.1f}h{w:.1f}")
    return f'<path d="{"".join(lines)}" stroke="currentColor" stroke-width="2.5" fill="none"/>'


def _labels(one: Model, w: float, h: float) -> list[str]:
    style = 'font-size="11" fill="currentColor"'
    x, y = one["x_values"], one["y_values"]
    every_x, every_y = max(1, len(x) // 6), max(1, len(y) // 8)
    under = [
        f'<text x="{LEFT + (i + 0.5) * w:.1f}" y="{HIGH + 22}" {style} text-anchor="middle">'
        f"{x[i]:.3g}</text>"
        for i in range(0, len(x), every_x)
    ]
    beside = [
        f'<text x="{LEFT - 5}" y="{12 + (len(y) - 0.5 - j) * h:.1f}" {style} text-anchor="end">'
        f"{y[j]:g}</text>"
        for j in range(0, len(y), every_y)
    ]
    names = [
        f'<text x="{LEFT + WIDE / 2}" y="{HIGH + 42}" {style} text-anchor="middle">'
        f"{html.escape(one['x'])}</text>",
        f'<text x="4" y="18" {style}>{html.escape(one["y"])}</text>',
    ]
    return under + beside + names
