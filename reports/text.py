"""Text from claims is data: it must come out as text, whatever it holds."""

from __future__ import annotations

import re
from typing import Any

_DIGITS = re.compile(r"([0-9]+)")
_KEPT = "\n\t"
_LOOSE = " ,;:"
_PICTURES = 0x2400  # Unicode shows control character c as U+2400 + c
_DELETE = 0x7F
_MATH, _END = "\ue000", "\ue001"
_BIDI = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"), None)


def clean(value: Any) -> Any:
    """Return plain values in which every string can be written to every format.

    Control characters (not allowed in XML, acted on by terminals) become their visible
    pictures, lone surrogates (not allowed in UTF-8) the replacement character; marks that turn
    the direction of writing are left out. Everything else, markup included, stays as it is.

    Parameters
    ----------
    value : object
        JSON values: dict, list, str, numbers, None.
    """
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict):
        return {_clean_text(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def _clean_text(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_clean_character, text.replace("\r\n", "\n"))).translate(_BIDI)


def _clean_character(character: str) -> str:
    code = ord(character)
    if code < 0x20 and character not in _KEPT:
        return chr(_PICTURES + code)
    if code == _DELETE:
        return "\u2421"
    illegal = 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF)
    return "\ufffd" if illegal else character


def one_line(text: str, limit: int = 0) -> str:
    """Return text without line breaks or direction marks, cut to `limit` characters if given.

    It is cut between words, unless that would cost more than a third of it.
    """
    line = " ".join(text.translate(_BIDI).split())
    if not limit or len(line) <= limit:
        return line
    space = line.rfind(" ", 0, limit)
    end = space if 3 * space > 2 * limit else limit - 1
    if line.count(_MATH, 0, end) > line.count(_END, 0, end):  # marks of the PDF: see mathtext
        end = line.rfind(_MATH, 0, end)
    return f"{line[:end].rstrip(_LOOSE)}\u2026"


def natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts `Table 2` before `Table 10`."""
    parts = _DIGITS.split(text.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def count(number: int, thing: str, things: str = "") -> str:
    """Return `1 claim`, `2 claims`."""
    return f"{grouped(number)} {thing if number == 1 else things or thing + 's'}"


def grouped(number: int) -> str:
    """Return a whole number with thin spaces between groups of three digits."""
    return f"{number:,}".replace(",", "\u202f")
