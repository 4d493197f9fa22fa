"""Running a sweep: configurations, plan, jobs, rows."""

import contextlib
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lth_tf.experiments.experiment import Request
from lth_tf.experiments.planning import decided, plan_of
from lth_tf.experiments.study import Study, write_configuration
from lth_tf.recipes import Recipe, dag
from lth_tf.store import format_file, leases, registry
from lth_tf.store.layout import Layout
from lth_tf.store.plan import Plan
from lth_tf.store.remaining import seconds_per_step
from lth_tf.sweep.collect import Collector
from lth_tf.sweep.events import Doing, Trained
from lth_tf.sweep.jobs import Job, all_states, make_jobs
from lth_tf.sweep.progress import SweepProgress
from lth_tf.sweep.scheduler import Pool, Scheduler
from lth_tf.sweep.shards import ShardChains, StudyRequests, expected_by_chain
from lth_tf.sweep.worker import log_path

Part = tuple[int, int]
"""The index of a shard, from 0, and the number of shards."""


def plan(studies: Sequence[Study], layout: Layout, part: Part) -> Plan:
    """Returns the plan of a shard of studies: at most, if something is decided on the way."""
    format_file.check_root(layout.root)
    result = plan_of(expected_by_chain(studies, decided(layout), *part), layout)
    shard = f", shard {part[0]} of {part[1]}" if part[1] > 1 else ""
    result.title = f"experiments   {len(studies)}{shard}"
    return result


def run(
    studies: Sequence[Study],
    workdir: Path,
    layout: Layout,
    part: Part,
    open_pool: "Callable[[Reporter], Pool]",
) -> str | None:
    """Makes the missing artifacts of a shard of studies and logs its rows.

    Args:
      studies: each once.
      open_pool: opens a pool of workers, given the reporter, which a worker in this process tells
        of progress; called if there is anything to make.

    Returns:
      A line with the number of failed jobs, each of which was reported; None if none failed.

    Raises:
      UserError: there is no such shard.
    """
    chains = ShardChains(studies, *part)
    format_file.open_root(layout.root)
    for study in studies:
        write_configuration(study, workdir)
    with (
        Collector(workdir, layout) as collector,
        contextlib.closing(Reporter(collector, chains, studies, workdir, layout)) as reporter,
    ):
        if jobs := reporter.more(()):
            Scheduler(jobs, open_pool(reporter), reporter, workdir).run()
        reporter.end()
    return reporter.failure()


class Reporter:
    """Reports progress to the user, has rows logged, and finds the next jobs of a sweep."""

    def __init__(
        self,
        collector: Collector,
        chains: ShardChains,
        studies: Sequence[Study],
        workdir: Path,
        layout: Layout,
    ) -> None:
        self._collector, self._chains = collector, chains
        self._studies, self._workdir, self._layout = studies, workdir, layout
        self._progress = SweepProgress(seconds_per_step(layout))
        self._requests: StudyRequests = []
        self._jobs, self._skipped, self._logs = 0, 0, set[Path]()

    def more(self, under_way: Sequence[Job]) -> list[Job]:
        """Resumes the chains; returns the jobs that follow, once their users are registered.

        Measurements that are there already are logged; damaged ones are made again.
        """
        jobs: list[Job] = []
        # Another process may make what a chain waits for before a job is made of it.
        while new := self._chains.advance(self._collector.decide):
            jobs += self._jobs_of(new, [*under_way, *jobs])
        self._jobs += len(jobs)
        self._progress.add(jobs)
        return jobs

    def _jobs_of(self, new: StudyRequests, under_way: Sequence[Job]) -> list[Job]:
        self._collector.add(new)
        self._requests += new
        requests = [request for _, request in new]
        examples = {study.experiment.task: study.examples for study in self._studies}
        make = functools.partial(
            make_jobs,
            requests,
            self._layout,
            lambda task: examples.get(task, 0),
            self._register(),
            under_way=under_way,
            threads=self._studies[0].experiment.hparams.threads,
        )
        jobs = make()
        targets = {target for job in (*jobs, *under_way) for target in job.targets}
        present = [r.measurement for r in requests if r.measurement not in targets]
        if unlogged := self._collector.collect(present):
            jobs = make(unlogged=unlogged)
        return jobs

    def _register(self) -> list[Recipe]:
        """Registers the users of all artifacts, of any shard, so that none is taken for unused.

        Returns:
          Every state that some shard may need, so that the job that passes it keeps it.
        """
        requests: list[Request] = []
        for study in self._studies:
            chains = expected_by_chain([study], self._collector.decide)
            certain = [request.measurement for chain in chains for request in chain.certain]
            registry.register(self._layout, study.experiment, self._workdir, certain)
            requests += [request for chain in chains for request in chain.requests]
        return all_states(requests)

    def end(self) -> None:
        """Logs the remaining rows, and removes leftovers of killed processes."""
        self._register()
        self._collector.collect([request.measurement for _, request in self._requests])
        self._collector.tidy()
        self._remove_logs()

    def progressed(self, event: Trained | Doing) -> None:
        """Shows what a worker does in the progress line."""
        self._progress.progressed(event)

    def done(self, job: Job) -> bool:
        """Logs the rows of a job; returns False if its measurements cannot be read."""
        if self._collector.collect(job.measurements):
            return False
        self._progress.done(job)
        return True

    def failed(self, job: Job, reason: str, skipped: Sequence[Job]) -> None:
        """Reports a job that failed, once, and the jobs that are skipped, as they need it."""
        self._progress.failed([job, *skipped])
        log = log_path(job, self._workdir)
        self._logs.add(log)
        self._skipped += len(skipped)
        _say(f"failed: {job.description}: {reason}; its log: {log}")
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
        """Removes the logs of finished jobs, which killed workers leave behind."""
        folder = self._workdir / "logs"
        if logs := {*folder.glob("*.log")} - self._logs:
            # Other shards may have theirs there.
            keys = {key[:10] for key in dag(*(r.measurement for _, r in self._requests))}
            for path in (path for path in logs if path.name[:10] in keys):
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()

    def close(self) -> None:
        """Clears the progress line, and removes the leases of workers that had to be killed."""
        self._progress.clear()
        leases.remove_dead(self._layout.leases)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
