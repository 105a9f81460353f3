"""Reports of hand-made stores, written once."""

from __future__ import annotations

from pathlib import Path

import pytest
import report_stores as stores

from refutable import reports


@pytest.fixture(scope="session")
def mixed_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stores.mixed(tmp_path_factory.mktemp("mixed") / "store")


@pytest.fixture(scope="session")
def mixed_report(mixed_store: Path) -> Path:
    out = mixed_store.parent / "report"
    reports.write(mixed_store, out)
    return out


@pytest.fixture(scope="session")
def hostile_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stores.hostile(tmp_path_factory.mktemp("hostile") / "store")


@pytest.fixture(scope="session")
def hostile_report(hostile_store: Path) -> Path:
    out = hostile_store.parent / "report"
    reports.write(hostile_store, out)
    return out
