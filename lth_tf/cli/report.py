"""A page on a paper: its figures, tables and numbers beside those of a workdir, from the log alone.

  lth-report --paper=lmc --workdir=runs/lenet
  python scripts/report.py --paper=lmc --workdir=runs/lenet

Leaves WORKDIR/report/lmc.html, which needs nothing from outside, the PNG and CSV files behind it in
WORKDIR/report/lmc/, and the same pictures in TensorBoard. What is missing is named with the command
that fills it and its cost. Nothing is trained.
"""

import sys
from pathlib import Path

from absl import flags

import lth_tf.app

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    flags.DEFINE_string("paper", None, "The paper: lmc.", required=True)
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
    from lth_tf.report import page, report
    from lth_tf.report import settings_diff as departures
    from lth_tf.report.commands import Filler, PaperFiles
    from lth_tf.tensorboard.board import Board

    paper, workdir = papers.load(FLAGS.paper), Path(FLAGS.workdir)
    rows, read = log.read(workdir)
    if not rows:
        raise log.LogError(f"--workdir={workdir}: its results log has no rows to report")
    for line in read.lines():
        print(line, file=sys.stderr)
    settings = departures.settings_of(workdir)
    made = report.make(rows, paper, settings, PaperFiles(paper.key))
    store = Path(FLAGS.store) if FLAGS.store else workdir / "store"
    filler = Filler(FLAGS.workdir, store, FLAGS.data_dir)
    written, *pictures = page.write(made, workdir / "report", filler)
    with Board(workdir) as board:
        for path in pictures:
            board.image(f"{paper.key}/{path.stem}", path)
    print(f"report  {written}\nbehind  {workdir / 'report' / paper.key}")


def run() -> None:
    """The console command."""
    define_flags()
    lth_tf.app.run(main)
