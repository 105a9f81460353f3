"""What each label of a report means, and how claims are decided, in words."""

from __future__ import annotations

VERDICTS = {
    "supported": ("\u2713", "every check lies inside the region that theory predicts"),
    "refuted": ("\u2715", "some check lies outside the region that theory predicts"),
    "undecided": ("?", "the data do not yet say; never counted as a pass"),
    "toothless": (
        "\u25cb",
        "a control lies inside its region, or a positive one outside: the rule cannot tell",
    ),
    "suspect": ("\u2260", "the data contradict what the rule needs of them"),
    "failed": ("!", "an exception was raised"),
    "not run": ("\u2013", "no data to judge"),
}
"""Symbol and meaning of each verdict; the symbol keeps it readable without colour."""

SCOPES = {
    "as stated": "the experiment has the setting of the statement",
    "scaled down": "the statement's setting at smaller sizes",
    "mechanism only": "the mechanism behind the statement, in a simpler setting",
    "arithmetic": "arithmetic that the paper does or implies",
}
ORIGINS = {
    "printed": "the paper states it",
    "implied": "it follows at once from what the paper states",
    "derived": "derived here from the paper\u2019s setting",
    "guard": "nobody claims it; it marks what must not be read into the paper",
}
BASES = {
    "full text": "the paper was read",
    "abstract": "the abstract or the beginning was read",
    "code": "the published code was read",
    "third party": "a review, a survey, slides or a later paper was read",
    "recalled": "recalled, not read: what is tried is the statement as recalled",
}
EVIDENCE = {
    "symbolic": "computer algebra proves the identity",
    "certified": "a certificate is checked, such as a dual bound",
    "exact": "computed without sampling, compared with a stated tolerance",
    "sampled identity": (
        "an exact relation, seen on random instances, with the bound on how often it may fail"
    ),
    "statistical": "replicates, judged by a confidence sequence",
}
STATUS = {
    "inside": "inside",
    "outside": "outside",
    "open": "open",
    "shown": "shown only",
}
READING = (
    "Printed: the paper states it. Implied: it follows at once. Derived: worked out here from the "
    "paper\u2019s setting. Guard: nobody claims it; it marks what must not be read into the paper, "
    "so a refuted guard says nothing against anybody. What was only recalled, not read, is never "
    "counted against a paper. What is said to be right is what the same rule supported."
)
METHOD = (
    "Each claim states a functional of the outcome (a probability, a mean, a slope, a distance "
    "between laws, a computed value) and the region in which theory says it lies. After every "
    "block of replicates a confidence sequence gives an interval that holds the functional at "
    "every look at once, so looking often costs nothing.",
    "Next to every claim stand controls: nearby false claims, judged by the same rule from the "
    "same error budget. A wrong prediction is judged on the claim\u2019s own data; a violated "
    "assumption on data of its own. A control inside its region makes its claim toothless, "
    "whatever the claim itself says. Some papers print things that are wrong: refuted is then the "
    "expected verdict, and the record says why.",
)
KERNELS = (
    (
        "Probabilities",
        "two one-sided e-processes with a beta mixture of the Bernoulli likelihood (Howard, "
        "Ramdas, McAuliffe and Sekhon 2021)",
    ),
    (
        "Means with declared bounds or variance",
        "a mixture of bets on the outcomes (Waudby-Smith and Ramdas 2024), or Catoni\u2019s "
        "influence function (Wang and Ramdas 2023): theorems for every law that the declaration "
        "allows",
    ),
    (
        "Other means and ratios",
        "approximate: the anytime-valid t interval (Wang and Ramdas) on means of 8 replicates, "
        "freed of its skewness (Hall); no theorem covers it where rare replicates carry the mean",
    ),
    (
        "Quantiles and rates",
        "the Bernoulli e-process at the quantile\u2019s level, inverted; the rate of a typical run "
        "is the median of the slopes that are fitted to each replicate\u2019s own ladder of sizes",
    ),
    (
        "Distributions",
        "geometric looks with the Dvoretzky\u2013Kiefer\u2013Wolfowitz radius; the distance to "
        "the predicted law must be shown to be small",
    ),
    (
        "Computed values",
        "a stated tolerance, a certificate, the rounding of a printed number, or a symbolic "
        "proof; nothing is random, so nothing can err by chance",
    ),
)
CONTROL_KINDS = {
    "false theory": "a wrong prediction, judged on the claim\u2019s own data",
    "broken world": "a violated assumption, judged by the claim\u2019s own rule",
    "right theory": "the right prediction, judged on the claim\u2019s own data",
    "mended world": "a world in which the claim\u2019s own rule must support what it judges",
}
