"""A study: an experiment that is bound to its data, its configuration in a workdir, its engine."""

import contextlib
import dataclasses
import functools
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_tf import data, messages
from lth_tf.recipes import Recipe, RecipeError
from lth_tf.store import files
from lth_tf.training import processor
from lth_tf.training.hparams import check_compatible


@dataclass(frozen=True)
class Study:
    """An experiment that is bound to its data.

    Attributes:
      experiment: the recipe, whose task names the bytes of its dataset.
      text: its resolved gin text.
      examples: how many images its task trains on.
    """

    experiment: Any
    text: str
    examples: int

    @property
    def constants(self) -> dict[str, Any]:
        """The fields that are the same in all of its rows."""
        name = type(self.experiment).__name__.lower()
        return {"experiment": name, "configuration": self.experiment.key}


def bind(
    experiment: Any,
    text: str,
    data_dir: str | None,
    configure: Callable[[int], object] | None = None,
) -> Study:
    """Returns an experiment, as gin has it, bound to its data, which it must fit.

    Args:
      text: its resolved gin text.
      data_dir: folder of the TFDS datasets; None for TFDS's own.
      configure: sets TensorFlow up, as lth_tf.config.load takes it.

    Raises:
      UserError: the data are not there, or do not fit the network.
    """
    if not isinstance(experiment.task, data.Task):
        name = type(experiment).__name__
        raise RecipeError(f"{name}.task is {experiment.task}; it takes a Task")
    experiment = _bound(experiment, data_dir)
    for model, task, hparams in dict.fromkeys(experiment.trainings()):
        check_compatible(model, hparams, data.facts(task, data_dir), task)
    processor.warn_if_slow(experiment.hparams.precision)
    facts = data.facts(experiment.task, data_dir)
    experiment.check_bound(facts, functools.cache(lambda: _network(experiment, configure)))
    return Study(experiment, text, facts.train_examples)


def _network(experiment: Any, configure: Callable[[int], object] | None) -> Any:
    """Returns the network of an experiment, with TensorFlow, which is loaded for it."""
    with messages.without_chatter():
        from lth_tf.models.network import network
        from lth_tf.training import numerics

        # A sweep may have several numbers of threads; a network has the same shapes on all.
        with contextlib.suppress(numerics.StartedAlready):
            (configure or numerics.configure)(experiment.hparams.threads)
        return network(experiment.model)


def _bound(value: Any, data_dir: str | None) -> Any:
    """Returns the value of a field with every task in it bound to its data."""
    if isinstance(value, data.Task):
        return data.bind(value, data_dir)
    if isinstance(value, tuple):
        return tuple(_bound(item, data_dir) for item in value)
    if not isinstance(value, Recipe):
        return value
    bound = {name: _bound(field, data_dir) for name, field in value.fields().items()}
    same = bound == value.fields()
    return value if same else dataclasses.replace(value, **bound)  # type: ignore[type-var]


def configuration_path(name: str, key: str, workdir: Path) -> Path:
    """Returns the path of the resolved configuration of an experiment, by class and key."""
    return workdir / "configurations" / f"{name}-{key[:10]}.gin"


def write_configuration(study: Study, workdir: Path) -> None:
    """Writes the resolved configuration; it can be given as --gin_file again."""
    experiment = study.experiment
    path = configuration_path(type(experiment).__name__.lower(), experiment.key, workdir)
    command = " ".join(shlex.join(sys.argv).splitlines())
    head = f"# Resolved configuration {experiment.key}\n# of {command}\n\n"
    content = (head + study.text).encode(errors="backslashreplace")
    files.replace(path, [content])


def open_engine(
    threads: int,
    data_dir: str | None,
    strategy: str | Callable[[], Any],
    steps_per_call: int | None = None,
    configure: Callable[[int], object] | None = None,
) -> Any:
    """Returns an Engine; loads TensorFlow and starts its devices.

    Args:
      threads: Hparams.threads of all that will be made in it.
      data_dir: folder of the TFDS datasets; None for TFDS's own.
      strategy: spreads each batch over devices: its name, or what returns a tf.distribute.Strategy.
      steps_per_call: how many training steps a compiled call takes; None for a second's worth.
      configure: sets TensorFlow up; lth_tf.training.numerics.configure if None.
    """
    with messages.without_chatter():
        from lth_tf.training import numerics
        from lth_tf.training.engine import Engine
        from lth_tf.training.strategies import open_strategy

        (configure or numerics.configure)(threads)
        opened = open_strategy(strategy) if isinstance(strategy, str) else strategy()
        numerics.device()
        return Engine(data_dir, opened, steps_per_call)
