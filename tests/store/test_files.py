"""Files appear whole or not at all; what writers left behind goes when they are gone."""

import errno
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from lth_tf.store import artifacts, files, format_file
from lth_tf.store.files import StoreError

ARRAYS = {"dense/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "mask": np.array([True])}
HEADER = {"recipe": "Init", "step": 0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "artifact"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_failed_write_says_why_and_changes_nothing(path, monkeypatch, number, says):
    artifacts.write(path, HEADER, ARRAYS)
    before = path.read_bytes()

    def fail(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match=says) as caught:
        artifacts.write(path, HEADER, {"a": np.ones(10)})
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


@pytest.fixture
def tiny_disk(tmp_path):
    disk = tmp_path / "tiny"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a file system is not permitted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(tiny_disk):
    path = tiny_disk / "artifact"
    format_file.open_root(tiny_disk)
    artifacts.write(path, HEADER, ARRAYS)
    with pytest.raises(StoreError, match="no space left"):
        artifacts.write(path, HEADER, {"a": np.ones(1 << 20)})
    assert sorted(os.listdir(tiny_disk)) == ["artifact", "format.json"]
    header, arrays = artifacts.read(path)
    assert header == HEADER and list(arrays) == list(ARRAYS)
    assert all((arrays[name] == array).all() for name, array in ARRAYS.items())
    with pytest.raises(StoreError, match="no space left"):
        for number in range(1000):
            artifacts.write(tiny_disk / f"more{number}", {}, ARRAYS)
    with pytest.raises(StoreError, match="no space left"):
        format_file.open_root(tiny_disk)


def test_a_read_only_file_system(tiny_disk):
    format_file.open_root(tiny_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with pytest.raises(StoreError, match="read-only"):
        artifacts.write(tiny_disk / "artifact", HEADER, ARRAYS)
    with pytest.raises(StoreError, match="read-only"):
        format_file.open_root(tiny_disk)


WRITER = """
import itertools, sys
from pathlib import Path
import numpy as np
from lth_tf.store import artifacts
print("ready", flush=True)
for number in itertools.count():
    artifacts.write(Path(sys.argv[1]), {"n": number}, {"a": np.full(50_000, number)})
"""


def test_readers_see_whole_files_while_writers_are_killed(path):
    artifacts.write(path, {"n": -1}, {"a": np.full(50_000, -1)})
    for wanted in (3, 8, 5):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout and writer.stdout.readline() == "ready\n"
        seen: set[int] = set()
        while len(seen) < wanted:
            header, arrays = artifacts.read(path)
            assert arrays["a"].shape == (50_000,) and (arrays["a"] == header["n"]).all()
            seen.add(header["n"])
        writer.kill()
        writer.wait()
        writer.stdout.close()
        artifacts.read(path)
    files.remove_leftovers(path.parent)
    assert os.listdir(path.parent) == [path.name]


def test_set_aside_keeps_the_file_under_another_name(tmp_path):
    path = tmp_path / "objects" / "artifact"
    path.parent.mkdir()
    places = []
    for content in (b"one", b"two"):
        path.write_bytes(content)
        place = files.set_aside(path, tmp_path)
        assert place and not path.exists()
        places.append(place)
    assert [p.read_bytes() for p in places] == [b"one", b"two"]
    assert all(p.parent == tmp_path / "damaged" for p in places)
    assert all(p.name.startswith("artifact.") for p in places)
    assert files.set_aside(path, tmp_path) is None


def dead_pid():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def leftover(folder, monkeypatch, pid, machine=None):
    """A temporary file as a process of that number, here or on another machine, would leave it."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: pid)
        if machine:
            patch.setattr(files, "machine_id", lambda: machine)
        path = files.temporary_name(folder / "artifact")
    path.write_bytes(b"half")
    return path


def test_leftovers_of_dead_writers_go_and_others_stay(tmp_path, monkeypatch):
    dead = leftover(tmp_path, monkeypatch, dead_pid())
    own = leftover(tmp_path, monkeypatch, os.getpid())
    far = leftover(tmp_path, monkeypatch, dead_pid(), machine="0" * 12)
    far_old = leftover(tmp_path, monkeypatch, os.getpid(), machine="f" * 12)
    for old in (own, far_old):
        os.utime(old, (time.time() - 25 * 3600,) * 2)
    others = [tmp_path / "artifact", tmp_path / "notes.tmp", tmp_path / ".hidden"]
    for other in others:
        other.touch()
    files.remove_leftovers(tmp_path)
    assert not dead.exists() and not far_old.exists()
    assert own.exists() and far.exists() and all(o.exists() for o in others)
    files.remove_leftovers(tmp_path / "nothing")


def test_files_and_leases_need_no_tensorflow():
    code = "import sys; import lth_tf.store.leases; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
