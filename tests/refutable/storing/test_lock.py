"""The lock of a store: one writer, who is named, and nobody once he has gone."""

import os

import pytest

from refutable.errors import StoreError
from refutable.storing.lock import Lock


def test_the_writer_is_named_alone_whatever_the_file_held(tmp_path):
    path = tmp_path / "lock"
    path.write_text("12345678901234567890")  # a former writer's, longer than any of today
    first = Lock(path)
    first.acquire()
    assert path.read_text() == str(os.getpid())
    with pytest.raises(StoreError, match=rf"process {os.getpid()}\) is writing to {tmp_path}\."):
        Lock(path).acquire()
    assert path.read_text() == str(os.getpid())
    first.release()
    second = Lock(path)
    second.acquire()
    second.release()


def test_a_writer_who_left_no_name_is_unknown(tmp_path):
    first = Lock(tmp_path / "lock")
    first.acquire()
    first.path.write_text("")
    with pytest.raises(StoreError, match=r"process unknown"):
        Lock(first.path).acquire()
    first.release()
    first.release()  # once more does no harm


def test_a_lock_that_was_never_taken_can_be_given_back(tmp_path):
    Lock(tmp_path / "lock").release()


def test_a_place_where_no_lock_can_lie_is_told(tmp_path):
    with pytest.raises(StoreError, match="cannot be written: No such file"):
        Lock(tmp_path / "nowhere" / "lock").acquire()
