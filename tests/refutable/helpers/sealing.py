"""Look into sealed files of a store, and seal what a test wants to find there."""

import json

from refutable.storing.sealed import write_json as seal


def holds(path):
    """Return what a sealed file holds, without its checks."""
    return json.loads(path.read_text())["holds"]


__all__ = ["holds", "seal"]
