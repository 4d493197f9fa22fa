"""Iterative magnitude pruning with rewinding (lmc algorithm 2): a row per level.

lth-imp --gin_file=papers/lmc/lenet.gin --workdir=runs/lenet
python scripts/imp.py --gin_file=gin/demo/imp.gin --workdir=runs/try --dry_run
"""

import lth_tf.cli.app
from lth_tf.experiments import Imp


def main(argv: list[str]) -> None:
    """Runs the experiment that the flags describe."""
    del argv
    lth_tf.cli.app.run_experiment(Imp)


def run() -> None:
    """Runs the console command."""
    lth_tf.cli.app.define_experiment_flags()
    lth_tf.cli.app.run(main)
