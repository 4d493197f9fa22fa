"""A worker: makes the targets of one job after the other, and sends events about it."""

import contextlib
import errno
import functools
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lth_tf.errors import UserError
from lth_tf.experiments import study
from lth_tf.recipes import Diverged, Train
from lth_tf.store import files
from lth_tf.store.leases import LeaseHeld
from lth_tf.store.observer import Observer
from lth_tf.store.store import Store
from lth_tf.sweep import serialization
from lth_tf.sweep.events import Busy, Doing, Done, Event, Failed, Made, Ready, Trained, Warned
from lth_tf.sweep.jobs import Job
from lth_tf.tensorboard.board import Board
from lth_tf.tensorboard.curves import CurveObserver

Send = Callable[[Event], object]


@dataclass(frozen=True)
class WorkerSettings:
    """Settings that all workers of a sweep share; they all see the folders under these names.

    Attributes:
      store, workdir: absolute paths.
      data_dir: folder of the TFDS datasets; None for TFDS's own.
      strategy: the name of the strategy that spreads a batch over the worker's devices.
      iterations_per_loop: training steps of a compiled call; None for a second's worth.
      checkpoint_seconds: training that a killed worker loses at most.
    """

    store: str
    workdir: str
    data_dir: str | None
    strategy: str
    iterations_per_loop: int | None
    checkpoint_seconds: float


@dataclass(frozen=True)
class Order:
    """A job on its way to a worker.

    Attributes:
      log: the file that takes what the job prints; it stays only if the job fails.
      targets: as lth_tf.sweep.serialization packs them.
      waits: whether to wait for another process that trains a run which the job needs.
    """

    log: str
    targets: bytes
    waits: bool


def order(job: Job, workdir: Path, waits: bool) -> Order:
    """Returns the order to do a job."""
    targets = serialization.pack((*job.targets, *job.masks))
    return Order(str(log_path(job, workdir)), targets, waits)


def log_path(job: Job, workdir: Path) -> Path:
    """Returns the path of a job's log; that of a run's second job ends in .2.log, as its key."""
    key, *number = job.key.split(".")
    return workdir / "logs" / ".".join((key[:10], *number, "log"))


class Worker:
    """A worker: one store, one number of threads (Hparams.threads), any number of jobs."""

    def __init__(self, settings: WorkerSettings, threads: int, send: Send) -> None:
        self._send, self._workdir = send, Path(settings.workdir)
        observer = CurveObserver(Board(settings.workdir), EventSender(send))

        engine = (threads, settings.data_dir, settings.strategy, settings.iterations_per_loop)
        open_engine = functools.partial(study.open_engine, *engine)
        root, seconds = Path(settings.store), settings.checkpoint_seconds
        self._store = Store(root, open_engine, observer, seconds)
        logger = logging.getLogger("lth_tf")
        logger.handlers, logger.propagate = [_WarningSender(send)], False
        send(Ready())

    def work(self, order: Order) -> None:
        """Makes a job's targets; ends with the event Done, Busy or Failed."""
        ended: Event = Done()
        try:
            with _output_to(Path(order.log)):
                ended = make_targets(self._store, order, self._send)
        except Exception as error:
            ended = _failure(error, self._workdir)
        finally:
            if not isinstance(ended, Failed) or ended.ends_sweep:
                with contextlib.suppress(OSError):
                    os.unlink(order.log)
        self._send(ended)


def make_targets(store: Store, order: Order, send: Send) -> Done | Busy:
    """Makes a job's targets, and sends the event Made of each; returns the event that ends it."""
    store.waits = order.waits
    try:
        for target in serialization.unpack(order.targets):
            with contextlib.suppress(Diverged):  # A result: its row says so.
                store.make(target)
            send(Made(target.key))
    except LeaseHeld:
        return Busy()
    return Done()


# Errors of a disk concern every job: it is full, or cannot be written any more.
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def _failure(error: Exception, workdir: Path) -> Failed:
    """Returns the event about an error."""
    cause = error.__cause__ if isinstance(error, UserError) else error
    ends_sweep = isinstance(cause, OSError) and cause.errno in _DISK
    if isinstance(error, OSError) and ends_sweep:
        error = files.store_error("write", Path(error.filename or workdir), error)
    name = "" if isinstance(error, UserError) else f"{type(error).__name__}: "
    return Failed(name + " ".join(str(error).split()), ends_sweep)


class EventSender(Observer):
    """An observer of the store that sends its progress as events."""

    def __init__(self, send: Callable[[Trained | Doing], object]) -> None:
        self._send = send

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None:
        description = f"step {step:,}, loss {float(losses[-1]):.3g}, {run.describe()}"
        self._send(Trained(run.program, len(losses), seconds, description))

    def doing(self, description: str) -> None:
        self._send(Doing(description))


class _WarningSender(logging.Handler):
    """A handler that sends this package's warnings as events."""

    def __init__(self, send: Send) -> None:
        super().__init__(logging.WARNING)
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        self._send(Warned(record.getMessage()))


@contextlib.contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """Appends all output of this process, TensorFlow's own included, to a file meanwhile.

    A traceback of an error is printed to it too, as far as the disk has room.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    copies = [os.dup(1), os.dup(2)]
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        for descriptor in (1, 2):
            os.dup2(log, descriptor)
        yield
    except Exception:
        with contextlib.suppress(OSError):
            traceback.print_exc()
        raise
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        for descriptor, copy in zip((1, 2), copies, strict=True):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(log)
