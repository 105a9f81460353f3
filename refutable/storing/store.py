"""The store: plain files that survive `kill -9`, and refuse what they do not know.

A store is a folder::

    store.json            schema and suite seed
    blocks/<claim>.jsonl  one line per finished block, appended at once
    records/<claim>.json  the claim as people read it
    prints/<claim>.json   what each fingerprint was made of
    results/<claim>.json  the decided result, the same for the same seed
    costs/<claim>.json    seconds and time stamps, which are not
    tables/<claim>.parquet  one row per replicate that the verdict rests on; .json until it is made
    asked.json            the claims that the last run was asked for
    problems.json         what could not be tried in the last run
    calibration.json      how the rule itself was tried (optional)
    onset-calibration.json  how searches for onsets were tried (optional)
    onsets/<claim>.json   where its expectations start to hold, if that was asked
    maps/<claim>.json     where in a plane of two parameters they hold, if that was asked
    onsets.json           the error probability that each of these owns

Every line of a block file ends in a newline and carries a checksum, its claim and its seed; the
JSON files carry a checksum and their name. A torn last line (the process was killed while writing
it) is dropped; anything else that cannot be read, or belongs elsewhere, is refused by name and
never deleted. A file that has not the name of a claim is passed over, and told.
"""

from __future__ import annotations

import json
import os
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refutable.claims.cells import Cell
from refutable.claims.records import CLAIM_ID
from refutable.deciding.results import ClaimResult
from refutable.errors import StoreError
from refutable.storing.durable import settle, settle_folder
from refutable.storing.lock import Lock
from refutable.storing.sealed import ASIDE, FOLDERS, LEFT, read_json, refused, told, write_json

SCHEMA = 2
_SUFFIXES = (".json", ".jsonl", ".parquet", ".new")


@dataclass(frozen=True)
class StoredBlock:
    """A finished block as it lies in the store.

    Parameters
    ----------
    world : str
    cell : Cell
    block : int
    size : int
        Replicates in it.
    fingerprint : str
        Of the code that drew it.
    outcome : dict
        Encoded columns (see `refutable.deciding.outcomes`).
    seconds : float
        It took.
    machine : str
        Kernels that its worker's BLAS and NumPy chose (see `refutable.running.machine`).
    """

    world: str
    cell: Cell
    block: int
    size: int
    fingerprint: str
    outcome: dict[str, Any]
    seconds: float
    machine: str = ""

    def to_line(self, claim_id: str, seed: int) -> str:
        """Return one JSON line with its checksum, and whose block it is."""
        body = json.dumps(
            {
                "claim": claim_id,
                "seed": seed,
                "world": self.world,
                "cell": dict(self.cell),
                "block": self.block,
                "size": self.size,
                "fingerprint": self.fingerprint,
                "seconds": self.seconds,
                "machine": self.machine,
                "outcome": self.outcome,
            },
            separators=(",", ":"),
            allow_nan=False,
        )
        return f'{{"crc32":{zlib.crc32(body.encode())},"body":{body}}}\n'

    @classmethod
    def from_line(cls, line: str, claim_id: str, seed: int) -> StoredBlock:
        """Return what `to_line` wrote.

        Raises
        ------
        ValueError
            If the line is torn, its checksum is wrong, or it belongs to another claim or seed.
        """
        head, _, rest = line.partition(',"body":')
        body = rest.rstrip("\n")[:-1]
        if not head.startswith('{"crc32":') or int(head[9:]) != zlib.crc32(body.encode()):
            raise ValueError("the checksum does not fit the line")
        fields = json.loads(body)
        whose = (fields.pop("claim"), fields.pop("seed"))
        if whose != (claim_id, seed):
            raise ValueError(
                f"it is a block of {whose[0]} with seed {whose[1]}, not of {claim_id} with {seed}"
            )
        fields["cell"] = Cell(fields["cell"])
        return cls(**fields)


