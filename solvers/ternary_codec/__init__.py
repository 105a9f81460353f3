"""Codes for ternary matrices: variable-to-fixed, after QMoE (Frantar and Alistarh, 2024), and rANS.

`encode` turns a matrix of -1, 0 and +1 into bytes, `decode` back. ``method="entropy"`` models the
rows (`model`) and codes five trits at a time (`rans`). Of the other, `dictionary` builds the code
book, `rate` predicts exactly how many codewords an independent source needs, `ties` tells how far
the book depends on the order of equally probable sequences.
"""

from refutable.solvers.ternary_codec.container import CodecError, Method, decode, encode
from refutable.solvers.ternary_codec.dictionary import Dictionary, build_dictionary, pair_law
from refutable.solvers.ternary_codec.kernels import Parsed, parse, unparse
from refutable.solvers.ternary_codec.rate import (
    MarkovRate,
    expected_codewords,
    fresh_start_length,
    markov_rate,
    tunstall_length,
    variance_of_codewords,
)
from refutable.solvers.ternary_codec.ties import Ties, cut_ties, retied

__all__ = [
    "CodecError",
    "Dictionary",
    "MarkovRate",
    "Method",
    "Parsed",
    "Ties",
    "build_dictionary",
    "cut_ties",
    "decode",
    "encode",
    "expected_codewords",
    "fresh_start_length",
    "markov_rate",
    "pair_law",
    "parse",
    "retied",
    "tunstall_length",
    "unparse",
    "variance_of_codewords",
]
