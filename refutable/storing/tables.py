"""One Parquet table per claim: a row for every replicate that the verdict rests on.

Where Parquet cannot be written, a note stands in the table's place that says which lines of the
block file the verdict rests on; the table can be made from it later.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from refutable.deciding.outcomes import decode
from refutable.errors import StoreError
from refutable.extras import installed
from refutable.storing.arrow import arrow_column, concatenated, plain_column
from refutable.storing.durable import put_in_place
from refutable.storing.sealed import read_json, told, write_json
from refutable.storing.store import Store, StoredBlock

OWN = ("world", "block", "replicate")
"""Columns beside the cell's parameters and the outcomes; where one of these has such a name, its
column is `cell.world` or `outcome.world`."""

PIECE = 2000
"""Blocks that are unpacked at once."""


def keep_table(store: Store, claim_id: str, offsets: Sequence[int]) -> None:
    """Write a claim's table, or the note from which it can be made.

    Parameters
    ----------
    store : Store
    claim_id : str
    offsets : sequence of int
        Where the lines of the verdict's blocks begin in the block file, in the verdict's order.
        Without any there is neither table nor note.
    """
    table, note = store.table_file(claim_id), store.table_note(claim_id)
    outdated = [table, note]
    if offsets and installed("pyarrow"):
        write_table(table, store.blocks_at(claim_id, offsets))
        outdated.remove(table)
    elif offsets:
        write_json(note, {"blocks": list(offsets)})
        outdated.remove(note)
    with told(table):
        for path in outdated:
            path.unlink(missing_ok=True)


def make_waiting(store: Store) -> None:
    """Make every table that there is only a note of.

    Raises
    ------
    StoreError
        If a note does not fit its block file.
    """
    for claim_id in store.tables_waiting():
        path = store.table_note(claim_id)
        try:
            keep_table(store, claim_id, read_json(path, dict)["blocks"])
        except (KeyError, TypeError, ValueError, FileNotFoundError) as error:
            raise StoreError(
                f"{path} does not fit the blocks of {claim_id} ({error!r}); run the claim again."
            ) from error


def write_table(path: Path, blocks: Iterable[StoredBlock]) -> None:
    """Write blocks, in the given order, as one table.

    Columns: `world`, the cell's parameters, `block`, `replicate` (within the block), outcomes
    (lists for ladders; text for exact fractions). Worlds and cells may have different columns; a
    row is null where it has none.
    """
    import pyarrow.parquet as pq  # only needed here; loads slowly

    tables = [_table(alike) for alike in _alike(blocks)]
    if not tables:
        return
    whole = concatenated(tables)
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        pq.write_table(whole, fresh)
        put_in_place(fresh, path)


def _alike(blocks: Iterable[StoredBlock]) -> Iterator[list[StoredBlock]]:
    """Yield runs of blocks of one world and one set of columns, cut to a moderate length."""
    for _, run in itertools.groupby(blocks, key=_columns_of):
        while piece := list(itertools.islice(run, PIECE)):
            yield piece


def _columns_of(block: StoredBlock) -> tuple[str, ...]:
    kinds = (f"{name}:{column['kind']}" for name, column in block.outcome.items())
    return (block.world, *block.cell, *kinds)


def _free(name: str, kind: str, *taken: str) -> str:
    return f"{kind}.{name}" if name in (*OWN, *taken) else name


def _table(blocks: list[StoredBlock]) -> Any:
    import pyarrow as pa

    decoded = [decode(block.outcome) for block in blocks]
    rows = [len(next(iter(outcome.values()))) for outcome in decoded]
    repeated = np.repeat(np.arange(len(blocks)), rows)
    fixed: dict[str, list[Any]] = {"world": [block.world for block in blocks]}
    for name in blocks[0].cell:
        fixed[_free(name, "cell")] = [block.cell[name] for block in blocks]
    fixed["block"] = [block.block for block in blocks]
    columns = {name: [plain_column(entries)[repeated]] for name, entries in fixed.items()}
    columns["replicate"] = [np.concatenate([np.arange(count) for count in rows])]
    for name in decoded[0]:
        columns[_free(name, "outcome", *blocks[0].cell)] = [outcome[name] for outcome in decoded]
    return pa.table({name: arrow_column(parts) for name, parts in columns.items()})
