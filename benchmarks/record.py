"""Measures the cost of the record of every step: time, as a ratio to none, and bytes a step.

  python benchmarks/record.py --model=lenet
  python benchmarks/record.py --model=resnet20 --rounds=9 --format=json

One process has both programs, the package's and one that returns losses only, and calls them in
turn, in short calls of the same number of steps. CPU time of the cheapest call of each counts, as
other work on the machine only adds. What writing a segment takes, once in so many steps as a
checkpoint's minute has, is part of the ratio.
"""

import tempfile
import time
from pathlib import Path

import reports
import settings
import tensorflow as tf
from absl import flags

import lth_tf.cli.app
from lth_tf.models.network import network
from lth_tf.store import artifacts, records
from lth_tf.training import numerics, speed
from lth_tf.training.batches import Outcomes
from lth_tf.training.program import Program
from lth_tf.training.trajectory import Trajectory

FLAGS = flags.FLAGS
CHECKPOINT_SECONDS = 60
# Of a call: long enough for its overhead to be small, short enough to be left alone now and then.
CALL_SECONDS = 0.1


class WithoutRecord(Program):
    """Steps that return their losses and nothing else."""

    def _steps(self, images, labels, indices, draws, rates, learning_rates, steps):  # type: ignore[no-untyped-def]
        losses = tf.TensorArray(tf.float32, self.feed.capacity, element_shape=())
        i = tf.constant(0)
        while i < steps:
            arguments = (images, labels, indices[i], draws[i], rates[i], learning_rates[i])
            losses = losses.write(i, self._step(*arguments))
            i += 1
        return losses.stack()[:, None]

    def _outcome(self, loss: tf.Tensor, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        return loss


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    settings.define_flags()
    flags.DEFINE_integer("rounds", 60, "Calls of each.", lower_bound=1)


def main(argv: list[str]) -> None:
    """Prints the cost of the record."""
    del argv
    numerics.configure(FLAGS.threads)
    task, examples = settings.load()
    model = settings.model(FLAGS.model, examples)
    how = {name: FLAGS[name].value for name in ("threads", "precision", "xla")}
    hparams = settings.hparams(FLAGS.model, None, **how)
    built, strategy = network(model, FLAGS.precision), tf.distribute.get_strategy()
    without, recorded = (
        speed.trajectory(
            model, task, hparams, kind(built, task, hparams, examples, strategy, False)
        )
        for kind in (WithoutRecord, Program)
    )
    steps = max(1, int(CALL_SECONDS / min(speed.measure(r, 1) for r in (without, recorded))))
    taken: list[Outcomes] = []
    pairs = [
        (_timed(without, steps, []), _timed(recorded, steps, taken)) for _ in range(FLAGS.rounds)
    ]
    alone, seconds = map(min, zip(*pairs, strict=True))
    writing, size, header = _written(taken, int(CHECKPOINT_SECONDS / seconds))
    report = {
        **settings.described(),
        "batch_size": hparams.batch_size,
        "ms_per_step": 1e3 * seconds,
        "ms_per_step_losses_only": 1e3 * alone,
        "microseconds_to_write": 1e6 * writing,
        "ratio_to_losses_only": (seconds + writing) / alone,
        "bytes_per_step": size,
        "bytes_of_a_header": header,
        "bytes_per_step_at_most": 4 + hparams.batch_size / 8,
    }
    reports.show(report, FLAGS.format)


def _timed(running: Trajectory, steps: int, taken: list[Outcomes]) -> float:
    """Returns CPU seconds a step of one call; adds the call's outcomes to `taken`."""
    started = time.process_time()
    taken.append(running.take(steps))
    return (time.process_time() - started) / steps


def _written(taken: list[Outcomes], steps: int) -> tuple[float, float, int]:
    """Returns CPU seconds and bytes a step of a segment of so many steps, or of all there are.

    Returns:
      Both, and how many bytes a segment takes besides, once.
    """
    kept = taken[:1]
    while sum(len(each.losses) for each in kept) < steps and len(kept) < len(taken):
        kept = taken[: len(kept) + 1]
    count = sum(len(each.losses) for each in kept)
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        records.write(Path(folder), 0, kept)
        seconds = time.process_time() - started
        (path,) = Path(folder).iterdir()
        size = sum(array.nbytes for array in artifacts.read(path)[1].values())
        header = path.stat().st_size - size
    return seconds / count, size / count, header


def run() -> None:
    """Runs the benchmark."""
    define_flags()
    lth_tf.cli.app.run(main)


if __name__ == "__main__":
    run()
