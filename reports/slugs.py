"""Names of files and anchors that are safe whatever the ids hold."""

from __future__ import annotations

import hashlib
import re

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def slug(name: str) -> str:
    """Return a file name or anchor; different names give different slugs."""
    safe = _UNSAFE.sub("-", name).strip(".-")[:80]
    if name and safe == name:
        return name
    mark = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{safe or 'x'}-{mark}"


def paper_page(key: str) -> str:
    """Return where a paper's page lies, below the folder of the report."""
    return f"papers/{slug(key)}.html"


def figure_file(claim_id: str) -> str:
    """Return where a claim's figure lies."""
    return f"figures/{slug(claim_id)}.svg"
