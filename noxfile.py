"""Every way to run anything."""

import shutil
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "typecheck", "tests"]
nox.options.reuse_existing_virtualenvs = True

PARALLEL = ("-n", "auto", "--dist", "loadscope", "--no-loadscope-reorder")
CONSTRAINTS = ("-c", "constraints.txt")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SETTINGS = Path("pyproject.toml").resolve()
PYPROJECT = nox.project.load_toml(SETTINGS)
PROJECT = PYPROJECT["project"]
EXTRAS = ("report", "suite", "dask")
"""All that a package index alone can bring; `mpi` needs an MPI of the system besides."""
NO_SOURCES = (".*", "__pycache__", "*.egg-info", "build", "dist", "runs", "public")
STORE, REPORT = "runs/current", "runs/report"
CALIBRATION = Path("baseline") / "calibration.json"
SEARCHES = Path("baseline") / "onset-calibration.json"
BENCHMARKS = Path("baseline") / "benchmarks"
RATIOS = "tests/benchmarks/ratios.py"


def install(session: nox.Session, *groups: str) -> None:
    """Install the project, editable, with its extras and with dependency groups."""
    install_requirements(session, *groups)
    install_project(session)


def install_requirements(session: nox.Session, *groups: str) -> None:
    """Install what the project, its extras and dependency groups require, pinned by hash."""
    optional = [p for extra in EXTRAS for p in PROJECT["optional-dependencies"][extra]]
    session.install(*CONSTRAINTS, *PROJECT["dependencies"], *optional, *packages(*groups))


def packages(*groups: str) -> list[str]:
    """Return the requirements of dependency groups."""
    return [p for g in groups for p in nox.project.dependency_groups(PYPROJECT, g)]


def install_project(session: nox.Session) -> None:
    """Install the project alone, editable."""
    session.install(*CONSTRAINTS, *PYPROJECT["build-system"]["requires"])
    session.install("--no-deps", "--no-build-isolation", "-e", ".")


def enter_copy(session: nox.Session) -> None:
    """Install a copy of the project alone, and go where its folders do not hide that copy."""
    session.install(*CONSTRAINTS, *PYPROJECT["build-system"]["requires"])
    empty = Path(session.create_tmp())
    source = empty / "source"  # built there, since a build leaves its modules behind
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(SETTINGS.parent, source, ignore=shutil.ignore_patterns(*NO_SOURCES))
    session.install("--no-deps", "--no-build-isolation", "--force-reinstall", str(source))
    shutil.rmtree(source)
    session.chdir(empty)


@nox.session
def tests(session: nox.Session) -> None:
    """All tests but the benchmarks, whose ratios want a quiet machine; arguments go to pytest."""
    install(session, "test")
    arguments = session.posargs or ["--ignore=tests/benchmarks", *PARALLEL]
    session.run("python", "-m", "pytest", *arguments, env=ONE_THREAD)


for version in ("3.12", "3.13"):  # skipped where the interpreter is not there
    nox.session(tests, name=f"tests-{version}", python=version)


@nox.session
def minimums(session: nox.Session) -> None:
    """Test the engine with the lowest versions that the project says it can do with."""
    session.install("uv")
    extras = [PROJECT["optional-dependencies"][extra] for extra in EXTRAS]
    least = [*PROJECT["dependencies"], *(p for extra in extras for p in extra)]
    lowest = ("--resolution", "lowest-direct", "--only-binary", ":all:")
    session.run(
        "uv", "pip", "install", *lowest, *least, env={"VIRTUAL_ENV": session.virtualenv.location}
    )
    # Not a temporary folder of the session: tests would take theirs from it, inside this project.
    held = Path(session.virtualenv.location) / "held.txt"
    freeze = ("python", "-m", "pip", "freeze", "--exclude-editable")
    held.write_text(str(session.run(*freeze, silent=True)), "utf-8")
    session.install("-c", str(held), *packages("test", "build"))
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    arguments = session.posargs or ["tests/refutable", *PARALLEL]
    session.run("python", "-m", "pytest", *arguments, env=ONE_THREAD)


@nox.session
def build(session: nox.Session) -> None:
    """Build the distributions in dist and check what an index would show of them."""
    session.install(*CONSTRAINTS, *packages("build"))
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build", "--no-isolation", "--outdir", "dist")
    session.run("python", "-m", "twine", "check", "--strict", *map(str, Path("dist").iterdir()))


