"""Benchmark: streamed images read, decoded, cut out and resized, by a thread a core.

  python tests/archives.py imagenet2012 --data_dir=/tmp/made --images=400
  python benchmarks/decode.py --data_dir=/tmp/made
  taskset -c 0 python benchmarks/decode.py --data_dir=/tmp/made

The images are those of a dataset whose images vary in size. Each is read once before, so that disks
are not measured.
"""

import statistics
import time

import numpy as np
import reports
from absl import flags

import lth_tf.cli.app
from lth_tf import data
from lth_tf.data.crops import crop_draws
from lth_tf.data.stream import Stream
from lth_tf.errors import UserError

FLAGS = flags.FLAGS


def main(argv: list[str]) -> None:
    """Prints images a second for training and for evaluation."""
    del argv
    task = data.Task(FLAGS.dataset, image_size=FLAGS.image_size, test_split="validation")
    examples = data.load(task, FLAGS.data_dir)
    if not isinstance(examples, data.Streams):
        raise UserError(f"--dataset={FLAGS.dataset}: its images are of one size, and not streamed")
    draws = crop_draws(0, 0, 1, len(examples.train))[0]
    report = {
        "dataset": FLAGS.dataset,
        "image_size": FLAGS.image_size,
        "images": len(examples.train),
        "threads": examples.train.threads,
        "random_parts_per_second": rate(examples.train, draws),
        "central_squares_per_second": rate(examples.train, None),
    }
    reports.show(report, FLAGS.format)


def rate(stream: Stream, draws: np.ndarray | None) -> float:
    """Returns images a second: the median of passes over the split, after one not timed."""
    return len(stream) / statistics.median([seconds(stream, draws) for _ in range(4)][1:])


def seconds(stream: Stream, draws: np.ndarray | None) -> float:
    """Returns how long all of a split's images take, in seconds."""
    started = time.perf_counter()
    stream.decode(np.arange(len(stream)), draws).result()
    return time.perf_counter() - started


def run() -> None:
    """Runs the benchmark."""
    flags.DEFINE_string("dataset", "imagenet2012", "TFDS name, prepared as ArrayRecord files.")
    flags.DEFINE_string("data_dir", None, "Folder of the TFDS datasets; TFDS's own if unset.")
    flags.DEFINE_integer("image_size", 224, "Height and width that images are brought to.")
    reports.define_format()
    lth_tf.cli.app.run(main)


if __name__ == "__main__":
    run()
