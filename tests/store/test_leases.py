"""Leases, with real processes that are killed, stopped and forked."""

import errno
import json
import os
import subprocess
import sys
import threading
import time

import pytest
from lease_example import NAME, Process, acquire_quickly, dead_pid, forge, lease_file, take

from lth_tf.store import files
from lth_tf.store.files import StoreError
from lth_tf.store.leases import LeaseLost, acquire, holder, try_acquire

COUNTER = """
import sys, time
from pathlib import Path
from lth_tf.store.leases import acquire
folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
for _ in range(rounds):
    with acquire(folder, "run") as lease:
        number = int((folder / "counter").read_text())
        time.sleep(0.0005)
        lease.check()
        (folder / "counter").write_text(str(number + 1))
"""


@pytest.fixture
def other(tmp_path):
    process = Process(tmp_path)
    yield process
    process.end()


def test_one_holder_at_a_time_and_nothing_left_behind(tmp_path):
    folder = tmp_path / "new" / "leases"
    with acquire(folder, NAME) as lease:
        lease.check()
        assert try_acquire(folder, NAME) is None
        assert f"process {os.getpid()} on " in str(holder(folder, NAME))
        with acquire(folder, "another") as second:
            second.check()
    assert holder(folder, NAME) is None
    assert os.listdir(folder) == []
    with pytest.raises(LeaseLost):
        lease.check()
    lease.release()
    with take(folder) as again:
        lease.release()
        again.check()


def test_a_lease_is_released_when_the_work_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), acquire(tmp_path, NAME):
        _ = 1 / 0
    assert holder(tmp_path, NAME) is None


def test_a_living_holder_is_waited_for_however_impatient_the_observer(tmp_path):
    """Many patiences pass; the heartbeat is what keeps the lease."""
    order: list[str] = []
    told: list[str] = []

    def wait():
        with acquire_quickly(tmp_path, NAME, told.append, patience_seconds=0.6) as lease:
            order.append("second")
            lease.check()

    with acquire(tmp_path, NAME, heartbeat_seconds=0.05) as lease:
        before = lease_file(tmp_path).read_bytes()
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(1.6)
        lease.check()
        order.append("first")
        after = lease_file(tmp_path).read_bytes()
    thread.join()
    assert order == ["first", "second"]
    assert told == [f"process {os.getpid()} on {json.loads(before)['host']}"]
    assert int(json.loads(after)["beat"]) > int(json.loads(before)["beat"])
    assert len(after) == len(before)


def test_a_heartbeat_alone_notices_the_loss(tmp_path):
    lease = acquire(tmp_path, NAME, heartbeat_seconds=0.02)
    theirs = forge(tmp_path / "theirs")
    os.replace(tmp_path / "theirs", lease_file(tmp_path))
    while not lease.lost:
        time.sleep(0.01)
    lease.release()
    assert lease_file(tmp_path).read_bytes() == theirs


def test_a_lease_file_that_vanished_is_lost(tmp_path):
    lease = acquire(tmp_path, NAME)
    lease_file(tmp_path).unlink()
    with pytest.raises(LeaseLost, match="nobody"):
        lease.check()
    lease.release()


def test_a_forked_child_neither_holds_nor_releases(tmp_path):
    with acquire(tmp_path, NAME) as lease:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                lease.check()
            except LeaseLost:
                lease.release()
                code = 0 if try_acquire(tmp_path, NAME) is None else 2
            os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        lease.check()


def count(folder, workers, rounds):
    return [
        subprocess.Popen([sys.executable, "-c", COUNTER, str(folder), str(rounds)])
        for _ in range(workers)
    ]


def test_many_processes_lose_no_update(tmp_path):
    (tmp_path / "counter").write_text("0")
    assert [p.wait() for p in count(tmp_path, 6, 40)] == [0] * 6
    assert (tmp_path / "counter").read_text() == "240"
    assert os.listdir(tmp_path) == ["counter"]


def test_many_processes_take_over_from_the_dead_and_lose_no_update(tmp_path):
    """Every lease but the first is taken from a holder that died, by one of several at once."""
    code = COUNTER.replace("for _ in range(rounds):", "if True:").replace(
        "str(number + 1))", "str(number + 1)); __import__('os')._exit(7)"
    )
    (tmp_path / "counter").write_text("0")
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), "1"]) for _ in range(20)
    ]
    assert [worker.wait() for worker in workers] == [7] * 20
    assert (tmp_path / "counter").read_text() == "20"
    assert try_acquire(tmp_path, NAME) is not None


def test_threads_exclude_each_other_where_links_are_not_supported(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    inside, most = [], []

    def work():
        for _ in range(10):
            with acquire(tmp_path, NAME) as lease:
                inside.append(1)
                most.append(len(inside))
                lease.check()
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 40
    assert os.listdir(tmp_path) == []


def test_a_link_that_was_made_but_reported_as_failed_counts(tmp_path, monkeypatch):
    """As NFS does when a reply is lost and the request repeated."""
    link = os.link

    def repeat(first, second):
        link(first, second)
        raise FileExistsError

    monkeypatch.setattr(os, "link", repeat)
    with take(tmp_path) as lease:
        lease.check()
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot write"):
        acquire(tmp_path / "file", NAME)
    with pytest.raises(StoreError, match="cannot write"):
        try_acquire(tmp_path / "file" / "below", NAME)


def test_patience_shorter_than_two_heartbeats_is_refused(tmp_path):
    with pytest.raises(ValueError, match="too short"):
        acquire(tmp_path, NAME, heartbeat_seconds=5, patience_seconds=9)


def test_a_lease_leaves_only_temporary_files_that_are_cleaned_up(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getpid", dead_pid)
    files.temporary_name(lease_file(tmp_path)).touch()
    monkeypatch.undo()
    files.remove_leftovers(tmp_path)
    assert os.listdir(tmp_path) == []
