"""Prints the results log of a workdir: rows as a table, CSV or JSON, or a summary of them.

  python scripts/results.py --workdir=runs/demo --format=summary
  python scripts/results.py --workdir=runs/demo --format=csv --where network=imp --where level=8
  python scripts/results.py --workdir=runs/mine --where 'Constant.rate<0.01'
  python scripts/results.py --workdir=runs/lenet --format=table_2

What reading the log skipped, and why, goes to stderr.
"""

from absl import flags

from lth_tf.analysis import summary
from lth_tf.cli import app

FLAGS = flags.FLAGS


def _define_flags() -> None:
    flags.DEFINE_string("workdir", None, "Folder whose results log is read.", required=True)
    flags.DEFINE_enum("format", "table", list(summary.FORMATS), "How rows are printed.")
    flags.DEFINE_multi_string(
        "where",
        [],
        "NAME=VALUE that rows must have, of a field, axis or setting; or !=, <, <=, >, >=; may be "
        "repeated.",
    )


def main(argv: list[str]) -> None:
    """Prints the rows that the flags ask for."""
    from lth_tf.lab import Lab, LabError

    rows = Lab(FLAGS.workdir).rows()
    if not rows:
        raise LabError(f"workdir={FLAGS.workdir}: its results log has no rows to print")
    print(summary.FORMATS[FLAGS.format](rows.where(*FLAGS.where)))


run = app.command(main, _define_flags)
