"""Studies of a workdir: loaded or written in Python, planned, run, and their rows."""

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lth_tf import config, messages
from lth_tf.analysis.table import RowTable
from lth_tf.errors import UserError
from lth_tf.experiments import study
from lth_tf.experiments.experiment import Experiment, Request
from lth_tf.experiments.planning import decided
from lth_tf.experiments.study import Study
from lth_tf.log import log
from lth_tf.log.log import identity
from lth_tf.store.layout import Layout
from lth_tf.store.plan import Plan
from lth_tf.sweep import run as sweeps
from lth_tf.sweep.collect import identity_of
from lth_tf.sweep.in_process_pool import InProcessPool
from lth_tf.sweep.run import Reporter
from lth_tf.sweep.scheduler import Pool
from lth_tf.sweep.shards import expected_by_chain

WHOLE = (0, 1)


class LabError(UserError):
    """Something that a workdir does not hold, or that cannot be asked of it."""


def _folder(name: str, path: str | os.PathLike[str]) -> Path:
    """Returns the path of a folder, with ~ expanded, which need not exist."""
    try:
        folder = Path(path).expanduser()
    except RuntimeError:
        raise LabError(f"{name}={os.fspath(path)}: there is no such user") from None
    if folder.exists() and not folder.is_dir():
        raise LabError(f"{name}={folder}: a file is in the way; it must be a folder")
    return folder


class Studies:
    """A folder of results with the store of their networks, and the studies that extend it.

    Args:
      workdir: the folder of the results; it is made when something is written.
      store: the folder of trained networks, which several workdirs may share; WORKDIR/store if
        None.
      data_dir: the folder of the TFDS datasets; None for TFDS's own.
      configure: sets TensorFlow up for Hparams.threads; lth_tf.training.numerics.configure if None.
      open_engine: opens the Engine for Hparams.threads; one for this machine's device if None.
      checkpoint_seconds: training that is lost, at most, if the process is killed.

    Attributes:
      workdir, layout: the two folders.

    Raises:
      LabError: a file is in the way, or the user of ~USER is not known.
    """

    def __init__(
        self,
        workdir: str | os.PathLike[str],
        store: str | os.PathLike[str] | None = None,
        data_dir: str | None = None,
        *,
        configure: Callable[[int], object] | None = None,
        open_engine: Callable[[int], Any] | None = None,
        checkpoint_seconds: float = 60.0,
    ) -> None:
        messages.quiet()
        self.workdir = _folder("workdir", workdir)
        self.layout = Layout(_folder("store", store or self.workdir / "store"))
        self._data_dir, self._checkpoint_seconds = data_dir, checkpoint_seconds
        self._configure, self._opener = configure, open_engine
        self._engines: dict[int, Any] = {}
        self._studies: dict[str, Study] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.workdir)!r})"

    def load(
        self,
        *gin_files: str | os.PathLike[str],
        bindings: Sequence[str] = (),
        experiment: str | type[Experiment] | None = None,
    ) -> Study:
        """Returns the experiment that gin files and bindings describe, bound to its data.

        Args:
          gin_files: looked for as given, then among those that come with the package.
          bindings: such as 'MaskSearch.levels = 3'; they have the last word.
          experiment: its kind, or the name of that, where the files describe several.

        Raises:
          UserError: something in files, bindings or data is not as it must be.
        """
        files, bound = [os.fspath(file) for file in gin_files], list(bindings)
        # A user's own Keras model is built here, with TensorFlow.
        with messages.without_chatter():
            return self._bound(*config.load(experiment, files, bound, self._configure))

    def sweep(
        self,
        *gin_files: str | os.PathLike[str],
        bindings: Sequence[str] = (),
        over: Sequence[str] = (),
    ) -> list[Study]:
        """Returns every experiment of a sweep: all kinds that the files describe, at each point.

        Args:
          gin_files, bindings: as for `load`; they may bind Sweep.over.
          over: further axes, such as 'MaskSearch.levels = [2, 3]'.

        Raises:
          UserError: as `load`.
        """
        files = [os.fspath(file) for file in gin_files]
        with messages.without_chatter():
            loaded = config.load_sweep(files, list(bindings), over)
            return [self._bound(experiment, text) for experiment, text in loaded]

    def study(self, experiment: Experiment) -> Study:
        """Returns an experiment that was made in Python, such as Imp(...), bound to its data.

        Raises:
          UserError: the data are not there, or do not fit the network.
        """
        try:
            text = config.as_gin(experiment)
        except config.ConfigError as error:
            text = f"# Made in Python. No gin file can say it: {error}\n# {experiment}\n"
        with messages.without_chatter():
            return self._bound(experiment, text)

    def _bound(self, experiment: Experiment, text: str) -> Study:
        bound = study.bind(experiment, text, self._data_dir, self._configure)
        return self._studies.setdefault(bound.experiment.key, bound)

    def plan(self, *studies: Study, part: tuple[int, int] = WHOLE) -> Plan:
        """Returns the training that studies still need; printed, it is what --dry_run says."""
        return sweeps.plan(studies, self.layout, part)

    def make(
        self,
        *studies: Study,
        part: tuple[int, int] = WHOLE,
        open_pool: Callable[[Reporter], Pool] | None = None,
    ) -> str | None:
        """Makes and logs the missing rows of studies, with a progress line on a terminal.

        Args:
          part: which shard, from 0, of how many.
          open_pool: opens where workers come from; this process works if None.

        Returns:
          A line that says how much failed; None if everything is there.
        """
        return sweeps.run(studies, self.workdir, self.layout, part, open_pool or self._open_pool)

    def run(self, *studies: Study) -> RowTable:
        """Makes and logs the missing rows of studies, in this process; returns all their rows.

        A network that was trained for any study is not trained again. If this is interrupted, it
        goes on from there when it is called again.

        Raises:
          UserError: something could not be made.
        """
        if failure := self.make(*studies):
            raise LabError(failure)
        rows = {identity(row): row for row in self.rows()}
        return RowTable(rows[name] for name in self._requests(studies) if name in rows)

    def rows(self, *filters: str) -> RowTable:
        """Returns the rows of the results log for which every filter holds.

        Each part of the log that is skipped is a warning.

        Args:
          filters: such as 'network=imp'; see `RowTable.where`.

        Raises:
          LogError: there is no such workdir, or a filter makes no sense.
        """
        rows, report = log.read(self.workdir)
        for line in report.lines():
            logging.getLogger(__name__).warning("%s", line)
        return RowTable(rows).where(*filters)

    def _requests(self, studies: Sequence[Study]) -> dict[tuple[str, ...], Request]:
        """Returns the requests of studies, as far as decided, by the identity of the row."""
        decide = decided(self.layout)
        return {
            identity_of(each, request): request
            for each in studies
            for expected in expected_by_chain([each], decide)
            for request in expected.certain
        }

    def _open_pool(self, reporter: Reporter) -> InProcessPool:
        folders = (self.layout.root, self.workdir)
        return InProcessPool(reporter, *folders, self._engine, self._checkpoint_seconds)

    def _engine(self, threads: int) -> Any:
        """Returns the Engine for a number of threads; one, however often it is asked for."""
        if self._opener:
            return self._opener(threads)
        if threads not in self._engines:
            self._engines[threads] = study.open_engine(threads, self._data_dir, "default")
        return self._engines[threads]
