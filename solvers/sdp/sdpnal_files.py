"""MATLAB files that hold a semidefinite program as SDPNAL+ takes it."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np
import scipy
from refutable.solvers.sdp.sdpnal import SdpnalForm

Path = str | PathLike[str]


def write_sdpnal(path: Path, form: SdpnalForm) -> None:
    """Write ``blk``, ``At``, ``C``, ``b`` and ``L`` to a MATLAB file, cells as SDPNAL+ has them.

    ``load`` it in MATLAB, then ``sdpnalplus(blk, At, C, b, L, [], [], [], [], OPTIONS)``.

    Parameters
    ----------
    path : str or path
        The file, overwritten if it is there; ``.mat`` is added where no suffix is given.
    form : SdpnalForm
    """
    blk = np.empty((1, 2), dtype=object)
    blk[0, 0], blk[0, 1] = "s", float(form.n)
    content: dict[str, Any] = {"blk": blk, "b": form.right[:, None], "L": 0.0}
    for name, value in (("At", scipy.sparse.csc_matrix(form.operator)), ("C", form.cost)):
        content[name] = np.empty((1, 1), dtype=object)
        content[name][0, 0] = value
    scipy.io.savemat(path, content, do_compression=True)


def read_sdpnal(path: Path) -> SdpnalForm:
    """Read ``At``, ``C`` and ``b`` from a MATLAB file, cells or bare matrices.

    ``blk`` and ``L`` may be left out; if they are there they must be one semidefinite block of the
    order of C, and 0.

    Raises
    ------
    ValueError
        If the file is no MATLAB file before version 7.3, lacks a part, or holds another program.
    OSError
        If it cannot be opened.
    """
    content = _content(path)
    missing = [name for name in ("At", "C", "b") if name not in content]
    if missing:
        raise ValueError(f"path={path}: {', '.join(missing)} is missing, save it with the rest")
    form = SdpnalForm(_cell("C", content["C"]), _cell("At", content["At"]), content["b"])
    if "L" in content and np.any(_cell("L", content["L"]) != 0):
        raise ValueError(f"path={path}: L is not 0, give a program of entries that are at least 0")
    if "blk" in content and not _is_block(content["blk"], form.n):
        raise ValueError(f"path={path}: blk is not one semidefinite block, give {{'s', {form.n}}}")
    return form


def _content(path: Path) -> dict[str, Any]:
    try:
        return dict(scipy.io.loadmat(path))
    except NotImplementedError:
        raise ValueError(f"path={path}: a file of version 7.3, save it with '-v7'") from None
    except (scipy.io.matlab.MatReadError, TypeError, ValueError) as error:
        raise ValueError(f"path={path}: no MATLAB file, give one ({error})") from None


def _cell(name: str, value: Any) -> Any:
    """Return what a cell array with one cell holds, or the value itself."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        if value.size != 1:
            raise ValueError(f"{name} has {value.size} blocks: give a program of one")
        return value.reshape(-1)[0]
    return value


def _is_block(blk: Any, order: int) -> bool:
    parts = [np.ravel(part).tolist() for part in np.ravel(blk)]
    return parts == [["s"], [order]]
