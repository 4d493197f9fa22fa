"""Draws the figures of a workdir from its results log alone, into WORKDIR/figures.

  python scripts/figures.py --workdir=runs/demo
  python scripts/figures.py --workdir=runs/demo --where dataset=mnist
  python scripts/figures.py --workdir=runs/lenet --paper=lmc

Prints each figure's path. Without a paper they are the standard figures, which suit any network;
pictures of before that are not among them are removed. What was left out goes to stderr.
"""

from absl import flags

from lth_tf.cli import app

FLAGS = flags.FLAGS


def _define_flags() -> None:
    flags.DEFINE_string("workdir", None, "Folder whose results log is drawn.", required=True)
    flags.DEFINE_string(
        "paper",
        "none",
        "Whose figures: lmc, stabilizing, early_phase, unmasking, sgd_noise; none for the standard "
        "ones.",
    )
    flags.DEFINE_multi_string(
        "where", [], "NAME=VALUE that rows must have; or !=, <, <=, >, >=; may be repeated."
    )


def main(argv: list[str]) -> None:
    """Draws every figure that the log has rows for."""
    from lth_tf.lab import Lab

    for picture in Lab(FLAGS.workdir).figures(*FLAGS.where, paper=FLAGS.paper):
        print(picture.path)


run = app.command(main, _define_flags)
