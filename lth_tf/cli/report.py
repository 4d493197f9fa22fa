"""A page on a log: its networks and figures; with a paper, beside what the paper shows.

  lth-report --workdir=runs/mine
  lth-report --paper=lmc --workdir=runs/lenet

Leaves WORKDIR/report/lmc.html, which needs nothing from outside, the PNG and CSV files behind it
in WORKDIR/report/lmc/, and the same pictures in TensorBoard. What is missing of a paper is named
with the command that fills it and its cost. Without a paper, own.html has the log's networks, and
index.html says how much of each paper the log is. Nothing is trained.
"""

from absl import flags

from lth_tf.cli import app

FLAGS = flags.FLAGS


def _define_flags() -> None:
    flags.DEFINE_string(
        "paper",
        "none",
        "The paper: lmc, stabilizing, early_phase, unmasking, sgd_noise; none for networks of "
        "one's own.",
    )
    flags.DEFINE_string("workdir", None, "Folder whose results log is reported.", required=True)
    flags.DEFINE_string(
        "store", None, "Store that costs are counted against; WORKDIR/store if unset."
    )
    flags.DEFINE_string("data_dir", None, "Folder of the TFDS datasets; TFDS's own if unset.")


def main(argv: list[str]) -> None:
    """Writes the report that the flags ask for."""
    from lth_tf.lab import Lab

    print(Lab(FLAGS.workdir, FLAGS.store, FLAGS.data_dir).report(FLAGS.paper))


run = app.command(main, _define_flags)
