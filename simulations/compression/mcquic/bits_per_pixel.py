"""Whether the printed bits per pixel are those of a code of fixed length, and what words cost."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from refutable.solvers.accounting import Tensor, parameters, printed_interval
from refutable.theory.compression import mcquic as theory
from refutable.theory.compression.mcquic import Levels

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Printed,
    Scope,
    Values,
)

PIXELS = 768 * 512
"""Of an image of the size that the Kodak set has."""


def code_rate(cell: Cell, levels: Levels = theory.REFERENCE) -> Values:
    """Rate of the fixed-length code, and what the printed rate leaves beside it."""
    del cell
    rate = theory.bits_per_pixel(levels)
    printed = printed_interval(theory.REPORTED)
    middle = (printed.low + printed.high) / 2
    return {
        "rate": rate,
        "reported_over_rate": middle / rate,
        "left_low": (printed.low - rate) * PIXELS,
        "left_high": (printed.high - rate) * PIXELS,
    }


BITS_PER_PIXEL = Claim(
    id="mcquic.bpp-arithmetic",
    title="The printed bits per pixel are those of a code of fixed length",
    source="README of the public repository, table of reference models, model 2",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Two codebooks of 8192, 2048 and 512 words at strides 16, 32 and 64 take 0.12744 "
    "bits per pixel in a code of fixed length; the README's 0.1277 is within 0.5% of that. What is "
    "left, 82 to 122 bits an image of 768 by 512, is of the size of a header, so that an "
    "entropy coder gains about nothing.",
    formula="R = M sum_l (log_2 K_l) / s_l^2 = 2 (13/16^2 + 11/32^2 + 9/64^2) = 0.12744, quad "
    "abs(0.1277 slash R - 1) <= 0.005",
    scope=Scope.ARITHMETIC,
    does_not_show="That the code is used so: a header and a gain of the entropy coder might "
    "cancel. On which images the README's average was taken; it does not say.",
    assumptions=("strides of 16, 32 and 64 pixels, as in the released compressor",),
    compute=code_rate,
    expect=(
        Printed("rate").prints("0.127441"),
        Exact("reported_over_rate").near(1, 0.005),
        Exact("left_low").within(80, 125),
        Exact("left_high").within(80, 125),
    ),
    controls=(
        BrokenWorld(
            "256 words on the coarsest level",
            change={"levels": replace(theory.REFERENCE, words=(8192, 2048, 256))},
        ),
        BrokenWorld(
            "strides of 8, 16 and 32",
            change={"levels": replace(theory.REFERENCE, strides=(8, 16, 32))},
        ),
        BrokenWorld("one codebook", change={"levels": replace(theory.REFERENCE, codebooks=1)}),
        FalseTheory(
            "no room for a header of ten bytes",
            Exact("left_low").at_most(80),
        ),
    ),
    notes=(
        "The reported rate is 0.2% above the fixed length: about 102 bits, 13 bytes, an image.",
    ),
)


def words_and_numbers(cell: Cell, shared: bool = False, twice: bool = False) -> Values:
    """Count different words of a product code, and the numbers that its codebooks hold.

    Parameters
    ----------
    shared : bool
        One codebook for all parts.
    twice : bool
        The last word of each codebook is its first one again.
    """
    part = cell.width // cell.parts
    book = np.arange(cell.words)[:, None] * np.ones(part)
    book[-1] *= not twice
    joined = [np.concatenate(rows) for rows in product(book, repeat=cell.parts)]
    stored = [Tensor("codebook", (cell.words, part), count=1 if shared else cell.parts)]
    return {
        "words": len(np.unique(np.stack(joined), axis=0)),
        "numbers": parameters(stored),
        "numbers_of_joint": parameters([Tensor("joint", (cell.words**cell.parts, cell.width))]),
    }


STORAGE = Claim(
    id="mcquic.product-code-storage",
    title="Several codebooks hold many words in few numbers",
    source="The released quantiser: m sub-codebooks of k words in dimension $n / m$",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="m codebooks of k words in dimension $n / m$ make $k^m$ different words of dimension "
    "n out of k n stored numbers.",
    formula='k^m " words from " m dot k dot n/m = k n " numbers"',
    scope=Scope.ARITHMETIC,
    does_not_show="That these words lie where the data are.",
    assumptions=("the words of each codebook are different",),
    cells=Cells(parts=(1, 2, 3), words=(2, 3, 5), width=(6,)),
    compute=words_and_numbers,
    expect=(
        Exact("words").equals(lambda cell: cell.words**cell.parts),
        Exact("numbers").equals(lambda cell: cell.words * cell.width),
    ),
    controls=(
        FalseTheory(
            "the joint codebook holds as few numbers",
            Exact("numbers_of_joint", parts=2).at_most(lambda cell: cell.words * cell.width),
        ),
        BrokenWorld("a word that is there twice", change={"twice": True}, judged_by="words"),
        BrokenWorld("one codebook for all parts", change={"shared": True}, at={"parts": (2, 3)}),
    ),
)
