"""Runs claims into a store, and reads back what is the same for the same seed."""

from refutable import Effort
from refutable.running.job import Job
from refutable.running.progress import Silent
from refutable.running.runner import Runner
from refutable.storing.store import Store


def jobs(registry, names, seed=0):
    return [Job(registry.find(n), registry.sources[n], Effort.SMOKE, seed) for n in names]


def run(path, backend, registry, names, progress=None, **limits):
    with Store(path, seed=0) as store:
        runner = Runner(store, backend, progress or Silent(), **limits)
        return list(runner.run(jobs(registry, names)).results)


def files(store):
    """Return the deterministic files of a store: results, records and tables."""
    folders = ("results", "records", "tables")
    paths = [p for f in folders for p in sorted((store / f).iterdir())]
    return {str(path.relative_to(store)): path.read_bytes() for path in paths}
