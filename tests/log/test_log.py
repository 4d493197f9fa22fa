"""The log: what was written is read, whatever happened to writers and files."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import binaries
import pytest
from synthetic import evaluation, instability, key
from written import files, rows, write

from lth_tf.log import log
from lth_tf.log.log import LogError, ResultsLog, read
from lth_tf.log.schema import SCHEMA_VERSION
from lth_tf.log.tfrecord import frame


def test_rows_come_back_as_they_were_written(tmp_path):
    items = [evaluation(), instability(), evaluation(noise=7)]
    write(tmp_path, items)
    found, report = read(tmp_path)
    assert found == items and report.lines() == []


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
        one, other = (evaluation(written=f"2025-01-0{day}T00:00:00+00:00") for day in (1, 2))
        assert first.write(one) and second.write(other)
    found, report = read(tmp_path)
    assert [row["written"][9] for row in found] == ["2", "1", "2"]
    assert report.lines() == [f"{files(tmp_path)[1].name}: skipped 1 rows that are there already"]


def test_rows_of_two_kinds_of_machine_are_said(tmp_path):
    write(tmp_path, rows(2))
    assert read(tmp_path)[1].lines() == []
    write(tmp_path, [evaluation(noise=5, device="Intel"), evaluation(noise=6, device="Intel")])
    write(tmp_path, [evaluation(noise=7, software={"tensorflow": "2.22.0"})])
    (line,) = read(tmp_path)[1].lines()
    assert line.startswith("rows of 3 kinds of machine or setting meet here")
    assert line.endswith(
        "device cpu, tensorflow 2.21.0 (2); device Intel, tensorflow 2.21.0 (2); "
        "device cpu, tensorflow 2.22.0 (1)"
    )


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
    command = [sys.executable, "-c", textwrap.dedent(WRITER), tmp_path, Path(__file__).parents[1]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(20)][-1]
        os.kill(process.pid, signal.SIGKILL)
    found, _ = read(tmp_path)
    assert [row["noise"] for row in found][: promised + 1] == [[i] for i in range(promised + 1)]


def test_tensorflow_reads_the_log(tmp_path):
    path = write(tmp_path, [evaluation(), instability()])
    (tmp_path / "read.py").write_text(
        "import json, sys, tensorflow as tf\n"
        "rows = [json.loads(r.numpy()) for r in tf.data.TFRecordDataset(sys.argv[1])]\n"
        "print(json.dumps(rows))\n"
    )
    done = binaries.run(str(tmp_path / "read.py"), path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [evaluation(), instability()]


def test_the_results_need_no_tensorflow():
    script = (
        "import sys\n"
        "import lth_tf.figures.standard, lth_tf.tensorboard.board, lth_tf.analysis.table\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'tensorflow', 'keras'}, loaded\n"
        "ours = [n for n in sys.modules if n.startswith('lth_tf.')]\n"
        "parts = {n.split('.')[1] for n in ours}\n"
        "assert parts <= set(sys.argv[1].split()), parts\n"
    )
    parts = "log analysis figures tensorboard errors untrusted provenance"
    subprocess.run([sys.executable, "-c", script, parts], check=True)


def test_keys_of_the_fixture_are_keys():
    assert len(key("a")) == 64


def test_a_run_that_was_never_begun_is_of_no_kind_of_machine(tmp_path):
    nowhere = {"status": "diverged", "diverged_at": 3, "device": "unknown", "software": {}}
    gone = {"train_error": None, "test_error": None, "train_loss": None, "test_loss": None}
    write(tmp_path, [*rows(2), evaluation(noise=5, **nowhere, **gone)])
    found, report = read(tmp_path)
    assert len(found) == 3 and report.lines() == []
