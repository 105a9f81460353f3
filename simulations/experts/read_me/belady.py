"""Read-ME: whether look-ahead caching, expert batching and prefetching do what is said of them.

Policies run on batches of random traces; optima come from exhaustive dynamic programming or brute
force over subsets; the pipeline is played tick by tick.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from refutable.simulations.experts.read_me.batching import (
    BACKLOGS,
    clustered_batch,
    long_pipeline,
    loops,
    one_expert_tokens,
    pipeline,
    random_batch,
    two_expert_tokens,
    whole_requests,
)
from refutable.simulations.experts.read_me.hit_ratios import (
    EXPERTS,
    cycle,
    hit_ratios,
    independent,
    nearest_first,
    policies_on_traces,
    sticky,
    table_4,
    unequal_pairs,
    unit_pairs,
    unit_pairs_by_step,
    windows,
)
from refutable.theory.experts import read_me as theory

from refutable import (
    Axis,
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Mean,
    Printed,
    Scope,
    Verdict,
)

# --- Belady on every trace -------------------------------------------------------------------


def trace_cells(most):
    """All (N, k) with N up to `most` experts and a cache of 1..N-1."""
    return Cells.of(
        *({"experts": n, "k": k, "length": 18} for n in range(3, most + 1) for k in range(1, n))
    )


BELADY = Claim(
    id="read_me.belady-optimal",
    paper=theory.PAPER,
    source="Section on expert caching: evict argmax_e F(e, t); Belady (1966); Sleator and Tarjan",
    statement=(
        "Evicting the expert whose next use is farthest gives the most hits that any policy can "
        "have, on every trace; LRU misses at most k times as often, plus k."
    ),
    formula='"hits"("MIN") = max_pi "hits"(pi), quad "miss"("LRU") <= k "miss"("MIN") + k',
    scope=Scope.AS_STATED,
    does_not_show="Optimality where several experts of unequal size are needed at once.",
    assumptions=("one expert per request", "experts of equal size", "the whole trace is known"),
    cells=ByEffort(smoke=trace_cells(5), standard=trace_cells(6), full=trace_cells(6)),
    simulate=policies_on_traces,
    expect=(
        Exact("gap_to_optimum").equals(0),
        Exact("others_ahead").at_most(0),
        Exact("beyond_k_competitive").at_most(0),
    ),
    controls=(
        BrokenWorld(
            "evict the nearest next use",
            simulate=nearest_first,
            cells=Cells(experts=(5,), k=(3,), length=(18,)),
            expect=(Exact("gap_to_optimum").equals(0),),
        ),
        BrokenWorld(
            "two experts of unequal size per step",
            simulate=unequal_pairs,
            cells=Cells(),
            expect=(Exact("gap_to_optimum").equals(0),),
        ),
    ),
    block=128,
    cap=ByEffort(smoke=128, standard=512, full=2048),
)

BELADY_PAIRS = Claim(
    id="read_me.belady-two-experts",
    paper=theory.PAPER,
    source="The caching rule applied to the paper's batches, which need several experts at once",
    statement=(
        "With two experts of equal size per step, evicting the farthest next use still misses "
        "the fewest experts; with unequal sizes, or if a step with any miss costs the same, not."
    ),
    formula='"misses"("MIN") = min_pi "misses"(pi) "  for demands of two unit-size experts"',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Larger demands; the least latency, which depends on what is loaded together.",
    assumptions=("no expert of the current step is evicted",),
    cells=Cells(experts=(5,), k=(2, 3), length=(9,)),
    simulate=unit_pairs,
    expect=(Exact("gap_to_optimum").equals(0),),
    controls=(
        BrokenWorld("unequal sizes", simulate=unequal_pairs, cells=Cells()),
        BrokenWorld("a step with any miss costs one", simulate=unit_pairs_by_step),
    ),
    block=256,
    cap=ByEffort(smoke=1024, standard=2048, full=8192),
)


CYCLE = Claim(
    id="read_me.cyclic-trace",
    paper=theory.PAPER,
    source="Section on expert caching; the classical worst case of LRU",
    statement="On a cycle through k + 1 experts LRU never hits, while MIN hits (k - 1)/k.",
    formula='"hit"("LRU") = 0, quad "hit"("MIN") = (k - 1)/k',
    scope=Scope.AS_STATED,
    does_not_show="How often real traces are cyclic.",
    cells=Cells(k=(2, 3, 4, 5), length=(6000,)),
    compute=cycle,
    expect=(
        Exact("lru_ratio").equals(0),
        Exact("min_ratio").near(
            lambda c: theory.cyclic_min_hit_ratio(c.k), lambda c: (c.k + 1) / c.length
        ),
    ),
    controls=(
        FalseTheory(
            "MIN misses once per cycle",
            Exact("min_ratio").near(lambda c: c.k / (c.k + 1), lambda c: (c.k + 1) / c.length),
        ),
    ),
    figure=Axis(x="k", label="capacity k"),
)

# --- independent references ------------------------------------------------------------------


def king(cell):
    """LRU's hit ratio in the cell."""
    return theory.king_hit_ratio(theory.request_law(cell.law, EXPERTS), cell.k)


