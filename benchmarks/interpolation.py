"""Benchmark: evaluation of networks along a line, beside the machine's matrix products.

  python benchmarks/interpolation.py
  python benchmarks/interpolation.py --model=resnet20 --dataset=cifar10 --alphas=5 --format=json

The line goes from one initialization to another, over all images of the dataset, those for
training and those for testing. That memory does not grow with alphas is seen by evaluating three
of them first: peak_growth_mb is what the whole line then adds to the process's peak. traces counts
one for each split and number of alphas; another pair of networks must not add any.
"""

import statistics
import time

import numpy as np
import reports
import settings
import tensorflow as tf
import yardsticks
from absl import flags

import lth_tf.cli.app
from lth_tf import data
from lth_tf.models.network import Network, network
from lth_tf.models.trial import compiles
from lth_tf.state import State
from lth_tf.training import numerics
from lth_tf.training.engine import EVALUATION_BATCH
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.feed import WholeSplit

FLAGS = flags.FLAGS
FEW = 3


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    settings.define_flags()
    flags.DEFINE_integer("alphas", 30, "Networks on the line.", lower_bound=FEW)
    flags.DEFINE_integer("calls", 3, "Timed lines, each between another pair.", lower_bound=1)


def main(argv: list[str]) -> None:
    """Prints the time of a line, and the rates to compare it with."""
    del argv
    numerics.configure(FLAGS.threads)
    task, examples = settings.load()
    model = settings.model(FLAGS.model, examples)
    built = network(model, FLAGS.precision)
    line = Line(built, task, examples, compiles(FLAGS.xla, built))
    line.seconds(FEW, pair=0)
    few_mb = reports.peak_mb()
    line.seconds(FLAGS.alphas, pair=0)
    seconds = statistics.median(line.seconds(FLAGS.alphas, 1 + i) for i in range(FLAGS.calls))
    many_mb = reports.peak_mb()
    operations = yardsticks.forward_operations(model.build())
    report = {
        **settings.described(),
        "alphas": FLAGS.alphas,
        "images": line.images,
        "seconds": seconds,
        **yardsticks.rates(FLAGS.alphas * line.images, operations, seconds),
        "peak_mb": many_mb,
        "peak_growth_mb": many_mb - few_mb,
        "traces": line.evaluator.traces,
    }
    reports.show(report, FLAGS.format)


class Line:
    """Lines between pairs of initial weights, on all images of a dataset.

    Attributes:
      evaluator: what measures them, set up as for an experiment.
      images: how many there are, over both splits.
    """

    def __init__(
        self, built: Network, task: data.Task, examples: data.Examples, compiled: bool
    ) -> None:
        self._network, e = built, examples
        splits = ((e.train_images, e.train_labels), (e.test_images, e.test_labels))
        self._splits = [WholeSplit(*map(tf.constant, arrays)) for arrays in splits]
        self.evaluator = Evaluator(built, task, compiled, EVALUATION_BATCH)
        self.images = sum(len(labels) for _, labels in splits)

    def seconds(self, points: int, pair: int) -> float:
        """Returns how long one line of so many points takes, in seconds."""
        first, second = (self._state(seed) for seed in (2 * pair, 2 * pair + 1))
        alphas = np.linspace(0, 1, points)
        started = time.perf_counter()
        for split in self._splits:
            self.evaluator.line(first, second, alphas, split)
        return time.perf_counter() - started

    def _state(self, seed: int) -> State:
        return State(0, self._network.initial_weights(seed), self._network.initial_statistics())


def run() -> None:
    """Runs the benchmark."""
    define_flags()
    lth_tf.cli.app.run(main)


if __name__ == "__main__":
    run()
