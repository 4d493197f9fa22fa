"""Forgetting events of training examples during a run (sgd_noise sec. 3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.data.order import batches_at, steps_per_epoch
from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, Schema
from lth_tf.recipes import ArtifactMaker, Numbers, Recorded


@dataclass(frozen=True, eq=False, repr=False)
class Forgetting(Measurement):
    """The forgetting events of every training example in a run (Toneva et al. 2019).

    An example is presented each time that a batch has it, augmented, and is classified before that
    batch's update. It is forgotten where it was classified rightly at one presentation and wrongly
    at the next one; it is unforgettable if it was ever classified rightly and never forgotten.

    Its numbers: `events` and `presentations` of every example; whether it was `learned`, 1 or 0;
    `scores`, by which examples go from easy to hard: the events, or, of an example that was never
    learned, the most presentations of any, which events cannot reach; and `events_by_epoch`, the
    events of all examples by the epoch in which the example was classified wrongly again.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "forgetting", "How often a run forgot its training examples.",
        values=measured(
            ("forgetting_events", "number", "events",
             "Forgetting events of a training example, the mean over all of them."),
            ("forgetting_deviation", "number", "events",
             "Standard deviation (n - 1) of the forgetting events over the examples."),
            ("unforgettable", "fraction", "of 1",
             "Share of training examples that were learned and never forgotten."),
            ("never_learned", "fraction", "of 1",
             "Share of training examples that were never classified rightly."),
            ("events_by_epoch", "list of numbers or null", "events",
             "Forgetting events of an example in each epoch of the clock, the mean over the "
             "training examples; 0 before the run's first step."),
        ),
    ))  # fmt: skip

    recorded: Recorded

    def make(self, maker: ArtifactMaker) -> Numbers:
        record, run = maker.record(self.recorded), self.recorded.run
        maker.doing(self.describe())
        hparams: Any = run.hparams
        examples = maker.engine.train_examples(run.task)
        batch = (hparams.batch_size, hparams.remainder)
        places = batches_at(run.noise, record.steps, examples, *batch)
        per_epoch = round(steps_per_epoch(examples, *batch) * hparams.batch_size)
        first = run.first_step * hparams.batch_size
        return forgetting(places, record.correct, examples, first, per_epoch)

    @property
    def schema(self) -> Schema:
        dtypes = {"events": "u2", "presentations": "u2", "learned": "u1", "scores": "f8"}
        by_example: Schema = {name: (dtype, ("examples",)) for name, dtype in dtypes.items()}
        return {**by_example, "events_by_epoch": ("i8", ("epochs",))}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        events, learned = numbers["events"].astype(np.float64), numbers["learned"] == 1
        return {
            "forgetting_events": float(events.mean()),
            "forgetting_deviation": float(events.std(ddof=1)) if len(events) > 1 else 0.0,
            "unforgettable": float(np.mean(learned & (events == 0))),
            "never_learned": float(np.mean(~learned)),
            "events_by_epoch": (numbers["events_by_epoch"] / len(events)).tolist(),
        }

    def describe(self) -> str:
        return f"forgetting events in the {self.recorded.describe()}"


def forgetting(
    places: np.ndarray, correct: np.ndarray, examples: int, first: int, per_epoch: int
) -> Numbers:
    """Returns the numbers of a `Forgetting`.

    Args:
      places: the example of each place of each batch, int [steps, batch].
      correct: whether it was classified rightly, bool [steps, batch].
      examples: how many training examples there are.
      first: how many presentations the clock had counted before the first of these.
      per_epoch: how many presentations make an epoch.
    """
    presented, right = places.ravel(), correct.ravel()
    # Each example's presentations side by side, in the order of time.
    order = np.argsort(presented, kind="stable")
    again = presented[order][1:] == presented[order][:-1]
    forgotten = again & right[order][:-1] & ~right[order][1:]
    when = order[1:][forgotten]
    epochs = -(-(first + len(presented)) // per_epoch)
    events = np.bincount(presented[when], minlength=examples)
    presentations = np.bincount(presented, minlength=examples)
    learned = np.bincount(presented[right], minlength=examples) > 0
    return {
        "events": events.astype(np.uint16),
        "presentations": presentations.astype(np.uint16),
        "learned": learned.astype(np.uint8),
        "scores": np.where(learned, events, presentations.max()).astype(np.float64),
        "events_by_epoch": np.bincount((first + when) // per_epoch, minlength=epochs),
    }
