"""Two runs side by side as one self-contained page."""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup
from refutable.reports.difference import Difference
from refutable.reports.html import environment


def difference_html(found: Difference) -> str:
    """Return a page with its style sheet inside."""
    style = (files("refutable.reports") / "assets" / "style.css").read_text(encoding="utf-8")
    template = environment().get_template("difference.html")
    return template.render(difference=found, style=Markup(style))
