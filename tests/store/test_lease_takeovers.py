"""Leases that change hands: owners that died, were stopped or are elsewhere, and claims on them."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from lease_example import (
    NAME,
    Process,
    acquire_quickly,
    claim_of,
    dead_pid,
    forge,
    lease_file,
    take,
)

from lth_tf.store import lease_files, leases
from lth_tf.store.leases import LeaseLost, acquire, holder, try_acquire


@pytest.fixture
def other(tmp_path):
    process = Process(tmp_path)
    yield process
    process.end()


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
