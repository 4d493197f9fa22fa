"""Artifact files: what comes back is what was written, or an error that says so."""

import hashlib
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lth_tf.store import artifacts
from lth_tf.store.artifacts import Damaged
from lth_tf.store.files import StoreError

ARRAYS = {"dense/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "mask": np.array([True])}
HEADER = {"recipe": "Init", "step": 0}

DTYPES = st.sampled_from([np.bool_, np.uint8, np.int64, np.float32, np.float16, np.complex64])
ANY_ARRAY = DTYPES.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "artifact"


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
    path = tmp_path_factory.mktemp("round") / "artifact"
    header = {"b": [1, 2.5, None, "ü\n"], "a": {"z": True}}
    artifacts.write(path, header, arrays)
    got_header, got = artifacts.read(path)
    assert got_header == header
    assert artifacts.read_header(path) == header
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
    artifacts.write(path, {}, {"a": array})
    got = artifacts.read(path)[1]["a"]
    assert got.shape == array.shape and got.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(got, array)


def test_order_of_arrays_is_kept_and_they_are_writable_and_apart(path):
    artifacts.write(path, {}, {"z": np.zeros(3), "a": np.zeros(3)})
    got = artifacts.read(path)[1]
    assert list(got) == ["z", "a"]
    got["z"] += 1
    assert got["a"].sum() == 0
    assert artifacts.read(path)[1]["z"].sum() == 0


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
        artifacts.write(tmp_path / name, *content)
    blobs = {name: (tmp_path / name).read_bytes() for name in variants}
    assert blobs["first"] == blobs["again"]
    assert len(set(blobs.values())) == len(variants) - 1


def test_arrays_are_aligned_in_the_file(path):
    artifacts.write(path, HEADER, ARRAYS)
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
        artifacts.write(path, header, arrays)
    assert os.listdir(path.parent) == []


def test_every_single_changed_byte_is_noticed(path):
    artifacts.write(path, HEADER, ARRAYS)
    sound = path.read_bytes()
    for position in range(len(sound)):
        for flip in (0x01, 0x20, 0x80, 0xFF):
            bad = bytearray(sound)
            bad[position] ^= flip
            path.write_bytes(bad)
            with pytest.raises(Damaged) as caught:
                artifacts.read(path)
            assert caught.value.path == path
            assert str(path) in str(caught.value) and caught.value.reason in str(caught.value)


def test_every_truncation_and_every_addition_is_noticed(path):
    artifacts.write(path, HEADER, ARRAYS)
    sound = path.read_bytes()
    for length in range(len(sound)):
        path.write_bytes(sound[:length])
        with pytest.raises(Damaged):
            artifacts.read(path)
    for tail in (b"\0", b"\n", sound):
        path.write_bytes(sound + tail)
        with pytest.raises(Damaged):
            artifacts.read(path)


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
        artifacts.read(path)


@pytest.mark.parametrize("text", [b"", b"x" * 500, b"\xff" * 500, b"x" * 64 + b"\n{}\n"])
def test_a_header_that_is_none_is_damaged(path, text):
    path.write_bytes(text)
    with pytest.raises(Damaged):
        artifacts.read_header(path)


@pytest.mark.parametrize("read", [artifacts.read, artifacts.read_header])
def test_a_newer_format_is_refused_by_name_and_not_set_aside(path, read):
    path.write_bytes(resealed(b'{"format":2}\nwhatever a newer version likes'))
    with pytest.raises(StoreError, match=r"newer version of lth_tf \(format 2; this one reads 1\)"):
        read(path)


@pytest.mark.parametrize("read", [artifacts.read, artifacts.read_header])
def test_a_flipped_bit_in_the_format_is_damage_not_a_newer_format(path, read):
    artifacts.write(path, {}, ARRAYS)
    blob = path.read_bytes()
    assert blob.count(b'"format":1') == 1
    path.write_bytes(blob.replace(b'"format":1', b'"format":3'))
    with pytest.raises(Damaged):
        read(path)


@pytest.mark.parametrize("read", [artifacts.read, artifacts.read_header])
def test_reading_what_is_not_there_or_is_a_folder(tmp_path, read):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing")
    with pytest.raises(Damaged, match="it is a folder, not a regular file"):
        read(tmp_path)