def gelenbe(cell):
    """Hit ratio of FIFO and random replacement in the cell."""
    return theory.gelenbe_hit_ratio(theory.request_law(cell.law, EXPERTS), cell.k)


MARGIN = 0.003


def irm_cells(*sizes):
    """Both laws at the given cache sizes."""
    return Cells(law=("zipf", "uniform"), k=sizes, length=(4000,))


IRM = Claim(
    id="read_me.irm-hit-ratios",
    paper=theory.PAPER,
    source="Policies of Table 4; King (1971) for LRU, Gelenbe (1973) for FIFO and random",
    statement=(
        "Under independent requests LRU follows King's formula, FIFO and random replacement "
        "share Gelenbe's, LRU is the better of them, and MIN is better than both."
    ),
    formula='"LRU": sum_((i_1..i_k)) product_j p_(i_j) / (1 - sum_(l<j) p_(i_l)) sum_j p_(i_j), '
    'quad "FIFO": (sum_(|S|=k) product_S p sum_S p) / (sum_(|S|=k) product_S p)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The hit ratios of Table 4, whose trace is neither independent nor published.",
    assumptions=("8 experts", "independent requests", "256 requests of warm-up"),
    cells=ByEffort(smoke=irm_cells(3), standard=irm_cells(2, 3, 4, 5), full=irm_cells(2, 3, 4, 5)),
    simulate=hit_ratios(independent),
    expect=(
        Mean("lru").near(king, MARGIN),
        Mean("fifo").near(gelenbe, MARGIN),
        Mean("fifo_minus_random").near(0, MARGIN),
        Mean("fifo_minus_lru", law="zipf").at_most(0),
        Mean("lru_minus_belady").at_most(0),
    ),
    controls=(
        BrokenWorld(
            "sticky requests",
            simulate=hit_ratios(sticky),
            cells=Cells(law=("zipf",), k=(3,), length=(4000,)),
            expect=(Mean("lru").near(king, MARGIN),),
        ),
        FalseTheory("LRU follows Gelenbe's formula", Mean("lru", law="zipf").near(gelenbe, MARGIN)),
    ),
    block=128,
    cap=ByEffort(smoke=4096, standard=8192, full=16384),
    figure=Axis(x="k", label="capacity k"),
)

# --- look-ahead ------------------------------------------------------------------------------


