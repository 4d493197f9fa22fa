"""A page on a log: its networks and figures; with a paper, beside what the paper shows.

  lth-report --workdir=runs/mine
  lth-report --paper=lmc --workdir=runs/lenet

Leaves WORKDIR/report/lmc.html (own.html without a paper), which needs nothing from outside, the
PNG and CSV files behind it in WORKDIR/report/lmc/, and the same pictures in TensorBoard. What is
missing of a paper is named with the command that fills it and its cost. Nothing is trained.
"""

import sys
from pathlib import Path

from absl import flags

import lth_tf.cli.app

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    flags.DEFINE_string(
        "paper", "none", "The paper: lmc, stabilizing; none for networks of one's own."
    )
    flags.DEFINE_string("workdir", None, "Folder whose results log is reported.", required=True)
    flags.DEFINE_string(
        "store", None, "Store that costs are counted against; WORKDIR/store if unset."
    )
    flags.DEFINE_string("data_dir", None, "Folder of the TFDS datasets; TFDS's own if unset.")


def main(argv: list[str]) -> None:
    """Writes the report that the flags ask for."""
    del argv
    from lth_tf import papers
    from lth_tf.log import log
    from lth_tf.report import page, report, tables
    from lth_tf.report.commands import Commands, PaperFiles
    from lth_tf.tensorboard import overview

    paper, workdir = papers.load(FLAGS.paper), Path(FLAGS.workdir)
    rows, read = log.read(workdir)
    if not rows:
        raise log.LogError(f"--workdir={workdir}: its results log has no rows to report")
    for line in read.lines():
        print(line, file=sys.stderr)
    made = report.make(rows, paper, PaperFiles(paper.key)) if paper else report.make_own(rows)
    store = Path(FLAGS.store) if FLAGS.store else workdir / "store"
    commands = Commands(FLAGS.workdir, store, FLAGS.data_dir)
    written, *pictures = page.write(made, workdir / "report", commands)
    overview.add(pictures, workdir, f"report_{written.stem}")
    print(f"report  {written}\nbehind  {written.with_suffix('')}")
    for line in tables.in_short(made):
        print(line)


def run() -> None:
    """The console command."""
    define_flags()
    lth_tf.cli.app.run(main)
