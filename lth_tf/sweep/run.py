"""The way of a sweep: configurations, plan, jobs, rows, figures."""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lth_tf import config, messages, study
from lth_tf.experiments.requests import Request
from lth_tf.recipes import Recipe, dag
from lth_tf.store import marker, registry
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan, seconds_per_step
from lth_tf.study import Study
from lth_tf.sweep.collect import Collector
from lth_tf.sweep.events import Trained
from lth_tf.sweep.jobs import Job, all_states, make_jobs
from lth_tf.sweep.progress import SweepProgress
from lth_tf.sweep.scheduler import Engine, Scheduler
from lth_tf.sweep.shards import check_shard, shard_of
from lth_tf.sweep.worker import Settings, log_path
from lth_tf.tensorboard.board import Board
from lth_tf.tensorboard.curves import Outcome

Wanted = list[tuple[Study, Request]]


@dataclass(frozen=True)
class Sweep:
    """Some studies, and where what comes of them goes.

    Attributes:
      studies: each once.
      workdir: the folder of the results.
      layout: the store.
      shard_index, num_shards: which part of the whole this process makes.

    Raises:
      UserError: there is no such shard.
    """

    studies: list[Study]
    workdir: Path
    layout: Layout
    shard_index: int = 0
    num_shards: int = 1

    def __post_init__(self) -> None:
        check_shard(self.shard_index, self.num_shards)

    @functools.cached_property
    def everything(self) -> Wanted:
        """What all shards together measure, each with the study that it is for."""
        return [(s, request) for s in self.studies for request in s.experiment.requests()]

    @functools.cached_property
    def wanted(self) -> Wanted:
        """What this shard measures."""
        if self.num_shards == 1:
            return self.everything
        return shard_of(self.everything, self.shard_index, self.num_shards)

    def jobs(self, unlogged: Iterable[Request] = ()) -> list[Job]:
        """What this shard has to make, each after what it needs.

        Args:
          unlogged: what is measured, but has no row yet.
        """
        examples = {s.experiment.task: s.examples for s in self.studies}
        others = all_states(request for _, request in self.everything)
        requests = [request for _, request in self.wanted]
        return make_jobs(
            requests, self.layout, lambda task: examples.get(task, 0), others, unlogged
        )

    def summary(self) -> tuple[list[str], str]:
        """What is to be trained, a line for each run, and all of it in a few lines."""
        plan = make_plan((request.measurement for _, request in self.wanted), self.layout)
        shard = f", shard {self.shard_index} of {self.num_shards}" if self.num_shards > 1 else ""
        head = f"experiments   {len(self.studies)}{shard}\n"
        return plan.lines, head + plan.summary(by=" of one worker")


def load(
    gin_files: Sequence[str], bindings: Sequence[str], over: Sequence[str], data_dir: str | None
) -> list[Study]:
    """The studies of a sweep, bound to their data.

    Args:
      gin_files, bindings, over: as `lth_tf.config.load_sweep` takes them.
      data_dir: folder of the TFDS datasets; None for TFDS's own.

    Raises:
      UserError: something in them or in the data is not as it must be.
    """
    with messages.without_chatter():
        found = config.load_sweep(gin_files, bindings, over)
    return [study.bind(experiment, text, data_dir) for experiment, text in found]


def run(sweep: Sweep, open_engine: Callable[[Settings], Engine], settings: Settings) -> bool:
    """Makes, logs and shows all that is missing.

    Args:
      open_engine: called if there is anything to make.

    Returns:
      Whether everything is there now; what failed was reported.
    """
    marker.open_root(sweep.layout.root)
    print(sweep.summary()[1], end="\n\n", flush=True)
    _prepare(sweep)
    with Collector(sweep.wanted, sweep.workdir, sweep.layout) as collector:
        jobs = sweep.jobs()
        if unlogged := collector.collect(_there(sweep, jobs)):
            jobs = sweep.jobs(unlogged)  # What was damaged is among them now.
        reporter = Reporter(jobs, collector, sweep)
        if jobs:
            with contextlib.closing(reporter):
                Scheduler(jobs, open_engine(settings), reporter, sweep.workdir).run()
        collector.collect(_there(sweep, jobs))
        collector.tidy()
    reporter.remove_logs()
    study.report({s.experiment.key for s in sweep.studies}, sweep.workdir, sweep.layout)
    return reporter.summary()


def _there(sweep: Sweep, jobs: Iterable[Job]) -> list[Recipe]:
    """The measurements that none of some jobs makes."""
    made = {measurement for job in jobs for measurement in job.measurements}
    return [r.measurement for _, r in sweep.wanted if r.measurement not in made]


def _prepare(sweep: Sweep) -> None:
    """Writes down what is going to be made and for whom, before any of it is."""
    requests: dict[str, list[Recipe]] = {}
    for one, request in sweep.everything:
        requests.setdefault(one.experiment.key, []).append(request.measurement)
    with Board(sweep.workdir) as board:
        for one in sweep.studies:
            experiment = one.experiment
            study.write_configuration(one, sweep.workdir)
            registry.register(sweep.layout, experiment, sweep.workdir, requests[experiment.key])
            Outcome(board, experiment).configuration(one.text)


class Reporter:
    """Tells the user how a sweep goes, and the log what came of it."""

    def __init__(self, jobs: Sequence[Job], collector: Collector, sweep: Sweep) -> None:
        rates = seconds_per_step(sweep.layout) if jobs else {}
        self._progress = SweepProgress(jobs, rates)
        self._collector, self._workdir, self._wanted = collector, sweep.workdir, sweep.wanted
        self._jobs, self._skipped, self._logs = len(jobs), 0, set[Path]()

    def trained(self, event: Trained) -> None:
        """Steps were taken."""
        self._progress.trained(event)

    def doing(self, about: str) -> None:
        """A worker is at something that takes no steps."""
        self._progress.show(about)

    def done(self, job: Job) -> bool:
        """Logs the rows of a job; False if its measurements cannot be read."""
        if self._collector.collect(job.measurements):
            return False
        self._progress.done(job)
        return True

    def failed(self, job: Job, reason: str, skipped: Sequence[Job]) -> None:
        """Reports a job that failed, once, and those that are skipped for it."""
        self._progress.failed([job, *skipped])
        self._logs.add(log_path(job, self._workdir))
        self._skipped += len(skipped)
        _say(f"failed: {job.about}: {reason}; its log: {log_path(job, self._workdir)}")
        for other in skipped:
            _say(f"skipped: {other.about}, which needs run {job.key[:10]}")

    def summary(self) -> bool:
        """Says how many jobs failed, if any; returns whether none did."""
        if failed := len(self._logs):
            rest = self._jobs - failed - self._skipped
            _say(
                f"{failed} of {self._jobs} jobs failed, {self._skipped} that need them were "
                f"skipped, {rest} are done; the same command tries again what is missing"
            )
        return not self._logs

    def remove_logs(self) -> None:
        """Removes what killed workers left behind: the logs of the sweep's jobs that are done."""
        folder = self._workdir / "logs"
        if left := {*folder.glob("*.log")} - self._logs:
            # Other shards may have theirs there.
            own = {key[:10] for key in dag(*(r.measurement for _, r in self._wanted))}
            for path in (path for path in left if path.stem in own):
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()

    def close(self) -> None:
        """Clears the progress line."""
        self._progress.clear()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def dry_run(sweep: Sweep) -> Iterable[str]:
    """What would be trained: a line for each run, then the plan."""
    marker.check_root(sweep.layout.root)
    lines, summary = sweep.summary()
    return (*lines, summary)
