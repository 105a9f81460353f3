"""Calibration: how often verdicts are wrong at the very edge of a region.

``python -m refutable.calibration [--quick] [--seed N] [--out FILE]`` simulates many checks whose
truth lies exactly on the edge of their region, looks after every 8 replicates, and counts how often
the confidence sequence ever excludes the truth, which is when a verdict can be wrong. Whether the
rate is at most the nominal one is decided by the Bernoulli kernel itself. Methods that fail stand
beside the kernels: the t on raw replicates, the exact t on block means without the correction for
skewness, and the asymptotic confidence sequence.

The JSON written is ``{"schema": 1, "seed": int, "horizon": int, "calibration": [row],
"economy": [saving]}``, a row of the first table being

- ``expectation``: what was expected (``mean``, ``probability``, ...), ``kernel``: how decided;
- ``role``: ``kernel``, ``limit`` (where the kernel itself must fail: outliers too rare to be
  seen), or ``fails`` (a method shown to fail);
- ``law``: distribution of a replicate; ``region``: ``at_least``, ``at_most`` (wrongly supported)
  or ``within`` (any wrong verdict);
- ``nominal``: the error rate asked for;
- ``sequences``, ``wrong``, ``rate``: how many were simulated, how many were wrong, their ratio;
- ``lower``, ``upper``: interval of the true rate at error 0.001, by the Bernoulli kernel;
- ``finding``: ``holds`` (at most nominal), ``broken`` (above), ``open`` (not decided at the cap),

and of the second as in `refutable.calibration.economy.Saving`.
"""
