"""Says what gin files mean: network, data, hyperparameters, experiments, and what they cost.

lth-describe --gin_file=papers/lmc/resnet20.gin
python scripts/describe.py --gin_file=gin/papers/lmc/lenet.gin --measure

The tables are to be held beside a paper's. Nothing is trained, and data need not be prepared.
"""

import tempfile

from absl import flags

import lth_tf.cli.app

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    lth_tf.cli.app.define_gin_flags()
    lth_tf.cli.app.define_over()
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

    with tempfile.TemporaryDirectory() as empty:
        lab = Lab(empty, FLAGS.store, FLAGS.data_dir)
        asked = {"bindings": FLAGS.gin_bindings, "over": FLAGS.over, "measure": FLAGS.measure}
        print(lab.describe(*FLAGS.gin_file, **asked))


run = lth_tf.cli.app.command(main, define_flags)
