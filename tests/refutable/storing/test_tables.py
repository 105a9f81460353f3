"""The table of a claim: a row for every replicate that the verdict rests on, in its order."""

import json
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from sealing import holds, seal

from refutable import Cell
from refutable.deciding.outcomes import encode
from refutable.errors import StoreError
from refutable.storing import tables
from refutable.storing.store import Store, StoredBlock

FOUR, FIVE = Cell({"n": 4}), Cell({"n": 5})


def block(number, rows, cell=FOUR, world="claim", **more):
    x = np.arange(rows) + 100.0 * number
    return StoredBlock(world, cell, number, rows, "f", encode({"x": x, **more}), 0.0)


def offsets(store, claim_id="a.b"):
    return [offset for offset, _ in store.scan_blocks(claim_id)]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "s") as store:
        for one in (block(0, 3), block(1, 1), block(0, 2, FIVE), block(2, 2), block(3, 2)):
            store.append("a.b", one)
        yield store


@pytest.mark.parametrize("piece", [1, 2, 2000])
def test_rows_are_those_of_the_blocks_in_the_verdict_s_order(store, monkeypatch, piece):
    monkeypatch.setattr(tables, "PIECE", piece)
    every = offsets(store)
    chosen = [every[place] for place in (1, 0, 3, 2)]  # the last block is not part of it
    tables.keep_table(store, "a.b", chosen)
    table = pq.read_table(store.table_file("a.b"))
    assert table.column_names == ["world", "n", "block", "replicate", "x"]
    rows = [tuple(row.values()) for row in table.to_pylist()]
    expected = [
        ("claim", int(one.cell.n), one.block, row, 100.0 * one.block + row)
        for one in store.blocks_at("a.b", chosen)
        for row in range(one.size)
    ]
    assert rows == expected
    assert [row[2] for row in rows] == [1, 0, 0, 0, 2, 2, 0, 0]


def test_worlds_with_other_columns_share_a_table_and_have_nulls(tmp_path):
    with Store(tmp_path / "s") as store:
        store.append("a.b", block(0, 1, ladder=np.array([[1.0, 0.5]])))
        store.append("a.b", block(0, 2, world="broken", flag=np.array([True, False])))
        tables.keep_table(store, "a.b", offsets(store))
        rows = pq.read_table(store.table_file("a.b")).to_pylist()
    assert [row["world"] for row in rows] == ["claim", "broken", "broken"]
    assert [row["ladder"] for row in rows] == [[1.0, 0.5], None, None]
    assert [row["flag"] for row in rows] == [None, True, False]


def kept(store):
    return sorted(path.name for path in (store.path / "tables").iterdir())


def test_without_the_library_a_note_stands_until_the_table_can_be_made(store, monkeypatch):
    chosen = offsets(store)
    tables.keep_table(store, "a.b", chosen)
    whole = store.table_file("a.b").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(tables, "installed", lambda library: False)
        tables.keep_table(store, "a.b", chosen)
        assert kept(store) == ["a.b.json"]
        assert store.tables_waiting() == ["a.b"]
        assert holds(store.table_note("a.b")) == {"blocks": chosen}
    tables.make_waiting(store)
    assert kept(store) == ["a.b.parquet"]
    assert store.table_file("a.b").read_bytes() == whole


def test_a_verdict_that_rests_on_no_block_leaves_neither_table_nor_note(store):
    tables.keep_table(store, "a.b", offsets(store))
    store.table_note("a.b").write_text("{}")
    tables.keep_table(store, "a.b", [])
    assert kept(store) == []
    tables.keep_table(store, "a.b", [])  # nor is that an error where there was none


@pytest.mark.parametrize("note", ['{"blocks": [1]}', '{"other": []}', '{"blocks": 3}'])
def test_a_note_that_does_not_fit_is_named_with_the_mend(store, note):
    seal(store.table_note("a.b"), json.loads(note))
    with pytest.raises(StoreError, match=r"a\.b\.json does not fit the blocks of a\.b .*again"):
        tables.make_waiting(store)
    assert kept(store) == ["a.b.json"]


