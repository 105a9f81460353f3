"""The lock of a store: one writer, who is named, and nobody once he has gone."""

import errno
import os
import time

import pytest

from refutable import Cell
from refutable.errors import StoreError
from refutable.storing.lock import Lock
from refutable.storing.store import Store, StoredBlock


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


def test_a_forked_child_that_lives_on_does_not_keep_it(tmp_path):
    first, (hear, say) = Lock(tmp_path / "lock"), os.pipe()
    first.acquire()
    child = os.fork()
    if not child:
        os.close(say)
        os.read(hear, 1)  # until the parent is done
        os._exit(0)
    try:
        os.close(first._place)  # as when the parent is killed: nobody unlocks
        first._place = None
        deadline = time.monotonic() + 5
        while True:
            try:
                second = Lock(first.path)
                second.acquire()
                break
            except StoreError:
                assert time.monotonic() < deadline, "the child keeps the lock"
                time.sleep(0.01)
        second.release()
    finally:
        os.close(say)
        os.close(hear)
        os.waitpid(child, 0)


def test_a_link_in_its_place_is_refused_and_its_target_left_alone(tmp_path):
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "lock").symlink_to(target)
    with pytest.raises(StoreError, match="is a symbolic link, and no lock"):
        Lock(tmp_path / "lock").acquire()
    assert target.read_text() == "precious"


def test_a_pipe_in_its_place_is_refused(tmp_path):
    os.mkfifo(tmp_path / "lock")
    with pytest.raises(StoreError, match="is no plain file"):
        Lock(tmp_path / "lock").acquire()


def test_a_file_system_without_locks_has_words_of_its_own(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(StoreError, match="knows no locks"):
        Lock(tmp_path / "lock").acquire()


@pytest.mark.parametrize("exchange", [False, True])
def test_a_file_that_is_removed_meanwhile_is_noticed_by_the_writer(tmp_path, exchange):
    with Store(tmp_path / "s", seed=0) as store:
        store.write_asked([])
        (tmp_path / "s" / "lock").unlink()
        if exchange:
            (tmp_path / "s" / "lock").write_text("")
        block = StoredBlock("claim", Cell({}), 0, 1, "f", {}, 0.0)
        with pytest.raises(StoreError, match="was removed or exchanged while this run"):
            store.append("a.b", block)
