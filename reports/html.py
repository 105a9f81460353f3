"""The HTML folder: an index, a page per paper, method, environment. No CDN, works from disk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.resources import files
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from refutable.reports import (
    benchmarks,
    calibration,
    checked,
    findings,
    grounds,
    labels,
    mathtext,
    merging,
    numbers,
    onsets,
    searches,
    slugs,
    strips,
    text,
    totals,
    troubles,
    wording,
)
from refutable.reports.attention import attention
from refutable.reports.formulas import MathML
from refutable.reports.standing import is_theirs, read_as, standing

Model = dict[str, Any]
Files = dict[str, str]
Progress = Callable[[str], None]

_ADDRESS = re.compile(r"https://[A-Za-z0-9./_~%+-]+")
_PARTS = re.compile(r"[^_\[(/]*(?:[_\[(/]|$)")
PAGES = ("index", "findings", "claims", "limits", "method", "environment")
MOST_WRONG = 3
"""Refuted statements of a field on the first page; the rest is counted and linked to."""
ASSETS = ("style.css", "theme.js", "script.js")
OTHERS = {
    "pdf": ("summary.pdf", "PDF"),
    "appendix": ("report.pdf", "full PDF"),
    "json": ("report.json", "JSON"),
    "csv": ("claims.csv", "CSV"),
    "parquet": ("checks.parquet", "Parquet"),
    "junit": ("junit.xml", "JUnit"),
    "summary": ("summary.md", "Markdown"),
    "rocrate": ("ro-crate-metadata.json", "RO-Crate"),
}


def pages(
    model: Model,
    figures: dict[str, str],
    math: MathML,
    costs: dict[str, Any],
    formats: tuple[str, ...] = (),
    progress: Progress = lambda text: None,
) -> Files:
    """Return every file of the HTML folder.

    Parameters
    ----------
    model : dict
        As `refutable.reports.model.build` returns it.
    figures : dict of str to str
        Claim id to the markup of its figure.
    math : MathML
        Of the claims' formulas.
    costs : dict
        Claim id to seconds and blocks; goes into one file of its own.
    formats : tuple of str
        What else lies in the folder, to be linked to.
    progress : callable
        Told about every page.

    Returns
    -------
    dict of str to str
        Path below the folder to content.
    """
    site = _Site(model, figures, math, formats)
    written = _assets(math, costs)
    extra = ("benchmarks",) if model["benchmarks"] else ()
    for name in (*PAGES, *extra):
        progress(f"page {name}")
        written[f"{name}.html"] = site.render(f"{name}.html", f"{name}.html")
    for paper in model["papers"]:
        progress(f"page {paper['key']}")
        path = slugs.paper_page(paper["key"])
        written[path] = site.render("paper.html", path, paper=paper)
    return written


def part(model: Model, figures: dict[str, str], math: MathML, claim_id: str) -> str:
    """Return one claim as a page by itself that needs no other file.

    Parameters
    ----------
    model, figures, math
        As in `pages`.
    claim_id : str
        Of a claim in the model.
    """
    site = _Site(model, figures, math, ())
    sheet = (files("refutable.reports") / "assets" / "style.css").read_text(encoding="utf-8")
    style = Markup(f"{math.style}\n{sheet}")
    return site.render("part.html", "part.html", claim=site.by_id[claim_id], style=style)


def _assets(math: MathML, costs: dict[str, Any]) -> Files:
    folder = files("refutable.reports") / "assets"
    found = {f"assets/{name}": (folder / name).read_text(encoding="utf-8") for name in ASSETS}
    plain = json.dumps(costs, sort_keys=True, ensure_ascii=True)
    return {
        **found,
        "assets/math.css": math.style,
        "assets/costs.js": f"window.refutableCosts = {plain};\n",
    }


class _Site:
    """The templates with everything they may ask for."""

    def __init__(
        self, model: Model, figures: dict[str, str], math: MathML, formats: tuple[str, ...]
    ) -> None:
        model = mathtext.dressed(model, math)
        self.model = model
        self.by_id = {claim["id"]: claim for claim in model["claims"]}
        self.titles = {paper["key"]: paper["title"] for paper in model["papers"]}
        self.environment = environment()
        given = (*formats, *(["appendix"] if "pdf" in formats else []))
        others = [OTHERS[name] for name in OTHERS if name in given]
        self.environment.globals.update(
            report=model,
            by_id=self.by_id,
            titles=self.titles,
            others=others,
            figures={name: Markup(svg) for name, svg in figures.items()},
            mathml={source: Markup(found) for source, found in math.by_source.items()},
            attention=attention(model["claims"]),
            fields=findings.fields(model),
            MOST_WRONG=MOST_WRONG,
        )
        self.environment.filters["claim_of"] = self.by_id.__getitem__

    def render(self, template: str, path: str, **values: Any) -> str:
        """Return one page; links in it are relative to `path`."""
        up = "../" * (len(PurePosixPath(path).parts) - 1)
        return self.environment.get_template(template).render(up=up, here=path, **values)


def address(text_: str | None, prefix: str = "") -> str:
    """Return an address that is safe to link to, or nothing."""
    return f"{prefix}{text_}" if text_ and _ADDRESS.fullmatch(f"{prefix}{text_}") else ""


def breakable(name: str) -> Markup:
    """Return a name, escaped, that can be broken after `_`, `[`, `(` and `/`."""
    return Markup("<wbr>").join(_PARTS.findall(name))  # joining escapes the parts


def voice(claim: Model) -> str:
    """Return whose word a claim is, as the matrix shows it: `theirs`, `derived` or `guard`."""
    if claim["origin"] == "guard":
        return "guard"
    return "theirs" if is_theirs(claim) or not claim["origin"] else "derived"


def short_title(title: str) -> str:
    """Return a title up to its colon, where something stands before it."""
    return title.split(": ")[0]


def groupby_field(papers: list[Model]) -> list[Model]:
    """Return papers field by field, in their order."""
    return [
        {"field": field, "papers": list(members)}
        for field, members in groupby(papers, key=lambda paper: paper["field"])
    ]


def environment() -> Environment:
    """Return the template environment; everything is escaped unless it is our own markup."""
    made = Environment(
        loader=PackageLoader("refutable.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=mathtext.finalised,
    )
    made.filters.update(
        number=numbers.number,
        parameters=numbers.parameters,
        breakable=breakable,
        seconds=numbers.seconds,
        probability=numbers.probability,
        grouped=text.grouped,
        one_line=text.one_line,
        slug=slugs.slug,
        page=lambda key: quote(slugs.paper_page(key)),
        anchor=lambda claim: f"{quote(slugs.paper_page(claim['paper']))}#{slugs.slug(claim['id'])}",
        voice=voice,
        short_title=short_title,
        groupby_field=groupby_field,
        class_name=lambda label: label.replace(" ", "-"),
    )
    made.globals.update(
        wording=wording,
        totals=totals,
        grounds=grounds,
        checked=checked,
        troubles=troubles,
        labels=labels,
        address=address,
        benchmarks=benchmarks,
        calibration=calibration,
        strip=strips.strip,
        onsets=onsets.markup,
        searches=searches,
        findings=findings,
        merging=merging,
        standing=standing,
        read_as=read_as,
        count=text.count,
    )
    return made