LOOK_AHEAD = Claim(
    id="read_me.lookahead-window",
    paper=theory.PAPER,
    source="Pre-gating: the router decides for all layers before the first one runs",
    statement=(
        "What pre-gating gives is a window of W coming requests: without it MIN is LRU, hits grow "
        "with W, and W = 2N is within half a point of MIN with full knowledge."
    ),
    formula='"hit"(W = 0) = "hit"("LRU"), quad "hit"(W) arrow.t "hit"("MIN")',
    scope=Scope.SCALED_DOWN,
    does_not_show="The window that a real batch gives; requests here are independent.",
    assumptions=("8 experts, independent Zipf(0.8) requests", "ties go to the least recently used"),
    cells=ByEffort(
        smoke=Cells(k=(3,), length=(4000,)),
        standard=Cells(k=(2, 3, 4, 5), length=(8000,)),
        full=Cells(k=(2, 3, 4, 5), length=(8000,)),
    ),
    simulate=windows,
    expect=(
        Exact("differs_from_lru").equals(0),
        *(Mean(f"gain_{w}").at_least(0) for w in (1, 2, 4, 8)),
        Mean("gain_16", k=(3, 4, 5)).at_least(0),  # at k = 2 nothing is left to gain
        Exact("short_16").at_most(0.005),
    ),
    controls=(
        FalseTheory("one request of look-ahead suffices", Exact("short_1").at_most(0.005)),
        FalseTheory("look-ahead gains nothing", Mean("gain_1").at_most(0)),
    ),
    block=32,
    cap=ByEffort(smoke=256, standard=512, full=2048),
    figure=Axis(x="k", label="capacity k"),
)


TABLE_4_ORDER = Claim(
    id="read_me.table4-order",
    paper=theory.PAPER,
    source="Table 4: hit ratios at capacities 2 to 5",
    statement="In Table 4 Belady is ahead of LRU and of random replacement at every capacity.",
    formula='"hit"("MIN") > max("hit"("LRU"), "hit"("random"))',
    scope=Scope.ARITHMETIC,
    does_not_show="The hit ratios themselves; the trace is not published.",
    compute=table_4,
    expect=(Exact("belady_ahead").at_least(0.01),),
    controls=(
        FalseTheory("LRU beats random at every capacity", Exact("lru_over_random").at_least(0)),
    ),
)

# --- batching --------------------------------------------------------------------------------


BATCHING = Claim(
    id="read_me.expert-batching",
    paper=theory.PAPER,
    source="Algorithm 1, expert-aware batching",
    statement=(
        "If every token needs one expert, filling a batch of B tokens from the longest queues "
        "uses the fewest distinct experts."
    ),
    formula="j^* = min {j : sum_(i <= j) q_((i)) >= B}",
    scope=Scope.AS_STATED,
    does_not_show="Fairness or latency of the requests whose queues are short.",
    assumptions=("one expert per token in all layers", "tokens may be taken in any order"),
    simulate=one_expert_tokens,
    expect=(Exact("excess").equals(0), Exact("formula_error").equals(0)),
    controls=(
        BrokenWorld(
            "two experts per token",
            simulate=two_expert_tokens,
            expect=(Exact("excess").equals(0),),
        ),
        BrokenWorld(
            "requests kept together", simulate=whole_requests, expect=(Exact("excess").equals(0),)
        ),
    ),
    block=256,
    cap=ByEffort(smoke=512, standard=2048, full=16384),
)


def expected_distinct(cell):
    """Return the closed form in the cell."""
    return theory.distinct_experts(theory.request_law(cell.law, EXPERTS), cell.batch)


RANDOM_BATCH = Claim(
    id="read_me.random-batch",
    paper=theory.PAPER,
    source="Unique experts per batch: 7.63 of 8 for Mixtral at a mean batch of 56.8 tokens",
    statement=(
        "A batch of B independent tokens needs sum_e 1 - (1 - p_e)^B distinct experts: the "
        "baseline that expert-aware batching improves on."
    ),
    formula="E[D] = sum_e 1 - (1 - p_e)^B",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Mixtral's 7.63: with uniform top-2 routing 56.8 tokens would need all 8 experts but for "
        "one batch in a million, so its routing is far from uniform."
    ),
    assumptions=("independent tokens",),
    cells=Cells(law=("zipf", "uniform"), batch=(8, 16)),
    simulate=random_batch,
    expect=(Mean("distinct").near(expected_distinct, 0.05),),
    controls=(BrokenWorld("half of the tokens share an expert", simulate=clustered_batch),),
    block=8192,
    cap=ByEffort(smoke=65536, standard=65536, full=131072),
    figure=Axis(x="batch", label="tokens B"),
)


