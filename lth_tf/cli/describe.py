"""Says what gin files mean: network, data, hyperparameters, experiments, and what they cost.

lth-describe --gin_file=papers/lmc/resnet20.gin
python scripts/describe.py --gin_file=gin/papers/lmc/lenet.gin --measure

The tables are to be held beside a paper's. Nothing is trained, and data need not be prepared.
"""

import tempfile

from absl import flags

from lth_tf.cli import app

FLAGS = flags.FLAGS


def _define_flags() -> None:
    app.define_gin_flags()
    app.define_over()
    flags.DEFINE_string(
        "store",
        None,
        "Store of trained networks: what is there costs nothing, and steps take what they took "
        "there.",
    )
    flags.DEFINE_bool("measure", False, "Measure here how long a training step takes.")


def main(argv: list[str]) -> None:
    """Prints the description."""
    from lth_tf.lab import Lab

    options = {"bindings": FLAGS.gin_bindings, "over": FLAGS.over, "measure": FLAGS.measure}
    with tempfile.TemporaryDirectory() as empty:
        print(Lab(empty, FLAGS.store, FLAGS.data_dir).describe(*FLAGS.gin_file, **options))


run = app.command(main, _define_flags)
