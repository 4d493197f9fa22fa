"""Artefact files: what comes back is what was written, or an error that says so."""

import errno
import hashlib
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lth_tf.store import files
from lth_tf.store.files import Damaged, StoreError

ARRAYS = {"dense/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "mask": np.array([True])}
HEADER = {"recipe": "Init", "step": 0}

DTYPES = st.sampled_from([np.bool_, np.uint8, np.int64, np.float32, np.float16, np.complex64])
ANY_ARRAY = DTYPES.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "artefact"


def same(first, second):
    """Same names in the same order, same dtypes, shapes and bytes."""
    return [(n, a.dtype, a.shape, a.tobytes()) for n, a in first.items()] == [
        (n, a.dtype, a.shape, a.tobytes()) for n, a in second.items()
    ]


def resealed(text):
    """A file whose checksum is right, whatever it says."""
    return hashlib.sha256(text).hexdigest().encode() + b"\n" + text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(max_size=8), ANY_ARRAY, max_size=4))
def test_what_is_read_is_what_was_written(tmp_path_factory, arrays):
    path = tmp_path_factory.mktemp("round") / "artefact"
    header = {"b": [1, 2.5, None, "ü\n"], "a": {"z": True}}
    files.write(path, header, arrays)
    got_header, got = files.read(path)
    assert got_header == header
    assert files.read_header(path) == header
    assert same(got, arrays)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12)[::-2],
        np.float32(3),
        np.zeros((3, 0, 2), np.float32),
    ],
    ids=["big-endian", "fortran", "strided", "scalar", "empty"],
)
def test_any_layout_in_memory_reads_back_equal(path, array):
    files.write(path, {}, {"a": array})
    got = files.read(path)[1]["a"]
    assert got.shape == array.shape and got.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(got, array)


def test_order_of_arrays_is_kept_and_they_are_writable_and_apart(path):
    files.write(path, {}, {"z": np.zeros(3), "a": np.zeros(3)})
    got = files.read(path)[1]
    assert list(got) == ["z", "a"]
    got["z"] += 1
    assert got["a"].sum() == 0
    assert files.read(path)[1]["z"].sum() == 0


def test_same_content_gives_same_bytes_and_other_content_other_bytes(tmp_path):
    variants = {
        "first": (HEADER, ARRAYS),
        "again": (dict(reversed(HEADER.items())), {n: a.copy() for n, a in ARRAYS.items()}),
        "header": ({**HEADER, "step": 1}, ARRAYS),
        "dtype": (HEADER, {**ARRAYS, "mask": np.array([1], np.uint8)}),
        "shape": (HEADER, {**ARRAYS, "dense/kernel": ARRAYS["dense/kernel"].reshape(3, 2)}),
        "name": (HEADER, {"dense/kernel": ARRAYS["dense/kernel"], "musk": ARRAYS["mask"]}),
    }
    for name, content in variants.items():
        files.write(tmp_path / name, *content)
    blobs = {name: (tmp_path / name).read_bytes() for name in variants}
    assert blobs["first"] == blobs["again"]
    assert len(set(blobs.values())) == len(variants) - 1


def test_arrays_are_aligned_in_the_file(path):
    files.write(path, HEADER, ARRAYS)
    blob = path.read_bytes()
    assert blob.index(ARRAYS["dense/kernel"].tobytes()) % 64 == 0
    assert len(blob) % 64 == 0


@pytest.mark.parametrize(
    ("header", "arrays", "error"),
    [
        ({}, {"a": np.array(["text"])}, TypeError),
        ({}, {"a": np.array([object()])}, TypeError),
        ({}, {1: np.zeros(1)}, TypeError),
        ({"loss": float("nan")}, {}, ValueError),
        ({"format": 7}, {}, ValueError),
        ({"x": object()}, {}, TypeError),
    ],
)
def test_what_cannot_be_stored_is_refused_before_anything_is_written(path, header, arrays, error):
    with pytest.raises(error):
        files.write(path, header, arrays)
    assert os.listdir(path.parent) == []


def test_every_single_changed_byte_is_noticed(path):
    files.write(path, HEADER, ARRAYS)
    sound = path.read_bytes()
    for position in range(len(sound)):
        for flip in (0x01, 0x20, 0x80, 0xFF):
            bad = bytearray(sound)
            bad[position] ^= flip
            path.write_bytes(bad)
            with pytest.raises(Damaged) as caught:
                files.read(path)
            assert caught.value.path == path
            assert str(path) in str(caught.value) and caught.value.reason in str(caught.value)


