"""The order of jobs."""

import random

import pytest
from sweep_example import REQUESTS, jobs

from lth_tf.recipes import Init
from lth_tf.store.layout import Layout
from lth_tf.sweep.jobs import Job
from lth_tf.sweep.queue import Queue


def job(key, needs=(), cost=1.0, program="p", threads=1):
    """A job that makes one thing, whose key stands for it in the needs of others."""
    target = made(key)
    needs = frozenset(made(n).key for n in needs)
    return Job(key, key, (target,), needs, program, threads, int(cost), cost)


def made(key):
    return Init(REQUESTS[0].end.run.start.model, int.from_bytes(key.encode(), "big"))


def order(queue, threads=1, programs=()):
    """The order in which one worker does all there is."""
    found = []
    while job := queue.take(threads, programs):
        queue.done(job)
        found.append(job.key)
    return found


def test_the_longest_way_goes_first():
    chain = [job("a"), job("b", ["a"]), job("c", ["b"])]
    assert order(Queue([job("x", cost=2.5), *chain, job("y", cost=1.5)])) == list("axbyc")


def test_jobs_without_needs_come_in_a_fixed_order():
    assert order(Queue([job(key) for key in "dbca"])) == list("abcd")


def test_a_worker_stays_with_its_program_unless_another_is_much_more_urgent():
    queue = Queue([job("a", cost=3, program="p"), job("b", cost=2, program="q")])
    assert queue.take(1, {"q"}).key == "b"
    queue = Queue([job("a", cost=5, program="p"), job("b", cost=2, program="q")])
    assert queue.take(1, {"q"}).key == "a"


def test_a_worker_takes_jobs_of_its_number_of_threads_only():
    queue = Queue([job("a", threads=2), job("b", threads=1)])
    assert queue.take(1, ()).key == "b" and queue.take(1, ()) is None
    assert queue.best().key == "a"


def test_a_target_that_is_there_early_lets_others_begin():
    queue = Queue([job("a"), job("b", ["a"])])
    first = queue.take(1, ())
    assert queue.take(1, ()) is None
    queue.made(first.targets[0].key)
    assert queue.take(1, ()).key == "b"
    queue.done(first)
    assert [*queue.unfinished] == ["b"] and queue.take(1, ()) is None


def test_what_hangs_on_a_failure_is_skipped_once_and_the_rest_goes_on():
    queue = Queue([job("a"), job("b", ["a"]), job("c", ["a", "b"]), job("d", ["c"]), job("x")])
    skipped = queue.failed(queue.take(1, ()))
    assert [one.key for one in skipped] == ["b", "c", "d"]
    assert [*queue.unfinished] == ["x"] and order(queue) == ["x"]


def test_a_busy_job_goes_last_until_another_has_ended():
    queue = Queue([job("a", cost=9), job("b", program="q"), job("c", cost=2)])
    queue.put_back(queue.take(1, ()))
    first, second = queue.take(1, {"p"}), queue.take(1, {"p"})
    assert [first.key, second.key] == ["c", "b"]
    last = queue.take(1, ())
    assert last.key == "a" and queue.is_busy(last) and not queue.is_busy(first)
    queue.put_back(last)
    queue.put(second)
    queue.done(first)
    assert not queue.is_busy(last) and queue.take(1, ()).key == "a"


@pytest.mark.parametrize("seed", range(20))
def test_any_number_of_workers_in_any_order_does_every_job_once(seed, tmp_path):
    draw = random.Random(seed)
    all_jobs = jobs(REQUESTS, Layout(tmp_path))
    queue, at_work, done, there = Queue(all_jobs), [], [], set()
    while queue.unfinished:
        if len(at_work) < 4 and (new := queue.take(1, ())):
            assert new.needs <= there
            at_work.append(new)
        else:
            ended = at_work.pop(draw.randrange(len(at_work)))
            there |= {target.key for target in ended.targets}
            queue.done(ended)
            done.append(ended.key)
    assert sorted(done) == sorted(job.key for job in all_jobs)
