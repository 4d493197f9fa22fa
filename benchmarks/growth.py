"""Benchmark: the growth of cost with levels, replicates, alphas and size, at three sizes each.

  python benchmarks/growth.py
  python benchmarks/growth.py --dataset=digits --steps=200 --format=json

Every figure is of LeNet, in a store of its own, after what it needs is compiled: seconds of whole
experiments (training, pruning, writing and evaluating) and bytes that they leave in the store. Peak
memory is the process's, so it tells only whether a later, larger size needed more.
"""

import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import reports
import settings
import tensorflow as tf
from absl import flags

import lth_tf.cli.app
from lth_tf import data
from lth_tf.experiments import Imp, Instability, MaskSearch
from lth_tf.models import Lenet
from lth_tf.store.observer import SilentObserver
from lth_tf.store.store import Store
from lth_tf.training import numerics
from lth_tf.training.engine import Engine

FLAGS = flags.FLAGS
SIZES = {
    "levels": (4, 8, 16),
    "replicates": (1, 2, 4),
    "alphas": (10, 30, 90),
    "widths": ((300, 100), (600, 200), (1200, 400)),
}


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    settings.define_data_flags("mnist", "mnist", "digits")
    flags.DEFINE_integer("steps", 1000, "Training steps of a run.", lower_bound=1)
    flags.DEFINE_integer("threads", 2, "CPU threads.", lower_bound=1)


def main(argv: list[str]) -> None:
    """Prints the cost of each size of each kind."""
    del argv
    numerics.configure(FLAGS.threads)
    rows = list(measured())
    if FLAGS.format == "json":
        print(json.dumps({"device": numerics.device(), "steps": FLAGS.steps, "rows": rows}))
        return
    print(f"{'what':>10} {'size':>12} {'seconds':>9} {'store MB':>9} {'peak MB':>9}")
    for row in rows:
        size, numbers = row["size"], (row["seconds"], row["store_mb"], row["peak_mb"])
        print(f"{row['what']:>10} {size!s:>12} " + " ".join(f"{n:9.2f}" for n in numbers))


def measured() -> Iterator[dict[str, Any]]:
    """Yields a row for every size: seconds, what the store holds then, peak memory."""
    engine = Engine(FLAGS.data_dir, tf.distribute.get_strategy())
    for what, sizes in SIZES.items():
        for size in sizes:
            experiment = experiments()[what](size)
            _run(experiment, engine)  # Compiles what it needs.
            seconds, stored = _run(experiment, engine)
            row = {"what": what, "size": size, "seconds": seconds, "store_mb": stored / 1e6}
            yield row | {"peak_mb": reports.peak_mb()}


def experiments() -> dict[str, Any]:
    """Returns functions from a size to its experiment, by the quantity that grows."""
    task = data.bind(settings.task(FLAGS.dataset), FLAGS.data_dir)
    facts = data.facts(task, FLAGS.data_dir)
    hparams = settings.hparams("lenet", None, threads=FLAGS.threads)

    def imp(levels: int = 1, replicates: int = 1, widths: tuple[int, ...] = (300, 100)) -> Imp:
        model = Lenet(widths, facts.classes, facts.image_shape)
        search = MaskSearch(levels)
        return Imp(model, task, hparams, FLAGS.steps, tuple(range(replicates)), search)

    def line(alphas: int) -> Instability:
        base = imp()
        shared = (base.model, task, hparams, FLAGS.steps, base.initializations, base.search)
        return Instability(*shared, networks=("dense",), copies=(1, 2), alphas=alphas)

    return {
        "levels": lambda levels: imp(levels=levels),
        "replicates": lambda replicates: imp(levels=2, replicates=replicates),
        "alphas": line,
        "widths": lambda widths: imp(widths=widths),
    }


def _run(experiment: Imp | Instability, engine: Engine) -> tuple[float, int]:
    """Returns the seconds of an experiment in an empty store, and the bytes it leaves there."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder), lambda: engine, SilentObserver())
        started = time.perf_counter()
        for request in experiment.requests():
            store.measure(request.measurement)
        seconds = time.perf_counter() - started
        return seconds, _bytes(Path(folder).rglob("*"))


def _bytes(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())


def run() -> None:
    """Runs the benchmark."""
    define_flags()
    lth_tf.cli.app.run(main)


if __name__ == "__main__":
    run()
