"""`refutable new`: what it writes runs at once."""

import pytest
from commands import refutable

import refutable as rf
from refutable.claims.teeth import excluded, untouched
from refutable.cli.scaffolds import SCAFFOLDS
from refutable.cli.starting import Kind


@pytest.mark.parametrize("kind", SCAFFOLDS)
def test_what_it_writes_is_decided_as_expected_and_its_controls_count(kind, tmp_path):
    file = tmp_path / f"On-{kind} 2.py"
    code, out, _ = refutable("new", file, "--kind", kind)
    assert (code, out.splitlines()[0]) == (0, f"written: {file}")
    result = rf.check(file).require()
    assert result.claim.id == f"on_{kind}_2.{kind}"
    assert result.graded == "supported"
    assert {control.fate for control in result.controls} == {"refuted"}
    assert excluded(result.claim) == ()
    assert untouched(result.claim) == () or result.claim.untouched_because
    assert max(map(len, file.read_text().splitlines())) <= 100


def test_it_overwrites_nothing(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("precious")
    code, _, err = refutable("new", file)
    assert (code, file.read_text()) == (2, "precious")
    assert "is there already" in err
    assert refutable("new", tmp_path / "mine")[0] == 2
    code, _, err = refutable("new", tmp_path / "nowhere" / "mine.py")
    assert (code, "cannot be used" in err) == (2, True)


def test_a_name_that_is_no_key_becomes_one(tmp_path):
    file = tmp_path / "2024.py"
    refutable("new", file, "--kind", "printed")
    assert rf.load(file).id == "claim_2024.printed"


def test_the_kinds_of_the_option_are_those_that_can_be_written():
    assert list(Kind) == list(SCAFFOLDS)
