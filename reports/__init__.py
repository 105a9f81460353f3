"""Reports from stored results: HTML, PDF, JUnit, Markdown, CSV, Parquet, RO-Crate, JSON.

Nothing here runs a claim or knows how one is tried; a store is all that is read.
"""

from __future__ import annotations

from refutable.reports.difference import Difference, diff
from refutable.reports.difference_html import difference_html
from refutable.reports.difference_text import difference_text
from refutable.reports.single import claim_html, claim_svg
from refutable.reports.writing import FORMATS, write

__all__ = [
    "FORMATS",
    "Difference",
    "claim_html",
    "claim_svg",
    "diff",
    "difference_html",
    "difference_text",
    "write",
]
