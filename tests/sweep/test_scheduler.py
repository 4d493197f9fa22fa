"""The scheduler, on workers that only pretend."""

from collections import Counter

import pytest
from sweep_example import REQUESTS, jobs

from lth_tf.errors import UserError
from lth_tf.store.layout import Layout
from lth_tf.sweep import scheduler, serialization
from lth_tf.sweep.events import Busy, Done, Failed, Lost, Made, Ready, Trained, Warned
from lth_tf.sweep.scheduler import Scheduler, WorkerHandle


class Pretender(WorkerHandle):
    """A worker that answers every order at once."""

    def __init__(self, threads):
        super().__init__(threads)
        self.answered, self.orders, self.waits = 0, [], []

    def start(self, order):
        self.waits.append(order.waits)
        self.orders.append(tuple(target.key for target in serialization.unpack(order.targets)))


class Stage:
    """An engine of pretenders, and an observer that takes notes.

    Args:
      answer: what a worker says to an order, given the keys of its targets.
      most: how many workers there is room for.
      starts: what the first workers say when they are opened; others are ready.
    """

    def __init__(self, answer, most=2, starts=()):
        self.answer, self.most, self.starts = answer, most, list(starts)
        self.open_workers, self.everybody, self.notes, self.news = [], [], [], []
        self.closed, self.later = False, []

    def has_room(self, threads, open_workers):
        return len(open_workers) < self.most

    def open(self, threads):
        self.everybody.append(Pretender(threads))
        self.open_workers.append(self.everybody[-1])
        first = self.starts.pop(0) if self.starts else [Ready()]
        self.news += [(self.everybody[-1], event) for event in first]
        return self.everybody[-1]

    def events(self, timeout):
        for worker in self.open_workers:
            if len(worker.orders) > worker.answered:
                worker.answered += 1
                self.news += [(worker, event) for event in self.answer(worker.orders[-1])]
        assert self.news, "nobody is at work"
        news, self.news = self.news, []
        for worker, event in news:
            if isinstance(event, Lost):
                self.open_workers.remove(worker)
        return news

    def close(self, worker):
        self.open_workers.remove(worker)

    def close_all(self):
        self.closed = True

    def progressed(self, event):
        self.notes.append(event)

    def more(self, under_way):
        return self.later.pop(0) if self.later else []

    def done(self, job):
        self.notes.append(("done", job.key))
        return True

    def failed(self, job, reason, skipped):
        self.notes.append(("failed", job.key, reason, tuple(s.key for s in skipped)))

    @property
    def orders(self):
        return Counter(order for worker in self.everybody for order in worker.orders)


@pytest.fixture
def some_jobs(tmp_path):
    return jobs(REQUESTS, Layout(tmp_path / "store"))


def targets(job):
    return tuple(recipe.key for recipe in (*job.targets, *job.masks))


def test_every_job_is_ordered_and_told_of_once(some_jobs, tmp_path):
    stage = Stage(lambda keys: [Trained("p", 5, 1.0, ""), *map(Made, keys), Done()])
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert stage.orders == Counter(targets(job) for job in some_jobs)
    done = [note[1] for note in stage.notes if isinstance(note, tuple)]
    assert sorted(done) == sorted(job.key for job in some_jobs)
    assert len(stage.everybody) == 2 and stage.closed


def test_what_others_train_is_waited_for_only_when_there_is_nothing_else(some_jobs, tmp_path):
    occupied = next(job for job in some_jobs if not job.needs and job.steps)
    stage = Stage(None, most=1)

    def answer(keys):
        waits = stage.everybody[0].waits[-1]
        return [Busy()] if keys == targets(occupied) and not waits else [Done()]

    stage.answer = answer
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    (worker,) = stage.everybody
    done = [note[1] for note in stage.notes if note[0] == "done"]
    assert sorted(done) == sorted(job.key for job in some_jobs)
    waited = [keys for keys, waits in zip(worker.orders, worker.waits, strict=True) if waits]
    assert waited == [targets(occupied)]
    before = done[: done.index(occupied.key)]
    by_key = {job.key: job for job in some_jobs}
    independent = [job.key for job in some_jobs if not _depends(job, occupied, by_key)]
    assert sorted(before) == sorted(independent) and len(independent) > 1


def _depends(job, other, by_key):
    if job is other:
        return True
    made_by = {target.key: each for each in by_key.values() for target in each.targets}
    return any(_depends(made_by[key], other, by_key) for key in job.needs)


