"""The README says what the records say."""

import importlib.util
from pathlib import Path

import pytest

import refutable

SCRIPT = Path(__file__).resolve().parents[1] / "docs" / "papers.py"


@pytest.fixture(scope="module")
def papers():
    spec = importlib.util.spec_from_file_location("papers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def claims():
    return refutable.find()


def test_the_list_of_papers_is_that_of_the_records(papers, claims):
    readme = papers.README.read_text("utf-8")
    assert papers.written(readme, claims) == readme, "run `python docs/papers.py`"


def test_every_paper_has_a_line_and_every_refuted_statement_of_its_own_is_told(papers, claims):
    text = " ".join(papers.listed(claims).split())
    for claim in claims:
        assert f"`{claim.paper.key}`" in text
        theirs = claim.origin in ("printed", "implied")
        told = f"{claim.title[1:]} (refuted" in text
        assert told == (claim.expected == "refuted" and theirs), claim.id
