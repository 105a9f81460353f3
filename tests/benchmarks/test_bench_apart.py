"""The memory of a part that runs apart is its own."""

import numpy as np
from apart import apart, peak_megabytes


def fill(megabytes):
    return float(np.ones(megabytes * 2**17).sum())


def test_what_this_process_holds_does_not_count_apart():
    held = fill(600)
    little, (result, much) = apart(fill, 1)[1], apart(fill, 300)
    assert held == 600 * 2**17
    assert result == 300 * 2**17
    assert peak_megabytes() > 600
    assert little < 300
    assert 290 < much - little < 310
