"""Measures the speed of two single-threaded workers of a sweep, beside one, and beside fit.

  python benchmarks/sweep_workers.py --dataset=mnist --seconds=20 --format=json

The network and its training are those of lmc table 1. Workers are those of `lth-sweep
--engine=local`, each at a run of its own. The time before all of them have settled is not counted,
nor is what they do when they end. fit and the machine's matrix products are then measured in this
process, with as many threads as there were workers.
"""

import statistics
import tempfile
import time
from pathlib import Path

import keras_fit
import reports
import settings
import yardsticks
from absl import flags

import lth_tf.cli.app
from lth_tf import data
from lth_tf.models import Lenet
from lth_tf.recipes import At, Init, Ones, train
from lth_tf.sweep import serialization
from lth_tf.sweep.events import Lost, Trained
from lth_tf.sweep.local_pool import LocalPool
from lth_tf.sweep.worker import Order, WorkerSettings

FLAGS = flags.FLAGS
# Calls of the training loop after which the number of steps in a call has settled.
WARM_UP_CALLS = 8
# More than any worker comes to.
STEPS = 100_000_000


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    settings.define_data_flags("mnist", "mnist", "digits")
    flags.DEFINE_integer("seconds", 20, "How long each number of workers is timed.", lower_bound=1)
    flags.DEFINE_integer("rounds", 3, "How often; the median counts.", lower_bound=1)


def main(argv: list[str]) -> None:
    """Prints steps a second of one worker and of two, and how they compare."""
    del argv
    task = data.bind(data.Task(FLAGS.dataset), FLAGS.data_dir)
    rates = [(steps_per_second(1, task), steps_per_second(2, task)) for _ in range(FLAGS.rounds)]
    one, two = (statistics.median(column) for column in zip(*rates, strict=True))
    report = {
        "dataset": FLAGS.dataset,
        "steps_per_second_one": one,
        "steps_per_second_two": two,
        "ratio": two / one,
        **compared(two, task),
    }
    reports.show(report, FLAGS.format)


def compared(rate: float, task: data.Task) -> dict[str, float]:
    """Returns a rate in steps a second beside fit's and matrix products', on both cores."""
    settings.set_threads(2)
    examples = data.load(task, FLAGS.data_dir)
    model = settings.model("lenet", examples)
    hparams = settings.hparams("lenet", None, threads=2)
    steps = settings.FIT_STEPS["lenet"]
    fit = keras_fit.milliseconds(model.build(), task, hparams, examples, steps, epochs=9)
    operations = yardsticks.step_operations(model.build())
    return {
        **yardsticks.rates(hparams.batch_size, operations, 1 / rate),
        "fit_ms_per_step": fit,
        "ratio_to_fit": fit * rate / 1e3,
    }


def steps_per_second(workers: int, task: data.Task) -> float:
    """Returns the throughput of some workers together, each at a dense LeNet of its own."""
    with tempfile.TemporaryDirectory() as folder:
        places = (f"{folder}/store", folder, FLAGS.data_dir)
        engine = LocalPool(
            WorkerSettings(*places, "default", None, checkpoint_seconds=60.0), workers
        )
        try:
            for number in range(workers):
                log = str(Path(folder, f"{number}.log"))
                engine.open(threads=1).start(
                    Order(log, serialization.pack([long_run(task, number)]), waits=True)
                )
            return timed(engine, workers)
        finally:
            engine.close_all()


def long_run(task: data.Task, noise: int) -> At:
    """Returns a state that is never reached."""
    facts = data.facts(task, FLAGS.data_dir)
    model = Lenet(image_shape=facts.image_shape, classes=facts.classes)
    hparams = settings.hparams("lenet", None, threads=1)
    return At(train(Init(model, seed=0), Ones(model), task, hparams, noise), STEPS)


def timed(engine: LocalPool, workers: int) -> float:
    """Returns steps a second, from when every worker has settled."""
    calls: dict[int, int] = {}
    steps, began = 0, float("inf")
    # On a busy machine no call may end in that time: a rate needs one.
    while (now := time.perf_counter()) < began + FLAGS.seconds or not steps:
        for worker, event in engine.events(timeout=1.0):
            if isinstance(event, Trained):
                calls[id(worker)] = calls.get(id(worker), 0) + 1
                steps += event.steps
            elif isinstance(event, Lost):
                raise RuntimeError(f"a worker died: {event.reason}")
        settled = len(calls) == workers and min(calls.values()) >= WARM_UP_CALLS
        if began == float("inf") and settled:
            steps, began = 0, time.perf_counter()
    return steps / (now - began)


def run() -> None:
    """Runs the benchmark."""
    define_flags()
    lth_tf.cli.app.run(main)


if __name__ == "__main__":
    run()
