"""Formulas of the pages as MathML, which browsers draw without a script and without a network."""

from __future__ import annotations

import html
from typing import Any

from docutils.nodes import SkipNode
from docutils.utils.math import MathError, latex2mathml
from sphinx.util import logging

LOG = logging.getLogger(__name__)


def inline(visitor: Any, node: Any) -> None:
    """Write a formula within a line."""
    visitor.body.append(_mathml(node, False))
    raise SkipNode


def block(visitor: Any, node: Any) -> None:
    """Write a formula that stands by itself."""
    visitor.body.append(f'<div class="math">{_mathml(node, True)}</div>')
    raise SkipNode


def _mathml(node: Any, by_itself: bool) -> str:
    text = node.astext()
    try:
        return str(latex2mathml.tex2mathml(text, as_block=by_itself))
    except MathError as error:
        LOG.warning("%s: %s", text, error, location=node)
        return f"<code>{html.escape(text)}</code>"


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx of the renderer."""
    app.add_html_math_renderer("native", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
