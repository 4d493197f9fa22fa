"""Redraws the figures of a workdir from its results log alone, into <workdir>/figures.

  python scripts/figures.py --workdir=runs/demo
  python scripts/figures.py --workdir=runs/demo --where dataset=mnist

Prints each figure's path; what was left out, and why, goes to stderr.
"""

import functools
import sys
from pathlib import Path

from absl import flags

import lth_tf.app
from lth_tf.analysis import where as selection
from lth_tf.figures import standard as figures
from lth_tf.log import log

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    flags.DEFINE_string("workdir", None, "Folder whose results log is drawn.", required=True)
    flags.DEFINE_multi_string(
        "where", [], "What rows must have, such as 'density<0.5' or network=imp. May be repeated."
    )


def main(argv: list[str]) -> None:
    """Draws every figure that the log has rows for."""
    del argv
    say = functools.partial(print, file=sys.stderr)
    rows, report = log.read(FLAGS.workdir)
    for line in report.lines():
        say(line)
    rows = selection.where(rows, FLAGS.where)
    if not rows:
        raise log.LogError(f"--workdir={FLAGS.workdir}: its results log has no rows to draw")
    for path in figures.draw_all(rows, Path(FLAGS.workdir) / "figures", say):
        print(path)


def run() -> None:
    """The console command."""
    define_flags()
    lth_tf.app.run(main)