class Store:
    """A folder of results; use it as a context manager to write.

    Parameters
    ----------
    path : Path
        The folder; made if it does not exist.
    seed : int or None
        Suite seed; None takes the store's own.
    create : bool
        Whether to make the store if there is none.
    share : float
        Part of the error ledger that a new store owns (see `refutable.storing.fresh`).

    Raises
    ------
    StoreError
        If the folder cannot be written, is not a store, has another schema or another seed.
    """

    def __init__(
        self, path: Path, seed: int | None = None, create: bool = True, share: float = 1.0
    ) -> None:
        self.path, self.share = path.absolute(), share  # whoever changes the folder later
        self._files: dict[str, Any] = {}
        self._lock = Lock(self.path / "lock")
        self.seed = self._open(seed, create)

    def _open(self, seed: int | None, create: bool) -> int:
        try:
            return self._header(seed, create)
        except OSError as error:
            raise StoreError(
                f"The store {self.path} cannot be used: {error.strerror or error}. "
                "Choose another folder with --store; nothing was changed."
            ) from error

    def _header(self, seed: int | None, create: bool) -> int:
        head = self.path / "store.json"
        if head.exists():
            return self._known_header(head, seed)
        if not create:
            raise StoreError(
                f"There is no store at {self.path}. Run `refutable run --store {self.path}` first."
            )
        if self.path.exists() and any(p.name != "lock" for p in self.path.iterdir()):
            raise StoreError(
                f"{self.path} exists but holds no store.json, so it is not a refutable store. "
                "Choose an empty or a new folder with --store; nothing was changed."
            )
        for name in FOLDERS:
            (self.path / name).mkdir(parents=True, exist_ok=True)
        settle_folder(self.path.parent)
        chosen = 0 if seed is None else seed
        write_json(head, {"schema": SCHEMA, "seed": chosen, "share": self.share})
        return chosen

    def _known_header(self, head: Path, seed: int | None) -> int:
        self._refuse_former(head)
        stored = read_json(head, dict)
        with refused(head):
            schema, known = stored["schema"], int(stored["seed"])
            self.share = float(stored["share"])
        if schema != SCHEMA:
            raise self._other_schema(schema)
        if seed is not None and seed != known:
            raise StoreError(
                f"The store {self.path} belongs to seed {known}, not {seed}. "
                f"Use --seed {known}, or another folder with --store."
            )
        return known

    def _refuse_former(self, head: Path) -> None:
        """Refuse a store of the first schema, whose files carried no checksums."""
        with refused(head):
            stored = json.loads(head.read_text(encoding="utf-8"))
        if isinstance(stored, dict) and "schema" in stored:
            raise self._other_schema(stored["schema"])

    def _other_schema(self, schema: object) -> StoreError:
        return StoreError(
            f"{self.path} has schema {schema}; this version reads {SCHEMA}. Choose a new folder "
            "with --store, or read it with the version that wrote it."
        )

    def __enter__(self) -> Store:
        self._lock.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        for claim_id in list(self._files):
            self._close(claim_id)
        self._lock.release()

    def _close(self, claim_id: str) -> None:
        with suppress(OSError):  # every whole line was flushed when it was appended
            self._files.pop(claim_id).close()

    def blocks_file(self, claim_id: str) -> Path:
        """Where a claim's blocks are appended."""
        return self.path / "blocks" / f"{claim_id}.jsonl"

    def table_file(self, claim_id: str) -> Path:
        """Where the table of a claim's replicates lies."""
        return self.path / "tables" / f"{claim_id}.parquet"

    def table_note(self, claim_id: str) -> Path:
        """Where a note lies for as long as the table cannot be written."""
        return self.path / "tables" / f"{claim_id}.json"

    def tables_waiting(self) -> list[str]:
        """Return the claims that have such a note."""
        return [path.stem for path in self._of_claims("tables", ".json")]

    def record_file(self, claim_id: str) -> Path:
        """Where a claim lies as people read it."""
        return self.path / "records" / f"{claim_id}.json"

    def result_file(self, claim_id: str) -> Path:
        """Where a claim's result lies."""
        return self.path / "results" / f"{claim_id}.json"

    def cost_file(self, claim_id: str) -> Path:
        """Where a claim's cost lies."""
        return self.path / "costs" / f"{claim_id}.json"

    def print_file(self, claim_id: str) -> Path:
        """Where it lies what a claim's fingerprints are made of."""
        return self.path / "prints" / f"{claim_id}.json"

    @property
    def asked_file(self) -> Path:
        """Where it lies which claims the last run was asked for."""
        return self.path / "asked.json"

    @property
    def problems_file(self) -> Path:
        """Where the problems of the last run lie."""
        return self.path / "problems.json"

    @property
    def calibration_file(self) -> Path:
        """Where the table of `refutable.calibration` lies, if somebody has put it there."""
        return self.path / "calibration.json"

    def read_blocks(self, claim_id: str) -> Iterator[StoredBlock]:
        """Yield a claim's finished blocks, without a torn last line.

        Raises
        ------
        StoreError
            If a line before the last cannot be read.
        """
        for _, block in self.scan_blocks(claim_id):
            yield block

    def scan_blocks(self, claim_id: str) -> Iterator[tuple[int, StoredBlock]]:
        """Yield (where its line begins, block), as `read_blocks`."""
        path = self.blocks_file(claim_id)
        if not path.exists():
            return
        with path.open("rb") as file:
            offset = 0
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                yield offset, self._block(path, number, line, claim_id)
                offset += len(line)

    def blocks_at(self, claim_id: str, offsets: Iterable[int]) -> Iterator[StoredBlock]:
        """Yield the blocks whose lines begin at these places, in the given order."""
        with self.blocks_file(claim_id).open("rb") as file:
            for offset in offsets:
                file.seek(offset)
                yield StoredBlock.from_line(file.readline().decode(), claim_id, self.seed)

    def _block(self, path: Path, number: int, line: bytes, claim_id: str) -> StoredBlock:
        try:
            return StoredBlock.from_line(line.decode(), claim_id, self.seed)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(
                f"Line {number} of {path} cannot be read ({error}). The file was left as it is; "
                "move it away to draw its blocks again."
            ) from error

    def append(self, claim_id: str, block: StoredBlock) -> None:
        """Append a finished block; it is in the operating system's hands on return.

        Within `durable` it is on the disk.
        """
        self._lock.check()
        file = self._files.get(claim_id)
        if file is None:
            file = self._files[claim_id] = self._open_for_append(claim_id)
        try:
            file.write(block.to_line(claim_id, self.seed))
            settle(file)
        except OSError as error:
            self._close(claim_id)  # opening it again drops the torn line
            raise StoreError(
                f"A block of {claim_id} could not be written to {self.path}: "
                f"{error.strerror or error}. What was stored before is safe; make room and run "
                "the same command again."
            ) from error

    def _open_for_append(self, claim_id: str) -> Any:
        path = self.blocks_file(claim_id)
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            drop_torn_line(path)
            file = path.open("a", encoding="utf-8")
            settle_folder(path.parent)
            return file

    def write_result(self, result: ClaimResult, cost: dict[str, Any]) -> None:
        """Write a claim's result and, apart from it, its cost."""
        write_json(self.result_file(result.claim), result.to_json())
        write_json(self.cost_file(result.claim), cost)

    def write_record(self, claim_id: str, record: dict[str, Any]) -> None:
        """Write a claim as people read it (see `refutable.claims.describe.record`)."""
        write_json(self.record_file(claim_id), record)

    def records(self) -> dict[str, dict[str, Any]]:
        """Return every stored record, by claim id."""
        return {path.stem: self._record(path) for path in self._of_claims("records", ".json")}

    def record(self, claim_id: str) -> dict[str, Any]:
        """Return a claim's stored record, empty if there is none."""
        path = self.record_file(claim_id)
        return self._record(path) if path.exists() else {}

    def _record(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = read_json(path, dict)
        if found.get("id") != path.stem:
            raise StoreError(f"{path} is not the record of a claim. {LEFT}")
        return found

    def write_asked(self, claims: list[str]) -> None:
        """Write which claims the last run was asked for, so that a stopped run shows it."""
        write_json(self.asked_file, {"claims": claims})

    def asked(self) -> list[str]:
        """Return which claims the last run was asked for; none if it left no word."""
        path = self.asked_file
        found = read_json(path, dict).get("claims") if path.exists() else []
        if not isinstance(found, list):
            raise StoreError(f"{path} does not hold what it should. {LEFT}")
        return [str(name) for name in found]

    def begun(self) -> dict[str, int]:
        """Return how many blocks of each claim are stored, by claim id; no block is read."""
        return {path.stem: _whole_lines(path) for path in self._of_claims("blocks", ".jsonl")}

    def write_problems(self, problems: list[dict[str, Any]]) -> None:
        """Write what could not be registered in the last run."""
        write_json(self.problems_file, problems)

    def problems(self) -> list[dict[str, Any]]:
        """Return what could not be registered in the last run."""
        path = self.problems_file
        found: list[dict[str, Any]] = read_json(path, list) if path.exists() else []
        return found

    def write_print(self, claim_id: str, prints: dict[str, dict[str, str]]) -> None:
        """Write what the current fingerprints of a claim's worlds are made of."""
        write_json(self.print_file(claim_id), prints)

    def read_print(self, claim_id: str) -> dict[str, dict[str, str]]:
        """Return what `write_print` wrote, or nothing."""
        path = self.print_file(claim_id)
        found: dict[str, dict[str, str]] = read_json(path, dict) if path.exists() else {}
        return found

    def result(self, claim_id: str) -> ClaimResult | None:
        """Return a claim's stored result, or None.

        Raises
        ------
        StoreError
            If the file is not one of ours.
        """
        path = self.result_file(claim_id)
        if not path.exists():
            return None
        with refused(path):
            found = ClaimResult.from_json(read_json(path, dict))
            if (found.claim, found.seed) != (claim_id, self.seed):
                raise ValueError(
                    f"it is the result of {found.claim} with seed {found.seed}, not of {claim_id} "
                    f"with {self.seed}"
                )
        return found

    def decided(self) -> list[str]:
        """Return the ids of the claims with a stored result, without reading one."""
        return [path.stem for path in self._of_claims("results", ".json")]

    def results(self) -> dict[str, ClaimResult]:
        """Return every stored result, by claim id."""
        found = {name: self.result(name) for name in self.decided()}
        return {name: result for name, result in found.items() if result is not None}

    def cost(self, claim_id: str) -> dict[str, Any]:
        """Return a claim's stored cost, empty if there is none."""
        path = self.cost_file(claim_id)
        found: dict[str, Any] = read_json(path, dict) if path.exists() else {}
        return found

    def machines(self) -> dict[str, int]:
        """Return with which kernels the blocks of the decided claims were drawn, and how many."""
        found: Counter[str] = Counter()
        for path in self._of_claims("costs", ".json"):
            counts = self.cost(path.stem).get("machines", {})
            with refused(path):
                found.update({str(name): int(count) for name, count in counts.items()})
        return dict(found)

    def strays(self) -> list[Path]:
        """Return the files in the store's folders that have not the name of a claim."""
        every = (path for name in FOLDERS + ASIDE for path in (self.path / name).glob("*"))
        return sorted(path for path in every if not _named(path))

    def _of_claims(self, folder: str, suffix: str) -> list[Path]:
        return sorted(p for p in (self.path / folder).glob(f"*{suffix}") if _named(p))


def _named(path: Path) -> bool:
    return path.suffix in _SUFFIXES and CLAIM_ID.fullmatch(path.stem) is not None


def _whole_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(line.endswith(b"\n") for line in file)


def drop_torn_line(path: Path) -> None:
    """Cut off an unfinished last line."""
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("rb+") as file:
        data_end = _end_of_last_line(file)
        file.truncate(data_end)


def _end_of_last_line(file: Any, step: int = 1 << 16) -> int:
    position = file.seek(0, os.SEEK_END)
    while position > 0:
        start = max(0, position - step)
        file.seek(start)
        newline = file.read(position - start).rfind(b"\n")
        if newline >= 0:
            return int(start + newline + 1)
        position = start
    return 0
