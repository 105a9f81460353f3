"""The gallery: for each paper a sentence and a picture, made when the site is built.

With a store (the configuration value `gallery_store`) the picture is the figure of the report, and
the verdict is told. Without one, or where tables say it better, it is the formula of the claim.
"""

from __future__ import annotations

import html
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import papers
from refutable.reports import figures, formulas, model
from refutable.reports.figures import picturing

import refutable
from refutable import Claim

MARK = "<!-- gallery -->"
FOLDER = "gallery"


@dataclass(frozen=True)
class Pictures:
    """What can be shown of claims.

    Parameters
    ----------
    figures : mapping of str to str
        Claim id to the figure of its report, as SVG.
    verdicts : mapping of str to str
        Claim id to its stored verdict.
    formulas : mapping of str to str
        Typst math to MathML.
    """

    figures: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, claims: Sequence[Claim], store: str) -> Pictures:
        """Return those of a store, if one is named."""
        formula = formulas.mathml(claim.formula for claim in claims).by_source
        if not store:
            return cls(formulas=formula)
        asked = {claim.id for claim in claims}
        stored = [one for one in model.build(Path(store))["claims"] if one["id"] in asked]
        verdicts = {one["id"]: one["graded"] for one in stored if one["verdict"] != "not run"}
        can = {one["id"]: one for one in stored if one["id"] in verdicts and picturing.picture(one)}
        best = [shown(own, can).id for own in by_paper(claims)]
        drawn = figures.draw_all([can[name] for name in best if name in can], lambda text: None)
        return cls(drawn, verdicts, formula)


def by_paper(claims: Iterable[Claim]) -> list[tuple[Claim, ...]]:
    """Return the claims of each paper, by field and title."""
    ordered = sorted(claims, key=lambda c: (c.paper.field, c.paper.title.lower(), c.paper.key))
    return [tuple(own) for _, own in groupby(ordered, key=lambda c: c.paper.key)]


def shown(claims: Sequence[Claim], with_figure: Container[str]) -> Claim:
    """Return the claim of a paper to show: one of its finding if that has a figure."""
    told = papers.headlines(claims)
    return next((c for c in [*told, *claims] if c.id in with_figure), told[0])


def gallery(claims: Sequence[Claim], pictures: Pictures) -> str:
    """Return all cards, by field, as Markdown."""
    lines: list[str] = []
    for name, of_field in groupby(by_paper(claims), key=lambda own: own[0].paper.field):
        cards = [card(own, pictures) for own in of_field]
        lines += [f"## {name.capitalize()}", "```{raw} html", '<div class="gallery">', *cards]
        lines += ["</div>", "```", ""]
    return "\n\n".join(lines)


def card(claims: Sequence[Claim], pictures: Pictures) -> str:
    """Return a paper's card as HTML."""
    claim, paper = shown(claims, pictures.figures), claims[0].paper
    said = ": ".join(filter(None, (claim.title, pictures.verdicts.get(claim.id))))
    sentence = html.escape(papers.finding(claims))
    return "\n".join(
        [
            f'<figure class="paper" id="{paper.key}">{picture(claim, pictures)}',
            f"<figcaption><p>{html.escape(said)}</p>",
            f"<p><strong>{html.escape(paper.title)}</strong> ({paper.year}, <code>{paper.key}"
            f"</code>): {sentence}</p></figcaption></figure>",
        ]
    )


def picture(claim: Claim, pictures: Pictures) -> str:
    """Return a claim's figure, or else its formula."""
    if claim.id in pictures.figures:
        name, text = html.escape(f"{FOLDER}/{claim.id}.svg"), html.escape(claim.title)
        image = f'<img src="{name}" loading="lazy" alt="Figure: {text}">'
        return f'<a href="{name}">{image}</a>'
    formula = pictures.formulas.get(claim.formula, f"<code>{html.escape(claim.formula)}</code>")
    return f'<div class="formula" tabindex="0">{formula}</div>'


def fill(app: Any, docname: str, source: list[str]) -> None:
    """Put the gallery in the place of its mark; keep the figures for the end."""
    del docname
    if MARK not in source[0]:
        return
    claims = refutable.find()
    pictures = Pictures.of(claims, app.config.gallery_store)
    source[0] = source[0].replace(MARK, gallery(claims, pictures))
    for name, svg in pictures.figures.items():
        place = Path(app.outdir) / FOLDER / f"{name}.svg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(svg, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx to ask for it."""
    app.add_config_value("gallery_store", "", "env", [str])
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
