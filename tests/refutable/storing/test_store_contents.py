"""What a store is told it gives back; where it was told nothing it says so."""

import io
import json
import math
from dataclasses import replace

import pytest
from coins import ARITHMETIC
from hypothesis import given
from hypothesis import strategies as st
from trials import decide

from refutable import Cell
from refutable.errors import StoreError
from refutable.storing.lines import lines_file
from refutable.storing.sealed import FOLDERS, read_json, write_json
from refutable.storing.store import Store, StoredBlock, _end_of_last_line, drop_torn_line

BLOCK = StoredBlock(
    "claim", Cell({"n": 3, "law": 'a "quoted" one'}), 4, 2, "abc", {"x": {"values": [0.5]}}, 0.25
)


def test_a_new_store_is_empty_and_says_so(tmp_path):
    store = Store(tmp_path / "s")
    assert store.seed == 0
    assert store.share == 1.0
    assert sorted(p.name for p in store.path.iterdir()) == sorted([*FOLDERS, "store.json"])
    assert store.result("a.b") is None
    assert list(store.read_blocks("a.b")) == []
    assert store.results() == store.records() == store.begun() == {}
    assert store.record("a.b") == store.cost("a.b") == store.read_print("a.b") == {}
    assert store.problems() == store.asked() == store.tables_waiting() == []


def test_everything_comes_back_from_another_look_at_the_folder(tmp_path):
    result = decide(ARITHMETIC, seed=7)
    with Store(tmp_path / "s", seed=7, share=0.25) as store:
        store.write_result(result, {"seconds": 2.5})
        store.write_record("a.b", {"id": "a.b", "n": 1})
        store.write_asked(["a.b", "c.d"])
        store.write_problems([{"source": "x"}])
        store.write_print("a.b", {"claim": {"m:f": "d"}})
    again = Store(tmp_path / "s")
    assert (again.seed, again.share) == (7, 0.25)
    assert again.result(result.claim) == result
    assert again.results() == {result.claim: result}
    assert again.cost(result.claim) == {"seconds": 2.5}
    assert again.record("a.b") == again.records()["a.b"] == {"id": "a.b", "n": 1}
    assert again.asked() == ["a.b", "c.d"]
    assert again.problems() == [{"source": "x"}]
    assert again.read_print("a.b") == {"claim": {"m:f": "d"}}


def test_files_lie_where_the_page_on_the_store_says(tmp_path):
    store = Store(tmp_path / "s")
    files = {
        "blocks/a.b.jsonl": store.blocks_file("a.b"),
        "records/a.b.json": store.record_file("a.b"),
        "prints/a.b.json": store.print_file("a.b"),
        "results/a.b.json": store.result_file("a.b"),
        "costs/a.b.json": store.cost_file("a.b"),
        "tables/a.b.parquet": store.table_file("a.b"),
        "tables/a.b.json": store.table_note("a.b"),
        "asked.json": store.asked_file,
        "problems.json": store.problems_file,
        "calibration.json": store.calibration_file,
        "weights.json": lines_file(store),
    }
    for name, path in files.items():
        assert path == tmp_path / "s" / name
    for name in ("blocks", "results"):
        assert name in FOLDERS


def test_a_store_of_a_former_version_is_refused_with_the_mend(tmp_path):
    Store(tmp_path / "s", seed=3, share=0.5)
    assert Store(tmp_path / "s", seed=3).share == 0.5
    (tmp_path / "s" / "store.json").write_text('{"schema": 1, "seed": 3}')
    with pytest.raises(StoreError, match="has schema 1; this version reads 2. Choose a new folder"):
        Store(tmp_path / "s", seed=3)


def test_a_store_to_look_at_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="There is no store at .*refutable run"):
        Store(tmp_path / "s", create=False)
    assert not (tmp_path / "s").exists()
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "lock").write_text("")  # left by a run that was stopped at once
    assert Store(tmp_path / "s").seed == 0


def test_a_store_closed_and_opened_again_goes_on_where_it_was(tmp_path):
    store = Store(tmp_path / "s")
    for number in (0, 1):
        with store:
            store.append("a.b", replace(BLOCK, block=number))
            store.append("c.d", BLOCK)
        assert store._files == {}
    assert [block.block for block in store.read_blocks("a.b")] == [0, 1]
    assert store.begun() == {"a.b": 2, "c.d": 2}
    with store.blocks_file("a.b").open("a") as file:
        file.write("torn")
    assert store.begun() == {"a.b": 2, "c.d": 2}


def test_places_of_blocks_lead_back_to_them_in_any_order(tmp_path):
    blocks = [replace(BLOCK, block=number, fingerprint="f" * number) for number in range(4)]
    with Store(tmp_path / "s") as store:
        for block in blocks:
            store.append("a.b", block)
    places = dict(store.scan_blocks("a.b"))
    assert list(places.values()) == blocks
    chosen = [list(places)[n] for n in (3, 0, 2)]
    assert [b.block for b in store.blocks_at("a.b", chosen)] == [3, 0, 2]


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_one_wrong_character_anywhere_in_a_line_is_noticed(place, step):
    line = BLOCK.to_line("a.b", 1).rstrip("\n")
    place %= len(line)
    wrong = chr((ord(line[place]) - 32 + step % 94 + 1) % 95 + 32)
    if wrong == line[place]:
        return
    changed = f"{line[:place]}{wrong}{line[place + 1 :]}\n"
    try:
        read = StoredBlock.from_line(changed, "a.b", 1)
    except (ValueError, TypeError, KeyError):
        return
    assert read == BLOCK  # a leading blank or zero of the checksum, say


def test_numbers_that_are_none_are_never_written(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        replace(BLOCK, seconds=math.nan).to_line("a.b", 1)
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"x": math.inf})
    assert not (tmp_path / "x.json").exists()


@given(st.binary(max_size=40).map(lambda b: b.replace(b"a", b"\n")), st.integers(1, 9))
def test_the_last_whole_line_is_found_whatever_the_steps(content, step):
    assert _end_of_last_line(io.BytesIO(content), step) == content.rfind(b"\n") + 1


def test_a_file_without_a_whole_line_is_emptied_and_a_missing_one_stays_missing(tmp_path):
    (tmp_path / "f").write_bytes(b"torn")
    drop_torn_line(tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == b""
    drop_torn_line(tmp_path / "f")
    drop_torn_line(tmp_path / "g")
    assert not (tmp_path / "g").exists()


def test_a_file_is_written_whole_and_leaves_no_trace_beside_it(tmp_path):
    write_json(tmp_path / "deep" / "x.json", {"b": [1]})
    write_json(tmp_path / "deep" / "x.json", {"b": [2]})
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["x.json"]
    text = (tmp_path / "deep" / "x.json").read_text()
    assert json.loads(text)["holds"] == read_json(tmp_path / "deep" / "x.json", dict) == {"b": [2]}
    assert text.endswith("}\n")
    assert text.count("\n") > 2  # one entry a line: versions can be compared


def test_an_asked_file_or_a_record_of_another_kind_is_refused(tmp_path):
    store = Store(tmp_path / "s")
    write_json(store.asked_file, {"claims": "a.b"})
    with pytest.raises(StoreError, match=r"asked\.json does not hold what it should"):
        store.asked()
    write_json(store.record_file("a.b"), {"id": "c.d"})
    with pytest.raises(StoreError, match=r"a\.b\.json is not the record of a claim"):
        store.record("a.b")
