"""Calibration: how often verdicts are wrong at the very edge of a region.

``python -m refutable.calibration [--quick] [--seed N] [--out FILE]`` simulates many checks whose
truth lies exactly on the edge of their region, looks after every 8 replicates (64 for kernels that
bet), and counts how often the confidence sequence ever excludes the truth, which is when a verdict
can be wrong. Whether the rate is at most the nominal one is decided by the Bernoulli kernel itself.
At a nominal 1e-5, where the suite works, the rate is computed, or sampled under laws that make
errors common (`refutable.calibration.rare`). Methods that fail stand beside the kernels: the t on
raw replicates, the exact t on block means without the correction for skewness, and the asymptotic
confidence sequence; and so does the Student kernel on laws whose mean rare replicates carry.

The JSON written is ``{"schema": 1, "seed": int, "horizon": int, "calibration": [row],
"economy": [saving]}``, a row of the first table being

- ``expectation``: what was expected (``mean``, ``probability``, ...), ``kernel``: how decided;
- ``role``: ``kernel`` (a theorem stands behind it), ``approximate`` (none does), ``limit`` (the
  same where it must fail: replicates too rare to be seen carry the mean), or ``fails`` (a method
  shown to fail);
- ``law``: distribution of a replicate; ``region``: ``at_least``, ``at_most`` (wrongly supported)
  or ``within`` (any wrong verdict);
- ``nominal``: the error rate asked for;
- ``method``: ``simulated``, ``importance sampling, ...``, ``exact``, or ``bound`` (on the rate);
- ``sequences``, ``wrong``, ``rate``: how many were simulated, how many were wrong, their ratio
  times ``scale``, which is 1 but for importance sampling; none are simulated for an exact rate;
- ``lower``, ``upper``: interval of the true rate at error 0.001, by the Bernoulli kernel;
- ``finding``: ``holds`` (at most nominal), ``broken`` (above), ``open`` (not decided at the cap),

and of the second as in `refutable.calibration.economy.Saving`.
"""
