"""action.yml: its shell steps do what docs/ci.md says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import coins
import pytest
from commands import fresh

ROOT = Path(__file__).parents[2]
ACTION = (ROOT / "action.yml").read_text()


def script():
    """Return the shell of the second step, as the runner hands it to bash."""
    text = ACTION.split("      run: |\n")[1]
    return re.sub(r"^ {8}", "", text, flags=re.MULTILINE)


def act(folder, claims, baseline="baseline"):
    where = Path(sys.executable).parent
    env = {
        **os.environ,
        **{"CLAIMS": claims, "EFFORT": "smoke", "BASELINE": baseline},
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "PATH": f"{where}:{os.environ['PATH']}",
    }
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script()]
    done = subprocess.run(bash, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "claims_coins.py").write_text(Path(coins.__file__).read_text())
    return tmp_path


@pytest.mark.slow
def test_it_decides_reports_and_compares(folder):
    code, said = act(folder, "claims_coins.py")
    assert code == 0, said
    assert "compared with" not in said
    assert "coins.fair" in (folder / "summary.md").read_text()
    assert list((folder / "runs" / "report").rglob("*.xml"))
    base = folder / "baseline"
    fresh("accept", "--reason", "r", "--store", folder / "runs" / "current", "--baseline", base)
    code, said = act(folder, "claims_coins.py")
    assert (code, "2 claims compared with baseline/smoke" in said) == (0, True)
    gone = base / "smoke" / "coins.gone.json"
    gone.write_text((base / "smoke" / "coins.fair.json").read_text())
    code, said = act(folder, "claims_coins.py")
    assert (code, "WORSE: coins.gone" in said) == (1, True)


@pytest.mark.slow
def test_it_fails_as_the_exit_codes_say(folder):
    assert act(folder, "claims_nowhere.py")[0] in (1, 2)
    assert act(folder, "claims_coins.py; touch owned")[0] != 0
    assert not (folder / "owned").exists()


def test_its_inputs_are_those_of_the_page_and_reach_no_shell_text():
    page = (ROOT / "docs" / "ci.md").read_text()
    inputs = re.findall(r"^  (\w+):\n    description", ACTION, re.MULTILINE)
    assert inputs == re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert "${{" not in script()