LOOP = Claim(
    id="read_me.batching-loop-as-printed",
    paper=theory.PAPER,
    source="Algorithm 1, condition of the else branch: MaxTokenLen - len(Scheduled) >= 0",
    statement="The loop of Algorithm 1, read literally, stops.",
    formula='"MaxTokenLen" - |"Scheduled"| >= 0',
    scope=Scope.AS_STATED,
    does_not_show="Anything about the authors' system, whose serving code is not published.",
    cells=Cells(backlog=tuple(BACKLOGS)),
    compute=loops(need_room=False, need_tokens=False),
    expect=(Exact("stops").equals(1), Exact("repaired_stops").equals(1)),
    controls=(
        BrokenWorld(
            "only the full batch is tested for", compute=loops(need_room=True, need_tokens=False)
        ),
        BrokenWorld(
            "only empty queues are tested for", compute=loops(need_room=False, need_tokens=True)
        ),
    ),
    expected=Verdict.REFUTED,
    why=(
        "Once the batch is full, or once every queue is empty, the printed conditions still hold "
        "and nothing more is taken, so the loop goes on for ever. With > 0 and a test for an "
        "empty queue, as is surely meant, it stops. Found by running it with a step limit. Read: "
        "a machine-converted copy of the paper; an error of conversion in one character of the "
        "condition cannot be excluded."
    ),
)

# --- prefetching -----------------------------------------------------------------------------


PREFETCH = Claim(
    id="read_me.prefetch-pipeline",
    paper=theory.PAPER,
    source="Prefetching of layer i + 1 during the compute of layer i",
    statement=(
        "With the load of the next layer overlapped, a pass takes the first load, then the longer "
        "of compute and next load for every layer, then the last compute: always less than twice "
        "as fast as loading on demand."
    ),
    formula="T = l_1 + sum_(i<L) max(c_i, l_(i+1)) + c_L",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Latencies of a real system, where loads contend with compute for memory.",
    assumptions=("one loader, one processor", "a buffer for one layer ahead"),
    cells=Cells(layers=(2, 8), longest_load=(12, 36)),
    simulate=pipeline,
    expect=(
        Exact("formula_error").equals(0),
        Exact("speed_up").at_most(float(np.nextafter(2, 0))),
    ),
    controls=(
        FalseTheory("all loads but the first are hidden", Exact("not_hidden").equals(0)),
        FalseTheory("at most a quarter is saved", Exact("speed_up").at_most(4 / 3)),
    ),
    block=512,
    cap=ByEffort(smoke=512, standard=4096, full=16384),
)


THIRTY_PERCENT = Claim(
    id="read_me.prefetch-saving",
    paper=theory.PAPER,
    source='"Prefetching improves latency by up to 30%"',
    statement=(
        "For many equal layers a saving of 30% is what the pipeline gives when the shorter of "
        "load and compute is 3/7 of the longer."
    ),
    formula='"saving" = min(l, c) / (l + c) = 30 % " at " min(l, c) / max(l, c) = 3/7',
    scope=Scope.ARITHMETIC,
    does_not_show="The paper's load and compute times, which are not printed.",
    cells=Cells.of({"load": 3, "compute": 7}, {"load": 7, "compute": 3}),
    compute=long_pipeline,
    expect=(
        Printed("saved_percent").prints("30"),
        Exact("saved_percent").near(100 * theory.saving_of_equal_layers(3 / 7), 0.1),
    ),
    controls=(
        BrokenWorld(
            "equal load and compute",
            compute=long_pipeline,
            cells=Cells.of({"load": 5, "compute": 5}),
        ),
    ),
)

# --- sizes -----------------------------------------------------------------------------------


def sizes(cell):
    """Count the configuration, in the units in which the paper prints."""
    del cell
    router, expert = theory.TOKENS_PER_STAGE
    return {
        "router_millions": Fraction(theory.router_parameters(), 10**6),
        "router_swiglu_millions": Fraction(theory.router_parameters(swiglu=True), 10**6),
        "router_tokens_millions": Fraction(router, 10**6),
        "expert_tokens_millions": Fraction(expert, 10**6),
        "table_3_average": Fraction("388.5") / 7,
        "total_billions": theory.total_parameters() / 1e9,
    }


