"""Mutants that change nothing anybody could notice, each with the reason.

A mutant is named by its module and by its change, and counted apart from those that are killed and
those that survive. Only what is proved by the reason belongs here: not what is hard to test.
"""

from __future__ import annotations

from pathlib import PurePath

from mutants import Mutant

EQUIVALENT: dict[str, dict[str, str]] = {
    "refutable/deciding/kernels/capital.py": {
        "nothing = (np.empty(0), np.empty((2, 0, self.targets.shape[1]))) -> "
        "nothing = (np.empty(0), np.empty((3, 0, self.targets.shape[1])))": (
            "one row of it is taken, the first or the second; it holds no outcome"
        ),
        "nothing = (np.empty(0), np.empty((2, 0, self.targets.shape[1]))) -> "
        "nothing = (np.empty(1), np.empty((2, 0, self.targets.shape[1])))": (
            "there are stakes on no outcome, so that one outcome broadcasts to none"
        ),
    },
    "refutable/deciding/kernels/blocks.py": {
        "if (exponents > self.exponents).any(): -> if (exponents >= self.exponents).any():": (
            "sums are then scaled by the power 0 of two, which changes no bit"
        ),
    },
    "refutable/deciding/kernels/catoni.py": {
        "return np.asarray(self.targets ** 2) -> return np.asarray(self.targets * 2)": (
            "stakes of this kernel do not use the running squares: their variance is declared"
        ),
        "return np.asarray(self.targets ** 2) -> return np.asarray(self.targets ** 3)": (
            "stakes of this kernel do not use the running squares: their variance is declared"
        ),
    },
    "refutable/storing/store.py": {
        "newline = file.read(position - start).rfind(b'\\n') -> "
        "newline = file.read(position + start).rfind(b'\\n')": (
            "what is read beyond was searched before, or is the end of the file: it has no newline"
        ),
    },
}
"""Module to change to reason; a change is the old line, an arrow, and the new line."""


def is_equivalent(module: PurePath, mutant: Mutant) -> bool:
    """Say whether a mutant of a module, given from the top of the tree, is a known equivalent."""
    return in_words(mutant) in EQUIVALENT.get(module.as_posix(), {})


def in_words(mutant: Mutant) -> str:
    """Return the change of a mutant in one line."""
    lines = mutant.change.splitlines()
    old, new = ("".join(t[1:].strip() for t in lines if t[0] == sign) for sign in "-+")
    return f"{old} -> {new}"
