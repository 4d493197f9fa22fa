"""Prints the results log of a workdir: rows as a table, CSV or JSON, or a summary of them.

  python scripts/results.py --workdir=runs/demo --format=summary
  python scripts/results.py --workdir=runs/demo --format=csv --where network=imp --where level=8
  python scripts/results.py --workdir=runs/mine --where 'Constant.rate<0.01'
  python scripts/results.py --workdir=runs/lenet --format=table_2

What reading the log skipped, and why, goes to stderr.
"""

import sys

from absl import flags

import lth_tf.cli.app
from lth_tf.analysis import summary, where
from lth_tf.log import log

FLAGS = flags.FLAGS
_WHERE = "NAME=VALUE that rows must have, of a field, axis or setting; or !=, <, <=, >, >="


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    flags.DEFINE_string("workdir", None, "Folder whose results log is read.", required=True)
    flags.DEFINE_enum("format", "table", list(summary.FORMATS), "How rows are printed.")
    flags.DEFINE_multi_string("where", [], f"{_WHERE}; may be repeated.")


def main(argv: list[str]) -> None:
    """Prints the rows that the flags ask for."""
    del argv
    rows, report = log.read(FLAGS.workdir)
    for line in report.lines():
        print(line, file=sys.stderr)
    if not rows:
        raise log.LogError(f"--workdir={FLAGS.workdir}: its results log holds no rows yet")
    print(summary.FORMATS[FLAGS.format](where.where(rows, FLAGS.where)))


def run() -> None:
    """The console command."""
    define_flags()
    lth_tf.cli.app.run(main)