@nox.session
def beside(session: nox.Session) -> None:
    """Measure the same assertions under pytest-stochastic and here; arguments: --repeats N."""
    install(session, "bench")
    session.run("python", "tests/benchmarks/beside_pytest_stochastic.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and the arrows between the packages."""
    session.install(*CONSTRAINTS, *packages("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    enter_copy(session)
    session.run("lint-imports", "--config", str(SETTINGS))


@nox.session
def typecheck(session: nox.Session) -> None:
    """Run mypy, strict, on the whole installed package."""
    install_requirements(session, "typecheck")
    enter_copy(session)
    session.run("mypy", "--config-file", str(SETTINGS))


@nox.session
def bench(session: nox.Session) -> None:
    """Benchmarks, each a ratio against a peer; those of a whole run become the accepted ones."""
    install(session, "bench")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs, env=ONE_THREAD)
        return
    session.run("python", RATIOS, "store", _measured(session))


def _measured(session: nox.Session) -> str:
    """Run all benchmarks; return where their times lie."""
    times = str(Path(session.create_tmp()).resolve() / "benchmarks.json")
    Path(times).unlink(missing_ok=True)
    arguments = ("tests/benchmarks", f"--benchmark-json={times}")
    session.run("python", "-m", "pytest", *arguments, env=ONE_THREAD)
    return times


@nox.session
def verify(session: nox.Session) -> None:
    """Decide the claims and write the reports; arguments go to `refutable run`."""
    install(session)
    store = Path(_option(session, "--store", STORE))
    code = _run(session, "run", "--store", STORE, *session.posargs)
    for tried in (CALIBRATION, SEARCHES):  # the method page shows how the rule itself was tried
        if not (store / tried.name).exists():
            shutil.copy(tried, store)
    if BENCHMARKS.exists():
        shutil.copytree(BENCHMARKS, store / BENCHMARKS.name, dirs_exist_ok=True)
    _run(session, "report", "--store", str(store), "--out", REPORT)
    session.log(f"report: {Path(REPORT).resolve() / 'index.html'}")
    if code:
        session.error(f"refutable run ended with exit code {code}; see the table above")


def _run(session: nox.Session, *arguments: str) -> int:
    """Run the command and return its exit code; misuse (2) ends the session."""
    python = Path(session.bin) / "python"
    code = subprocess.run([python, "-m", "refutable", *arguments], check=False).returncode
    if code not in (0, 1, 3):
        session.error(f"refutable {arguments[0]} ended with exit code {code}")
    return code


def _option(session: nox.Session, name: str, default: str) -> str:
    given = session.posargs
    return given[given.index(name) + 1] if name in given[:-1] else default


@nox.session
def report(session: nox.Session) -> None:
    """Write the reports from stored results; arguments go to `refutable report`."""
    install(session)
    arguments = session.posargs or ["--store", STORE, "--out", REPORT]
    session.run("refutable", "report", *arguments)


@nox.session
def onsets(session: nox.Session) -> None:
    """Seek the onsets and maps that claims ask for, for the report; arguments go to both."""
    install(session)
    arguments = session.posargs or ["--store", STORE]
    for command in ("onset", "map"):
        _run(session, command, "--all", *arguments)


@nox.session
def compare(session: nox.Session) -> None:
    """Compare stored results with the baseline."""
    install(session)
    session.run("refutable", "compare", *(session.posargs or ["--store", STORE]))


@nox.session
def calibrate(session: nox.Session) -> None:
    """Measure the error rates of every kernel and expectation."""
    install(session)
    arguments = session.posargs or ["--out", str(CALIBRATION)]
    session.run("python", "-m", "refutable.calibration", *arguments, env=ONE_THREAD)


@nox.session
def backends(session: nox.Session) -> None:
    """All back ends give the same bytes, also where processes are killed: the slow tests of it."""
    install(session, "test")
    places = [f"tests/refutable/running/test_{name}.py" for name in ("backends", "faults")]
    session.run("python", "-m", "pytest", *(session.posargs or places), env=ONE_THREAD)


@nox.session(name="bench-compare")
def bench_compare(session: nox.Session) -> None:
    """Compare ratios with those accepted last, or with a revision's, both timed in turns.

    Arguments: none, or REV [--rounds N] [pytest arguments].
    """
    install(session, "bench")
    if not session.posargs:
        session.run("python", RATIOS, "compare", _measured(session))
        return
    script = "tests/benchmarks/compare_revisions.py"
    session.run("python", script, *session.posargs, env=ONE_THREAD)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation in public/docs; `--store DIR` puts its figures into the gallery."""
    install(session, "docs")
    store = Path(_option(session, "--store", "")) if session.posargs else None
    gallery = ["-D", f"gallery_store={store.resolve()}"] if store else []
    sphinx = ("python", "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", "docs")
    for builder, folder in (("html", "public/docs"), ("doctest", "public/doctest")):
        shared = ("--doctree-dir", "public/doctrees")  # pages are read, and the notebook run, once
        session.run(*sphinx, folder, "--builder", builder, *shared, *gallery, env=ONE_THREAD)
    session.run("python", "docs/links.py", "public/docs")
    shutil.rmtree(Path("docs") / "generated")  # what the reference is made of belongs to no source


@nox.session
def lock(session: nox.Session) -> None:
    """Pin every dependency again, with hashes and without naming an index."""
    session.install("uv")
    extras = [flag for extra in EXTRAS for flag in ("--extra", extra)]
    groups = [
        flag
        for g in ("build", "test", "lint", "typecheck", "bench", "docs")
        for flag in ("--group", g)
    ]
    session.run(
        *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"),
        *("pyproject.toml", *extras, *groups, "-o", "constraints.txt"),
    )


@nox.session
def mutation(session: nox.Session) -> None:
    """Change one line at a time and see whether the tests notice: TARGET ... [--sample N]."""
    install(session, "test")
    session.run("python", "tests/mutation/run.py", *session.posargs, env=ONE_THREAD)
