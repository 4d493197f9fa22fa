"""Commands that fill what a report misses, and what they cost, from planning their gin files."""

import dataclasses
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lth_tf import config, messages, study
from lth_tf.errors import UserError
from lth_tf.experiments import Imp, Instability, Training, planning
from lth_tf.experiments.requests import Experiment
from lth_tf.recipes import Recipe, dag
from lth_tf.report.paper import Network, Study
from lth_tf.report.report import Fill
from lth_tf.report.settings_diff import Expected, bindings
from lth_tf.store.layout import Layout
from lth_tf.store.plan import Plan, duration

_KINDS = {"train": Training, "imp": Imp, "instability": Instability}
_IN_ROWS = {kind.__name__.lower(): kind for kind in _KINDS.values()}


@dataclass(frozen=True)
class PaperFiles:
    """What the gin files of a paper's networks resolve to: Expectations.

    Attributes:
      paper: the folder below papers/.
    """

    paper: str

    def __call__(self, network: Network, experiment: str) -> Expected | None:
        """The bindings of a kind of experiment; None where no file is shipped that has it."""
        kind = _IN_ROWS.get(experiment)
        file = _shipped(f"papers/{self.paper}/{network.key}.gin")
        if kind is None or file is None:
            return None
        try:
            made, text = config.load(kind, [str(file)], [])
        except config.ConfigError:  # It is of other experiments.
            return None
        return Expected(bindings(text), frozenset(_at_default(made)))


def _at_default(recipe: Recipe) -> Iterator[str]:
    """The fields of a recipe and of those within it that have their default: 'Task.blur'."""
    for each in dag(recipe).values():
        for field in dataclasses.fields(each):  # type: ignore[arg-type]
            if field.default == getattr(each, field.name):
                yield f"{type(each).__name__}.{field.name}"


@dataclass(frozen=True)
class Filler:
    """Says how to fill a study of a network of a paper.

    Attributes:
      workdir: of the report, which the commands write to.
      store: what is there is not trained again.
      data_dir: folder of the TFDS datasets; None for TFDS's own.
    """

    workdir: str
    store: Path
    data_dir: str | None

    def __call__(self, network: Network, wanted: Study) -> Fill:
        """The command and its cost; no command where no gin file is shipped for the network."""
        files = wanted.files(network.key)
        if not all(map(_shipped, files)):
            return Fill("")
        flags = [*(f"--gin_file={file}" for file in files), f"--workdir={self.workdir}"]
        return Fill(shlex.join([f"lth-{wanted.command}", *flags]), *self._cost(wanted, files))

    def _cost(self, wanted: Study, files: list[str]) -> tuple[str, str]:
        """What there is to train in all, and what of it is left, in words."""
        with messages.without_chatter():
            if wanted.command == "sweep":
                asked = config.load_sweep(files, [], [])
            else:
                asked = [config.load(_KINDS[wanted.command], files, [])]
        try:
            bound = [study.bind(each, text, self.data_dir).experiment for each, text in asked]
        except UserError:
            # The data are not here: counts are the same, but what the store has is not found.
            plan = self._plan([each for each, _ in asked])
            return f"{plan.runs:,} runs, {plan.steps:,} steps; its dataset is not prepared", ""
        plan = self._plan(bound)
        return f"{plan.runs:,} runs, {plan.steps:,} steps", _left(plan)

    def _plan(self, experiments: list[Experiment]) -> Plan:
        return planning.plan(experiments, Layout(self.store))


def _shipped(file: str) -> Path | None:
    """The path of a gin file that is shipped; None if it is not."""
    folder = config.shipped_files()
    return folder / file if folder and (folder / file).is_file() else None


def _left(plan: Plan) -> str:
    """What is left, where that is not everything; and for how long, where the pace is known."""
    time = f", about {duration(plan.seconds_left)}" if plan.seconds_left else ""
    if not plan.steps_left:
        return "all of it in the store: nothing to train"
    if plan.steps_left == plan.steps and not time:
        return ""
    return f"{plan.runs - plan.present:,} runs, {plan.steps_left:,} steps left{time}"
