"""A worker: makes the targets of one job after the other, and says how it goes."""

import contextlib
import errno
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lth_tf.errors import UserError
from lth_tf.experiments import study
from lth_tf.recipes import Diverged, Train
from lth_tf.store import files
from lth_tf.store.store import Store
from lth_tf.sweep import serialization
from lth_tf.sweep.events import Doing, Done, Event, Failed, Made, Ready, Trained, Warned
from lth_tf.sweep.jobs import Job
from lth_tf.tensorboard.board import Board
from lth_tf.tensorboard.curves import Curves

Send = Callable[[Event], object]


@dataclass(frozen=True)
class Settings:
    """What all workers of a sweep share; the folders are seen by all of them under these names.

    Attributes:
      store, workdir: absolute paths.
      data_dir: folder of the TFDS datasets; None for TFDS's own.
      strategy: how a batch is spread over the worker's devices.
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
    """

    log: str
    targets: bytes


def order(job: Job, workdir: Path) -> Order:
    """What a worker needs to know of a job."""
    return Order(str(log_path(job, workdir)), serialization.pack((*job.targets, *job.masks)))


def log_path(job: Job, workdir: Path) -> Path:
    """Where a job's output goes."""
    return workdir / "logs" / f"{job.key[:10]}.log"


class Worker:
    """One store, one number of threads, any number of jobs, and what they compile.

    Args:
      settings: those of the sweep.
      threads: Hparams.threads of all its jobs.
      send: takes what there is to say.
    """

    def __init__(self, settings: Settings, threads: int, send: Send) -> None:
        self._send, self._workdir = send, Path(settings.workdir)
        observer = Curves(Board(settings.workdir), Reporting(send))
        logger = logging.getLogger("lth_tf")
        logger.handlers, logger.propagate = [_Forwarder(send)], False

        def open_strategy() -> Any:
            from lth_tf.training.strategies import open_strategy

            return open_strategy(settings.strategy)

        def open_engine() -> Any:
            steps = settings.iterations_per_loop
            return study.open_engine(threads, settings.data_dir, open_strategy, steps)

        self._store = Store(
            Path(settings.store), open_engine, observer, settings.checkpoint_seconds
        )
        send(Ready())

    def work(self, order: Order) -> None:
        """Makes a job's targets; ends with the event Done or Failed."""
        failed = None
        try:
            with _output_to(Path(order.log)):
                for target in serialization.unpack(order.targets):
                    self._make(target)
        except Exception as error:
            failed = _failure(error, self._workdir)
        finally:
            if failed is None or failed.ends_sweep:
                with contextlib.suppress(OSError):
                    os.unlink(order.log)
        self._send(failed or Done())

    def _make(self, target: Any) -> None:
        with contextlib.suppress(Diverged):  # A result: its row says so.
            self._store.make(target)
        self._send(Made(target.key))


# What is wrong with a disk is wrong for every job: it is full, or cannot be written any more.
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def _failure(error: Exception, workdir: Path) -> Failed:
    """What an error means to the sweep."""
    cause = error.__cause__ if isinstance(error, UserError) else error
    ends_sweep = isinstance(cause, OSError) and cause.errno in _DISK
    if isinstance(error, OSError) and ends_sweep:
        error = files.cannot("write", Path(error.filename or workdir), error)
    name = "" if isinstance(error, UserError) else f"{type(error).__name__}: "
    return Failed(name + " ".join(str(error).split()), ends_sweep)


class Reporting:
    """Watches the store and passes on what the sweep's progress is made of."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None:
        description = f"step {step:,}, loss {float(losses[-1]):.3g}, {run.describe()}"
        self._send(Trained(run.program, len(losses), seconds, description))

    def finished(self, run: Train, step: int) -> None:
        """The target that is made says it."""

    def doing(self, description: str) -> None:
        self._send(Doing(description))


class _Forwarder(logging.Handler):
    """Passes this package's warnings on."""

    def __init__(self, send: Send) -> None:
        super().__init__(logging.WARNING)
        self._to = send

    def emit(self, record: logging.LogRecord) -> None:
        self._to(Warned(record.getMessage()))


@contextlib.contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """Sends all that this process prints, TensorFlow's own output included, to a file's end.

    An error that comes this way is printed to it; that the disk is full is no reason to fail.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before = [os.dup(1), os.dup(2)]
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
        for descriptor, kept in zip((1, 2), before, strict=True):
            os.dup2(kept, descriptor)
            os.close(kept)
        os.close(log)
