"""One claim never ends the run: whatever its code returns, raises or does to its process."""

import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import hostile_claims
import numpy as np
import pytest
from coins import ARITHMETIC, COIN
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from runs import run

from refutable.claims.records import Verdict
from refutable.cli.exits import exit_code
from refutable.errors import printable
from refutable.running.backends import serial
from refutable.running.registry import Registry, discover

FILE = Path(hostile_claims.__file__)
RAISING = {
    "leaves": "os._exit(0) was called",
    "cancelled": "CancelledError",
    "closes": "GeneratorExit",
    "interrupts": "KeyboardInterrupt",
    "mute": "Unprintable: (its text cannot be had: Unprintable)",
    "colours": r"ValueError: \x1b[31mred\x00\u202egnp\ud800",
}


@pytest.mark.parametrize("name", RAISING)
def test_whatever_is_raised_fails_its_own_claim_alone(tmp_path, name):
    registry = discover([FILE], builtin=False)
    bad, good = run(tmp_path, serial(), registry, [f"hostile.{name}", "hostile.good"])
    assert (bad.verdict, good.verdict) == ("failed", "supported")
    assert RAISING[name] in bad.reason
    assert bad.reason == printable(bad.reason)
    assert exit_code([bad, good]) == 1


class Own(BaseException):
    """An author's own, whose text may be anything."""


class Mute(Exception):
    def __str__(self):
        sys.exit(0)


class Odd:
    """An object that no array can hold."""

    def __array__(self, *args, **kwargs):
        raise GeneratorExit


KINDS = (
    *(Own, Mute, ValueError, SystemExit, GeneratorExit, asyncio.CancelledError, MemoryError),
    *(KeyboardInterrupt, StopIteration, RecursionError, UnicodeError, SyntaxError, OSError),
    *(KeyError, ImportError, ModuleNotFoundError, Warning, AssertionError),
)
RAISED = st.builds(
    lambda kind, text: kind(text),
    st.sampled_from(KINDS),
    st.text(st.characters(), max_size=20),
)
DTYPES = (
    hnp.scalar_dtypes()
    | hnp.array_dtypes()
    | st.sampled_from(["O", "U3", "S3", "longdouble", "clongdouble", "u8", "M8[s]"])
)
SHAPES = st.sampled_from([(), (64,), (64, 2), (64, 0), (0,), (63,), (64, 2, 2), (2, 64)])
ARRAYS = DTYPES.flatmap(lambda dtype: SHAPES.map(lambda shape: np.zeros(shape, dtype)))
FILLED = st.builds(
    lambda value, many: np.full(many, value),
    st.floats()
    | st.integers(-(2**70), 2**70)
    | st.text(st.characters(), max_size=3)
    | st.sampled_from([np.longdouble("1e4000"), np.uint64(2**64 - 1), None, True, 1j, Odd]),
    st.sampled_from([63, 64, (64, 3)]),
)
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | ARRAYS
    | FILLED
    | st.builds(Odd)
    | ARRAYS.map(lambda array: list(np.atleast_1d(array)))
    | ARRAYS.map(np.ma.masked_array)
    | st.lists(st.integers() | st.text(st.characters()) | st.none(), max_size=64)
)
NAMES = st.sampled_from(["heads", "value", "world", "p", "block", "replicate"]) | st.text(
    st.characters(), max_size=4
)
RETURNED = ANYTHING | st.dictionaries(NAMES | st.integers() | st.none(), ANYTHING, max_size=3)
FINE = st.just({"heads": np.ones(64, bool), "value": np.linspace(0, 1, 64)})
BESIDE = st.builds(lambda fine, more: {**more, **fine}, FINE, st.dictionaries(NAMES, ANYTHING))


def decided(simulate):
    """Decide a claim beside a sound one."""
    registry = Registry()
    registry.add_live(replace(COIN, simulate=simulate))
    registry.add_live(ARITHMETIC)
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder) / "s", serial(), registry, [COIN.id, ARITHMETIC.id])


@settings(max_examples=25)
@given(error=RAISED)
def test_any_exception_fails_its_claim_with_a_reason(error):
    def simulate(cell, rng, size):
        raise error

    bad, good = decided(simulate)
    assert (bad.verdict, good.verdict) == ("failed", "supported")
    assert type(error).__name__ in bad.reason or "sys.exit" in bad.reason
    assert bad.reason == printable(bad.reason)
    bad.reason.encode("utf-8")


@settings(max_examples=40)
@given(returned=RETURNED | BESIDE)
def test_anything_returned_ends_in_a_verdict_and_harms_no_other_claim(returned):
    bad, good = decided(lambda cell, rng, size: returned)
    assert good.verdict == "supported"
    assert bad.verdict in set(Verdict)
    if bad.verdict == "failed":
        assert "coins.fair" in bad.reason
        assert exit_code([bad, good]) == 1
    else:
        assert {"heads", "value"} <= returned.keys()
    bad.reason.encode("utf-8")
