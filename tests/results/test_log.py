"""The log: what was written is read, whatever happened to writers and files."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from synthetic import evaluation, instability, key

from lth_tf.log import log
from lth_tf.log.log import LogError, ResultsLog, read
from lth_tf.log.schema import SCHEMA_VERSION
from lth_tf.log.tfrecord import frame


def rows(count: int) -> list[dict]:
    return [evaluation(noise=i) for i in range(count)]


def files(workdir: Path) -> list[Path]:
    return sorted((workdir / "results").iterdir())


def write(workdir: Path, items: list[dict]) -> Path:
    before = set(files(workdir)) if (workdir / "results").is_dir() else set()
    with ResultsLog(workdir) as writer:
        for row in items:
            writer.write(row)
    (new,) = set(files(workdir)) - before
    return new


def test_rows_come_back_as_they_were_written(tmp_path):
    items = [evaluation(), instability(), evaluation(noise=7)]
    write(tmp_path, items)
    found, report = read(tmp_path)
    assert found == items and report.files == 1 and report.lines() == []


def test_schema_and_time_are_added_where_they_lack(tmp_path):
    row = {k: v for k, v in evaluation().items() if k not in ("schema", "written")}
    write(tmp_path, [row])
    (found,) = read(tmp_path)[0]
    assert found["schema"] == SCHEMA_VERSION and found["written"].endswith("+00:00")


def test_a_row_of_version_1_is_read_as_what_it_was(tmp_path):
    path = write(tmp_path, [evaluation(noise=7)])
    old = {k: v for k, v in evaluation(schema=1).items() if k != "schedule"}
    path.write_bytes(frame(json.dumps(old).encode()))
    found, report = read(tmp_path)
    assert report.lines() == []
    assert found == [old | {"schedule": "absolute"}]


def test_no_file_appears_without_a_row(tmp_path):
    with ResultsLog(tmp_path) as writer, pytest.raises(LogError):
        writer.write(evaluation(density=2.0))
    assert list(tmp_path.iterdir()) == []
    assert read(tmp_path) == ([], log.ReadReport())


def test_a_second_run_of_an_experiment_leaves_the_log_as_it_is(tmp_path):
    write(tmp_path, rows(3))
    with ResultsLog(tmp_path) as writer:
        again = [writer.write(row | {"run_seconds": 9.0}) for row in rows(4)]
    assert again == [False, False, False, True]
    assert [row["noise"] for row in read(tmp_path)[0]] == [[0], [1], [2], [3]]
    assert read(tmp_path)[1].lines() == []


def test_the_same_measurement_for_another_experiment_is_another_row(tmp_path):
    write(tmp_path, [evaluation(), evaluation(experiment="imp"), evaluation(configuration="x")])
    assert len(read(tmp_path)[0]) == 3


def test_duplicates_of_two_writers_are_skipped_and_the_first_is_kept(tmp_path):
    with ResultsLog(tmp_path) as first, ResultsLog(tmp_path) as second:
        assert first.write(evaluation(noise=9)) and second.write(evaluation(noise=8))
        assert first.write(evaluation(device="first")) and second.write(evaluation(device="second"))
    found, report = read(tmp_path)
    assert [row["device"] for row in found] == ["cpu", "first", "cpu"]
    assert report.lines() == [f"{files(tmp_path)[1].name}: skipped 1 rows that are there already"]


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
    assert report.lines() == [f"{path.name}: skipped damaged record at byte {first}"]


def test_a_damaged_length_ends_its_file_and_no_other(tmp_path):
    path = write(tmp_path, rows(2))
    write(tmp_path, rows(4)[2:])
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    found, report = read(tmp_path)
    assert found == rows(4)[2:]
    assert "damaged length" in report.lines()[0]


def test_newer_and_foreign_records_are_skipped_with_the_reason(tmp_path):
    path = write(tmp_path, rows(1))
    strange = [
        json.dumps(evaluation(schema=3, noise=5)).encode(),
        b"\xff not json",
        b"[1, 2]",
        json.dumps(evaluation(density=7, noise=6)).encode(),
    ]
    with open(path, "ab") as file:
        file.write(b"".join(map(frame, strange)))
    found, report = read(tmp_path)
    assert found == rows(1)
    reasons = ["schema 3; this program knows 2", "not JSON", "not a row", "density is 7"]
    assert len(report.lines()) == len(reasons)
    assert all(reason in line for reason, line in zip(reasons, report.lines(), strict=True))
    with ResultsLog(tmp_path) as writer:
        assert writer.write(evaluation(noise=5))


def test_a_missing_workdir_is_named(tmp_path):
    with pytest.raises(LogError, match="nowhere: there is no such folder"):
        read(tmp_path / "nowhere")


def test_after_a_full_disk_rows_go_to_a_file_of_their_own(tmp_path, monkeypatch):
    writer = ResultsLog(tmp_path)
    writer.write(rows(1)[0])
    with monkeypatch.context() as patch:
        patch.setattr(log.os, "fsync", _full)
        with pytest.raises(OSError, match="No space"):
            writer.write(rows(2)[1])
    torn = files(tmp_path)[0]
    torn.write_bytes(torn.read_bytes()[:-5])
    assert writer.write(rows(2)[1]) and writer.write(rows(3)[2])
    writer.close()
    assert read(tmp_path)[0] == rows(3) and len(files(tmp_path)) == 2


def _full(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


WRITER = """
    import os, signal, sys
    sys.path.insert(0, sys.argv[2])
    from synthetic import evaluation
    from lth_tf.log.log import ResultsLog
    writer = ResultsLog(sys.argv[1])
    for noise in range(1000):
        writer.write(evaluation(noise=noise))
        print(noise, flush=True)
"""


def test_rows_survive_kill_9(tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(WRITER), tmp_path, Path(__file__).parent]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(20)][-1]
        os.kill(process.pid, signal.SIGKILL)
    found, _ = read(tmp_path)
    assert [row["noise"] for row in found][: promised + 1] == [[i] for i in range(promised + 1)]


def test_tensorflow_reads_the_log(tmp_path):
    path = write(tmp_path, [evaluation(), instability()])
    script = (
        "import json, sys, tensorflow as tf\n"
        "rows = [json.loads(r.numpy()) for r in tf.data.TFRecordDataset(sys.argv[1])]\n"
        "print(json.dumps(rows))\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [evaluation(), instability()]


def test_the_results_need_no_tensorflow():
    script = (
        "import sys\n"
        "import lth_tf.figures.standard, lth_tf.tensorboard.board, lth_tf.analysis.table\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'tensorflow', 'keras'}, loaded\n"
        "ours = [n for n in sys.modules if n.startswith('lth_tf.')]\n"
        "assert all(n.startswith(('lth_tf.log', 'lth_tf.analysis', 'lth_tf.figures', 'lth_tf.tensorboard', 'lth_tf.errors')) for n in ours), ours\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_keys_of_the_fixture_are_keys():
    assert len(key("a")) == 64
