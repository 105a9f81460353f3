"""One Parquet table per claim: a row for every replicate that the verdict rests on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from claimcheck.outcomes import Columns, decode
from claimcheck.store import StoredBlock


def write_table(path: Path, blocks: Iterable[StoredBlock]) -> None:
    """Write blocks, in the given order, as one table.

    Columns: `world`, the cell's parameters, `block`, `replicate` (within the block), outcomes
    (lists for ladders; text for exact fractions).
    """
    import pandas as pd

    frames = [_frame(block) for block in blocks]
    if not frames:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    pd.concat(frames, ignore_index=True).to_parquet(fresh, index=False)
    fresh.replace(path)


def _frame(block: StoredBlock) -> Any:
    import pandas as pd

    columns = decode(block.outcome)
    rows = len(next(iter(columns.values())))
    fixed = {"world": block.world, **block.cell, "block": block.block}
    head = {name: [value] * rows for name, value in fixed.items()}
    return pd.DataFrame({**head, "replicate": np.arange(rows), **_plain(columns)})


def _plain(columns: Columns) -> dict[str, Any]:
    return {
        name: values if values.ndim == 1 and values.dtype != object else _texts(values)
        for name, values in columns.items()
    }


def _texts(values: Any) -> list[Any]:
    if values.dtype == object:
        return [str(row.tolist()) if hasattr(row, "tolist") else str(row) for row in values]
    return [row.ravel().tolist() for row in values]
