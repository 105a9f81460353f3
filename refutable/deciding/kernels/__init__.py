"""Kernels: small pure functions from sufficient statistics to intervals valid at any time.

=================  ===========================================  =================================
module             what is known about the data                 source
=================  ===========================================  =================================
``bernoulli``      0 or 1                                       Howard et al. (2021)
``betting``        in [0, 1]                                    Waudby-Smith & Ramdas (2024)
``catoni``         variance at most a given number              Wang & Ramdas (2023)
``student``        i.i.d. block means, about normal             Wang & Ramdas (2025)
``empirical``      i.i.d. real values, at a schedule of looks   Massart (1990), Gandy & Scott (2020)
``deterministic``  no randomness: printed decimals              exact arithmetic
=================  ===========================================  =================================
"""

from refutable.deciding.kernels.interval import Interval

__all__ = ["Interval"]
