"""What of a machine moves the last digits: the kernels that its processor lets libraries choose."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any


@functools.lru_cache(maxsize=1)
def kernels() -> str:
    """Return the BLAS of this process with its kernels, and the newest features NumPy found.

    As in ``openblas 0.3.29 Haswell; numpy AVX2``. It is NumPy's BLAS, where it has one of its own:
    SciPy's is seen only in a process that has imported it. Two machines of one text may differ all
    the same, for other libraries choose for themselves.
    """
    from threadpoolctl import threadpool_info

    features = _features()  # loads NumPy, whose BLAS is seen only then
    every = [one for one in threadpool_info() if one.get("user_api") == "blas"]
    own = [one for one in every if "numpy" in str(one.get("filepath"))]
    found = sorted(
        " ".join(str(one.get(part) or "?") for part in ("internal_api", "version", "architecture"))
        for one in own or every
    )
    return "; ".join([*dict.fromkeys(found), f"numpy {features}"])


def mixture(machines: Mapping[str, int], number: Callable[[int], str] = str) -> str:
    """Return a sentence on blocks that were drawn with different kernels.

    Parameters
    ----------
    machines : mapping
        Kernels to the number of blocks that were drawn with them (`Store.machines`).
    number : callable
        How a number is written.
    """
    each = "; ".join(
        f"{number(many)} {'block' if many == 1 else 'blocks'} with {name or 'no word of it'}"
        for name, many in machines.items()
    )
    return (
        "Blocks of this store were drawn with different kernels, so the last digits may differ "
        f"from those of one machine: {each}."
    )


def _features() -> str:
    try:
        module: Any = importlib.import_module("numpy._core._multiarray_umath")
        known = [name for name, there in module.__cpu_features__.items() if there]
    except (ImportError, AttributeError):
        return "unknown"
    return " ".join(known[-3:])
