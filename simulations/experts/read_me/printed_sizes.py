"""Router size, tokens, averages and parameter totals as printed, against the configuration."""

from __future__ import annotations

from fractions import Fraction

from refutable.theory.experts import read_me as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Claim,
    MendedWorld,
    Origin,
    Printed,
    RightTheory,
    Scope,
    Values,
    Verdict,
)


def sizes(
    cell: Cell,
    swiglu: bool = False,
    shared_once: bool = True,
    length: int = theory.LENGTH,
    entries: int = 7,
) -> Values:
    """Count the configuration, in the units in which the paper prints."""
    del cell
    router, expert = (Fraction(n * length, theory.LENGTH) for n in theory.TOKENS_PER_STAGE)
    return {
        "router_millions": Fraction(theory.router_parameters(swiglu=swiglu), 10**6),
        "router_tokens_millions": router / 10**6,
        "expert_tokens_millions": expert / 10**6,
        "table_3_average": Fraction("388.5") / entries,
        "total_billions": theory.total_parameters(shared_once=shared_once) / 1e9,
    }


SIZES_CLAIM = Claim(
    id="read_me.router-and-token-arithmetic",
    title="Five printed totals follow from the printed configuration",
    source="Table 1, training setup, Table 3 and model sizes; router of the released code",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement=(
        "The 18.0M router, 26M and 105M tokens per round, the 55.5 average of Table 3 and the 17B "
        "total follow from the configuration."
    ),
    formula="32000 dot 512 + 6 (512^2 + 512) + 3 dot 512 + 7 (512 + 1) = 17 thin 965 thin 063",
    scope=Scope.ARITHMETIC,
    does_not_show="Accuracy.",
    assumptions=("seven half masks that share $a 2^(-7)$ intersection, for the total",),
    notes=("Of Table 3 only the sum 388.5 of the seven entries was used.",),
    compute=sizes,
    expect=(
        Printed("router_millions").prints("18.0"),
        Printed("router_tokens_millions").prints("26"),
        Printed("expert_tokens_millions").prints("105"),
        Printed("table_3_average").prints("55.5"),
        Printed("total_billions").prints("17"),
    ),
    controls=(
        BrokenWorld(
            "three matrices (SwiGLU), as Table 1 names the MLP",
            change={"swiglu": True},
            judged_by="router_millions",
        ),
        BrokenWorld(
            "an intersection that every expert keeps for itself",
            change={"shared_once": False},
            judged_by="total_billions",
        ),
        BrokenWorld(
            "sequences of 4000 tokens",
            change={"length": 4000},
            judged_by=("router_tokens_millions", "expert_tokens_millions"),
        ),
        BrokenWorld(
            "an average of eight entries", change={"entries": 8}, judged_by="table_3_average"
        ),
    ),
)


def token_budget(
    cell: Cell, rounds: int = theory.ROUNDS, stages: tuple[int, int] = theory.TOKENS_PER_STAGE
) -> Values:
    """Tokens of all rounds in billions, and cut instead of rounded to two places."""
    del cell
    exact = Fraction(rounds * sum(stages), 10**9)
    return {"tokens": exact, "truncated": Fraction(int(100 * exact), 100)}


SMALLER_BATCHES = (theory.TOKENS_PER_STAGE[0] * 62 // 64, theory.TOKENS_PER_STAGE[1])

TOKENS = Claim(
    id="read_me.token-budget",
    title="The training tokens add up to 1.04 billion",
    source="Training cost: eight rounds of 26M and 105M tokens, 1.04B in total",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="The training tokens add up to 1.04 billion.",
    formula="8 (100 dot 64 dot 4096 + 200 dot 128 dot 4096) = 1.04 times 10^9",
    scope=Scope.ARITHMETIC,
    does_not_show="How many tokens were used in fact.",
    compute=token_budget,
    expect=(Printed("tokens", conventions={"cut, not rounded": "truncated"}).prints("1.04"),),
    controls=(
        BrokenWorld("seven rounds", change={"rounds": theory.ROUNDS - 1}),
        BrokenWorld(
            "1.05 with batches of 62 sequences in the first stage",
            change={"stages": SMALLER_BATCHES},
            expect=(Printed("tokens").prints("1.05"),),
        ),
    ),
    positive=(
        RightTheory("1.05", Printed("tokens").prints("1.05")),
        MendedWorld("batches of 62 sequences", change={"stages": SMALLER_BATCHES}),
    ),
    expected=Verdict.REFUTED,
    why=(
        "Steps x batch x length of the two stages, eight times, is "
        "{estimate of tokens reproduces 1.04 to 5 digits} billion, which rounds "
        "to 1.05; 1.04 is its first three digits, so the paper cut instead of rounding (or added "
        "26M and 105M after cutting). A slip of one unit in the last digit, without consequence. "
        "Found by multiplying out. Read: a machine-converted copy of the paper."
    ),
)


def active(cell: Cell, residual_extra: bool = False, half: float = 0.5) -> Values:
    """Active parameters in billions, `half` being the share of channels that an expert has."""
    del cell
    more = (half - 0.5) * theory.ffn_parameters()
    return {"billions": (theory.active_parameters(residual_extra=residual_extra) + more) / 1e9}


ACTIVE = Claim(
    id="read_me.active-parameters",
    title="Half of every feed-forward layer makes 4.7 billion active parameters",
    source="Model sizes: 4.7B active of 17B parameters",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="With half of every FFN active, 4.7 billion parameters of Llama-2-7B are active.",
    formula='"attention and embeddings" + 1/2 "FFN" + "router" = 4.7 times 10^9',
    scope=Scope.ARITHMETIC,
    does_not_show="What the authors counted, which is not stated.",
    assumptions=("experts of exactly half the channels",),
    compute=active,
    expect=(Printed("billions").prints("4.7"),),
    controls=(
        BrokenWorld("permanent expert counted in addition", change={"residual_extra": True}),
        BrokenWorld(
            "4.6 with experts of 52 % of the channels",
            change={"half": 0.52},
            expect=(Printed("billions").prints("4.6"),),
        ),
    ),
    positive=(
        RightTheory("4.6", Printed("billions").prints("4.6")),
        MendedWorld("experts of 52 % of the channels", change={"half": 0.52}),
    ),
    expected=Verdict.REFUTED,
    why=(
        "Attention and embeddings (2.41B), half of the FFNs (2.16B) and the router (0.02B) come "
        "to {estimate of billions reproduces 4.7 to 3 digits}B, which rounds to 4.6; "
        "counting the permanent expert besides gives 4.63B. "
        "Experts of slightly more than half the channels would give 4.7, so this is a difference "
        "of convention rather than an error of substance. Moderately sure: what the paper counts "
        "is not stated. Read: a machine-converted copy of the paper and the released code."
    ),
)
