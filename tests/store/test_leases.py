"""Leases, with real processes that are killed, stopped and forked."""

import errno
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lth_tf.store import files, lease_files, leases
from lth_tf.store.files import StoreError
from lth_tf.store.leases import Lease, LeaseLost, acquire, holder, try_acquire

NAME = "run"
acquire_quickly = functools.partial(acquire, heartbeat_seconds=0.05, patience_seconds=0.3)

HOLDER = """
import sys
from pathlib import Path
from lth_tf.store.leases import LeaseLost, acquire
lease = acquire(Path(sys.argv[1]), "run", heartbeat_seconds=0.05)
print("held", flush=True)
for line in sys.stdin:
    try:
        lease.check()
        print("still held", flush=True)
    except LeaseLost as error:
        print("lost", lease.lost, error, flush=True)
"""

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


class Process:
    """Another process that holds the lease; it is killed at the end of the test."""

    def __init__(self, folder):
        command = [sys.executable, "-c", HOLDER, str(folder)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self.process.stdin and self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        assert self.stdout.readline() == "held\n"

    def ask(self):
        self.stdin.write("?\n")
        self.stdin.flush()
        return self.stdout.readline().strip()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.stdin.close()
        self.stdout.close()


@pytest.fixture
def other(tmp_path):
    process = Process(tmp_path)
    yield process
    process.end()


def take(folder, tries=1) -> Lease:
    """Takes the lease without the patience that a living owner would have to be given."""
    for _ in range(tries):
        if lease := try_acquire(folder, NAME):
            return lease
        time.sleep(0.01)
    raise AssertionError("the lease was not to be had")


def lease_file(folder):
    return folder / "run.lease"


def forge(path, **changes):
    """Writes a lease as this process would, with some fields changed."""
    content = {**json.loads(lease_files.Owner().content()), **changes}
    path.write_text(json.dumps(content))
    return path.read_bytes()


def dead_pid():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def claim_of(path, content):
    """Where the sole right to change a lease is claimed."""
    return lease_files.claim_path(path, content)


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


def test_the_lease_of_a_killed_process_is_taken_at_once(tmp_path, other):
    assert try_acquire(tmp_path, NAME) is None
    other.process.send_signal(signal.SIGKILL)
    other.process.wait()
    with take(tmp_path) as lease:
        lease.check()
    assert os.listdir(tmp_path) == []


def test_the_lease_of_a_killed_process_that_nobody_waited_for_is_taken_at_once(tmp_path, other):
    other.process.send_signal(signal.SIGKILL)
    other.stdout.read()  # ends with the process, which is a zombie from here on
    with take(tmp_path, tries=500) as lease:
        lease.check()


def test_what_dead_processes_left_is_removed_and_nothing_else(tmp_path):
    path, dead = lease_file(tmp_path), dead_pid()
    content = forge(path, pid=dead, nonce="dead")
    forge(claim_of(path, content), pid=dead, nonce="dead too")
    elsewhere = tmp_path / "elsewhere.lease"
    forge(elsewhere, host="elsewhere")
    (tmp_path / "folder.lease").mkdir()
    with acquire(tmp_path, "mine") as lease:
        leases.remove_dead(tmp_path)
        lease.check()
        left = ["elsewhere.lease", "folder.lease", "mine.lease"]
        assert sorted(os.listdir(tmp_path)) == left
        names = ("mine", "elsewhere", "nobody")
        living = [leases.living_holder(tmp_path, name) for name in names]
        assert living == [holder(tmp_path, name) for name in names] and None not in living[:2]
        os.utime(elsewhere, (time.time() - 7200,) * 2)
        assert leases.living_holder(tmp_path, "elsewhere") is None


def test_a_pid_that_is_used_again_is_not_the_owner(tmp_path):
    forge(lease_file(tmp_path), started="1")
    with take(tmp_path) as lease:
        lease.check()


def test_a_stopped_holder_loses_its_lease_after_patience_and_learns_of_it(tmp_path, other):
    assert other.ask() == "still held"
    other.process.send_signal(signal.SIGSTOP)
    assert try_acquire(tmp_path, NAME) is None
    with acquire_quickly(tmp_path, NAME) as lease:
        other.process.send_signal(signal.SIGCONT)
        answer = other.ask()
        assert answer.startswith("lost True") and f"process {os.getpid()} on" in answer
        time.sleep(0.2)  # the heartbeats it wakes up with must not touch the new lease
        lease.check()
    other.stdin.close()
    other.process.wait()
    assert holder(tmp_path, NAME) is None


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


@pytest.mark.parametrize(
    "changes",
    [{"host": "elsewhere"}, {"boot": "another boot"}, {"boot": ""}, {"pid": "?"}],
    ids=str,
)
def test_a_lease_from_elsewhere_is_taken_only_after_patience(tmp_path, changes):
    """Its process number is dead here, but that says nothing about there."""
    forge(lease_file(tmp_path), **{"pid": dead_pid(), **changes})
    assert try_acquire(tmp_path, NAME) is None
    with acquire_quickly(tmp_path, NAME) as lease:
        lease.check()


def test_a_beating_lease_from_elsewhere_is_never_abandoned(monkeypatch):
    detector, now = lease_files.FailureDetector(30.0), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for second in range(1000):
        now[0] = second
        content = json.dumps({"host": "elsewhere", "beat": second // 25}).encode()
        assert not detector.has_failed(Path("path"), content)


def test_a_heartbeat_that_was_stopped_midway_does_not_touch_its_successor(tmp_path, monkeypatch):
    """Between looking whose lease it is and writing, another process takes it over."""
    lease = acquire(tmp_path, NAME)
    wrote = lease_files.Owner.wrote

    def wrote_then_taken(owner, content):
        answer = wrote(owner, content)
        forge(tmp_path / "theirs", nonce="theirs")
        os.replace(tmp_path / "theirs", lease.path)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(lease_files.Owner, "wrote", wrote_then_taken)
        assert lease._owner.rewrite(lease.path, 1)
    assert json.loads(lease.path.read_bytes())["nonce"] == "theirs"
    with pytest.raises(LeaseLost):
        lease.check()
    lease.release()


@pytest.mark.parametrize("content", [b"", b"garbage\xff", b"[1]", b"{}", b'{"nonce": ""}'])
def test_a_damaged_lease_is_waited_for_and_then_taken(tmp_path, content):
    lease_file(tmp_path).write_bytes(content)
    assert try_acquire(tmp_path, NAME) is None
    assert "unknown process" in str(holder(tmp_path, NAME))
    with acquire_quickly(tmp_path, NAME) as lease:
        lease.check()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_taker_that_died_between_claiming_and_taking_stops_nobody(tmp_path, depth):
    path, dead = lease_file(tmp_path), dead_pid()
    for number in range(depth + 1):
        content = forge(path, pid=dead, nonce=f"dead {number}")
        path = claim_of(path, content)
    with take(tmp_path, tries=500) as lease:
        lease.check()
    assert os.listdir(tmp_path) == []


def test_a_taker_elsewhere_that_died_between_claiming_and_taking_is_waited_for(tmp_path):
    path = lease_file(tmp_path)
    content = forge(path, pid=dead_pid())
    forge(claim_of(path, content), host="elsewhere")
    assert try_acquire(tmp_path, NAME) is None
    with acquire_quickly(tmp_path, NAME) as lease:
        lease.check()
    assert os.listdir(tmp_path) == []


def test_a_claim_on_a_lease_that_was_renewed_since_changes_nothing(tmp_path):
    """A slow taker judged the lease by what it read before the owner's heartbeat."""
    path = lease_file(tmp_path)
    old = forge(path, host="elsewhere", nonce="theirs")
    new = forge(path, host="elsewhere", nonce="theirs", beat="000000000001")
    assert not lease_files.take_over(path, old, lease_files.Owner(), lease_files.FailureDetector(0))
    assert path.read_bytes() == new
    assert os.listdir(tmp_path) == [path.name]


def test_a_release_is_not_stopped_by_a_claim_that_is_given_up(tmp_path):
    lease = acquire(tmp_path, NAME)
    claim = claim_of(lease.path, lease.path.read_bytes())
    forge(claim, nonce="a taker that found the lease renewed")
    threading.Timer(0.03, claim.unlink).start()
    lease.release()
    assert os.listdir(tmp_path) == []


def test_time_during_which_the_observer_was_stopped_is_no_patience(monkeypatch):
    """Else, after a machine's pause, whoever wakes first would take what another still holds."""
    detector, now = lease_files.FailureDetector(30.0), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    content = json.dumps({"host": "elsewhere"}).encode()
    assert not detector.has_failed(Path("path"), content)
    now[0] += 1000
    assert not detector.has_failed(Path("path"), content)
    looks = 0
    while not detector.has_failed(Path("path"), content):
        now[0] += 1
        looks += 1
    assert 25 < looks <= 31


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
