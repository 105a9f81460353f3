"""Finds claims: a package whose modules hold them, entry points of other packages, single files."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.metadata
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from refutable.claims import validate
from refutable.claims.claim import Claim, adopt
from refutable.claims.describe import counted
from refutable.claims.maps import draw_whole_map
from refutable.claims.records import Paper
from refutable.errors import ClaimError, MisuseError, UnknownClaim
from refutable.extras import command, lacking
from refutable.running import live
from refutable.running.beside import refuse_clash
from refutable.running.interrupt import by_the_user
from refutable.running.whereabouts import FILE_MODULE, located

BUILTIN = "refutable.simulations"
THEORY = "refutable.theory"
ENTRY_POINTS = "refutable.claims"
NO_CLAIM = (
    "holds no claim. A claim file binds at least one `Claim(...)` to a name at its top level that "
    "does not begin with an underscore; docs/adding-a-paper.md has one to start from."
)


@dataclass(frozen=True)
class Source:
    """Where a claim can be loaded again, in any process.

    Parameters
    ----------
    kind : str
        `module`, `file`, or `live` for one of this session.
    place : str
        The module's name, the file's path, or the name under which the session keeps it.
    payload : bytes
        A live claim by value, where it goes to other processes.
    """

    kind: str
    place: str
    payload: bytes = field(default=b"", repr=False)

    @property
    def module(self) -> str:
        """Name under which the module is imported."""
        return _name_of(Path(self.place)) if self.kind == "file" else self.place

    @property
    def family(self) -> str:
        """Package of others that brings it; empty for the suite, for files and for the session."""
        ours = self.kind != "module" or self.within(BUILTIN)
        return "" if ours else self.place.partition(".")[0]

    def within(self, package: str) -> bool:
        """Say whether it is a module of a package."""
        return self.kind == "module" and self.place.startswith(f"{package}.")

    def load(self) -> ModuleType:
        """Import the module."""
        if self.kind == "module":
            return importlib.import_module(self.place)
        if self.kind == live.LIVE:
            return live.module_of(self.place, self.payload)
        return _load_file(Path(self.place))


@dataclass(frozen=True)
class Problem:
    """Something that could not be registered, said in a paragraph."""

    where: str
    text: str
    claim: str | None = None


@dataclass
class Registry:
    """The claims that were found, by id, and the problems met on the way."""

    claims: dict[str, Claim] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)
    """Modules that cannot be imported, to the library that each lacks."""
    _refused: dict[str, Source] = field(default_factory=dict)
    _files: list[Path] = field(default_factory=list)

    def add_module(self, source: Source) -> None:
        """Register every claim of a module; what cannot be registered becomes a problem."""
        try:
            if source.kind == "file":
                self._refuse_clash(Path(source.place))
            found = claims_of(source.load())
        except MisuseError as error:
            self.problems.append(Problem(source.place, f"{error}."))
            return
        except BaseException as error:
            if by_the_user(error):
                raise
            if source.kind == "module" and (library := _missing(error)):
                self.lacking[source.place] = library
                return
            text = f"{source.place} could not be imported: {located(error, source.module)}"
            self.problems.append(Problem(source.place, f"{text}. Its claims were left out."))
            return
        if source.kind == "file" and not found:
            self.problems.append(Problem(source.place, f"{source.place} {NO_CLAIM}"))
        for claim in found:
            self._add(claim, source)

    def add_live(self, claim: Claim, payload: bytes = b"") -> None:
        """Register a claim of this session; what is wrong with it becomes a problem."""
        self._add(claim, Source(live.LIVE, live.keep(claim), payload))

    def _refuse_clash(self, file: Path) -> None:
        refuse_clash(file, self._files)
        self._files.append(file)

    def _add(self, claim: Claim, source: Source) -> None:
        try:
            validate.check(claim)
            self._refuse_duplicate(claim, source)
            draw_whole_map(claim)
        except ClaimError as error:
            self.problems.append(Problem(source.place, str(error), claim.id))
            return
        except BaseException as error:
            if by_the_user(error):
                raise
            text = f"Claim {claim.id!r} could not be checked: {located(error, source.module)}"
            self.problems.append(Problem(source.place, text, claim.id))
            return
        self.claims[claim.id], self.sources[claim.id] = claim, source

    def _refuse_duplicate(self, claim: Claim, source: Source) -> None:
        known = self.sources.get(claim.id) or self._refused.get(claim.id)
        if known is None or self.claims.get(claim.id) is claim:
            return
        self.claims.pop(claim.id, None)
        self.sources.pop(claim.id, None)
        self._refused[claim.id] = known
        raise ClaimError(
            claim.id,
            f"two claims have this id, one in {known.place} and one in {source.place}; "
            "neither was run.",
            "Rename one of them.",
        )

    def find(self, name: str) -> Claim:
        """Return the claim with this id, or the only one with this short name.

        Raises
        ------
        UnknownClaim
            With the nearest matches.
        ClaimError
            If there is such a claim but it is not well formed.
        """
        if name in self.claims:
            return self.claims[name]
        short = [claim for claim in self.claims.values() if claim.name == name]
        if len(short) == 1:
            return short[0]
        if len(short) > 1:
            ids = ", ".join(claim.id for claim in short)
            raise UnknownClaim(f"{name!r} is ambiguous: {ids}. Give the whole id.")
        for problem in self.problems:
            if problem.claim is not None and name in (problem.claim, problem.claim.split(".")[-1]):
                raise MisuseError(problem.text)
        raise UnknownClaim(self._unknown(name))

    def _unknown(self, name: str) -> str:
        names = {claim.name: claim.id for claim in self.claims.values()}
        near = difflib.get_close_matches(name, [*self.claims, *names], n=3, cutoff=0.5)
        ids = list(dict.fromkeys(names.get(match, match) for match in near))
        hint = f"Did you mean {' or '.join(ids)}?" if ids else "`refutable list` shows all."
        return f"There is no claim {name!r}. {hint}"

    def families(self, claims: Iterable[Claim]) -> dict[str, str]:
        """Return the families of those claims that packages of others bring, by id."""
        found = {claim.id: self.sources[claim.id].family for claim in claims}
        return {name: family for name, family in found.items() if family}

    def select(self, names: Iterable[str]) -> list[Claim]:
        """Return the named claims; a paper's key or a field stands for all of its claims."""
        chosen: dict[str, Claim] = {}
        for name in names:
            group = [c for c in self.claims.values() if name in (c.paper.key, c.paper.field)]
            for claim in group or [self.find(name)]:
                chosen[claim.id] = claim
        return list(chosen.values())


