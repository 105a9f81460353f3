"""Nothing foreign and nothing damaged becomes a verdict: flipped bits, exchanged files."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from coins import COIN
from sealing import seal
from trials import decide

from refutable import Cell
from refutable.claims.describe import record
from refutable.deciding.outcomes import encode
from refutable.deciding.results import ClaimResult
from refutable.errors import StoreError
from refutable.storing.lines import lines, lines_file
from refutable.storing.sealed import FOLDERS
from refutable.storing.store import Store, StoredBlock

FLIPS = 2000
NAMES = ("a.b", "a.c")


def drawn(number: int) -> StoredBlock:
    x = np.arange(3) + 0.5 * number
    return StoredBlock("claim", Cell({"n": 4}), number, 3, "f", encode({"x": x}), 0.01)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a file of every kind, of two claims."""
    path = tmp_path_factory.mktemp("flips") / "s"
    with Store(path, seed=3) as store:
        for name in NAMES:
            for number in range(3):
                store.append(name, drawn(number))
            result, shown = decide(COIN), record(COIN, "here")
            store.write_result(_named(result, name), {"seconds": 1.5, "blocks": 3})
            store.write_record(name, {**shown, "id": name})
            store.write_print(name, {"claim": {"part": "digest"}})
        store.write_asked(list(NAMES))
        store.write_problems([{"where": "x", "text": "y", "claim": ""}])
        seal(lines_file(store), dict.fromkeys(NAMES, "1/2048"))
    return path


def _named(result: ClaimResult, name: str) -> ClaimResult:
    return replace(result, claim=name, seed=3)


def everything(path: Path) -> list[object]:
    """Read all that decides or shows something."""
    store = Store(path, create=False)
    read: list[object] = [store.seed, store.share, store.asked(), store.problems(), lines(store)]
    read += [store.records(), store.results(), store.begun()]
    for name in NAMES:
        read += [list(store.read_blocks(name)), store.cost(name), store.read_print(name)]
    return read


def files(path: Path) -> Iterator[Path]:
    return (file for file in sorted(path.rglob("*.json*")))


def test_a_flipped_bit_changes_nothing_or_is_refused_by_name(whole, tmp_path):
    rng, path = np.random.default_rng(23), tmp_path / "s"
    shutil.copytree(whole, path)
    intact, every = everything(path), list(files(path))
    assert {file.parent.name for file in every} >= set(FOLDERS) - {"tables"}
    silent = 0
    for _ in range(FLIPS):
        file = every[rng.integers(len(every))]
        content = file.read_bytes()
        place, bit = rng.integers(len(content)), rng.integers(8)
        flipped = bytearray(content)
        flipped[place] ^= 1 << bit
        file.write_bytes(flipped)
        try:
            read = everything(path)
        except StoreError as error:
            assert file.name in str(error)  # noqa: PT017 - what is raised is not always
        else:
            silent += 1
            torn = place == len(content) - 1 and file.suffix == ".jsonl"
            assert read == intact or torn, (file, place, bit)
        assert file.read_bytes() == flipped
        file.write_bytes(content)
    assert silent < FLIPS / 3  # white space, mostly


@pytest.mark.parametrize("folder", ["records", "prints", "results", "costs"])
def test_the_file_of_another_claim_is_refused(whole, tmp_path, folder):
    shutil.copytree(whole, tmp_path / "s")
    at = tmp_path / "s" / folder
    shutil.copy(at / "a.b.json", at / "a.c.json")
    with pytest.raises(StoreError, match=rf"a\.c\.json cannot be read: it was written as {folder}"):
        everything(tmp_path / "s")


def test_blocks_of_another_claim_or_seed_are_refused(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "s")
    blocks = tmp_path / "s" / "blocks"
    shutil.copy(blocks / "a.b.jsonl", blocks / "a.c.jsonl")
    with pytest.raises(StoreError, match=r"a block of a\.b with seed 3, not of a\.c with 3"):
        everything(tmp_path / "s")
    with Store(tmp_path / "other", seed=4) as other:
        other.append("a.b", drawn(0))
    shutil.copy(tmp_path / "other" / "blocks" / "a.b.jsonl", blocks / "a.b.jsonl")
    with pytest.raises(StoreError, match=r"a block of a\.b with seed 4, not of a\.b with 3"):
        everything(tmp_path / "s")
    shutil.copy(tmp_path / "other" / "store.json", tmp_path / "s" / "store.json")
    with pytest.raises(StoreError, match="with seed 3, not of"):
        everything(tmp_path / "s")


FORGED = {
    "deep": "[" * 100_000 + "]" * 100_000,
    "none": '{"of": "costs/a.b.json", "crc32": 0, "holds": {"seconds": NaN}}',
    "endless": '{"of": "costs/a.b.json", "crc32": 0, "holds": {"seconds": 1e400}}',
    "other": "3",
    "empty": "",
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED.keys())
@pytest.mark.parametrize("name", ["costs/a.b.json", "results/a.b.json", "store.json", "asked.json"])
def test_nonsense_ends_in_the_same_sentence(whole, tmp_path, name, text):
    shutil.copytree(whole, tmp_path / "s")
    (tmp_path / "s" / name).write_text(text)
    with pytest.raises(StoreError, match=rf"{name} cannot be read: .* left as it is"):
        everything(tmp_path / "s")


@pytest.mark.parametrize("change", [{"effort": "heroic"}, {"verdict": "true"}, {"checks": 3}])
def test_a_result_of_unknown_words_is_refused(whole, tmp_path, change):
    shutil.copytree(whole, tmp_path / "s")
    store = Store(tmp_path / "s")
    seal(store.result_file("a.b"), {**store.results()["a.b"].to_json(), **change})
    with pytest.raises(StoreError, match=r"a\.b\.json cannot be read"):
        store.results()


@pytest.mark.parametrize("name", ["._a.b.json", "a.b (1).json", "A.b.json", "notes.json", "x.txt"])
def test_a_stray_file_is_named_and_passed_over(whole, tmp_path, name):
    shutil.copytree(whole, tmp_path / "s")
    intact = everything(tmp_path / "s")
    stray = tmp_path / "s" / "results" / name
    stray.write_text("{}")
    assert Store(tmp_path / "s").strays() == [stray]
    assert everything(tmp_path / "s") == intact