def test_every_truncation_and_every_addition_is_noticed(path):
    files.write(path, HEADER, ARRAYS)
    sound = path.read_bytes()
    for length in range(len(sound)):
        path.write_bytes(sound[:length])
        with pytest.raises(Damaged):
            files.read(path)
    for tail in (b"\0", b"\n", sound):
        path.write_bytes(sound + tail)
        with pytest.raises(Damaged):
            files.read(path)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"no newline",
        b"not json\n[]\n",
        b"[1]\n[]\n",
        b"{}\n[]\n",
        b'{"format":"1"}\n[]\n',
        b'{"format":true}\n[]\n',
        b'{"format":0}\n[]\n',
        b'{"format":1}\n',
        b'{"format":1}\n7\n',
        b'{"format":1}\n[["a","<f4",[1000]]]\n',
        b'{"format":1}\n[["a","nonsense",[0]]]\n',
        b'{"format":1}\n[["a","<f4"]]\n',
        b'{"format":1}\n[["a","|O",[1]]]\n' + bytes(256),
    ],
)
def test_a_file_that_was_never_ours_is_damaged_even_with_a_checksum(path, text):
    path.write_bytes(resealed(text))
    with pytest.raises(Damaged):
        files.read(path)


@pytest.mark.parametrize("text", [b"", b"x" * 500, b"\xff" * 500, b"x" * 64 + b"\n{}\n"])
def test_a_header_that_is_none_is_damaged(path, text):
    path.write_bytes(text)
    with pytest.raises(Damaged):
        files.read_header(path)


@pytest.mark.parametrize("read", [files.read, files.read_header])
def test_a_newer_format_is_refused_by_name_and_not_set_aside(path, read):
    path.write_bytes(resealed(b'{"format":2}\nwhatever a newer version likes'))
    with pytest.raises(StoreError, match=r"newer version of lth_tf \(format 2; this one reads 1\)"):
        read(path)


@pytest.mark.parametrize("read", [files.read, files.read_header])
def test_a_flipped_bit_in_the_format_is_damage_not_a_newer_format(path, read):
    files.write(path, {}, ARRAYS)
    blob = path.read_bytes()
    assert blob.count(b'"format":1') == 1
    path.write_bytes(blob.replace(b'"format":1', b'"format":3'))
    with pytest.raises(Damaged):
        read(path)


@pytest.mark.parametrize("read", [files.read, files.read_header])
def test_reading_what_is_not_there_or_is_a_folder(tmp_path, read):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing")
    with pytest.raises(StoreError, match="cannot read"):
        read(tmp_path)


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
    files.write(path, HEADER, ARRAYS)
    before = path.read_bytes()

    def fail(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match=says) as caught:
        files.write(path, HEADER, {"a": np.ones(10)})
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
    path = tiny_disk / "artefact"
    files.open_root(tiny_disk)
    files.write(path, HEADER, ARRAYS)
    with pytest.raises(StoreError, match="no space left"):
        files.write(path, HEADER, {"a": np.ones(1 << 20)})
    assert sorted(os.listdir(tiny_disk)) == ["artefact", "format.json"]
    assert same(files.read(path)[1], ARRAYS)
    with pytest.raises(StoreError, match="no space left"):
        for number in range(1000):
            files.write(tiny_disk / f"more{number}", {}, ARRAYS)
    with pytest.raises(StoreError, match="no space left"):
        files.open_root(tiny_disk)


