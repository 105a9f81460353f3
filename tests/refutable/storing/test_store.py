"""The store: nothing lost, nothing twice, nothing foreign touched."""

import errno
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refutable import Cell
from refutable.errors import StoreError
from refutable.storing.sealed import write_json
from refutable.storing.store import Store, StoredBlock, drop_torn_line


def block(number, value=0.1):
    outcome = {"x": {"kind": "float", "shape": [2], "values": [value, 1 / 3]}}
    return StoredBlock("claim", Cell({"n": 3, "r": 0.5}), number, 2, "abc", outcome, 0.01)


def test_blocks_come_back_as_they_were(tmp_path):
    with Store(tmp_path / "s", seed=5) as store:
        for number in range(3):
            store.append("a.b", block(number))
    assert list(Store(tmp_path / "s").read_blocks("a.b")) == [block(n) for n in range(3)]
    assert Store(tmp_path / "s").seed == 5


@given(st.floats(allow_nan=False, allow_infinity=False), st.text())
def test_a_line_keeps_every_bit(value, name):
    stored = block(0, value)
    stored = StoredBlock(name, *(getattr(stored, f) for f in list(stored.__dict__)[1:]))
    assert StoredBlock.from_line(stored.to_line("a.b", 3), "a.b", 3) == stored


@given(st.data())
def test_a_torn_last_line_is_dropped_wherever_it_was_torn(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("torn") / "s"
    with Store(path) as store:
        for number in range(3):
            store.append("a.b", block(number))
    file = path / "blocks" / "a.b.jsonl"
    whole = file.read_bytes()
    keep = data.draw(st.integers(0, len(whole)))
    file.write_bytes(whole[:keep])
    complete = whole[:keep].count(b"\n")
    assert list(Store(path).read_blocks("a.b")) == [block(n) for n in range(complete)]
    with Store(path) as store:
        store.append("a.b", block(9))
    assert list(Store(path).read_blocks("a.b")) == [*(block(n) for n in range(complete)), block(9)]


def test_a_line_corrupted_in_the_middle_is_refused_by_name_and_kept(tmp_path):
    with Store(tmp_path / "s") as store:
        store.append("a.b", block(0))
        store.append("a.b", block(1))
    file = tmp_path / "s" / "blocks" / "a.b.jsonl"
    damaged = file.read_text().replace("0.1", "0.2", 1)
    file.write_text(damaged)
    with pytest.raises(StoreError, match="Line 1 of .*a.b.jsonl cannot be read"):
        list(Store(tmp_path / "s").read_blocks("a.b"))
    assert file.read_text() == damaged


def test_dropping_a_torn_line_crosses_read_steps(tmp_path):
    file = tmp_path / "f"
    file.write_bytes(b"x" * 10 + b"\n" + b"y" * 200_000)
    drop_torn_line(file)
    assert file.read_bytes() == b"x" * 10 + b"\n"


def test_a_foreign_folder_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(StoreError, match="holds no store.json"):
        Store(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("head", ["not json", "[]", '{"schema": 1}', '{"schema": 9, "seed": 0}'])
def test_a_foreign_header_is_refused(tmp_path, head):
    (tmp_path / "store.json").write_text(head)
    with pytest.raises(StoreError, match="schema|cannot be read"):
        Store(tmp_path)


def test_one_store_holds_one_seed(tmp_path):
    Store(tmp_path / "s", seed=1)
    with pytest.raises(StoreError, match="belongs to seed 1, not 2"):
        Store(tmp_path / "s", seed=2)


def test_two_writers_are_not_let_in(tmp_path):
    with Store(tmp_path / "s"), pytest.raises(StoreError, match="Another run .process"):
        Store(tmp_path / "s").__enter__()
    with Store(tmp_path / "s"):
        pass


def test_an_unwritable_place_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path / "file" / "below")


def test_a_full_disk_is_told_and_what_was_stored_is_safe(tmp_path, monkeypatch):
    with Store(tmp_path / "s") as store:
        store.append("a.b", block(0))
        store.append("c.d", block(0))
        monkeypatch.setitem(store._files, "a.b", open("/dev/full", "w"))  # noqa: SIM115
        with pytest.raises(StoreError, match="No space left"):
            store.append("a.b", block(1))
    assert list(Store(tmp_path / "s").read_blocks("a.b")) == [block(0)]


def test_after_a_full_disk_the_file_is_opened_anew(tmp_path, monkeypatch):
    with Store(tmp_path / "s") as store:
        store.append("a.b", block(0))
        torn = store.blocks_file("a.b")
        monkeypatch.setitem(store._files, "a.b", open("/dev/full", "w"))  # noqa: SIM115
        with pytest.raises(StoreError, match="No space left"):
            store.append("a.b", block(1))
        with torn.open("a") as file:
            file.write('{"crc32":')  # what a write may leave that ran out of room
        store.append("a.b", block(2))
    assert list(Store(tmp_path / "s").read_blocks("a.b")) == [block(0), block(2)]


@pytest.mark.parametrize("name", ["result.json", "deep/er/result.json"])
def test_a_full_disk_is_told_whatever_is_written(tmp_path, monkeypatch, name):
    def full(self, *args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StoreError, match="could not be written: No space left"):
        write_json(tmp_path / name, {})


UNREADABLE = {
    "results/a.b.json": lambda store: store.results(),
    "records/a.b.json": lambda store: store.records(),
    "prints/a.b.json": lambda store: store.read_print("a.b"),
    "costs/a.b.json": lambda store: store.cost("a.b"),
    "problems.json": lambda store: store.problems(),
}


@pytest.mark.parametrize("text", ['{"trunc', "7", "\x00"])
@pytest.mark.parametrize("name", UNREADABLE)
def test_files_that_cannot_be_read_are_named_and_left_alone(tmp_path, name, text):
    store = Store(tmp_path / "s")
    (store.path / name).write_text(text)
    with pytest.raises(StoreError, match=rf"{name}.*move it away"):
        UNREADABLE[name](store)
    assert (store.path / name).read_text() == text


def test_a_foreign_record_is_refused_by_name(tmp_path):
    store = Store(tmp_path / "s")
    write_json(store.path / "records" / "a.foreign.json", {})
    with pytest.raises(StoreError, match="foreign.json is not the record of a claim"):
        store.records()


def test_a_missing_folder_is_made_again(tmp_path):
    with Store(tmp_path / "s") as store:
        (store.path / "blocks").rmdir()
        store.append("a.b", block(0))
        assert list(store.read_blocks("a.b")) == [block(0)]


def test_a_result_of_another_schema_is_refused_by_name(tmp_path):
    store = Store(tmp_path / "s")
    (tmp_path / "s" / "results" / "a.b.json").write_text(json.dumps({"schema": 7}))
    with pytest.raises(StoreError, match=r"a\.b\.json cannot be read"):
        store.results()
