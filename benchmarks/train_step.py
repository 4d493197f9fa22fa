"""Benchmark: a training step, beside the machine's matrix products and keras.Model.fit.

  python benchmarks/train_step.py --model=lenet --dataset=mnist
  python benchmarks/train_step.py --model=resnet20 --dataset=cifar10 --sparse --format=json
  python benchmarks/train_step.py --model=resnet50 --dataset=random --batch_size=16 --nofit

Everything is measured in one process on the same threads, with the same network, optimizer and
images. fit goes first, before TensorFlow is told to be deterministic as the package's own steps
are: some pipelines feed a deterministic fit at 0.6 times the speed, and on accelerators Keras no
longer compiles it.
"""

from typing import Any

import lth_tf.cli.app  # isort: skip  # before TensorFlow, which then looks for oneDNN
import keras
import keras_fit
import reports
import settings
import tensorflow as tf
import yardsticks
from absl import flags

from lth_tf import data
from lth_tf.models.network import network
from lth_tf.training import numerics, speed
from lth_tf.training.hparams import Hparams, check_compatible
from lth_tf.training.program import Program

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    settings.define_flags()
    flags.DEFINE_integer("batch_size", None, "Examples a step; the paper's if unset.")
    flags.DEFINE_bool("sparse", False, f"Train under a random mask of density {speed.DENSITY}.")
    flags.DEFINE_bool("fit", True, "Time keras.Model.fit too.")
    flags.DEFINE_integer("calls", 9, "Timed calls, of about a second each.", lower_bound=1)


def main(argv: list[str]) -> None:
    """Prints milliseconds a step, and the rates to compare them with."""
    del argv
    settings.set_threads(FLAGS.threads)
    task, examples = settings.load()
    model = settings.model(FLAGS.model, examples)
    how = {name: FLAGS[name].value for name in ("threads", "precision", "xla")}
    hparams = settings.hparams(FLAGS.model, FLAGS.batch_size, **how)
    check_compatible(model, hparams, settings.facts(examples), task)
    fit = fit_milliseconds(model, task, hparams, examples) if FLAGS.fit else None
    numerics.configure(FLAGS.threads)
    built, strategy = network(model, FLAGS.precision), tf.distribute.get_strategy()
    program = Program(built, task, hparams, examples, strategy, FLAGS.sparse)
    running = speed.trajectory(model, task, hparams, program)
    milliseconds = 1e3 * speed.measure(running, FLAGS.calls)
    operations = yardsticks.step_operations(model.build())
    report = {
        **settings.described(),
        "batch_size": hparams.batch_size,
        "sparse": FLAGS.sparse,
        "ms_per_step": milliseconds,
        "gflop_per_step": hparams.batch_size * operations / 1e9,
        **yardsticks.rates(hparams.batch_size, operations, milliseconds / 1e3),
        **({"fit_ms_per_step": fit, "ratio_to_fit": fit / milliseconds} if fit else {}),
        "traces": program.traces,
        "peak_mb": reports.peak_mb(),
    }
    reports.show(report, FLAGS.format)


def fit_milliseconds(
    model: Any, task: data.Task, hparams: Hparams, examples: data.Examples
) -> float:
    """Returns milliseconds a step of keras.Model.fit, with the same network and images."""
    keras.config.set_dtype_policy(FLAGS.precision)
    steps = settings.FIT_STEPS.get(FLAGS.model, 2)
    return keras_fit.milliseconds(model.build(), task, hparams, examples, steps, FLAGS.calls)


def run() -> None:
    """Runs the benchmark."""
    define_flags()
    lth_tf.cli.app.run(main)


if __name__ == "__main__":
    run()
