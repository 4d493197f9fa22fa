"""The way of a sweep: configurations, plan, jobs, rows."""

import contextlib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_tf.experiments import study
from lth_tf.experiments.planning import decided, plan_of
from lth_tf.experiments.requests import Request
from lth_tf.experiments.study import Study
from lth_tf.recipes import Recipe, dag
from lth_tf.store import format_file, registry
from lth_tf.store.layout import Layout
from lth_tf.store.missing import seconds_per_step
from lth_tf.store.plan import Plan
from lth_tf.sweep.collect import Collector
from lth_tf.sweep.events import Trained
from lth_tf.sweep.jobs import Job, all_states, make_jobs
from lth_tf.sweep.progress import SweepProgress
from lth_tf.sweep.scheduler import Engine, Scheduler
from lth_tf.sweep.unfolding import Unfolding, Wanted, check_shard, outlooks
from lth_tf.sweep.worker import log_path

# Opens where workers come from; told what the workers of this very process say at once.
OpenPool = Callable[[Any], Engine]


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

    @property
    def part(self) -> tuple[list[Study], int, int]:
        """The studies, and which shard of them this is."""
        return self.studies, self.shard_index, self.num_shards

    def states(self) -> list[Recipe]:
        """Returns every state that some shard may want, so that whoever passes it keeps it."""
        everything = outlooks(self.studies, decided(self.layout))
        return all_states(request for seen in everything for request in seen.requests)

    def plan(self) -> Plan:
        """Returns what this shard has to train, at most where something is decided on the way."""
        format_file.check_root(self.layout.root)
        studies, index, number = self.part
        found = plan_of(outlooks(studies, decided(self.layout), index, number), self.layout)
        shard = f", shard {index} of {number}" if number > 1 else ""
        found.title = f"experiments   {len(studies)}{shard}"
        return found


def run(sweep: Sweep, open_pool: OpenPool) -> str | None:
    """Makes and logs all that is missing.

    Args:
      open_pool: opens where workers come from; called if there is anything to make.

    Returns:
      A line that says how much failed, each of which was reported; None if everything is there.
    """
    format_file.open_root(sweep.layout.root)
    for one in sweep.studies:
        study.write_configuration(one, sweep.workdir)
    with (
        Collector(sweep.workdir, sweep.layout) as collector,
        contextlib.closing(Reporter(collector, sweep)) as reporter,
    ):
        if jobs := reporter.begin():
            Scheduler(jobs, open_pool(reporter), reporter, sweep.workdir).run()
        reporter.end()
    return reporter.failure()


class Reporter:
    """Tells the user how a sweep goes, and the log what came of it; finds what is next.

    Args:
      collector: writes the rows.
      sweep: what is made.
    """

    def __init__(self, collector: Collector, sweep: Sweep) -> None:
        self._collector, self._sweep = collector, sweep
        self._unfolding = Unfolding(*sweep.part)
        self._progress = SweepProgress(seconds_per_step(sweep.layout))
        self._wanted: Wanted = []
        self._jobs, self._skipped, self._logs = 0, 0, set[Path]()

    def begin(self) -> list[Job]:
        """Returns the first jobs: all there is to make, as far as it is decided."""
        return self.more(())

    def more(self, under_way: Sequence[Job]) -> list[Job]:
        """Resumes the chains; returns the jobs that follow, once it is registered who needs them.

        What is there already is logged, and what of it turns out to be damaged is made again.
        """
        new = self._unfolding.advance(self._collector.decide)
        if not new:
            return []
        self._collector.want(new)
        self._wanted += new
        self._register()
        requests = [request for _, request in new]
        jobs = self._make(requests, under_way)
        made = {target for job in (*jobs, *under_way) for target in job.targets}
        there = [r.measurement for r in requests if r.measurement not in made]
        if unlogged := self._collector.collect(there):
            jobs = self._make(requests, under_way, unlogged)
        self._jobs += len(jobs)
        self._progress.add(jobs)
        return jobs

    def _make(
        self,
        requests: Sequence[Request],
        under_way: Sequence[Job],
        unlogged: Iterable[Request] = (),
    ) -> list[Job]:
        studies = self._sweep.studies
        examples = {one.experiment.task: one.examples for one in studies}
        return make_jobs(
            requests,
            self._sweep.layout,
            lambda task: examples.get(task, 0),
            self._sweep.states(),
            unlogged,
            under_way,
            threads=studies[0].experiment.hparams.threads,
        )

    def _register(self) -> None:
        """Writes down for whom everything is made, by any shard: nobody may take it for unused."""
        layout, workdir = self._sweep.layout, self._sweep.workdir
        for one in self._sweep.studies:
            certain = (seen.certain for seen in outlooks([one], self._collector.decide))
            measurements = [request.measurement for requests in certain for request in requests]
            registry.register(layout, one.experiment, workdir, measurements)

    def end(self) -> None:
        """Logs what is left, and removes what killed processes left behind."""
        self._register()
        self._collector.collect([request.measurement for _, request in self._wanted])
        self._collector.tidy()
        self._remove_logs()

    def trained(self, event: Trained) -> None:
        """Steps were taken."""
        self._progress.trained(event)

    def doing(self, description: str) -> None:
        """A worker is at something that takes no steps."""
        self._progress.show(description)

    def done(self, job: Job) -> bool:
        """Logs the rows of a job; False if its measurements cannot be read."""
        if self._collector.collect(job.measurements):
            return False
        self._progress.done(job)
        return True

    def failed(self, job: Job, reason: str, skipped: Sequence[Job]) -> None:
        """Reports a job that failed, once, and those that are skipped for it."""
        self._progress.failed([job, *skipped])
        self._logs.add(log_path(job, self._sweep.workdir))
        self._skipped += len(skipped)
        _say(f"failed: {job.description}: {reason}; its log: {log_path(job, self._sweep.workdir)}")
        for other in skipped:
            _say(f"skipped: {other.description}, which needs run {job.key[:10]}")

    def failure(self) -> str | None:
        """Returns how many jobs failed, as a line; None if none did."""
        if not (failed := len(self._logs)):
            return None
        rest = self._jobs - failed - self._skipped
        return (
            f"{failed} of {self._jobs} jobs failed, {self._skipped} that need them were "
            f"skipped, {rest} are done; the same command tries again what is missing"
        )

    def _remove_logs(self) -> None:
        """Removes what killed workers left behind: the logs of the sweep's jobs that are done."""
        folder = self._sweep.workdir / "logs"
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
