"""A store knows with which kernels its blocks were drawn, and says so when they differ."""

import subprocess
import sys
from pathlib import Path

import example_claims
import pytest
from commands import refutable
from runs import run

from refutable.running.backends import serial
from refutable.running.machine import kernels
from refutable.running.registry import discover
from refutable.storing.store import Store

FILE = Path(example_claims.__file__)


def test_every_block_tells_its_kernels(tmp_path):
    registry = discover([FILE], builtin=False)
    run(tmp_path / "s", serial(), registry, ["example.coin"])
    store = Store(tmp_path / "s")
    assert "numpy" in kernels()
    assert {block.machine for block in store.read_blocks("example.coin")} == {kernels()}
    assert store.machines() == {kernels(): store.cost("example.coin")["blocks"]}


def test_another_library_of_the_same_machine_does_not_change_it():
    script = (
        "from refutable.running.machine import kernels; first = kernels(); kernels.cache_clear(); "
        "import scipy.linalg.blas; assert kernels() == first, (kernels(), first); print(first)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert "numpy" in done.stdout.decode()


@pytest.mark.parametrize("command", ["status", "show"])
def test_a_store_that_mixes_them_is_told(tmp_path, command, monkeypatch):
    registry = discover([FILE], builtin=False)
    run(tmp_path / "s", serial(), registry, ["example.coin"])
    assert "different kernels" not in refutable(command, FILE, "--store", tmp_path / "s")[2]
    monkeypatch.setattr("refutable.running.tasks.kernels", lambda: "another BLAS")
    run(tmp_path / "s", serial(), registry, ["example.raises"])  # its broken world does not
    _, _, err = refutable(command, FILE, "--store", tmp_path / "s")
    assert "drawn with different kernels" in err
    assert f" with {kernels()}; " in err
    assert " with another BLAS" in err