def test_a_note_of_blocks_that_are_gone_is_named(store):
    seal(store.table_note("gone.claim"), {"blocks": [0]})
    with pytest.raises(StoreError, match=r"does not fit the blocks of gone\.claim"):
        tables.make_waiting(store)


def rows_of(store, *blocks):
    for one in blocks:
        store.append("a.b", one)
    tables.keep_table(store, "a.b", offsets(store))
    return pq.read_table(store.table_file("a.b")).to_pylist()


@pytest.mark.parametrize(
    ("claim", "broken", "told"),
    [
        (np.array([True]), np.array([0.5]), [1.0, 0.5]),
        (np.array([3]), np.array([0.5]), [3.0, 0.5]),
        (np.array(["a"]), np.array([0.5]), ["a", "0.5"]),
        (np.array([1.0]), np.array([[2.0, 3.0]]), [[1.0], [2.0, 3.0]]),
        (np.array([[1.0, 2.0]]), np.array([["a", "b"]]), [["1", "2"], ["a", "b"]]),
        (np.array([[1.0, 2.0]]), np.array([[3.0, 4.0, 5.0]]), [[1.0, 2.0], [3.0, 4.0, 5.0]]),
    ],
)
def test_worlds_may_return_columns_of_other_types(tmp_path, claim, broken, told):
    with Store(tmp_path / "s") as store:
        rows = rows_of(store, block(0, 1, one=claim), block(0, 1, world="broken", one=broken))
    assert [row["one"] for row in rows] == told


def test_ladders_of_one_world_may_differ_in_length(tmp_path):
    longer = block(0, 1, FIVE, ladder=np.ones((1, 3)))
    with Store(tmp_path / "s") as store:
        rows = rows_of(store, block(0, 1, ladder=np.zeros((1, 2))), longer)
    assert [row["ladder"] for row in rows] == [[0.0, 0.0], [1.0, 1.0, 1.0]]


def test_cells_of_mixed_values_and_odd_text_are_written(tmp_path):
    cells = [Cell({"n": value}) for value in (5, "\ud800", True)]
    with Store(tmp_path / "s") as store:
        rows = rows_of(store, *(block(0, 1, cell) for cell in cells))
    assert [row["n"] for row in rows] == ["5", "\\ud800", "True"]


def test_the_replicates_of_a_table_need_no_pandas(tmp_path):
    script = (
        "import sys; from refutable.storing import tables; import tests_of_tables as t; "
        "t.written(sys.argv[1]); assert 'pandas' not in sys.modules"
    )
    (tmp_path / "tests_of_tables.py").write_text(
        "import numpy as np\n"
        "from refutable import Cell\n"
        "from refutable.deciding.outcomes import encode\n"
        "from pathlib import Path\n"
        "from refutable.storing import tables\n"
        "from refutable.storing.store import Store, StoredBlock\n"
        "def written(path):\n"
        "    columns = {'x': np.ones(2), 'y': np.ones(2, bool), 'z': np.ones((2, 3))}\n"
        "    with Store(Path(path)) as store:\n"
        "        store.append('a.b', StoredBlock('claim', Cell({'n': 4, 'm': 'a'}), 0, 2, 'f',\n"
        "            encode(columns), 0.0))\n"
        "        tables.keep_table(store, 'a.b', [o for o, _ in store.scan_blocks('a.b')])\n"
        "        assert store.table_file('a.b').exists()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "s")]
    subprocess.run(command, check=True, cwd=tmp_path)


def test_parameters_and_outcomes_of_taken_names_have_columns_of_their_own(tmp_path):
    cell = Cell({"world": "paper", "n": 4})
    with Store(tmp_path / "s") as store:
        (row,) = rows_of(store, block(0, 1, cell, n=np.array([7]), block=np.array([9])))
    expected = {"world": "claim", "cell.world": "paper", "n": 4, "block": 0, "replicate": 0}
    assert row == {**expected, "x": 0.0, "outcome.n": 7, "outcome.block": 9}
