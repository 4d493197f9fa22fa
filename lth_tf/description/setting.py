"""The description of a setting: the rows that a paper's table of hyperparameters has."""

import dataclasses
import math
from typing import Any, NamedTuple

from lth_tf.data import Facts
from lth_tf.description.plot import plot, rates_in_words
from lth_tf.description.text import Fact, named, shown


class Setting(NamedTuple):
    """The setting of an experiment, which several may have in common.

    Attributes:
      model, task, hparams, steps: as experiments have them.
      facts: what is known of the images; None where they are not prepared.
      missing: if so, one line with how to prepare them.
    """

    model: Any
    task: Any
    hparams: Any
    steps: int
    facts: Facts | None
    missing: str

    def rows(self) -> list[Fact]:
        """Returns all rows of the setting."""
        return [*self._network(), *self._data(), *self._training()]

    def _network(self) -> list[Fact]:
        from lth_tf.models.network import network, parameter_counts

        built = network(self.model)
        counts = parameter_counts(built)
        parts = (f"{number:,} {what}" for what, number in counts.items())
        # A user's own Keras model has its whole configuration as a field.
        fields = {n: v for n, v in self.model.fields().items() if len(shown(v)) < 40}
        return [
            ("network", self.model.title),
            ("parameters", ", ".join(parts)),
            ("built with", named(fields)),
            *_batch_norm(set(built.momenta.values()), self.steps),
        ]

    def _data(self) -> list[Fact]:
        task = self.task
        rows = [("dataset", task.dataset), ("images", self._images())]
        augmentation = task.augmentation
        if augmentation == "crop_and_flip":
            augmentation += f", padding {task.padding}"
        rows.append(("augmentation", augmentation))
        rows.append(("normalization", f"mean {shown(task.mean)}; deviation {shown(task.std)}"))
        return [*rows, *_others(task, _DATA)]

    def _images(self) -> str:
        task, facts = self.task, self.facts
        splits = f"splits {task.train_split} and {task.test_split}"
        if facts is None:
            return f"{splits}; {self.missing}"
        size = " x ".join(map(str, facts.image_shape))
        return (
            f"{facts.train_examples:,} to train on, {facts.test_examples:,} to test on ({splits})\n"
            f"{size}, {facts.classes:,} classes"
        )

    def _training(self) -> list[Fact]:
        hparams = self.hparams
        strength = hparams.weight_decay
        kind = f"{strength:g}, {hparams.decay}, on {hparams.decay_on}" if strength else "none"
        schedule = hparams.schedule
        optimizer = type(hparams.optimizer).__name__
        rest = named(hparams.optimizer.fields())
        return [
            ("batch size", shown(hparams.batch_size)),
            ("steps", self._steps()),
            ("optimizer", f"{optimizer}, {rest}"),
            ("schedule", f"{type(schedule).__name__}, {named(schedule.fields())}"),
            ("learning rate", rates_in_words(schedule, self.steps)),
            ("", plot(schedule, self.steps)),
            ("weight decay", kind),
            ("precision", f"{hparams.precision}; XLA {hparams.xla}; threads {hparams.threads}"),
            *_others(hparams, _TRAINING),
        ]

    def _steps(self) -> str:
        steps, hparams = f"{self.steps:,}", self.hparams
        if self.facts is None:
            return f"{steps} (epochs are not known before the dataset is prepared)"
        epoch = self.facts.train_examples / hparams.batch_size
        if hparams.remainder == "drop":
            epoch = math.floor(epoch)
        rest = f"rest of an epoch: {hparams.remainder}"
        return f"{steps}, {self.steps / epoch:.4g} epochs of {epoch:,.6g} steps ({rest})"


# What may be left of the statistics of a tenth of the run ago for those at its end to be settled.
_UNSETTLED = 0.1


def _batch_norm(momenta: set[float], steps: int) -> list[Fact]:
    """Returns a row of momenta; with a warning where moving statistics lag behind the weights."""
    if not momenta:
        return []
    told = f"momentum {', '.join(f'{m:g}' for m in sorted(momenta))}"
    left = max(momenta) ** (steps / 10)
    if left > _UNSETTLED:
        told += (
            f"\nwarning: after a tenth of the {steps:,} steps, {100 * left:.0f} % of the moving "
            "statistics are old; evaluation lags behind"
        )
    return [("batch norm", told)]


_DATA = {
    *("dataset", "mean", "std", "augmentation", "padding", "train_split", "test_split"),
    "fingerprint",
}
_TRAINING = {
    *("batch_size", "optimizer", "schedule", "weight_decay", "decay", "decay_on", "remainder"),
    *("precision", "xla", "threads"),
}


def _others(recipe: Any, told: set[str]) -> list[Fact]:
    """Returns a row for the fields that are said nowhere else and are not as by default."""
    defaults = {field.name: field.default for field in dataclasses.fields(recipe)}
    other = {
        name: value
        for name, value in recipe.fields().items()
        if name not in told and value != defaults[name]
    }
    return [("besides", named(other))] if other else []
