"""Where claims start to hold: the onsets and maps of a store, as sentences and figures.

`attach` is called once on the claims of the model (`model.build`), `markup` by the page of a claim
(`templates/claim.html`, as ``onsets(claim)``). Stores without onsets give the report that they gave
before there were any.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

import numpy as np
from markupsafe import Markup
from refutable.reports.figures.style import COLOURS, FONT

from refutable.deciding.onsets.found import OnsetFound
from refutable.deciding.onsets.mapped import MapFound
from refutable.storing.onsets import latest_maps, latest_onsets, line
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


def ledger(store: Store) -> Model | None:
    """Return how many searches a store has begun, and the error that they own; None without."""
    owned = line(store)
    return {"searches": len(owned), "owned": sum(owned.values())} if owned else None


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
        "words": found.theory,
        "boundary": [list(point) for point in found.boundary],
    }


def _says(predicted: bool | None) -> str:
    return "?" if predicted is None else "#" if predicted else "."


def markup(claim: Model) -> Markup:
    """Return the part of a claim's page about its onsets and maps, empty where there are none."""
    found = claim.get("onsets") or []
    if not found:
        return Markup("")
    parts = [f"<li><bdi>{html.escape(one['sentence'])}</bdi></li>" for one in found]
    figures = [
        f"<figure>{_svg(one)}<figcaption>{html.escape(_caption(one))}</figcaption></figure>"
        for one in found
        if one["kind"] == "map"
    ]
    title = "From where on it holds"
    return Markup(
        f'<div class="onsets"><h3>{title}</h3><ul>{"".join(parts)}</ul>{"".join(figures)}</div>'
    )


def printed(claim: Model) -> list[tuple[str, str, str]]:
    """Return name, SVG and caption of the maps of a claim, for pages without a style sheet."""
    maps = [one for one in claim.get("onsets") or [] if one["kind"] == "map"]
    return [
        (
            f"{claim['id']} map {place}",
            _svg(one).replace("currentColor", COLOURS["ink"]),
            _caption(one),
        )
        for place, one in enumerate(maps)
    ]


def _caption(one: Model) -> str:
    line = f" Line: theory{': ' + one['words'] if one.get('words') else ''}."
    return f"Blue: it holds; red: it fails; grey: open.{line if '#' in one['theory'] else ''}"


def _svg(one: Model) -> str:
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
    size = f"{LEFT + WIDE + 8} {HIGH + 8 + BELOW}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="{FONT}" '
        f'role="img" aria-label="{html.escape(one["sentence"])}">{body}</svg>'
    )


def _boundary(one: Model, columns: int, rows: int, w: float, h: float) -> str:
    """Return theory's boundary: through its points, or else along the sides of the cells."""
    drawn = _curve(one, w, h) if one.get("boundary") else _sides(one["theory"], columns, rows, w, h)
    return f'<path d="{drawn}" stroke="currentColor" stroke-width="2.5" fill="none"/>'


def _curve(one: Model, w: float, h: float) -> str:
    """Return a line through the points of the boundary, which end where the plane does."""
    xs, ys = one["x_values"], one["y_values"]
    across, up = np.array(one["boundary"], dtype=float).T
    i, j, edge = _place(across, xs), _place(up, ys), np.array([-0.5, *[0.0] * len(up), 0.5])
    i, j = (np.r_[part[0], part, part[-1]] for part in (i, j))
    in_rows = set(up.tolist()) <= set(ys)
    i, j = (i, j + edge) if in_rows else (i + edge, j)
    points = zip(LEFT + (i + 0.5) * w, 8 + (len(ys) - 0.5 - j) * h, strict=True)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _place(values: Any, known: list[float]) -> Any:
    """Return where values lie among cells, which are drawn equally wide: 0 the first's middle."""
    return np.interp(values, known, np.arange(len(known)))


def _sides(said: str, columns: int, rows: int, w: float, h: float) -> str:
    lines = []
    for place, sign in enumerate(said):
        i, j = place % columns, place // columns
        x, y = LEFT + i * w, 8 + (rows - 1 - j) * h
        if i + 1 < columns and said[place + 1] != sign:
            lines.append(f"M{x + w - 0.5:.1f} {y:.1f}v{h:.1f}")
        if j + 1 < rows and said[place + columns] != sign:
            lines.append(f"M{x:.1f} {y - 0.5:.1f}h{w:.1f}")
    return "".join(lines)


def _labels(one: Model, w: float, h: float) -> list[str]:
    style = 'font-size="11" fill="currentColor"'
    x, y = one["x_values"], one["y_values"]
    every_x, every_y = max(1, len(x) // 6), max(1, len(y) // 8)
    under = [
        f'<text x="{LEFT + (i + 0.5) * w:.1f}" y="{HIGH + 22}" {style} text-anchor="middle">'
        f"{x[i]:.4g}</text>"
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
