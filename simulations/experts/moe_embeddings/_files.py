"""The authors' published predictions, read from a copy that the user brings (GPL-3.0)."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from refutable.theory.experts.moe_embeddings import trained_on

from refutable import FloatArray, NeedsData

Predictions = tuple[FloatArray, NDArray[np.int64]]

VARIABLE = "REFUTABLE_MOE_EMBEDDINGS"
FOLDERS = {
    "moe": ("moe_tokensHF", "moe_tokensHF_{d}_predictions.csv"),
    "joint": ("se_all_tokensHF", "se_all_tokensHF_{d}_predictions.csv"),
    "domain": ("se_domainHF_{m}HF_{m}", "se_domainHF_{m}HF_{m}_{d}_predictions.csv"),
}
HOW = (
    "The authors' per-pair predictions are needed (GPL-3.0, so they are not shipped here). Clone "
    "https://github.com/Gleghorn-Lab/Mixture-of-Experts-Sentence-Similarity (read at commit "
    f"2a67569) and set {VARIABLE} to the clone, or to its folder results/trained_models."
)


def results_folder() -> Path:
    """Return the folder of the trained models' results, or raise NeedsData."""
    given = os.environ.get(VARIABLE, "")
    if not given:
        raise NeedsData(HOW)
    for folder in (Path(given), Path(given) / "results" / "trained_models"):
        if (folder / FOLDERS["moe"][0]).is_dir():
            return folder
    raise NeedsData(f"{VARIABLE}={given} holds no results/trained_models. {HOW}")


def place(model: str, domain: str) -> Path:
    """Return where in the folder the predictions of a model on a domain's pairs lie."""
    row = trained_on(model, domain)
    parts = FOLDERS.get(row, FOLDERS["domain"])
    return Path(*(part.format(m=row, d=domain) for part in parts))


@lru_cache(maxsize=64)
def _read(folder: Path, model: str, domain: str) -> Predictions:
    path = folder / place(model, domain)
    if not path.is_file():
        raise NeedsData(f"{path} is missing. {HOW}")
    import pandas as pd

    table = pd.read_csv(path)
    return np.clip(table["prediction"].to_numpy(), -1.0, 1.0), table["label"].to_numpy()


def predictions(model: str, domain: str) -> Predictions:
    """Return similarity scores (n,) and labels (n,) of one model on one domain's pairs.

    Parameters
    ----------
    model : str
        "moe", "own" or "joint": the mixture, the domain's own model, or the one dense model of all
        domains; or the domain that a dense model was trained on.
    domain : str
        Such as "COPD".

    Raises
    ------
    NeedsData
        Without a copy of the authors' files; it says where to get one.
    """
    return _read(results_folder(), model, domain)
