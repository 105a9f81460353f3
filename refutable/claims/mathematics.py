"""Mathematics inside of sentences: `$n^(-1/2)$` is Typst math, as a claim's formula is.

A dollar sign opens mathematics where no space follows it, and closes it where none stands before
it and no digit follows: so prices stay prices. Terminals, tables and files of plain text get it in
Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_INLINE = re.compile(r"\$(?=[^\s$])([^$\n]*?[^\s$])\$(?!\d)")
_TOKEN = re.compile(
    r'"[^"]*"|\\.|[A-Za-z]+(?:\.[a-z]+)*|\d+(?:\.\d+)?|<=|>=|!=|->|<->|=>|\|\||\.\.\.|\s+|.',
    re.DOTALL,
)

_LATIN = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
GREEK = dict(zip(_LATIN.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", strict=True))
SYMBOLS = {
    **GREEK,
    "infinity": "∞",
    "oo": "∞",
    "times": "×",
    "dot": "·",
    "dot.op": "·",
    "plus.minus": "±",
    "approx": "≈",
    "in": "∈",
    "sum": "Σ",
    "product": "Π",
    "integral": "∫",
    "partial": "∂",
    "nabla": "∇",
    "EE": "E",
    "PP": "P",
    "RR": "ℝ",
    "NN": "ℕ",
    "ell": "ℓ",
    "top": "ᵀ",
    "prop": "∝",
    "dots": "…",
    "...": "…",
    "<=": "≤",
    ">=": "≥",
    "!=": "≠",
    "->": "→",
    "=>": "⇒",
    "||": "‖",
    "-": "−",
    "*": "∗",
    "quad": " ",
    "dif": "d",
}
_SPACED = frozenset({"=", "<", ">", "<=", ">=", "!=", "->", "=>", "approx", "in", "prop", "times"})
_RAISED = dict(zip("0123456789+-−=()nit/", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵗᐟ", strict=True))
_LOWERED = dict(
    zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "macron": "\u0304", "overline": "\u0304"}
_FENCES = {"norm": ("‖", "‖"), "abs": ("|", "|"), "floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}
_BARE = frozenset({"upright", "bold", "cal", "op", "italic"})


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Yield what a sentence is made of: whether it is mathematics, and the text or its source."""
    end = 0
    for found in _INLINE.finditer(text):
        if found.start() > end:
            yield False, text[end : found.start()]
        yield True, found[1]
        end = found.end()
    if end < len(text):
        yield False, text[end:]


def sources(text: str) -> list[str]:
    """Return the mathematics in a sentence, as Typst math without dollar signs."""
    return [piece for is_math, piece in pieces(text) if is_math]


def bare(text: str) -> str:
    """Return a sentence without the dollar signs of its mathematics: a name that stays the same."""
    return "".join(piece for _, piece in pieces(text))


def plain(text: str) -> str:
    """Return a sentence with its mathematics in Unicode."""
    return "".join(unicode(piece) if is_math else piece for is_math, piece in pieces(text))


def unicode(source: str) -> str:
    """Return Typst math in Unicode, as near as one line comes to it.

    Parameters
    ----------
    source : str
        Without dollar signs.
    """
    return re.sub(r" +", " ", _Reader(source).read()).strip()


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, source: str) -> None:
        self.tokens = _TOKEN.findall(source)
        self.place = 0

    def read(self, closing: str = "") -> str:
        """Return everything up to a closing bracket, or to the end."""
        made = ""
        while self.place < len(self.tokens):
            token = self._next()
            if token == closing:
                return made
            made = self._script(made, token) if token in "^_" else made + self._atom(token)
        return made

    def _next(self) -> str:
        self.place += 1
        token: str = self.tokens[self.place - 1]
        return token

    def _peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _atom(self, token: str) -> str:
        if token.startswith(('"', "\\")):
            return token.strip('"').removeprefix("\\")
        if token == "(":
            return f"({self.read(')')})"
        if token in "^_" or token.isspace():
            return " " if token.isspace() else ""
        if self._peek() == "(" and token.isalpha():
            return self._call(token)
        said = SYMBOLS.get(token, token)
        return f" {said} " if token in _SPACED else said

    def _call(self, name: str) -> str:
        self._next()
        inner = self.read(")")
        if name == "sqrt":
            return f"√{inner}" if len(inner) == 1 or inner.isdigit() else f"√({inner})"
        if name == "frac":
            return "/".join(_grouped(part.strip()) for part in inner.split(",", 1))
        if name in _ACCENTS:
            return inner + _ACCENTS[name]
        if name in _FENCES:
            return inner.join(_FENCES[name])
        if name in _BARE:
            return inner
        return f"{SYMBOLS.get(name, name)}({inner})"

    def _script(self, base: str, mark: str) -> str:
        """Return a base with what is raised or lowered, in small letters if all of it has them."""
        token = self._next() if self.place < len(self.tokens) else ""
        if token == "(":
            inner = self.read(")")
        else:  # a letter that takes an argument does so after its index, as in O_P(1)
            inner = SYMBOLS.get(token, token) if len(token) == 1 else self._atom(token)
        if token == "-":
            inner += self._atom(self._next()) if self.place < len(self.tokens) else ""
        small = _RAISED if mark == "^" else _LOWERED
        compact = inner.replace(" ", "")
        if inner in ("ᵀ", "∗", "′"):
            return base.rstrip() + inner
        if all(letter in small for letter in compact):
            return base.rstrip() + "".join(small[letter] for letter in compact)
        return f"{base.rstrip()}{mark}{inner if len(inner) == 1 else f'({inner})'}"


def _grouped(text: str) -> str:
    return text if text.isalnum() else f"({text})"
