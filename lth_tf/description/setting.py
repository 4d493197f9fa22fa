"""The description of a setting: the rows that a paper's table of hyperparameters has."""

import dataclasses
from typing import Any, NamedTuple

from lth_tf.data import Facts
from lth_tf.data.order import steps_per_epoch
from lth_tf.description.plot import plot, rates_in_words
from lth_tf.description.text import Fact, fields_in_words, in_words


class Setting(NamedTuple):
    """The setting of an experiment, which several may have in common.

    Attributes:
      model, task, hparams, steps: as experiments have them.
      facts: facts about the images; None where they are not prepared.
      missing: one line with how to prepare them; empty where they are.
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
        counts = (f"{count:,} {name}" for name, count in parameter_counts(built).items())
        # A user's own Keras model has its whole configuration as a field.
        fields = {n: v for n, v in self.model.fields().items() if len(in_words(v)) < 40}
        return [
            ("network", self.model.title),
            ("parameters", ", ".join(counts)),
            ("built with", fields_in_words(fields)),
            *_batch_norm(set(built.momenta.values()), self.steps),
        ]

    def _data(self) -> list[Fact]:
        task = self.task
        padding = f", padding {task.padding}" if task.augmentation == "crop_and_flip" else ""
        mean, deviation = in_words(task.mean), in_words(task.std)
        return [
            ("dataset", task.dataset),
            ("images", self._images()),
            ("augmentation", f"{task.augmentation}{padding}"),
            ("normalization", f"mean {mean}; deviation {deviation}"),
            *_others(task, _DATA),
        ]

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
        decay = f"{hparams.weight_decay:g}, {hparams.decay}, on {hparams.decay_on}"
        schedule, optimizer = hparams.schedule, hparams.optimizer
        return [
            ("batch size", in_words(hparams.batch_size)),
            ("steps", self._steps()),
            ("optimizer", _with_fields(optimizer)),
            ("schedule", _with_fields(schedule)),
            ("learning rate", rates_in_words(schedule, self.steps)),
            ("", plot(schedule, self.steps)),
            ("weight decay", decay if hparams.weight_decay else "none"),
            ("precision", f"{hparams.precision}; XLA {hparams.xla}; threads {hparams.threads}"),
            *_others(hparams, _TRAINING),
        ]

    def _steps(self) -> str:
        steps, hparams = f"{self.steps:,}", self.hparams
        if self.facts is None:
            return f"{steps} (epochs are not known before the dataset is prepared)"
        examples, rest = self.facts.train_examples, hparams.remainder
        epoch = steps_per_epoch(examples, hparams.batch_size, rest)
        length = f"{epoch:,.6g} steps (rest of an epoch: {rest})"
        return f"{steps}, {self.steps / epoch:.4g} epochs of {length}"


# The share of the moving statistics at a run's end that may be older than a tenth of the run.
_UNSETTLED = 0.1


def _batch_norm(momenta: set[float], steps: int) -> list[Fact]:
    """Returns a row of momenta; with a warning where moving statistics lag behind the weights."""
    if not momenta:
        return []
    text = f"momentum {', '.join(f'{m:g}' for m in sorted(momenta))}"
    left = max(momenta) ** (steps / 10)
    if left > _UNSETTLED:
        text += (
            f"\nwarning: after a tenth of the {steps:,} steps, {100 * left:.0f} % of the moving "
            "statistics are old; evaluation lags behind"
        )
    return [("batch norm", text)]


_DATA = {
    *("dataset", "mean", "std", "augmentation", "padding", "train_split", "test_split"),
    "fingerprint",
}
_TRAINING = {
    *("batch_size", "optimizer", "schedule", "weight_decay", "decay", "decay_on", "remainder"),
    *("precision", "xla", "threads"),
}


def _with_fields(recipe: Any) -> str:
    return f"{type(recipe).__name__}, {fields_in_words(recipe.fields())}"


def _others(recipe: Any, printed: set[str]) -> list[Fact]:
    """Returns a row for the fields that no other row has and that are not as by default."""
    defaults = {field.name: field.default for field in dataclasses.fields(recipe)}
    other = {
        name: value
        for name, value in recipe.fields().items()
        if name not in printed and value != defaults[name]
    }
    return [("besides", fields_in_words(other))] if other else []
