"""`rf.onset` and `refutable onset`: the same answer, in words, numbers and JSON."""

import json

import example_claims
import pytest
from commands import EXAMPLE, refutable

import refutable as rf

COIN = example_claims.COIN
FROM_TO = ("--along", "p", "--from", "0.1", "--to", "0.9", "--tolerance", "0.1")
HOLDS = ("--holds", "P(heads) >= 0.4")


@pytest.fixture(scope="module")
def found():
    return rf.onset(COIN, "p", (0.1, 0.9), "P(heads) >= 0.4", tolerance=0.1, predicted=0.4)


def test_says_itself(found):
    low, high = found.bracket
    words = f"P(heads) >= 0.4 holds from p in [{low:.6g}, {high:.6g}] on"
    assert repr(found).startswith(f"{words} (error at most 0.01); theory: 0.4.\n")
    assert words in found._repr_html_().replace("&gt;", ">")
    assert (found.fails_at, found.holds_at, found.ending) == (low, high, "found")


def test_frame_has_a_row_for_each_value(found):
    frame = found.to_frame()
    assert list(frame["value"]) == [probe.value for probe in found.probes]
    assert frame.loc[frame["value"] == found.holds_at, "lower"].item() >= 0.4
    assert frame.loc[frame["value"] == found.fails_at, "upper"].item() < 0.4


def test_command_says_the_same(found, tmp_path):
    code, out, _ = refutable(
        "onset", EXAMPLE, "--claim", "example.coin", *FROM_TO, *HOLDS, "--predicted", "0.4",
        "--store", tmp_path / "s", "--workers", "1",
    )  # fmt: skip
    assert (code, out.splitlines()[0]) == (0, f"example.coin: {found.sentence}")
    assert (
        "all onsets and maps of this store together are wrong with probability at most 0.01" in out
    )


def test_json_is_the_record(found, tmp_path):
    code, out, _ = refutable(
        "onset", EXAMPLE, "--claim", "example.coin", *FROM_TO, *HOLDS,
        "--store", tmp_path / "s", "--workers", "1", "--json",
    )  # fmt: skip
    told = json.loads(out)
    assert code == 0
    assert told["onsets"][0]["fails_at"] == found.fails_at
    assert told["alpha_of_all_onsets"] == 0.01


def test_budget_that_does_not_suffice_is_exit_code_3(tmp_path):
    code, out, _ = refutable(
        "onset", EXAMPLE, "--claim", "example.coin", *FROM_TO, *HOLDS, "--budget", "64",
        "--store", tmp_path / "s", "--workers", "1",
    )  # fmt: skip
    assert code == 3
    assert "not decided at p = " in out


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--along", "q", "--from", "1", "--to", "2", *HOLDS), "no parameter 'q'; they have p"),
        (("--along", "p", "--from", "a", "--to", "2", *HOLDS), "--from a: give a number"),
        ((*FROM_TO, "--holds", "P(tails) >= 0.4"), "cannot be read"),
        ((*FROM_TO, "--holds", "P(heads) >= half"), "holds no numbers"),
        ((*FROM_TO, "--holds", "7"), "say which is to hold"),
        ((*FROM_TO, *HOLDS, "--at", "n=3"), "'n' is no parameter"),
        ((*FROM_TO, *HOLDS, "--alpha", "1"), "no error probability"),
    ],
)
def test_misuse_is_told(options, problem, tmp_path):
    code, _, err = refutable(
        "onset", EXAMPLE, "--claim", "example.coin", *options, "--store", tmp_path / "s"
    )
    assert (code, problem in err) == (2, True), err


def test_several_values_of_another_parameter_ask_which():
    two = rf.Claim(**{**vars(COIN), "cells": rf.Cells(p=(0.5,), k=(1, 2))})
    with pytest.raises(rf.RefutableError, match="several values of 'k'"):
        rf.onset(two, "p", (0.1, 0.9), "P(heads) >= 0.4")


def test_words_can_name_a_region_with_two_ends():
    found = rf.onset(COIN, "p", (0.1, 0.5), "P(heads) in [0.4, 0.6]", tolerance=0.2)
    assert found.fails_at < 0.4 <= found.holds_at
