"""The pytest plug-in: claims of test modules and of ``claims_*.py`` are tests.

A claim passes if its verdict is the expected one, and fails with interval, region, controls and
reason if not. Data that contradict the rule (*suspect*) and blocks that cannot be had (*failed*)
fail it as well, but not as an assertion (`NoVerdict`). Without a store each claim is decided in a
folder of its own that goes with it; with one it keeps a folder of its own below it, so that workers
of pytest-xdist do not meet. With `--refutable-fresh` each run draws a seed of its own, and the
claim's folder pays for it: the k-th run owns 1 / (k (k + 1)) of its ledger.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from refutable.claims.records import Effort

if TYPE_CHECKING:
    from refutable.claims.claim import Claim
    from refutable.interface import Result


class NoVerdict(Exception):
    """A claim about which the data say nothing: it failed, or they are no evidence."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("refutable", "claims of refutable")
    group.addoption(
        "--refutable-effort", choices=list(Effort), default="smoke", help="grids and caps of claims"
    )
    group.addoption("--refutable-seed", type=int, default=None, help="suite seed of claims")
    group.addoption("--refutable-store", default=None, help="folder in which results are kept")
    group.addoption(
        "--refutable-fresh",
        action="store_true",
        help="a fresh seed in every run, paid for in the ledger of --refutable-store",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark that every claim has; refuse options that contradict each other."""
    if config.getoption("--refutable-fresh"):
        if config.getoption("--refutable-store") is None:
            raise pytest.UsageError("--refutable-fresh needs --refutable-store: its ledger is kept")
        if config.getoption("--refutable-seed") is not None:
            raise pytest.UsageError("--refutable-fresh draws its own seed; leave the other out")
    config.addinivalue_line("markers", "claim: a claim that refutable decides")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``claims_*.py`` as test modules are."""
    named = parent.session.isinitpath(file_path)  # then pytest takes it by itself
    if file_path.suffix == ".py" and file_path.name.startswith("claims_") and not named:
        found: pytest.Collector = pytest.Module.from_parent(parent, path=file_path)
        return found
    return None


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> ClaimItem | None:
    """Make a test of a claim that a module binds."""
    if not _is_claim(obj) or name.startswith("_"):
        return None
    item: ClaimItem = ClaimItem.from_parent(collector, name=name, claim=obj)
    return item


def _is_claim(obj: object) -> bool:
    loaded = sys.modules.get("refutable.claims.claim")  # who has a claim has loaded its module
    return loaded is not None and isinstance(obj, loaded.Claim)


class ClaimItem(pytest.Item):
    """A claim as a test.

    Parameters
    ----------
    claim : Claim
    """

    def __init__(self, *, claim: Claim, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim = claim
        self.add_marker("claim")

    def runtest(self) -> None:
        """Decide the claim."""
        _judge(_check(self.config, self.claim))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say what was found, without a traceback of ours."""
        if isinstance(excinfo.value, AssertionError | NoVerdict):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where it stands."""
        return self.path, None, f"claim {self.claim.id}"


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Callable[..., Result]:
    """Decide a claim that a test builds: ``check(claim)`` fails it unless as expected."""

    def decide(claim: Claim, **options: Any) -> Result:
        found = _check(request.config, claim, **options)
        _judge(found)
        return found

    return decide


def _check(config: pytest.Config, claim: Claim, **options: Any) -> Result:
    import refutable  # loads what decides only where something is decided

    store = config.getoption("--refutable-store")
    given = {
        "effort": config.getoption("--refutable-effort"),
        "seed": config.getoption("--refutable-seed"),
        "store": None if store is None else Path(store) / claim.id,
        "progress": False,
    }
    if config.getoption("--refutable-fresh") and not {"store", "seed"} & options.keys():
        given["store"] = _of_tonight(Path(store) / claim.id)
    return refutable.check(claim, **{**given, **options})


def _of_tonight(folder: Path) -> Path:
    """Return a new store with a seed and a share of the folder's ledger."""
    from refutable.storing.fresh import next_night
    from refutable.storing.store import Store

    night, path = next_night(folder)
    with Store(path, night.seed, share=night.share):
        return path


def _judge(found: Result) -> None:
    if found.verdict in ("suspect", "failed"):
        raise NoVerdict(f"{found.complaint()}\n\n{found.show()}")
    if found.verdict == "not run":
        pytest.skip(found.reason)
    found.require()
