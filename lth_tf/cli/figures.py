"""Draws the figures of a workdir from its results log alone, into WORKDIR/figures.

  python scripts/figures.py --workdir=runs/demo
  python scripts/figures.py --workdir=runs/demo --where dataset=mnist
  python scripts/figures.py --workdir=runs/lenet --paper=lmc

Prints each figure's path. Without a paper they are the standard figures, which suit any network;
pictures of before that are not among them are removed. What was left out goes to stderr.
"""

import functools
import sys
from pathlib import Path

from absl import flags

import lth_tf.cli.app
from lth_tf.analysis.where import where
from lth_tf.log import log

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    flags.DEFINE_string("workdir", None, "Folder whose results log is drawn.", required=True)
    flags.DEFINE_string(
        "paper", "none", "Whose figures: lmc, stabilizing; none for the standard ones."
    )
    flags.DEFINE_multi_string(
        "where", [], "NAME=VALUE that rows must have; or !=, <, <=, >, >=; may be repeated."
    )


def main(argv: list[str]) -> None:
    """Draws every figure that the log has rows for."""
    del argv
    from lth_tf.figures import draw
    from lth_tf.lab import figures

    say = functools.partial(print, file=sys.stderr)
    folder = figures.folder(Path(FLAGS.workdir), FLAGS.paper)
    rows, read = log.read(FLAGS.workdir)
    for line in read.lines():
        say(line)
    rows = where(rows, FLAGS.where)
    if not rows:
        raise log.LogError(f"--workdir={FLAGS.workdir}: its results log has no rows to draw")
    charts = figures.charts(rows, FLAGS.paper)
    draw.notes(rows, say)
    for picture in figures.write_all(charts, folder):
        print(picture.path)


def run() -> None:
    """The console command."""
    define_flags()
    lth_tf.cli.app.run(main)
