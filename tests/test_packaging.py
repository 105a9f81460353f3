"""One installed package: nothing of a user's is overwritten, hidden or taken away."""

import re
import sys
import tarfile
import tomllib

import pytest
from built import TREE, Environment, copy_of_the_tree, distributions_for, files_in, run, wheel_of

from refutable import __version__

FOLDERS = ("theory", "solvers", "simulations", "reports")
OURS, THEIRS = "mini_monkey.token-accounting", "theirs.rate"

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "theirs"
version = "1"
[project.entry-points."refutable.claims"]
own = "simulations.own_claims"
[tool.setuptools]
packages = ["theory", "solvers", "simulations", "reports"]
"""
CLAIM = """
from theory import RATE
from solvers import share
from refutable import BrokenWorld, Claim, Paper, Probability, Scope
PAPER = Paper(key="theirs", field="games", title="T", authors=("A",), year=2000, venue="V")
def toss(cell, rng, size):
    assert share([True, False]) == RATE
    return {"heads": rng.random(size) < RATE}
def loaded(cell, rng, size):
    return {"heads": rng.random(size) < RATE / 4}
COIN = Claim(
    id="theirs.rate", paper=PAPER, source="p. 1", statement="s", formula="p = 1/2",
    scope=Scope.AS_STATED, does_not_show="d", simulate=toss,
    expect=(Probability("heads").near(0.5, 0.1),),
    controls=(BrokenWorld("loaded", simulate=loaded),), block=64, cap=4096,
)
"""
PROJECT = {
    "pyproject.toml": PYPROJECT,
    "theory/__init__.py": "RATE = 0.5\n",
    "solvers/__init__.py": "def share(flags):\n    return sum(flags) / len(flags)\n",
    "simulations/__init__.py": "FLAGS = [True, False]\n",
    "simulations/own_claims.py": CLAIM,
    "reports/__init__.py": "",
    "reports/__main__.py": (
        "from theory import RATE\nfrom solvers import share\nfrom simulations import FLAGS\n"
        "print('theirs', share(FLAGS), RATE)\n"
    ),
}


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ours")
    return wheel_of(copy_of_the_tree(folder / "source"), folder)


@pytest.fixture(scope="module")
def their_wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("theirs")
    return wheel_of(write(folder / "source", PROJECT), folder)


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel):
    files = files_in(wheel)
    tops = {name.split("/")[0] for name in files}
    assert tops == {"refutable", f"refutable-{__version__}.dist-info"}
    sources = {f"refutable/{path.relative_to(TREE)}" for f in FOLDERS for path in _code(TREE / f)}
    sources |= {str(path.relative_to(TREE)) for path in _code(TREE / "refutable")}
    assert {name for name in files if name.endswith(".py")} == sources
    assert {"refutable/py.typed", "refutable/reports/report-schema.json"} <= files
    assets = {f"refutable/{p.relative_to(TREE)}" for p in (TREE / "reports/assets").iterdir()}
    assert assets <= files


def _code(folder):
    return folder.rglob("*.py")


@pytest.mark.slow
@pytest.mark.parametrize("removed", ["refutable", "theirs"])
def test_a_project_with_folders_of_the_same_names_lives_beside_it(
    wheel, their_wheel, tmp_path, removed
):
    both = Environment(tmp_path / "env", distributions_for(wheel, "suite"))
    wheels = {"refutable": wheel, "theirs": their_wheel}
    both.install(wheels.pop(removed))  # so that each is the later one once
    both.install(*wheels.values())
    assert both.verdicts(OURS, THEIRS, place=tmp_path) == {OURS: "supported", THEIRS: "supported"}
    assert run([both.python, "-m", "reports"], tmp_path) == "theirs 0.5 0.5\n"

    both.uninstall(removed)
    assert not both.imports({"refutable": "refutable", "theirs": "theory"}[removed], tmp_path)
    if removed == "refutable":
        assert run([both.python, "-m", "reports"], tmp_path) == "theirs 0.5 0.5\n"
        assert not (both.site / "refutable").exists()
    else:
        assert both.verdicts(OURS, place=tmp_path) == {OURS: "supported"}
        assert not [name for name in FOLDERS if (both.site / name).exists()]


@pytest.mark.slow
def test_a_bare_installation_decides_a_claim_that_imports_its_own_theory(wheel, tmp_path):
    light = Environment(tmp_path / "env", distributions_for(wheel))
    light.install(wheel)
    write(
        tmp_path / "mine",
        {
            "claim.py": CLAIM,
            **{n: PROJECT[f"{n[:-3]}/__init__.py"] for n in ("theory.py", "solvers.py")},
        },
    )
    path = tmp_path / "mine" / "claim.py"
    assert light.verdicts(path, place=tmp_path) == {THEIRS: "supported"}
    script = tmp_path / "env" / "bin" / "refutable"
    assert run([script, "--version"], tmp_path) == f"refutable {__version__}\n"


@pytest.mark.slow
def test_a_new_field_needs_no_line_in_pyproject(tmp_path):
    new = (
        "theory/astronomy/kepler.py",
        "simulations/astronomy/__init__.py",
        "simulations/astronomy/kepler/orbits.py",
        "simulations/astronomy/_telescopes/lenses.py",
        "solvers/two_bodies/__init__.py",
        "refutable/deciding/dice/__init__.py",
    )
    source = write(copy_of_the_tree(tmp_path / "source"), dict.fromkeys(new, "ONE = 1\n"))
    files = files_in(wheel_of(source, tmp_path))
    for name in new:
        assert ("" if name.startswith("refutable/") else "refutable/") + name in files


@pytest.mark.slow
def test_the_source_distribution_is_whole(wheel, tmp_path):
    source = copy_of_the_tree(tmp_path / "source")
    hook = "from setuptools.build_meta import build_sdist; build_sdist('..')"
    run([sys.executable, "-c", hook], source)
    with tarfile.open(tmp_path / f"refutable-{__version__}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / f"refutable-{__version__}"
    for name in ("docs", "tests", "baseline", *FOLDERS, "refutable"):
        there = {path.relative_to(source) for path in (source / name).rglob("*.*")}
        assert there <= {path.relative_to(unpacked) for path in unpacked.rglob("*.*")}
    for name in ("CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md", "noxfile.py"):
        assert (unpacked / name).read_text() == (TREE / name).read_text()
    assert (unpacked / "constraints.txt").exists()
    assert files_in(wheel_of(unpacked, tmp_path)) == files_in(wheel)


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((TREE / "pyproject.toml").read_text())["project"]
    assert "version" not in project  # it is read from the package
    citation = (TREE / "CITATION.cff").read_text()
    assert re.search(r"^version: (.+)$", citation, re.M).group(1) == __version__
    changelog = (TREE / "CHANGELOG.md").read_text()
    version, date = re.search(r"^## (\S+) \((.+)\)$", changelog, re.M).groups()
    assert version == __version__
    released = re.search(r"^date-released: (.+)$", citation, re.M)
    assert (released.group(1) if released else "unreleased") == date
