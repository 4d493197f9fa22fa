"""What a sweep says of its progress."""

import io
from dataclasses import replace

import pytest
from sweep_example import REQUESTS, jobs

from lth_tf.store.layout import Layout
from lth_tf.sweep import progress
from lth_tf.sweep.events import Trained
from lth_tf.sweep.progress import SweepProgress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown_for(jobs, *arguments):
    shown = SweepProgress(*arguments)
    shown.add(jobs)
    return shown


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets: a list of one number."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def some_jobs(tmp_path):
    return jobs(REQUESTS, Layout(tmp_path))


def test_the_line(clock, some_jobs):
    shown = shown_for(some_jobs, {}, io.StringIO())
    assert shown.line().startswith("0 of 30 jobs, 0 of 550 steps, time left unknown")
    shown.progressed(Trained(some_jobs[0].program, 30, 3.0, "step 30, loss 2, run abc"))
    clock[0] = 10.0
    shown.done(some_jobs[0])
    shown.failed(some_jobs[1:3])
    line = shown.line()
    assert line.startswith("1 of 30 jobs, 2 failed or skipped, 30 of 550 steps, ")
    assert line.endswith(" left | step 30, loss 2, run abc")


def test_time_left_is_at_the_pace_of_each_program(clock, some_jobs):
    dense = next(job for job in some_jobs if "dense" in job.program)
    sparse = next(job for job in some_jobs if "sparse" in job.program)
    shown = shown_for([dense, sparse], {dense.program: 0.1, sparse.program: 0.3})
    clock[0] = 100.0  # Workers have been starting.
    assert shown.seconds_left() is None
    shown.progressed(Trained(dense.program, 10, 1.0, ""))
    clock[0] = 106.0
    shown.done(dense)
    assert shown.seconds_left() == pytest.approx(6.0 * 3 * sparse.cost / dense.cost)
    shown.done(sparse)
    assert shown.seconds_left() == 0


def test_time_left_of_one_long_job_once_it_has_compiled(clock, some_jobs):
    (job,) = [replace(some_jobs[0], steps=1000, cost=1000.0)]
    shown = shown_for([job], {})
    clock[0] = 50.0
    shown.progressed(Trained(job.program, 10, 50.0, ""))  # It compiled.
    assert shown.seconds_left() is None
    clock[0] = 60.0
    shown.progressed(Trained(job.program, 100, 10.0, ""))
    assert shown.seconds_left() == pytest.approx(900 * 0.1)


def test_time_left_where_nothing_is_trained(clock, some_jobs):
    lines = [job for job in some_jobs if not job.steps]
    shown = shown_for(lines, {})
    clock[0] = 100.0
    shown.done(lines[0])
    assert shown.seconds_left() is None
    clock[0] = 102.0
    shown.done(lines[1])
    assert shown.seconds_left() == pytest.approx(2.0 * (len(lines) - 2))


def test_a_line_on_a_terminal_and_silence_in_a_pipe(clock, some_jobs):
    for stream, expected in ((Terminal(), True), (io.StringIO(), False)):
        shown = shown_for(some_jobs, {}, stream)
        clock[0] += 1
        shown.done(some_jobs[0])
        shown.clear()
        assert ("1 of 30 jobs" in stream.getvalue()) is expected
        assert stream.getvalue().endswith("\x1b[2K") is expected
