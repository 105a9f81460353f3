"""Shared by every test."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that have slow tests, then the largest: no worker ends alone."""
    modules = [item.nodeid.partition("::")[0] for item in items]
    size = Counter(modules)
    slow = Counter(m for m, item in zip(modules, items, strict=True) if _slow(item))
    place = {name: (-slow[name], -size[name]) for name in size}
    items.sort(key=lambda item: place[item.nodeid.partition("::")[0]])


def _slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None
