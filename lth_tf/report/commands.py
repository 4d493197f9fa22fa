"""Commands that complete a report, with their cost; the settings of a paper's gin files."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lth_tf import config, messages
from lth_tf.errors import UserError
from lth_tf.experiments import Imp, Instability, Training, planning, study
from lth_tf.experiments.experiment import Experiment
from lth_tf.log.fields import RowKind
from lth_tf.report.paper import PaperNetwork, PaperStudy
from lth_tf.report.settings_diff import SettingsByKind, collect
from lth_tf.store.layout import Layout
from lth_tf.store.plan import Plan, duration

_KINDS = {"train": Training, "imp": Imp, "instability": Instability}


class Command(NamedTuple):
    """How to fill what is missing of one network.

    Attributes:
      text: for a shell; '' where no gin file is shipped for it.
      plan: what it costs, with what of that is in the store; None where that was not counted.
      prepared: whether its dataset is there; else nothing in the store is found.
    """

    text: str
    plan: Plan | None = None
    prepared: bool = True

    @property
    def cost(self) -> str:
        """What there is to train in all, in words; '' where it was not counted."""
        if self.plan is None:
            return ""
        unprepared = "" if self.prepared else "; its dataset is not prepared"
        return f"{self.plan.runs:,} runs, {self.plan.steps:,} steps{unprepared}"

    @property
    def left(self) -> str:
        """What is left, where that is not everything; for how long, where the pace is known."""
        plan = self.plan
        if plan is None or not self.prepared:
            return ""
        time = f", about {duration(plan.seconds_left)}" if plan.seconds_left else ""
        if not plan.steps_left:
            return "all of it in the store: nothing to train"
        if plan.steps_left == plan.steps and not time:
            return ""
        return f"{plan.runs - plan.present:,} runs, {plan.steps_left:,} steps left{time}"


@dataclass(frozen=True)
class PaperFiles:
    """What the gin file of a network of a paper has: see settings_diff.Expectations."""

    paper: str

    def __call__(self, network: PaperNetwork) -> SettingsByKind | None:
        """Returns the settings of the rows that it asks for; None where no file is shipped."""
        names = network.gin_files or (f"papers/{self.paper}/{network.key}.gin",)
        files = [str(path) for path in map(_shipped, names) if path]
        if len(files) < len(names):
            return None
        experiments: list[Experiment] = []
        for kind in _KINDS.values():
            try:
                experiments.append(config.load(kind, files, network.bindings)[0])
            except config.ConfigError:  # It is of other experiments.
                continue
        requests = (request for each in experiments for request in each.requests())
        return collect(map(_settings, requests))


def _settings(request: Any) -> tuple[str, str, dict[str, Any]]:
    """Returns kind, network and settings of the row that a request will be."""
    kind: RowKind = request.measurement.ROW
    labels = {f.name: request.labels[f.name] for f in kind.labels if not f.selects}
    return kind.name, request.labels["network"], {**request.row_settings, **labels}


@dataclass(frozen=True)
class Commands:
    """Says how to fill a study of a network of a paper.

    Attributes:
      workdir: of the report, which the commands write to.
      store: what is there is not trained again.
      data_dir: folder of the TFDS datasets; None for TFDS's own.
    """

    workdir: str
    store: Path
    data_dir: str | None

    def __call__(self, network: PaperNetwork, wanted: PaperStudy, counted: bool = True) -> Command:
        """Returns the command; none where no gin file is shipped for the network.

        Args:
          counted: whether its cost is, which takes as long as planning the experiment.
        """
        files = wanted.files(network.file)
        if not are_shipped(files):
            return Command("")
        flags = [*(f"--gin_file={file}" for file in files), f"--workdir={self.workdir}"]
        text = shlex.join([f"lth-{wanted.command}", *flags])
        return Command(text, *self.plan(network, [wanted])) if counted else Command(text)

    def plan(self, network: PaperNetwork, studies: Iterable[PaperStudy]) -> tuple[Plan, bool]:
        """Returns what studies of a network cost together, with what of that is in the store.

        And whether its dataset is prepared; where it is not, nothing in the store is found.
        """
        loaded, prepared = load(studies, network.file), True
        try:
            experiments = [study.bind(each, text, self.data_dir).experiment
                           for each, text in loaded]  # fmt: skip
        except UserError:
            # The data are not here: counts are the same, but what the store has is not found.
            experiments, prepared = [each for each, _ in loaded], False
        return planning.plan(experiments, Layout(self.store)), prepared


def load(studies: Iterable[PaperStudy], network: str) -> list[tuple[Experiment, str]]:
    """Returns the experiments of studies of a network, each with its configuration as text.

    Args:
      studies: those without shipped files for the network are passed over.
      network: the name of its file.
    """
    loaded: list[tuple[Experiment, str]] = []
    with messages.without_chatter():
        for each in studies:
            files = each.files(network)
            if not are_shipped(files):
                continue
            if each.command == "sweep":
                loaded += config.load_sweep(files, [], [])
            else:
                loaded.append(config.load(_KINDS[each.command], files, []))
    return loaded


def are_shipped(files: Iterable[str]) -> bool:
    """Returns whether all of some gin files come with the package."""
    return all(map(_shipped, files))


def _shipped(file: str) -> Path | None:
    """Returns the path of a gin file that is shipped; None if it is not."""
    folder = config.shipped_files()
    return folder / file if folder and (folder / file).is_file() else None
