"""An RO-Crate that describes a run: only what the store says, nothing made up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refutable.reports import totals

Model = dict[str, Any]
Entity = dict[str, Any]

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
CONFORMS = "https://w3id.org/ro/crate/1.1"
MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xml": "application/xml",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
}


def crate(model: Model, files: dict[str, int], date: str | None) -> Entity:
    """Return `ro-crate-metadata.json`.

    Parameters
    ----------
    model : dict
        As `refutable.reports.model.build` returns it.
    files : dict of str to int
        The other files of the report and their sizes in bytes.
    date : str or None
        ISO 8601; left out where no date is known, rather than made up.
    """
    papers = [_paper(paper) for paper in model["papers"]]
    libraries = _libraries(model)
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": CONFORMS},
            "about": {"@id": "./"},
        },
        _root(model, files, papers, date),
        _run(model, files),
        _tool(model, libraries),
        *libraries,
        *_settings(model),
        *papers,
        *(_file(name, size) for name, size in sorted(files.items())),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _ids(entities: Iterable[Entity]) -> list[Entity]:
    return [{"@id": entity["@id"]} for entity in entities]


def _root(model: Model, files: dict[str, int], papers: list[Entity], date: str | None) -> Entity:
    dated = {"datePublished": date} if date else {}
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": "refutable report",
        "description": totals.headline(model["summary"]),
        **dated,
        "hasPart": [{"@id": name} for name in sorted(files)],
        "citation": _ids(papers),
        "mentions": {"@id": "#run"},
    }


def _run(model: Model, files: dict[str, int]) -> Entity:
    state = totals.judgement(model["summary"], model["unfinished"], model["problems"])
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "refutable run",
        "description": state,
        "instrument": {"@id": "#refutable"},
        "object": _ids(_settings(model)),
        "result": [{"@id": name} for name in sorted(files)],
    }


def _settings(model: Model) -> list[Entity]:
    values = {"seed": model["seed"]}
    if model["efforts"]:
        values["effort"] = ", ".join(model["efforts"])
    return [
        {"@id": f"#{name}", "@type": "PropertyValue", "name": name, "value": value}
        for name, value in values.items()
    ]


def _tool(model: Model, libraries: list[Entity]) -> Entity:
    return {
        "@id": "#refutable",
        "@type": "SoftwareApplication",
        "name": model["generator"]["name"],
        "version": model["generator"]["version"],
        "softwareRequirements": _ids(libraries),
    }


def _libraries(model: Model) -> list[Entity]:
    return [
        {
            "@id": f"#{library['name']}-{one['version']}",
            "@type": "SoftwareApplication",
            "name": library["name"],
            "version": one["version"],
        }
        for library in model["environment"]["libraries"]
        for one in library["versions"]
    ]


def _paper(paper: Model) -> Entity:
    arxiv = paper["arxiv"]
    known = {
        "author": paper["authors"],
        "datePublished": str(paper["year"]) if paper["year"] else None,
        "identifier": f"arXiv:{arxiv}" if arxiv else None,
        "isPartOf": paper["venue"],
    }
    article = {"@type": "ScholarlyArticle", "name": paper["title"]}
    said = {name: value for name, value in known.items() if value}
    return {"@id": f"#paper-{paper['key']}", **article, **said}


def _file(name: str, size: int) -> Entity:
    suffix = name[name.rfind(".") :]
    kind = {"encodingFormat": MEDIA_TYPES[suffix]} if suffix in MEDIA_TYPES else {}
    return {"@id": name, "@type": "File", "contentSize": str(size), **kind}
