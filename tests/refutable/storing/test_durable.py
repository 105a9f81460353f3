"""What is on the disk when the power fails: a disk that holds what was synced, and no more."""

import os
from pathlib import Path

import coins
import pytest
from runs import files, run

from refutable.errors import StoreError
from refutable.running.backends import serial
from refutable.running.progress import Silent
from refutable.running.registry import discover
from refutable.storing.durable import durable
from refutable.storing.store import Store

NAMES = ["coins.fair"]


class Disk:
    """Holds files as of their last sync, and names as of the last sync of their folder."""

    def __init__(self, monkeypatch):
        self.data, self.names, self.syncs = {}, {}, 0
        self.really = os.fsync
        monkeypatch.setattr(os, "fsync", self.sync)

    def sync(self, descriptor):
        self.syncs += 1
        place = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if place.is_dir():
            self.names[place] = {p.name: (p.is_dir(), p.stat().st_ino) for p in place.iterdir()}
        else:
            self.data[place.stat().st_ino] = place.read_bytes()
        self.really(descriptor)

    def after_the_cut(self, folder, copy):
        """Write what is left of a folder to another one."""
        copy.mkdir()
        for name, (is_folder, inode) in self.names.get(folder, {}).items():
            if is_folder:
                self.after_the_cut(folder / name, copy / name)
            else:
                (copy / name).write_bytes(self.data.get(inode, b""))


class CutTheCord(Silent):
    """Keeps what the disk holds after some blocks and after the verdict."""

    def __init__(self, disk, store, cuts):
        self.disk, self.store, self.cuts, self.blocks = disk, store, cuts, 0
        self.seen = {}

    def advanced(self, job):
        self.blocks += 1
        if self.blocks in (1, 4):
            self.cut()

    def finished(self, job, result):
        self.cut()

    def cut(self):
        copy = self.cuts / str(len(self.seen))
        self.disk.after_the_cut(self.store, copy)
        self.seen[copy] = self.blocks


@pytest.fixture
def suite():
    return discover([Path(coins.__file__)], builtin=False)


def test_no_block_that_was_told_is_lost_with_the_power(suite, tmp_path, monkeypatch):
    run(tmp_path / "undisturbed", serial(), suite, NAMES)
    store, cuts = tmp_path / "s", tmp_path / "cuts"
    cuts.mkdir()
    cord = CutTheCord(Disk(monkeypatch), store, cuts)
    with durable():
        run(store, serial(), suite, NAMES, cord)
    assert len(cord.seen) == 3
    for copy, blocks in cord.seen.items():
        left = Store(copy, create=False)
        assert sum(left.begun().values()) == blocks
        if blocks == cord.blocks:
            assert left.result(NAMES[0]).verdict == "supported"
        run(copy, serial(), suite, NAMES)
        assert files(copy) == files(tmp_path / "undisturbed")


def test_without_it_nobody_waits_for_the_disk_and_the_disk_may_be_empty(
    suite, tmp_path, monkeypatch
):
    disk = Disk(monkeypatch)
    run(tmp_path / "s", serial(), suite, NAMES)
    assert disk.syncs == 0
    disk.after_the_cut(tmp_path / "s", tmp_path / "copy")
    with pytest.raises(StoreError, match="There is no store"):
        Store(tmp_path / "copy", create=False)