SIZES_CLAIM = Claim(
    id="read_me.router-and-token-arithmetic",
    paper=theory.PAPER,
    source="Table 1, training setup, Table 3 and model sizes; router of the released code",
    statement=(
        "The 18.0M router, 26M and 105M tokens per round, the 55.5 average of Table 3 and the 17B "
        "total follow from the configuration."
    ),
    formula="32000 dot 512 + 6 (512^2 + 512) + 3 dot 512 + 7 (512 + 1) = 17 thin 965 thin 063",
    scope=Scope.ARITHMETIC,
    does_not_show="Accuracy. Of Table 3 only the sum 388.5 of the seven entries was used.",
    assumptions=("seven half masks that share a 2^-7 intersection, for the total",),
    compute=sizes,
    expect=(
        Printed("router_millions").prints("18.0"),
        Printed("router_tokens_millions").prints("26"),
        Printed("expert_tokens_millions").prints("105"),
        Printed("table_3_average").prints("55.5"),
        Printed("total_billions").prints("17"),
    ),
    controls=(
        FalseTheory(
            "three matrices (SwiGLU), as Table 1 names the MLP",
            Printed("router_swiglu_millions").prints("18.0"),
        ),
    ),
)


def token_budget(rounds):
    """Tokens of all rounds in billions, and cut instead of rounded to two places."""

    def compute(cell):
        del cell
        exact = Fraction(rounds * sum(theory.TOKENS_PER_STAGE), 10**9)
        return {"tokens": exact, "truncated": Fraction(int(100 * exact), 100)}

    return compute


TOKENS = Claim(
    id="read_me.token-budget",
    paper=theory.PAPER,
    source="Training cost: eight rounds of 26M and 105M tokens, 1.04B in total",
    statement="The training tokens add up to 1.04 billion.",
    formula="8 (100 dot 64 dot 4096 + 200 dot 128 dot 4096) = 1.04 times 10^9",
    scope=Scope.ARITHMETIC,
    does_not_show="How many tokens were used in fact.",
    compute=token_budget(theory.ROUNDS),
    expect=(Printed("tokens", conventions={"cut, not rounded": "truncated"}).prints("1.04"),),
    controls=(BrokenWorld("seven rounds", compute=token_budget(theory.ROUNDS - 1)),),
    expected=Verdict.REFUTED,
    why=(
        "Steps x batch x length of the two stages, eight times, is 1.0486 billion, which rounds "
        "to 1.05; 1.04 is its first three digits, so the paper cut instead of rounding (or added "
        "26M and 105M after cutting). A slip of one unit in the last digit, without consequence. "
        "Found by multiplying out. Read: a machine-converted copy of the paper."
    ),
)


def active(residual_extra):
    """Active parameters in billions."""
    value = theory.active_parameters(residual_extra=residual_extra) / 1e9
    return lambda cell: {"billions": value}


ACTIVE = Claim(
    id="read_me.active-parameters",
    paper=theory.PAPER,
    source="Model sizes: 4.7B active of 17B parameters",
    statement="With half of every FFN active, 4.7 billion parameters of Llama-2-7B are active.",
    formula='"attention and embeddings" + 1/2 "FFN" + "router" = 4.7 times 10^9',
    scope=Scope.ARITHMETIC,
    does_not_show="What the authors counted, which is not stated.",
    assumptions=("experts of exactly half the channels",),
    compute=active(residual_extra=False),
    expect=(Printed("billions").prints("4.7"),),
    controls=(
        BrokenWorld("permanent expert counted in addition", compute=active(residual_extra=True)),
    ),
    expected=Verdict.REFUTED,
    why=(
        "Attention and embeddings (2.41B), half of the FFNs (2.16B) and the router (0.02B) come "
        "to 4.59B, which rounds to 4.6; counting the permanent expert besides gives 4.63B. "
        "Experts of slightly more than half the channels would give 4.7, so this is a difference "
        "of convention rather than an error of substance. Moderately sure: what the paper counts "
        "is not stated. Read: a machine-converted copy of the paper and the released code."
    ),
)
