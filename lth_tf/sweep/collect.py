"""The collector: writes the rows of a sweep to the log, each once its measurement is there."""

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from lth_tf.experiments.choices import Ended
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.planning import decide_by
from lth_tf.experiments.rows import RowBuilder
from lth_tf.experiments.study import Study
from lth_tf.log.log import ResultsLog, identity
from lth_tf.measurements import Measurement
from lth_tf.recipes import Diverged, Numbers, Recipe, dag
from lth_tf.store.checks import Check
from lth_tf.store.layout import Layout
from lth_tf.store.observer import SilentObserver
from lth_tf.store.remaining import divergence
from lth_tf.store.store import Store
from lth_tf.tensorboard.board import Board
from lth_tf.tensorboard.curves import measured


class ArtifactMissing(Exception):
    """An artifact is gone or damaged, and has to be made again before a row can be written."""


def _open_no_engine() -> NoReturn:
    raise ArtifactMissing


def identity_of(study: Study, request: Request) -> tuple[str, ...]:
    """Returns the identity of a request's row (lth_tf.log.log.identity)."""
    row = {"key": request.measurement.key, "network": request.labels["network"]}
    return identity({**study.constants, **row, "axes": dict(request.axes)})


class _ReadStore(Store):
    """A store in which nothing is made for which a network is needed."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, _open_no_engine, SilentObserver())

    def _numbers(self, recipe: Any, check: Check) -> Numbers:
        try:
            return super()._numbers(recipe, check)
        except ArtifactMissing:
            # States that are there cannot be read, but one of another run may be missing for good.
            if diverged := divergence(recipe, self.layout):
                raise diverged from None
            raise


class Collector:
    """Writes rows from a store to the log and TensorBoard; a context manager.

    Attributes:
      decide: returns the option of a choice, or None if its measurements are not there yet; raises
        Ended where a network that they need diverged.
    """

    def __init__(self, workdir: Path, layout: Layout) -> None:
        self._requests: dict[Recipe, list[tuple[Study, Request]]] = {}
        self.decide = decide_by(self._read, layout)
        self._store = _ReadStore(layout.root)
        self._rows = RowBuilder(self._store)
        self._resources = contextlib.ExitStack()
        self._board = self._resources.enter_context(Board(workdir))
        self._log = self._resources.enter_context(ResultsLog(workdir))

    def __enter__(self) -> "Collector":
        return self

    def __exit__(self, *exception: object) -> None:
        self._resources.close()

    def add(self, requests: Iterable[tuple[Study, Request]]) -> None:
        """Adds requests, each with its study, whose rows are to be written."""
        for study, request in requests:
            self._requests.setdefault(request.measurement, []).append((study, request))

    def _read(self, measurement: Measurement) -> Numbers | None:
        try:
            return self._store.measure(measurement)
        except ArtifactMissing:
            return None
        except Diverged as diverged:
            raise Ended from diverged

    def collect(self, measurements: Sequence[Recipe]) -> list[Request]:
        """Writes the rows of some measurements that are not in the log yet.

        Returns:
          The requests without a row, as an artifact of theirs has to be made again.
        """
        requests = [pair for m in measurements for pair in self._requests.get(m, ())]
        # All of them are tried, so that all that is damaged is known at once.
        return [request for study, request in requests if not self._write(study, request)]

    def _write(self, study: Study, request: Request) -> bool:
        """Writes a row unless the log has it; returns False if an artifact has to be made again."""
        if self._log.holds(identity_of(study, request)):
            return True
        with contextlib.suppress(ArtifactMissing, Diverged):
            self._store.mask(request.mask)
        try:
            row = self._rows.row(study.experiment, request, study.constants)
        except ArtifactMissing:
            return False
        if self._log.write(row):
            measured(self._board, request, row)
        return True

    def tidy(self) -> None:
        """Removes temporary files of killed processes from the store."""
        self._store.tidy(dag(*self._requests).values())
