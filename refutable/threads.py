"""One BLAS thread per worker: more would spin against each other and change the last bits."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
ENVIRONMENT = dict.fromkeys(_VARIABLES, "1")
"""For the environment of worker processes, which read it before they load a BLAS."""

_LIBRARIES = ("numpy", "scipy.linalg", "sklearn", "numba", "cvxpy")
_pinned: set[str] = set()


def pin_this_process() -> None:
    """Limit the libraries that are loaded, and those loaded later, to one thread for good."""
    os.environ.update(ENVIRONMENT)
    ThreadpoolController().limit(limits=1)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run the body with one BLAS thread; cheap when it is so already.

    Looking for the loaded libraries costs about a millisecond, so it is done only when a library
    has been loaded since the last look.
    """
    loaded = _loaded()
    if loaded != _pinned:
        pin_this_process()
        _pinned.clear()
        _pinned.update(loaded)
    yield


def _loaded() -> set[str]:
    return {name for name in _LIBRARIES if name in sys.modules}
