"""What the analysts draw and decide by: fair bits and signs."""

import numpy as np
from refutable.solvers.adaptive_queries.interaction import FloatArray


def random_bits(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Fair bits as float32, eight per random byte."""
    packed = rng.integers(0, 256, (*shape[:-1], -(-shape[-1] // 8)), dtype=np.uint8)
    return np.unpackbits(packed, axis=-1, count=shape[-1]).astype(np.float32)


def signs(x: FloatArray) -> FloatArray:
    """Return -1 or +1, with sign(0) = +1."""
    return np.where(x >= 0, 1.0, -1.0)