def _missing(error: BaseException) -> str:
    """Return the library that an extra of ours would have brought, if that is what is wrong."""
    name = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
    return name if command(name) else ""


def claims_of(module: ModuleType) -> list[Claim]:
    """Return the claims bound at the top level of a module, alone or in tuples and lists.

    Names that begin with an underscore are left out. A claim that names no paper gets its module's.
    """
    found: dict[int, Claim] = {}
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, Claim):
                found[id(item)] = item
    if (paper := paper_of(module)) is not None:
        for claim in found.values():
            adopt(claim, paper)
    return list(found.values())


def paper_of(module: ModuleType) -> Paper | None:
    """Return the `PAPER` of a module, or of the twin of its folder in `theory`.

    The twin of `refutable.simulations.mixtures.ila_sdp.recovery` is
    `refutable.theory.mixtures.ila_sdp`.
    """
    own = getattr(module, "PAPER", None)
    if own is None and module.__name__.startswith(f"{BUILTIN}."):
        folder = module.__name__.removeprefix(f"{BUILTIN}.").rpartition(".")[0]
        own = getattr(_twin(folder), "PAPER", None) if folder else None
    return own if isinstance(own, Paper) else None


def _twin(folder: str) -> ModuleType | None:
    name = f"{THEORY}.{folder}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):
            raise  # it is there, and lacks something else
        return None


def discover(files: Iterable[Path] = (), builtin: bool = True) -> Registry:
    """Return the registry of `refutable.simulations`, the entry points, and single files.

    Parameters
    ----------
    files : iterable of Path
        Python files that hold claims.
    builtin : bool
        Whether to look into `refutable.simulations` and the entry points.
    """
    registry = Registry()
    names = [*_modules_below(BUILTIN), *_entry_points()] if builtin else []
    for name in dict.fromkeys(names):
        registry.add_module(Source("module", name))
    for path in [path.resolve() for path in files]:  # before one changes the folder
        registry.add_module(Source("file", str(path)))
    if registry.lacking:
        what = f"{counted(len(registry.lacking), 'module')} of claims cannot be imported"
        text = lacking(what, registry.lacking.values())
        registry.problems.append(Problem(BUILTIN, text))
    return registry


def _modules_below(package: str) -> Iterator[str]:
    try:
        path = importlib.import_module(package).__path__
    except ModuleNotFoundError:
        return
    yield from (info.name for info in _public(path, package) if not info.ispkg)


def _public(
    path: Iterable[str], package: str, onerror: Callable[[str], object] | None = None
) -> Iterator[pkgutil.ModuleInfo]:
    """Yield what lies below a package, but for what a part of its path marks as private."""
    for info in pkgutil.walk_packages(path, f"{package}.", onerror):
        if "._" not in info.name:
            yield info


def _entry_points() -> Iterator[str]:
    """Yield the modules that entry points name, and all modules of a package that one names."""
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        name = point.value.split(":")[0].strip()
        yield name
        yield from _modules_of_plug_in(name)


def _modules_of_plug_in(name: str) -> Iterator[str]:
    """Yield modules and packages below; what cannot be imported is told when it is registered."""
    try:
        path = getattr(importlib.import_module(name), "__path__", None)
    except BaseException as error:
        if by_the_user(error):
            raise
        return
    yield from (info.name for info in _public(path or [], name, lambda _: None))


def _name_of(path: Path) -> str:
    mark = hashlib.blake2b(str(path).encode(), digest_size=6).hexdigest()
    return f"{FILE_MODULE}{mark}"


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise MisuseError(f"{path} is not a file")
    name = _name_of(path)
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise MisuseError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
