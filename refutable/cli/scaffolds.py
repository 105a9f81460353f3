"""What `refutable new` writes: a claim file of each kind that runs at once."""

from __future__ import annotations

from dataclasses import dataclass

FRAME = '''"""{about}

Written by `refutable new`. It runs as it is: refutable run {file}
Replace the experiment and the numbers by yours; keep the controls near the truth.
"""

{imports}

PAPER = Paper(
    key="{key}",
    field="mine",
    title="The title of the paper",
    authors=("A. Author",),
    year={year},
    venue="Where it appeared",
)


{body}'''
TAIL = """    scope=Scope.AS_STATED,
    does_not_show="What a verdict says nothing about.",
"""


@dataclass(frozen=True)
class Scaffold:
    """A kind of claim: what it asks, what it takes from `refutable`, the code."""

    about: str
    names: tuple[str, ...]
    body: str
    library: str = ""
    helper: str = ""


SCAFFOLDS = {
    "bound": Scaffold(
        "Does a bound hold as often as it promises? (Hoeffding's, for the mean of coins)",
        ("BrokenWorld", "FalseTheory", "Probability"),
        '''def coins(cell, rng, size, shared=0.0):
    """Outcome of `size` samples of `cell.n` fair coins, of which a share is common."""
    tosses = rng.random((size, cell.n)) < 0.5
    common = rng.random((size, cell.n)) < shared
    off = np.abs(np.where(common, tosses[:, :1], tosses).mean(axis=1) - 0.5)
    return {"violated": off >= cell.off}


def promised(cell):
    """Return the bound 2 exp(-2 n off^2)."""
    return 2 * np.exp(-2 * cell.n * cell.off**2)


CLAIM = Claim(
    id="{key}.bound",
    title="The mean of coins is rarely far from a half",
    source="Theorem 1",
    statement="The mean of n coins is off by t with probability at most 2 exp(-2 n t^2).",
    formula="PP(abs(overline(X) - 1/2) >= t) <= 2 e^(-2 n t^2)",
{tail}    cells=Cells(n=(50, 200), off=(0.1,)),
    simulate=coins,
    expect=(Probability("violated").at_most(promised),),
    weak=True,
    controls=(
        FalseTheory(
            "a twenty-fifth of it", Probability("violated").at_most(lambda c: promised(c) / 25)
        ),
        BrokenWorld("dependent coins", change={"shared": 0.5}),
    ),
    cap=40_000,
)
''',
        library="import numpy as np",
    ),
    "rate": Scaffold(
        "At which rate does a loss fall? (the squared error of a mean)",
        ("FalseTheory", "Slope"),
        '''SIZES = (50, 200, 800)


def errors(cell, rng, size):
    """Outcome of `size` replicates: the squared error of the mean at each of the sizes."""
    means = [rng.random((size, n)).mean(axis=1) for n in SIZES]
    return {"loss": (np.stack(means, axis=1) - 0.5) ** 2}


RATE = Slope("loss", SIZES)
CLAIM = Claim(
    id="{key}.rate",
    title="The squared error of a mean falls as one over the number of draws",
    source="Theorem 1",
    statement="The squared error of the mean of n uniform numbers typically falls like 1/n.",
    formula="(overline(X) - 1/2)^2 prop n^(-1)",
{tail}    cells=Cells(),
    simulate=errors,
    expect=(RATE.near(-1, 0.1),),
    controls=(
        FalseTheory("a slower rate", RATE.near(-0.85, 0.1)),
        FalseTheory("a faster rate", RATE.near(-1.15, 0.1)),
    ),
    block=2000,
    cap=200_000,
)
''',
        library="import numpy as np",
    ),
    "threshold": Scaffold(
        "Does something begin to happen where theory says? (two groups told apart)",
        ("BrokenWorld", "FalseTheory", "Probability"),
        '''def told_apart(cell, rng, size, scale=1.0):
    """Outcome of `size` tries to see a shift of `ratio` thresholds in noise."""
    threshold = 4.0
    seen = cell.ratio * threshold + scale * rng.standard_normal(size)
    return {"found": seen > threshold}


CLAIM = Claim(
    id="{key}.threshold",
    title="A shift is seen above the threshold and missed below it",
    source="Theorem 1",
    statement="Above the threshold a shift is seen, below it is not.",
    formula="PP(\\"found\\") -> bold(1)(\\"ratio\\" > 1)",
{tail}    cells=Cells(ratio=(0.6, 1.4)),
    simulate=told_apart,
    expect=(
        Probability("found", ratio=1.4).at_least(0.8),
        Probability("found", ratio=0.6).at_most(0.2),
    ),
    controls=(
        FalseTheory("a lower threshold", Probability("found", ratio=0.6).at_least(0.1)),
        FalseTheory("a higher threshold", Probability("found", ratio=1.4).at_most(0.9)),
        BrokenWorld("three times the noise", change={"scale": 3.0}),
    ),
)
''',
    ),
    "ordering": Scaffold(
        "Is one method better than another? (the median against the mean, heavy tails)",
        ("BrokenWorld", "FalseTheory", "Probability"),
        '''def contest(cell, rng, size, freedom=1.5):
    """Outcome of `size` contests of both methods on the same data."""
    data = rng.standard_t(freedom, (size, cell.n))
    return {"wins": np.abs(np.median(data, axis=1)) < np.abs(data.mean(axis=1))}


CLAIM = Claim(
    id="{key}.ordering",
    title="The median is nearer to the centre than the mean where tails are heavy",
    source="Theorem 1",
    statement="On heavy-tailed data the median beats the mean more often than not.",
    formula="PP(abs(\\"median\\") < abs(\\"mean\\")) > 1/2",
{tail}    cells=Cells(n=(51,)),
    simulate=contest,
    expect=(Probability("wins").at_least(0.5),),
    controls=(
        FalseTheory("it wins nearly always", Probability("wins").at_least(0.85)),
        BrokenWorld("light tails", change={"freedom": 50}),
    ),
)
''',
        library="import numpy as np",
    ),
    "identity": Scaffold(
        "Does an identity hold, by computer algebra? (needs SymPy: refutable[suite])",
        ("FalseTheory", "Symbolic"),
        '''def difference(cell):
    """Say of both identities whether the difference of their sides vanishes."""
    k, n = sympy.symbols("k n", integer=True, positive=True)
    total = sympy.summation(k, (k, 1, n))
    return {"sum": vanishes(total - n * (n + 1) / 2), "wrong": vanishes(total - n * (n - 1) / 2)}


CLAIM = Claim(
    id="{key}.identity",
    title="The sum of the first numbers is what everybody knows",
    source="Equation 1",
    statement="The numbers from 1 to n add up to n (n + 1) / 2.",
    formula="sum_(k=1)^n k = n (n + 1) / 2",
{tail}    cells=Cells(),
    compute=difference,
    expect=(Symbolic("sum").holds(),),
    controls=(FalseTheory("one less", Symbolic("wrong").holds()),),
    untouched_because="the control is another identity: the same one cannot fail",
)
''',
        library="import sympy",
        helper="from refutable.claims.symbolic import vanishes",
    ),
    "printed": Scaffold(
        "Does a computation give the number that a paper prints? (the birthday problem)",
        ("BrokenWorld", "FalseTheory", "Printed"),
        '''def coincidence(cell, days=365):
    """Return the probability that two of `cell.people` share a birthday."""
    return {"probability": 1 - np.prod(1 - np.arange(cell.people) / days)}


CLAIM = Claim(
    id="{key}.printed",
    title="Among twenty-three people two share a birthday with probability one half",
    source="Table 1",
    statement="For 23 people and 365 days the probability is 0.507.",
    formula="1 - product_(i=0)^22 (1 - i / 365) approx 0.507",
    scope=Scope.ARITHMETIC,
    does_not_show="What a verdict says nothing about.",
    cells=Cells(people=(23,)),
    compute=coincidence,
    expect=(Printed("probability").prints("0.507"),),
    controls=(
        FalseTheory("one digit up", Printed("probability").prints("0.508")),
        BrokenWorld("a leap year", change={"days": 366}),
    ),
)
''',
        library="import numpy as np",
    ),
}
"""Kind to what is written, in the order of help."""


def written(kind: str, key: str, file: str, year: int) -> str:
    """Return the text of a claim file.

    Parameters
    ----------
    kind : str
        One of `SCAFFOLDS`.
    key : str
        Of the paper, the first part of the claim's id.
    file : str
        Its name.
    year : int
    """
    chosen = SCAFFOLDS[kind]
    names = sorted({*chosen.names, "Cells", "Claim", "Paper", "Scope"})
    library = f"{chosen.library}\n\n" if chosen.library else ""
    more = f"\n{chosen.helper}" if chosen.helper else ""
    return FRAME.format(
        about=chosen.about,
        file=file,
        key=key,
        year=year,
        imports=f"{library}from refutable import {', '.join(names)}{more}",
        body=chosen.body.replace("{key}", key).replace("{tail}", TAIL),
    )