def test_a_read_only_file_system(tiny_disk):
    files.open_root(tiny_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with pytest.raises(StoreError, match="read-only"):
        files.write(tiny_disk / "artefact", HEADER, ARRAYS)
    with pytest.raises(StoreError, match="read-only"):
        files.open_root(tiny_disk)


WRITER = """
import itertools, sys
from pathlib import Path
import numpy as np
from lth_tf.store import files
print("ready", flush=True)
for number in itertools.count():
    files.write(Path(sys.argv[1]), {"n": number}, {"a": np.full(50_000, number)})
"""


def test_readers_see_whole_files_while_writers_are_killed(path):
    files.write(path, {"n": -1}, {"a": np.full(50_000, -1)})
    for wanted in (3, 8, 5):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout and writer.stdout.readline() == "ready\n"
        seen: set[int] = set()
        while len(seen) < wanted:
            header, arrays = files.read(path)
            assert arrays["a"].shape == (50_000,) and (arrays["a"] == header["n"]).all()
            seen.add(header["n"])
        writer.kill()
        writer.wait()
        writer.stdout.close()
        files.read(path)
    files.remove_leftovers(path.parent, older_than_seconds=1e9)
    assert os.listdir(path.parent) == [path.name]


def test_set_aside_keeps_the_file_under_another_name(tmp_path):
    path = tmp_path / "objects" / "artefact"
    path.parent.mkdir()
    places = []
    for content in (b"one", b"two"):
        path.write_bytes(content)
        place = files.set_aside(path, tmp_path)
        assert place and not path.exists()
        places.append(place)
    assert [p.read_bytes() for p in places] == [b"one", b"two"]
    assert all(p.parent == tmp_path / "damaged" for p in places)
    assert all(p.name.startswith("artefact.") for p in places)
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
            patch.setattr(files, "_machine", lambda: machine)
        path = files.temporary_name(folder / "artefact")
    path.write_bytes(b"half")
    return path


def test_leftovers_of_dead_writers_go_and_others_stay(tmp_path, monkeypatch):
    dead = leftover(tmp_path, monkeypatch, dead_pid())
    own = leftover(tmp_path, monkeypatch, os.getpid())
    far = leftover(tmp_path, monkeypatch, dead_pid(), machine="0" * 12)
    far_old = leftover(tmp_path, monkeypatch, os.getpid(), machine="f" * 12)
    for old in (own, far_old):
        os.utime(old, (time.time() - 7200,) * 2)
    others = [tmp_path / "artefact", tmp_path / "notes.tmp", tmp_path / ".hidden"]
    for other in others:
        other.touch()
    assert files.remove_leftovers(tmp_path, older_than_seconds=3600) == 2
    assert not dead.exists() and not far_old.exists()
    assert own.exists() and far.exists() and all(o.exists() for o in others)
    assert files.remove_leftovers(tmp_path / "nothing", older_than_seconds=0) == 0


def test_a_zombie_has_ended():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process.stdin and files.started(process.pid)
    process.kill()
    for _ in range(500):  # it is not waited for, and so it becomes a zombie
        if files.started(process.pid) is None:
            break
        time.sleep(0.01)
    os.kill(process.pid, 0)
    assert files.started(process.pid) is None
    process.wait()
    process.stdin.close()


def test_open_root_makes_a_store_once_and_leaves_nothing_else(tmp_path):
    root = tmp_path / "a" / "b"
    files.open_root(root)
    marker = (root / "format.json").read_bytes()
    assert json.loads(marker) == {"store": "lth_tf", "format": 1}
    files.write(root / "objects" / "x", {}, {})
    files.open_root(root)
    assert (root / "format.json").read_bytes() == marker
    assert sorted(os.listdir(root)) == ["format.json", "objects"]


def test_open_root_takes_a_fresh_disk_but_no_folder_with_files(tmp_path):
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ".nfs0001").touch()
    files.open_root(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").touch()
    with pytest.raises(StoreError, match="not a store of lth_tf"):
        files.open_root(other)
    assert os.listdir(other) == ["thesis.tex"]


NO_MARKER = "is damaged, or this is not a store .* write {.store.: .lth_tf., .format.: 1} into"


@pytest.mark.parametrize(
    ("marker", "says"),
    [
        (
            '{"store": "lth_tf", "format": 2}',
            r"newer version .*format 2; this one reads 1.*upgrade",
        ),
        (
            '{"store": "other", "format": 1}',
            NO_MARKER,
        ),
        (
            '{"store": "lth_tf"}',
            NO_MARKER,
        ),
        ("[]", NO_MARKER),
        ("", NO_MARKER),
    ],
)
def test_open_root_refuses_other_markers(tmp_path, marker, says):
    (tmp_path / "format.json").write_text(marker)
    with pytest.raises(StoreError, match=says):
        files.open_root(tmp_path)
    assert (tmp_path / "format.json").read_text() == marker


@pytest.mark.parametrize("below", ["", "store"])
def test_open_root_where_a_file_is_in_the_way(tmp_path, below):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="a file is in the way"):
        files.open_root(tmp_path / "file" / below)


def test_open_root_without_permission(tmp_path, monkeypatch):
    def refuse(self, data):
        raise PermissionError(errno.EACCES, "no")

    files.open_root(tmp_path)
    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    with pytest.raises(StoreError, match=f"cannot write {tmp_path}: permission denied"):
        files.open_root(tmp_path)


OPENER = """
import sys
from pathlib import Path
from lth_tf.store import files
files.open_root(Path(sys.argv[1]))
"""


def test_many_processes_open_one_new_store(tmp_path):
    openers = [subprocess.Popen([sys.executable, "-c", OPENER, str(tmp_path)]) for _ in range(4)]
    assert [opener.wait() for opener in openers] == [0] * 4
    assert os.listdir(tmp_path) == ["format.json"]


def test_neither_module_needs_tensorflow():
    code = "import sys; import lth_tf.store.leases; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
