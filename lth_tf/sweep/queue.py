"""The queue of jobs whose needs are met, the longest chain of work first."""

import heapq
from collections.abc import Collection, Iterable

from lth_tf.sweep.jobs import Job

# A worker stays with a program that it has compiled while its next job has at least this share of
# the rank of the best one.
AFFINITY = 0.5


class Queue:
    """The jobs that are not done, in the order of what they need.

    A job's rank is the work on the longest way from it to the end of the sweep. The highest goes
    first, so that long chains do not come last and alone. A job that is busy, as another process
    trains a run which it needs, goes after all others until one of them is done.

    Attributes:
      unfinished: the jobs that are neither done, failed nor skipped, by key.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self.unfinished: dict[str, Job] = {}
        self._users: dict[str, list[Job]] = {}
        self._missing: dict[str, set[str]] = {}
        self._ranks: dict[str, float] = {}
        self._ready: dict[tuple[int, str], list[tuple[bool, float, str]]] = {}
        self._busy: set[str] = set()
        self.add(jobs)

    def add(self, jobs: Iterable[Job]) -> None:
        """Adds jobs, each after those it needs; their needs must be there or targets of a job."""
        jobs = list(jobs)
        for job in jobs:
            self.unfinished[job.key] = job
            self._missing[job.key] = set(job.needs)
            for key in sorted(job.needs):
                self._users.setdefault(key, []).append(job)
        if jobs:
            self._ranks = self._rank()
        for job in jobs:
            if not job.needs:
                self.put(job)

    def _rank(self) -> dict[str, float]:
        ranks: dict[str, float] = {}
        for job in reversed(self.unfinished.values()):
            users = [u for target in job.targets for u in self._users.get(target.key, ())]
            beyond = [ranks[user.key] for user in users if user.key in self.unfinished]
            ranks[job.key] = job.cost + max(beyond, default=0.0)
        return ranks

    def put(self, job: Job) -> None:
        """Makes a job ready, or ready again."""
        group = self._ready.setdefault((job.threads, job.program), [])
        heapq.heappush(group, (job.key in self._busy, -self._ranks[job.key], job.key))

    def put_back(self, job: Job) -> None:
        """Makes a job ready again that was found busy."""
        self._busy.add(job.key)
        self.put(job)

    def is_busy(self, job: Job) -> bool:
        """Returns whether a job was found busy since the last one was done."""
        return job.key in self._busy

    @property
    def ready(self) -> int:
        """The number of jobs that could be taken now."""
        return sum(map(len, self._ready.values()))

    def best(self) -> Job | None:
        """Returns the ready job of the highest rank; None if there is none."""
        heads = [group[0] for group in self._ready.values() if group]
        return self.unfinished[min(heads)[-1]] if heads else None

    def take(self, threads: int, programs: Collection[str]) -> Job | None:
        """Takes out the next job of a worker that has compiled some programs; None without one."""
        groups = {p: group for (t, p), group in self._ready.items() if group and t == threads}
        if not groups:
            return None
        best = min(groups, key=lambda program: groups[program][0])
        compiled = [p for p in groups if p in programs]
        chosen = min(compiled, key=lambda program: groups[program][0], default=best)
        (busy, rank, _), (best_busy, best_rank, _) = groups[chosen][0], groups[best][0]
        if busy > best_busy or rank > AFFINITY * best_rank:  # both ranks are negative
            chosen = best
        return self.unfinished[heapq.heappop(groups[chosen])[-1]]

    def made(self, key: str) -> None:
        """Takes note of a target that is there: jobs that need nothing else become ready."""
        for job in self._users.pop(key, ()):
            self._missing[job.key].discard(key)
            if not self._missing[job.key] and job.key in self.unfinished:
                self.put(job)

    def done(self, job: Job) -> None:
        """Takes note of a finished job, and so of all its targets."""
        del self.unfinished[job.key]
        if self._busy:  # What they wait for may be there by now.
            self._busy.clear()
            for group in self._ready.values():
                group[:] = [(False, rank, key) for _, rank, key in group]
                heapq.heapify(group)
        for target in job.targets:
            self.made(target.key)

    def failed(self, job: Job) -> list[Job]:
        """Takes note of a failed job; returns the others that cannot be done without it."""
        del self.unfinished[job.key]
        skipped: list[Job] = []
        pending = [job]
        while pending:
            for target in pending.pop().targets:
                for user in self._users.pop(target.key, ()):
                    if self.unfinished.pop(user.key, None):
                        skipped.append(user)
                        pending.append(user)
        return skipped
