"""Claims of a paper stand in a report as they stand in the paper."""

from __future__ import annotations

from refutable.reports.places import place

AS_READ = (
    "Abstract: from 61.79 to 66.94 on GSM8K; derived",
    "Introduction: linear in the number of queries",
    "Expert parallelism, all-to-all; standard formula, derived here",
    "Section 2.2, equations (6) to (8); least value derived here",
    "Section 10",
    "Theorem 2 (informal): n of order $sqrt(m)$",
    "Theorem 10, with the constants of Table 1",
    "Table 4: hit ratios at capacities 2 to 5",
    "Text beside Table 1: +4.04 %",
    "Appendix B of the later version, and the released block",
    "dynamic_preprocess2 in demo.py, candidate filter",
    "README of the public repository, table of reference models",
    "Derived, around Proposition 1 (recalled)",
    "Illustration: the digits",
)


def test_sources_sort_as_a_paper_and_its_code_are_read() -> None:
    by_letters = sorted(AS_READ)
    assert by_letters != list(AS_READ)
    assert sorted(by_letters, key=place) == list(AS_READ)


def test_words_within_words_name_no_part() -> None:
    assert place("Context of a sectional encoder")[0] == place("Expert parallelism")[0]


def test_the_part_named_first_decides() -> None:
    assert place("update of the code for Theorem 1")[0] > place("Theorem 1, as in the code")[0]
    assert place("")[0] == place("Section 1")[0]
