"""A search for an onset on the runner: back ends, resumption, failures and the ledger's line."""

from dataclasses import replace
from pathlib import Path

import example_claims
import pytest

from refutable import Cells, Onset
from refutable.deciding.outcomes import decode
from refutable.errors import RefutableError, StoreError
from refutable.running.backends import processes, serial
from refutable.running.bracketing import Quiet
from refutable.running.registry import Registry, Source, discover
from refutable.running.runner import Runner
from refutable.running.seeking import Seeking
from refutable.storing.onsets import line, onsets_file, onsets_of
from refutable.storing.store import Store

EXAMPLE = Path(example_claims.__file__)
ASKED = Onset(along="p", between=(0.1, 0.9), holds="P(heads) >= 0.4", tolerance=0.1, alpha=0.02)


@pytest.fixture(scope="module")
def registry():
    return discover([EXAMPLE], builtin=False)


def seeking(registry, asked=ASKED, name="example.coin"):
    return Seeking(registry.find(name), registry.sources[name], asked, 0)


def seek(path, registry, asked=ASKED, backend=None, told=None):
    with Store(path, seed=0) as store:
        runner = Runner(store, backend or serial(), told or Quiet())
        return runner.run([seeking(registry, asked)])


@pytest.fixture(scope="module")
def whole(registry, tmp_path_factory):
    """Return what an undisturbed search finds, and its store."""
    path = tmp_path_factory.mktemp("whole") / "s"
    return seek(path, registry).results[0], path


def test_finds_the_onset(whole):
    found, path = whole
    assert found.fails_at < 0.4 <= found.holds_at
    assert onsets_of(Store(path), "example.coin") == {next(iter(line(Store(path)))): found}


def test_workers_change_nothing(whole, registry, tmp_path):
    assert seek(tmp_path / "s", registry, backend=processes(2)).results[0] == whole[0]


class StopAfter(Quiet):
    """Asks for a stop, as Ctrl-C does, after some blocks."""

    def __init__(self, blocks):
        self.left, self.runner = blocks, None

    def advanced(self, job):
        self.left -= 1
        if self.left == 0:
            self.runner.interrupt.asked = True


def test_goes_on_from_the_store(whole, registry, tmp_path):
    told = StopAfter(5)
    with Store(tmp_path / "s", seed=0) as store:
        told.runner = Runner(store, serial(), told)
        ended = told.runner.run([seeking(registry)])
        assert (ended.results, ended.left) == ((), 1)
        assert sum(1 for _ in store.read_blocks("example.coin")) == 5
    assert seek(tmp_path / "s", registry).results[0] == whole[0]
    blocks = [(b.cell, b.block) for b in Store(tmp_path / "s").read_blocks("example.coin")]
    assert len(set(blocks)) == len(blocks)  # nothing was drawn twice


def test_a_block_has_as_many_replicates_as_are_asked_for(registry, tmp_path):
    found = seek(tmp_path / "s", registry, replace(ASKED, block=20)).results[0]
    blocks = list(Store(tmp_path / "s").read_blocks("example.coin"))
    sizes = [(block.size, len(decode(block.outcome)["heads"])) for block in blocks]
    assert set(sizes) == {(20, 20)}
    assert found.replicates == 20 * len(blocks)


def test_every_search_adds_its_error_to_a_line_of_its_own(registry, tmp_path):
    seek(tmp_path / "s", registry)
    seek(tmp_path / "s", registry)  # the same again owns no more
    seek(tmp_path / "s", registry, replace(ASKED, holds="P(heads) >= 0.6", alpha=0.03))
    assert sorted(line(Store(tmp_path / "s")).values()) == [0.02, 0.03]
    assert not (tmp_path / "s" / "weights.json").exists()  # the 1 % of the verdicts is untouched


def test_damaged_file_is_refused_by_name(registry, tmp_path):
    seek(tmp_path / "s", registry)
    path = onsets_file(Store(tmp_path / "s"), "example.coin")
    path.write_text(path.read_text().replace('"ending": "found"', '"ending": "always"'))
    with pytest.raises(StoreError, match="checksum"):
        onsets_of(Store(tmp_path / "s"), "example.coin")


def test_a_claim_still_decides_on_its_own_blocks_alone(registry, tmp_path):
    from refutable.claims.records import Effort
    from refutable.running.job import Job

    seek(tmp_path / "s", registry)
    with Store(tmp_path / "s", seed=0) as store:
        job = Job(registry.find("example.coin"), registry.sources["example.coin"], Effort.SMOKE, 0)
        job.resume(store)
        assert job.drawn == sum(b.cell == {"p": 0.5} for b in store.read_blocks("example.coin"))


def broken(simulate):
    return replace(example_claims.COIN, simulate=simulate, cells=Cells(p=(0.5,)))


def test_failure_names_the_cell_and_the_command(tmp_path):
    found = Registry()
    found.claims["example.coin"] = broken(example_claims.raises)
    found.sources["example.coin"] = Source("module", "example_claims")
    with Store(tmp_path / "s", seed=0) as store:
        job = seeking(found)
        job.fail(next(job.wanted(0)), "ZeroDivisionError: division by zero")
        assert job.done
        with pytest.raises(RefutableError, match=r"cell p=0.1, block 0.*rerun.*--anywhere"):
            job.conclude(store)


def test_repeated_blocks_end_the_search(registry, tmp_path):
    job = seeking(registry)
    with Store(tmp_path / "s", seed=0) as store:
        job.resume(store)
        first = next(job.wanted(0))
        from refutable.running.tasks import draw

        drawn = draw(job.task(first))
        while not job.done:
            job.finish(next(job.wanted(0)), drawn, store)
        with pytest.raises(RefutableError, match="repeats block 0"):
            job.conclude(store)
