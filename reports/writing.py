"""Writes a report: the model once, then every format from it."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from refutable.reports import (
    crate,
    figures,
    formulas,
    html,
    junit,
    kept,
    markdown,
    mathtext,
    model,
    onsets,
    pdf,
    pictures,
    tables,
    wording,
)
from refutable.reports.folder import Folder
from refutable.reports.slugs import figure_file

from refutable.errors import MisuseError

Progress = Callable[[str], None]


def silent(text: str) -> None:
    """Say nothing."""
    del text


@dataclass(frozen=True)
class Source:
    """What the formats are made from; figures and formulas are made once, when first asked for.

    Parameters
    ----------
    model : dict
        As it reads back from `report.json`.
    costs : dict
        Claim id to what it cost.
    formats : tuple of str
        All that are being written.
    progress : callable
    kept : Kept
        Figures that an earlier report drew.
    """

    model: dict[str, Any]
    costs: dict[str, Any]
    formats: tuple[str, ...]
    progress: Progress
    kept: kept.Kept

    @cached_property
    def figures(self) -> dict[str, str]:
        """Claim id to SVG."""
        return figures.draw_all(self.unicode["claims"], self.progress, self.kept.find)

    @cached_property
    def unicode(self) -> dict[str, Any]:
        """The model for plain text, the mathematics of its sentences in Unicode."""
        return mathtext.in_unicode(self.model)

    @cached_property
    def math(self) -> formulas.MathML:
        """Formulas as MathML."""
        self.progress("formulas")
        claims = self.model["claims"]
        return formulas.mathml(
            (c["formula"] or "" for c in claims), mathtext.sources(claims, self.model["papers"])
        )


def _json(source: Source, folder: Folder) -> Path:
    folder.put("costs.json", dumps(source.costs))
    return folder.put("report.json", dumps(source.model))


def _html(source: Source, folder: Folder) -> Path:
    linked: dict[str, str] = {
        claim["id"]: pictures.linked(claim["id"], drawn, wording.figure_text(claim))
        for claim in source.model["claims"]
        if (drawn := source.figures.get(claim["id"])) is not None
    }
    pages = html.pages(
        source.model, linked, source.math, source.costs, source.formats, source.progress
    )
    for name, svg in source.figures.items():
        file, text = figure_file(name), pictures.themed(svg)
        folder.put(file, text)
        source.kept.note(file, text)
    folder.put(kept.NAME, dumps(source.kept.noted))
    for name, text in pages.items():
        folder.put(name, text)
    return folder.path / "index.html"


def _pdf(source: Source, folder: Folder) -> Path:
    folder.put("summary.pdf", pdf.summary(source.unicode, source.figures))
    maps = {name: svg for claim in source.model["claims"] for name, svg, _ in onsets.printed(claim)}
    return folder.put("report.pdf", pdf.pdf(source.model, {**source.figures, **maps}, source.math))


def _junit(source: Source, folder: Folder) -> Path:
    return folder.put("junit.xml", junit.junit(source.unicode))


def _summary(source: Source, folder: Folder) -> Path:
    folder.put("annotations.txt", markdown.notices(source.unicode))
    return folder.put("summary.md", markdown.summary(source.unicode))


def _csv(source: Source, folder: Folder) -> Path:
    for name, (rows, columns) in _tables(source.unicode).items():
        folder.put(f"{name}.csv", tables.to_csv(rows, columns))
    return folder.path / "claims.csv"


def _parquet(source: Source, folder: Folder) -> Path:
    for name, (rows, columns) in _tables(source.unicode).items():
        folder.put(f"{name}.parquet", tables.to_parquet(rows, columns))
    return folder.path / "checks.parquet"


def _tables(model: dict[str, Any]) -> dict[str, tuple[tables.Rows, dict[str, str]]]:
    return {
        "claims": (tables.claim_rows(model), tables.CLAIM_COLUMNS),
        "checks": (tables.check_rows(model), tables.CHECK_COLUMNS),
        "ladders": (tables.ladder_rows(model), tables.LADDER_COLUMNS),
    }


def _rocrate(source: Source, folder: Folder) -> Path:
    found = crate.crate(source.model, dict(folder.sizes), date(source.costs))
    return folder.put("ro-crate-metadata.json", dumps(found))


WRITERS: dict[str, Callable[[Source, Folder], Path]] = {
    "json": _json,
    "html": _html,
    "pdf": _pdf,
    "junit": _junit,
    "summary": _summary,
    "csv": _csv,
    "parquet": _parquet,
    "rocrate": _rocrate,
}
"""In the order of writing; the crate comes last, since it lists the others."""

FORMATS = tuple(WRITERS)


def write(
    store_path: Path,
    out: Path,
    formats: Sequence[str] = FORMATS,
    progress: Progress = silent,
) -> dict[str, Path]:
    """Write a report of a store; nothing is run.

    Equal results give equal bytes, wherever store and folder lie. What the clock moves, the
    costs, is in `costs.json` and `assets/costs.js` alone (and a date in the crate, if one is
    known).

    Parameters
    ----------
    store_path : Path
        A folder made by `refutable run`.
    out : Path
        Folder to write to. Files that an earlier report left there are removed, once all of this
        one is written; if it cannot be, the folder stays as it was. Its figures are kept where
        they would be drawn the same.
    formats : sequence of str
        Some of `FORMATS`.
    progress : callable
        Told in a few words what is being made.

    Returns
    -------
    dict of str to Path
        Format to the file to open.

    Raises
    ------
    refutable.errors.StoreError
        If there is no store, or it cannot be read.
    refutable.errors.MisuseError
        If a format is unknown or the folder cannot be written.
    """
    unknown = [name for name in formats if name not in WRITERS]
    if unknown:
        known = ", ".join(FORMATS)
        raise MisuseError(f"There is no format {unknown[0]!r}. Choose from: {known}.")
    chosen = tuple(name for name in FORMATS if name in formats)
    built = _read_back(model.build(store_path))
    source = Source(built, model.costs(store_path), chosen, progress, kept.Kept(out))
    with Folder(out) as folder:
        return {name: _written(name, source, folder) for name in chosen}


def _written(name: str, source: Source, folder: Folder) -> Path:
    source.progress(f"writing {name}")
    return WRITERS[name](source, folder)


def _read_back(built: dict[str, Any]) -> dict[str, Any]:
    """Return a model as `report.json` gives it back; indents would take most of the time."""
    found: dict[str, Any] = json.loads(json.dumps(built, sort_keys=True, allow_nan=False))
    return found


def dumps(value: Any) -> str:
    """Return JSON that is the same for equal values."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def date(costs: dict[str, Any]) -> str | None:
    """Return the date of a run: `SOURCE_DATE_EPOCH`, or when its last claim was finished."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).isoformat()
    finished = [str(cost["finished"]) for cost in costs.values() if cost.get("finished")]
    return max(finished, default=None)
