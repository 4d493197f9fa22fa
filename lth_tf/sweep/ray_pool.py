"""A pool of workers that are actors of Ray: on this machine, or on every node of a cluster.

The store, the workdir and the datasets must be on a disk that all nodes see under the same path.
"""

import contextlib
import importlib.util
import io
import logging
import os
import queue
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lth_tf.errors import UserError
from lth_tf.sweep.events import Event, Lost
from lth_tf.sweep.scheduler import Pool, WorkerHandle
from lth_tf.sweep.worker import Order, Worker, WorkerSettings

# How long an actor waits for events before it answers that there are none.
EVENT_SECONDS = 5.0
_INHERITED = (
    *("TF_CPP_MIN_LOG_LEVEL", "TFDS_DATA_DIR", "PYTHONPATH"),
    *("TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS"),  # for which kernels round otherwise
)


@dataclass(frozen=True)
class Resources:
    """The resources that a worker takes of a cluster.

    Attributes:
      address: the cluster's; None for one of this machine alone, which ends with the sweep.
      cpus: cores of a worker; None for Hparams.threads.
      gpus: GPUs of a worker, which may be a fraction; with 0, it sees none.
      workers: the maximum number of workers; None for as many as there is room for.
    """

    address: str | None
    cpus: float | None
    gpus: float
    workers: int | None


def check_installed() -> None:
    """Raises UserError if Ray is not installed."""
    if importlib.util.find_spec("ray") is None:
        raise UserError("--engine=ray needs Ray, which is not installed: pip install 'lth_tf[ray]'")


class RayWorker(WorkerHandle):
    """An actor, and the pending request for its next events."""

    def __init__(self, actor: Any, threads: int) -> None:
        super().__init__(threads)
        self.actor = actor
        self.pending = actor.next_events.remote()

    def start(self, order: Order) -> None:
        """Sends an order; if the actor is dead, its event Lost says so."""
        self.actor.work.remote(order)


class RayPool(Pool):
    """A pool of actors on a Ray cluster, whose nodes may come and go in the middle of a sweep.

    Raises:
      UserError: there is no such cluster.
    """

    def __init__(self, settings: WorkerSettings, resources: Resources) -> None:
        # Read when ray is imported.
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        import ray

        self._ray, self._settings, self._resources = ray, settings, resources
        self._workers: list[RayWorker] = []
        # Ray prints messages about nodes; our own output comes when it is shut down.
        self._silence = contextlib.ExitStack()
        try:
            ray.init(
                address=resources.address or "local",
                include_dashboard=False if resources.address is None else None,
                configure_logging=True,
                logging_level=logging.CRITICAL,
                log_to_driver=False,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"--ray_address={resources.address}: {reason}") from error
        self._silence.enter_context(contextlib.redirect_stdout(io.StringIO()))
        self._runtime = {"env_vars": _variables(resources.gpus)}

    def has_room(self, threads: int, open_workers: Sequence[int]) -> bool:
        """Returns whether the cluster, as it is now, has the resources for one more worker."""
        if not open_workers:
            return True  # It waits until there is room.
        if self._resources.workers is not None and len(open_workers) >= self._resources.workers:
            return False
        available = self._ray.cluster_resources()
        cpus = sum(map(self._cpus, (*open_workers, threads)))
        gpus = self._resources.gpus * (len(open_workers) + 1)
        return cpus <= available.get("CPU", 0.0) and gpus <= available.get("GPU", 0.0)

    def _cpus(self, threads: int) -> float:
        return float(threads) if self._resources.cpus is None else self._resources.cpus

    def open(self, threads: int) -> RayWorker:
        """Asks the cluster for a worker, on a node with few of them."""
        options = {
            "num_cpus": self._cpus(threads),
            "num_gpus": self._resources.gpus,
            "scheduling_strategy": "SPREAD",
            "max_concurrency": 2,
            "runtime_env": self._runtime,
        }
        actor = self._ray.remote(**options)(_Actor).remote(self._settings, threads, sys.path)
        self._workers.append(RayWorker(actor, threads))
        return self._workers[-1]

    def events(self, timeout: float) -> list[tuple[RayWorker, Event]]:
        by_request = {worker.pending: worker for worker in self._workers}
        answered, _ = self._ray.wait(list(by_request), num_returns=1, timeout=timeout)
        events: list[tuple[RayWorker, Event]] = []
        for worker in map(by_request.__getitem__, answered):
            try:
                new: list[Event] = self._ray.get(worker.pending)
                worker.pending = worker.actor.next_events.remote()
            except self._ray.exceptions.RayError as error:
                new = [Lost(type(error).__name__)]
            if any(isinstance(event, Lost) for event in new):
                self.close(worker)
            events += [(worker, event) for event in new]
        return events

    def close(self, worker: RayWorker) -> None:
        self._ray.kill(worker.actor)
        self._workers.remove(worker)

    def close_all(self) -> None:
        """Ends all workers, and the cluster if it is this sweep's own."""
        for worker in list(self._workers):
            self.close(worker)
        self._ray.shutdown()
        self._silence.close()


def _variables(gpus: float) -> dict[str, str]:
    """Returns the environment variables of a worker with a number of GPUs."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    if not gpus:
        return inherited | {"CUDA_VISIBLE_DEVICES": "-1"}
    # Ray selects them; no worker may take all the memory of a shared one.
    return inherited | {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}


class _Actor:
    """A worker in a process of its own on some node: one thread works, another returns events."""

    def __init__(self, settings: WorkerSettings, threads: int, path: list[str]) -> None:
        # Modules that gin files import may define classes of recipes.
        sys.path += [folder for folder in path if folder not in sys.path]
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        try:
            self._worker = Worker(settings, threads, self._events.put)
        except (UserError, OSError) as error:  # Another node may see the folders.
            self._events.put(Lost(" ".join(str(error).split())))

    def work(self, order: Order) -> None:
        self._worker.work(order)

    def next_events(self) -> list[Event]:
        """Returns the next events as soon as there are any; none after EVENT_SECONDS."""
        try:
            events = [self._events.get(timeout=EVENT_SECONDS)]
        except queue.Empty:
            return []
        while not self._events.empty():
            events.append(self._events.get())
        return events
