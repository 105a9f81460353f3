"""The mutants are what they say, and the runner tells a killed one from a survivor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from equivalents import EQUIVALENT, in_words, is_equivalent
from mutants import mutant, slips
from run import chosen, module_name
from targets import ROOT, TARGETS

HERE = Path(__file__).parent
SOURCE = '''
"""Says nothing."""
LIMIT = 3

def sign(x: float = 0.5) -> int:
    """Say the sign."""
    if x < 0 and not x == -LIMIT:
        raise ValueError(f"x={x + 1}")
    total = max(x, 1)
    total += 2
    print(total)
    return True
'''


def changes() -> list[str]:
    made = [mutant(SOURCE, slip) for slip in slips(SOURCE)]
    assert all(m.source != SOURCE and compile(m.source, "m", "exec") for m in made)
    return [m.change for m in made]


def test_every_kind_of_slip_is_made_once() -> None:
    added = [line[1:].strip() for c in changes() for line in c.splitlines() if line[0] == "+"]
    for wanted in (
        "LIMIT = 4",
        "def sign(x: float=1.0) -> int:",
        "if x <= 0 and (not x == -LIMIT):",
        "if x < 0 or not x == -LIMIT:",
        "if x < 0 and (not x != -LIMIT):",
        "if x < 0 and (not x == +LIMIT):",
        "if x < 0 and (not not x == -LIMIT):",
        "if x < 1 and (not x == -LIMIT):",
        "if True:",
        "if False:",
        "total = min(x, 1)",
        "total = max(x, 2)",
        "total -= 2",
        "total += 3",
        "return False",
        "pass",
    ):
        assert added.count(wanted) == (2 if wanted == "pass" else 1), wanted


def test_messages_docstrings_and_annotations_are_left_alone() -> None:
    assert not [c for c in changes() if "ValueError" in c.split("\n+")[-1]]
    assert not [c for c in changes() if "Says nothing" in c or "-> str" in c]


def test_targets_name_files_that_exist_and_samples_repeat() -> None:
    for target in TARGETS.values():
        assert target.paths()
        assert target.test_paths()
    kernels = TARGETS["kernels"]
    assert chosen(kernels, 5, 0) == chosen(kernels, 5, 0) != chosen(kernels, 5, 1)
    assert module_name(ROOT / "solvers/sdp/nlr.py") == "refutable.solvers.sdp.nlr"
    assert module_name(ROOT / "refutable/storing/__init__.py") == "refutable.storing"


LOOSE = """
import pytest
from refutable.solvers.argument_checks import whole_number


def test_it():
    assert whole_number("k", 3) == 3


def test_a_sentence():
    assert whole_number


def test_refused():
    with pytest.raises(ValueError):
        whole_number("k", 0)
"""


def test_the_runner_kills_and_spares(tmp_path: Path) -> None:
    """A test that asserts nothing about a constant lets its mutants live."""
    test = tmp_path / "test_it.py"
    test.write_text(LOOSE)
    script = f"""
import sys; sys.path.insert(0, {str(HERE)!r})
from run import _run, _watched; from reach import span; from targets import ROOT
path = ROOT / "solvers/argument_checks.py"; source = path.read_text()
seen = _watched([path], [{str(test)!r}])
line = source[:source.index("return whole")].count("\\n") + 1
for word, first in (("return whole", line), ("UNIT_NORM = 1e-6", 1)):
    print(sorted(name.partition("::")[2] for name in seen.tests(path, *span(source, first))))
print(*(_run(path, text, seen.seconds) for text in (
    source, source.replace("return whole", "return whole + 1"),
    source.replace("UNIT_NORM = 1e-6", "UNIT_NORM = 2e-6"), source + "\\n1 / 0\\n")))
endless = source.replace("    whole = int(", "    while True: pass\\n    whole = int(")
print(_run(path, endless, seen.seconds))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split("\n")[:-1] == [
        "['test_it']",
        "['test_a_sentence', 'test_it', 'test_refused']",
        "True False True False",
        "False",
    ], done.stderr


def test_known_equivalents_are_mutants_that_there_are() -> None:
    for name, changes in EQUIVALENT.items():
        source = (ROOT / name).read_text()
        every = [mutant(source, slip) for slip in slips(source)]
        assert changes.keys() <= set(map(in_words, every)), name
        assert all(is_equivalent(Path(name), one) == (in_words(one) in changes) for one in every)
        assert all(len(reason) > 20 for reason in changes.values())
