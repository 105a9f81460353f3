"""What others wrote does nothing to a terminal, to a page, or to a format of ours."""

import io
from dataclasses import replace

import pytest
from coins import COIN, toss_biased
from refutable.reports.text import clean
from rich.console import Console

from refutable import BrokenWorld, Effort, FalseTheory, Probability
from refutable.claims.describe import record
from refutable.deciding.results import ClaimResult, ControlResult
from refutable.errors import printable
from refutable.interface.views import claim_view, verdict_table
from refutable.running.progress import PlainLines, Said
from refutable.storing.terms import terms

ACTING = "\x1b[2Jgone\x00\u202egnp\u2066\ud800"
SHOWN = r"\x1b[2Jgone\x00\u202egnp\u2066\ud800"


def printed(shown):
    file = io.StringIO()
    Console(file=file, width=300, force_terminal=False).print(shown)
    return file.getvalue()


def test_text_is_printed_as_escapes():
    assert printable(ACTING) == SHOWN
    assert printable("ä\tb\nc 𝔼 \u200d") == "ä\tb\nc 𝔼 \u200d"


def test_nothing_of_a_result_acts_on_a_terminal():
    control = ControlResult(ACTING, "false theory", "survived", ())
    result = ClaimResult(
        "a.b", "refuted", "supported", ACTING, 0, "smoke", "f", 3, controls=(control,)
    )
    claim = {**record(COIN, "here"), "statement": ACTING, "title": ACTING}
    lines = io.StringIO()
    PlainLines(Console(file=lines, width=300)).note(ACTING)
    for text in (
        printed(verdict_table([result])),
        printed(claim_view(claim, result)),
        printed(Said.assemble("a", (ACTING, "bold"))),
        lines.getvalue(),
    ):
        assert SHOWN in text
        assert not set("\x1b\x00\u202e\u2066\ud800") & set(text)


def test_nothing_of_it_acts_on_a_page():
    assert not set("\x1b\x00\u202e\u2066\ud800") & set(clean({"x": [ACTING]})["x"][0])


@pytest.mark.parametrize("name", ["values in {0,1}", "{}", "{0}", "{x!r}", "%s"])
def test_a_name_of_a_control_is_no_format(name):
    named = replace(
        COIN,
        controls=(
            FalseTheory(name, Probability("heads").at_least(0.9)),
            BrokenWorld(f"{name} too", simulate=toss_biased),
        ),
    )
    found = terms(named, Effort.SMOKE)
    assert f"what P(heads) is by control {name!r}" in found
    assert f"what P(heads) must be in control {name + ' too'!r}" in found
