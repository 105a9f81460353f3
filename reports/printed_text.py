"""What the strings of the PDF have in common: places to break, and colours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from refutable.reports.standing import standing

TONES = (
    {"supported": "good"}
    | dict.fromkeys(("refuted", "failed", "suspect", "survived"), "bad")
    | dict.fromkeys(("undecided", "toothless"), "open")
)
_PARTS = re.compile(r"[^_\[(/\s]*(?:[_\[(/\s]|$)")
_LONG = re.compile(r"[^\s\u200b]{25,}")


def breakable(text: str) -> str:
    """Return text that can be broken into lines even where it has no spaces."""
    return _LONG.sub(lambda found: "\u200b".join(_pieces(found[0], 12)), text)


def narrow(name: str) -> str:
    """Return a name for a narrow column: broken after its marks, and else every ten letters."""
    return "\u200b".join(piece for part in _PARTS.findall(name) for piece in _pieces(part, 10))


def _pieces(text: str, size: int) -> Iterable[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def badge(claim: dict[str, Any]) -> dict[str, str]:
    """Return the verdict of a claim in words, and its colour."""
    stands = standing(claim)
    return {"verdict": stands.words, "tone": stands.tone}


def tone(word: str) -> str:
    """Return the colour of a verdict or a fate."""
    return TONES.get(word, "plain")