def test_a_job_that_raises_is_told_once_with_what_is_skipped(some_jobs, tmp_path):
    bad = next(job for job in some_jobs if job.needs and job.steps)
    fails = lambda keys: [Failed("it is broken")] if keys == targets(bad) else [Done()]  # noqa: E731
    stage = Stage(fails)
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    (failure,) = [note for note in stage.notes if note[0] == "failed"]
    assert failure[1:3] == (bad.key, "it is broken")
    done = [note[1] for note in stage.notes if note[0] == "done"]
    assert {bad.key, *done, *failure[3]} == {job.key for job in some_jobs}
    assert len(done) + len(failure[3]) + 1 == len(some_jobs) and failure[3]
    assert stage.orders[targets(bad)] == 1


def test_a_disk_that_is_full_ends_the_sweep(some_jobs, tmp_path):
    stage = Stage(lambda keys: [Failed("no space left", ends_sweep=True)])
    with pytest.raises(UserError, match="^no space left$"):
        Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert stage.closed and stage.notes == []


def test_a_job_whose_worker_dies_is_done_by_another(some_jobs, tmp_path, caplog):
    victims = [targets(job) for job in some_jobs[:3]]

    def answer(keys):
        dies = keys in victims and not victims.remove(keys)
        return [Lost("killed") if dies else Done()]

    stage = Stage(answer)
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert sorted(note[1] for note in stage.notes) == sorted(job.key for job in some_jobs)
    assert sorted(stage.orders.values())[-4:] == [1, 2, 2, 2]
    assert len(stage.everybody) == 2 + 3
    assert sum("a worker died (killed)" in record.message for record in caplog.records) == 3


def test_a_job_that_kills_every_worker_fails(some_jobs, tmp_path):
    bad = some_jobs[0]
    stage = Stage(lambda keys: [Lost("killed")] if keys == targets(bad) else [Done()])
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    (failure,) = [note for note in stage.notes if note[0] == "failed"]
    assert failure[2] == "its worker died (killed), 3 times"
    assert stage.orders[targets(bad)] == 3


def test_no_job_waits_for_a_worker_that_is_never_up(some_jobs, tmp_path):
    stage = Stage(lambda keys: [Done()], starts=[[Ready()], []])
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert stage.orders == Counter(targets(job) for job in some_jobs)
    assert [len(worker.orders) for worker in stage.everybody] == [len(some_jobs), 0]


def test_workers_that_die_before_they_are_up_are_replaced_but_not_for_ever(some_jobs, tmp_path):
    dead = [Lost("no place")]
    stage = Stage(lambda keys: [Done()], starts=[[Ready()], *[dead] * 9])
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert stage.orders == Counter(targets(job) for job in some_jobs)
    stage = Stage(lambda keys: [Done()], starts=[dead] * 10)
    with pytest.raises(UserError, match="10 workers in a row died .*, the last: no place"):
        Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert stage.closed


def test_results_that_are_gone_are_made_again(some_jobs, tmp_path):
    stage, gone = Stage(lambda keys: [Done()]), [some_jobs[0].key]
    done = stage.done
    stage.done = lambda job: not (job.key in gone and not gone.remove(job.key)) and done(job)
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert stage.orders[targets(some_jobs[0])] == 2
    assert sorted(note[1] for note in stage.notes) == sorted(job.key for job in some_jobs)


def test_a_warning_is_passed_on(some_jobs, tmp_path, caplog):
    stage = Stage(lambda keys: [Warned("a layer is empty"), Done()])
    Scheduler(some_jobs[:1], stage, stage, tmp_path).run()
    assert [record.message for record in caplog.records] == ["a layer is empty"]


def test_workers_are_closed_whatever_happens(some_jobs, tmp_path):
    def interrupt(keys):
        raise KeyboardInterrupt

    stage = Stage(interrupt)
    with pytest.raises(KeyboardInterrupt):
        Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert stage.closed


def test_a_worker_of_many_programs_makes_room_for_a_new_one(some_jobs, tmp_path, monkeypatch):
    monkeypatch.setattr(scheduler, "MAX_PROGRAMS", 1)
    stage = Stage(lambda keys: [Done()])
    Scheduler(some_jobs, stage, stage, tmp_path).run()
    assert len(stage.everybody) == len(some_jobs)


def test_a_free_worker_of_other_threads_makes_room(tmp_path):
    from dataclasses import replace

    one = jobs(REQUESTS[:1], Layout(tmp_path / "store"))[0]
    others = [replace(one, key=str(n), threads=n, cost=n) for n in (2, 3)]
    stage = Stage(lambda keys: [Done()], most=1)
    Scheduler([one, *others], stage, stage, tmp_path).run()
    assert sorted(worker.threads for worker in stage.everybody) == [1, 2, 3]
    assert len(stage.open_workers) == 1
