"""A log that is torn, damaged or foreign: what is read of it, and what is said of the rest."""

import itertools
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import evaluation
from written import rows, write

from lth_tf.log.log import ResultsLog, read
from lth_tf.log.schema import SCHEMA_VERSION
from lth_tf.log.tfrecord import frame


def test_a_torn_last_record_is_survived_wherever_it_is_torn(tmp_path):
    path = write(tmp_path, rows(2))
    whole = path.read_bytes()
    first = len(frame(json.dumps(rows(1)[0]).encode()))
    for cut in (first + 1, first + 11, first + 12, first + 500, len(whole) - 1):
        path.write_bytes(whole[:cut])
        found, report = read(tmp_path)
        assert found == rows(1)
        assert report.lines() == [
            f"{path.name}: skipped torn last record ({cut - first} bytes; its writer was stopped) "
            f"at byte {first}"
        ]


def test_a_flipped_bit_costs_one_row_and_is_reported(tmp_path):
    path = write(tmp_path, rows(3))
    data = bytearray(path.read_bytes())
    first = len(frame(json.dumps(rows(1)[0]).encode()))
    data[first + 100] ^= 4
    path.write_bytes(data)
    found, report = read(tmp_path)
    assert found == [rows(3)[0], rows(3)[2]]
    assert report.lines() == [
        f"{path.name}: skipped damaged record ({first} bytes) at byte {first}"
    ]


SCHEMA = f'"schema": {SCHEMA_VERSION}'.encode()
ROWS = [evaluation(noise=i) for i in range(6)]
RECORDS = [frame(json.dumps(row).encode()) for row in ROWS]


def kept(first: int, end: int) -> list[dict]:
    """The rows no byte of whose records lies between two places, or around both."""
    ends = list(itertools.accumulate(map(len, RECORDS)))
    spans = zip(ROWS, [0, *ends], ends, strict=False)
    return [row for row, start, stop in spans if not (first < stop and end > start)]


@given(st.data())
def test_a_mutated_log_loses_only_the_rows_that_were_touched(tmp_path_factory, data):
    workdir = tmp_path_factory.mktemp("log")
    (workdir / "results").mkdir()
    whole = b"".join(RECORDS)
    first = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.sampled_from([first, first + 1, first + 8, first + 2000]))
    new = data.draw(st.binary(max_size=20))
    changed = whole[:first] + new + whole[end:]
    (workdir / "results" / "rows.tfrecord").write_bytes(changed)
    found, report = read(workdir)
    untouched = kept(first, end)
    assert [row for row in found if row in untouched] == untouched
    assert all(row in ROWS for row in found)
    assert report.lines() or len(found) == len(ROWS) or changed in _whole(RECORDS)


def _whole(records: list[bytes]) -> list[bytes]:
    """What a log is of which whole records are missing, as many in a row as may be."""
    places = range(len(records) + 1)
    return [b"".join(records[:i] + records[j:]) for i in places for j in places[i:]]


def test_every_bit_of_a_records_head_costs_that_record_alone(tmp_path):
    path = write(tmp_path, rows(3))
    whole, first = path.read_bytes(), len(RECORDS[0])
    for bit in range(8 * 12):
        data = bytearray(whole)
        data[first + bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        found, report = read(tmp_path)
        assert found == [rows(3)[0], rows(3)[2]]
        assert report.lines() == [
            f"{path.name}: skipped damaged record ({first} bytes) at byte {first}"
        ]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'"noise": [9]', b'"noise": ' + b"[" * 10_000 + b"]" * 10_000),
        lambda text: text.replace(b'"level": 15', b'"level": 1' + b"0" * 400),
        lambda text: text.replace(b'"level": 15', b'"level": 1' + b"0" * 5000),
        lambda text: text.replace(b'"train_loss"', b'"train_loss": 1e999, "x"'),
        lambda text: text.replace(b'"train_loss"', b'"train_loss": NaN, "x"'),
        lambda text: text.replace(b'"kind": "evaluation"', b'"kind": ["evaluation"]'),
        lambda text: text.replace(b'"status": "done"', b'"status": {}'),
        lambda text: text.replace(SCHEMA, b'"schema": true'),
        lambda text: text.replace(SCHEMA, b'"schema": -1'),
        lambda text: text.replace(b'"imp"', b'"\\ud800"'),
        lambda text: b"[" * 10_000,
        lambda text: b"{}",
    ],
)
def test_a_sound_record_of_any_json_costs_itself_and_is_said(tmp_path, change):
    path = write(tmp_path, rows(2))
    text = json.dumps(evaluation(noise=9)).encode()
    assert change(text) != text
    with open(path, "ab") as file:
        file.write(frame(change(text)) + frame(json.dumps(rows(3)[2]).encode()))
    found, report = read(tmp_path)
    assert found == rows(3) and len(report.lines()) == 1


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda path: path.mkdir(), "it is a folder, not a regular file"),
        (os.mkfifo, "it is a pipe, not a regular file"),
        (lambda path: path.symlink_to(path.name), "it is a link that leads back to itself"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device, not a regular file"),
        (lambda path: path.symlink_to("nowhere"), "it is gone, or a link that leads nowhere"),
    ],
    ids=["folder", "pipe", "loop", "device", "nowhere"],
)
def test_only_regular_files_are_read(tmp_path, make, says):
    write(tmp_path, rows(2))
    make(tmp_path / "results" / "rows-x.tfrecord")
    found, report = read(tmp_path)
    assert found == rows(2)
    assert report.lines() == [f"rows-x.tfrecord: skipped all of it: {says}"]


def test_newer_and_foreign_records_are_skipped_with_the_reason(tmp_path):
    path = write(tmp_path, rows(1))
    strange = [
        json.dumps(evaluation(schema=SCHEMA_VERSION + 1, noise=5)).encode(),
        b"\xff not json",
        b"[1, 2]",
        json.dumps(evaluation(density=7, noise=6)).encode(),
    ]
    with open(path, "ab") as file:
        file.write(b"".join(map(frame, strange)))
    found, report = read(tmp_path)
    assert found == rows(1)
    newer = f"schema {SCHEMA_VERSION + 1}; this program knows {SCHEMA_VERSION}"
    reasons = [newer, "not JSON", "not a row", "density is 7"]
    assert len(report.lines()) == len(reasons)
    assert all(reason in line for reason, line in zip(reasons, report.lines(), strict=True))
    with ResultsLog(tmp_path) as writer:
        assert writer.write(evaluation(noise=5))
