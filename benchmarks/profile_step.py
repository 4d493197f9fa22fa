"""Benchmark: a training step's time by kind of operation, from TensorFlow's profiler.

  python benchmarks/profile_step.py --model=vgg16
  python benchmarks/profile_step.py --model=resnet20 --precision=mixed_bfloat16 --format=json

Operations run one after the other here, each on all threads, so that their times add up to the
step's; a step of train_step.py, which lets two run at once, may be a little faster. Steps that XLA
compiles are one operation to the profiler: it shows networks that are not.
"""

import collections
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import settings
import tensorflow as tf
from absl import flags
from tensorflow.tsl.profiler.protobuf import xplane_pb2

import lth_tf.cli.app
from lth_tf.models.network import network
from lth_tf.training import numerics, speed
from lth_tf.training.program import Program
from lth_tf.training.trajectory import Trajectory

FLAGS = flags.FLAGS
WARM_UP_CALLS = 4
SHOWN = 12


def main(argv: list[str]) -> None:
    """Prints milliseconds a step of the operations that take longest."""
    del argv
    numerics.configure(FLAGS.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    task, examples = settings.load()
    model = settings.model(FLAGS.model, examples)
    hparams = settings.hparams(
        FLAGS.model, None, threads=FLAGS.threads, precision=FLAGS.precision, xla="off"
    )
    built = network(model, FLAGS.precision)
    program = Program(built, task, hparams, examples, tf.distribute.get_strategy(), False)
    milliseconds, by_kind = profiled(speed.trajectory(model, task, hparams, program))
    report = {**settings.described(), "ms_per_step": milliseconds, "ms_by_operation": by_kind}
    if FLAGS.format == "json":
        print(json.dumps(report))
        return
    print(f"{milliseconds:9.2f} ms a step")
    for kind, each in by_kind.items():
        print(f"{each:9.2f} ms  {100 * each / milliseconds:4.1f} %  {kind}")


def profiled(running: Trajectory) -> tuple[float, dict[str, float]]:
    """Returns milliseconds a step, and of the operations that take longest, by their kind."""
    for _ in range(WARM_UP_CALLS):
        running.advance(10**9)
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        first, started = running.step, time.perf_counter()
        running.advance(10**9)
        seconds, steps = time.perf_counter() - started, running.step - first
        tf.profiler.experimental.stop()
        (path,) = Path(folder).rglob("*.xplane.pb")
        totals = _milliseconds_by_kind(xplane_pb2.XSpace.FromString(path.read_bytes()))
    return 1e3 * seconds / steps, {k: ms / steps for k, ms in totals.most_common(SHOWN)}


def _milliseconds_by_kind(space: Any) -> collections.Counter[str]:
    """Returns the total time by kind of operation; events are called 'name:kind'."""
    totals: collections.Counter[str] = collections.Counter()
    for plane in space.planes:
        names = {number: event.name for number, event in plane.event_metadata.items()}
        for line in plane.lines:
            for event in line.events:
                name, colon, kind = names[event.metadata_id].rpartition(":")
                if colon and kind.isidentifier() and "/" in name:
                    totals[kind] += event.duration_ps / 1e9
    return totals


def run() -> None:
    """Runs the benchmark."""
    settings.define_flags()
    lth_tf.cli.app.run(main)


if __name__ == "__main__":
    run()
