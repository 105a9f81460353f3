"""pandas, which is imported when a table is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refutable.extras import Library

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = Library("pandas")  # starts slowly, and only the extra `suite` brings it

__all__ = ["pd"]
