"""What a result hands back: words, tables, replicates, a figure, a requirement."""

import gc

import pytest
from coins import ARITHMETIC, COIN, coin

import refutable as rf
from refutable.errors import MisuseError
from refutable.interface.result import COLUMNS, RequirementError


@pytest.fixture(scope="module")
def fair():
    return rf.check(COIN)


@pytest.fixture(scope="module")
def unfair():
    claim = coin(expect=(rf.Probability("heads").near(0.9, 0.05),), controls=COIN.controls[1:])
    return rf.check(claim)


def test_it_says_the_verdict_and_its_own_checks(fair):
    said = repr(fair)
    assert said.startswith("coins.fair: supported (approximate). all 2 checks lie inside")
    assert "P(heads)" in said
    assert "controls refuted" in said
    assert "Control (broken world)" not in said
    assert "Control (broken world): a loaded coin -> refuted" in fair.show()
    assert "P(H) = p" in fair.show()


def test_its_table_has_a_row_for_every_check_the_claims_own_first(fair):
    frame = fair.to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == len(fair.checks) + sum(len(c.checks) for c in fair.controls)
    own = frame[frame.kind == "claim"]
    assert list(own.estimate) == [check.estimate for check in fair.checks]
    assert set(frame.fate) == {"", "refuted by logic", "refuted"}


def test_its_replicates_give_the_estimates_again(fair):
    rows = fair.replicates()
    own = rows[rows.world == "claim"]
    heads = fair.checks[0]
    assert own.heads[: heads.replicates].mean() == pytest.approx(heads.estimate)
    assert fair.replicates_used == len(rows)


def test_they_last_as_long_as_the_result_does():
    result = rf.check(COIN)
    store = result.store
    assert store.exists()
    del result
    gc.collect()
    assert not store.exists()


def test_its_figure_and_its_page_stand_alone(fair, tmp_path):
    figure = fair.figure()
    assert figure is not None
    assert "<svg" in figure._repr_svg_()
    assert figure.save(tmp_path / "f.svg").read_text() == figure.svg
    page = fair._repr_html_()
    assert page.startswith('<iframe title="coins.fair" srcdoc="&lt;!DOCTYPE html')
    for part in ("math", "svg", "a loaded coin", "&lt;style&gt;"):
        assert part in page
    for elsewhere in ("assets/", "http://", "<script"):
        assert elsewhere not in page.split("xmlns")[0]
    assert rf.check(ARITHMETIC).figure() is None


def test_a_requirement_is_silent_or_says_all(fair, unfair):
    assert fair.require() is fair
    with pytest.raises(AssertionError) as caught:
        unfair.require()
    said = str(caught.value)
    assert said.startswith("coins.fair is refuted, expected supported: P(heads) at p=0.5: [")
    assert "Control (broken world)" in said
    assert (unfair.verdict, unfair.as_expected) == ("refuted", False)


def test_several_results_are_a_sequence_with_a_table(fair, tmp_path):
    results = rf.run([COIN, ARITHMETIC], store=tmp_path / "s")
    assert [r.claim.id for r in results] == ["coins.fair", "coins.two-sides"]
    assert results["two-sides"] is results[1]
    assert results[0].found == fair.found
    with pytest.raises(KeyError):
        results["nothing"]
    assert len(results.where(lambda r: r.claim.deterministic)) == 1
    assert len(results[:1]) == 1
    assert list(results.to_frame().verdict) == ["supported (approximate)", "supported"]
    assert "2 claims: 1 supported, 1 supported (approximate); all as expected" in repr(results)
    assert "<table" in results._repr_html_()
    assert results.require() is results
    assert results.report(tmp_path / "report").read_text().startswith("<!DOCTYPE html>")


def test_what_is_required_of_several_names_all_that_differ(fair, unfair):
    both = rf.Results([fair, unfair, unfair])
    with pytest.raises(RequirementError) as caught:
        both.require()
    assert len(str(caught.value).splitlines()) == 2
    with pytest.raises(MisuseError, match="these results lie in 2"):
        rf.Results([fair, unfair]).report("x")


def test_a_notebook_without_what_draws_shows_the_text(fair, monkeypatch):
    assert "<iframe" in fair._repr_html_()
    assert "<table" in rf.Results([fair])._repr_html_()
    monkeypatch.setattr("refutable.extras.installed", lambda library: False)
    assert fair._repr_html_() is None
    assert rf.Results([fair])._repr_html_() is None
