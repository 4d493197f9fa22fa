"""Benchmark: time and memory of the plan of a large sweep; nothing is trained.

  python benchmarks/plan.py --runs=10000 --format=json

The recipes are those of LeNet studies, one initialization at a time: IMP with 15 levels from four
rewinding steps, and instabilities. Planned are the runs, what they share, the jobs and their order.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import reports
from absl import flags

import lth_tf.cli.app
from lth_tf.data import Task
from lth_tf.experiments import Imp, Instability, MaskSearch
from lth_tf.experiments.experiment import Request
from lth_tf.models import Lenet
from lth_tf.recipes import dag
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan
from lth_tf.sweep.jobs import all_states, make_jobs
from lth_tf.sweep.queue import Queue
from lth_tf.training import Adam, Constant, Hparams

FLAGS = flags.FLAGS
LEVELS = 15
# Of one initialization: four searches of 16 networks, four times 4 networks of 3 copies.
RUNS = 4 * (LEVELS + 1) + 4 * 4 * 3


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    flags.DEFINE_integer("runs", 10_000, "Runs to plan, at least.", lower_bound=1)
    reports.define_format()


def requests(runs: int) -> Iterator[Request]:
    """Yields the measurements of a sweep over initializations."""
    hparams = Hparams(60, Adam(), Constant(12e-4), threads=1)
    setting = (Lenet(), Task("mnist"), hparams, 24_000)
    search, steps = MaskSearch(LEVELS), (0, 100, 500, 2000)
    for seed in range(-(-runs // RUNS)):
        yield from Imp(*setting, (seed,), search, steps).requests()
        yield from Instability(*setting, (seed,), search, (LEVELS,), rewind_steps=steps).requests()


def main(argv: list[str]) -> None:
    """Prints the time, memory and size of the plan."""
    del argv
    started = time.perf_counter()
    wanted = list(requests(FLAGS.runs))
    described = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        plan = make_plan([request.measurement for request in wanted], layout)
        jobs = make_jobs(wanted, layout, lambda task: 60_000, all_states(wanted))
        Queue(jobs)
    seconds = time.perf_counter() - started
    peak = reports.peak_mb()
    recipes = dag(*(request.measurement for request in wanted)).values()
    report = {
        "measurements": plan.measurements,
        "runs": plan.runs,
        "recipes": len(recipes),
        "jobs": len(jobs),
        "steps": plan.steps,
        "steps_unshared": plan.steps_unshared,
        "seconds": seconds,
        "seconds_describing": described - started,
        "peak_mb": peak,
    }
    reports.show(report, FLAGS.format)


def run() -> None:
    """Runs the benchmark."""
    define_flags()
    lth_tf.cli.app.run(main)


if __name__ == "__main__":
    run()
