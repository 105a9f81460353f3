"""Weight quantisers: ternary per row, absmax per group, and GPTQ on top of any of them."""

from refutable.solvers.quantization.gptq import (
    GptqResult,
    damped,
    gptq,
    inverse_factor,
    quadratic_error,
)
from refutable.solvers.quantization.grouped import (
    Convention,
    Grouped,
    absmax_quantize,
    absmax_quantizers,
    absmax_scales,
    dequantize,
)
from refutable.solvers.quantization.ternary import (
    ternary_codes,
    ternary_quantizer,
    ternary_range,
    uniform_quantizer,
)

__all__ = [
    "Convention",
    "GptqResult",
    "Grouped",
    "absmax_quantize",
    "absmax_quantizers",
    "absmax_scales",
    "damped",
    "dequantize",
    "gptq",
    "inverse_factor",
    "quadratic_error",
    "ternary_codes",
    "ternary_quantizer",
    "ternary_range",
    "uniform_quantizer",
]
