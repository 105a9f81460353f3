"""Completion in the shell, and the hook that looks at claim files before a commit."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import coins
import pytest
from commands import fresh

ROOT = Path(__file__).parents[3]


def completed(words):
    """Return what a shell would offer for the last of these words."""
    asked = {
        "_REFUTABLE_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    command = [Path(sys.executable).with_name("refutable")]
    done = subprocess.run(
        command, env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("refutable re", ["rerun", "report"]),
        ("refutable run --ba", ["--backend"]),
        ("refutable run --effort s", ["smoke", "standard"]),
    ],
)
def test_commands_options_and_choices_are_completed(words, offered):
    assert completed(words) == offered


def test_the_hook_takes_claim_files_and_tells_a_bad_one(tmp_path):
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text()
    taken = re.compile(re.search(r"files: (.+)", hook).group(1))
    assert taken.search("claims_mine.py")
    assert taken.search("a/claims_mine.py")
    assert not taken.search("a/my_claims_.py")
    program, *arguments = shlex.split(re.search(r"entry: (.+)", hook).group(1))
    assert program == "refutable"
    good, bad = tmp_path / "claims_good.py", tmp_path / "claims_bad.py"
    good.write_text(Path(coins.__file__).read_text())
    assert fresh(*arguments, good)[0] == 0
    bad.write_text(good.read_text().replace("coins.", "bad.").replace('key="coins"', 'key="bad"'))
    assert fresh(*arguments, good, bad)[0] == 0
    bad.write_text(bad.read_text().replace("controls=(", "controls=() and ("))
    code, _, err = fresh(*arguments, good, bad)
    assert code == 1
    assert "bad.fair" in err
