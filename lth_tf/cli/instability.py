"""Instability analysis of dense and sparse networks (lmc algorithm 1).

lth-instability --gin_file=papers/lmc/lenet.gin --workdir=runs/lenet
python scripts/instability.py --gin_file=gin/demo/instability.gin --workdir=runs/try --dry_run
"""

import lth_tf.cli.app
from lth_tf.experiments import Instability


def main(argv: list[str]) -> None:
    """Runs the experiment that the flags describe."""
    del argv
    lth_tf.cli.app.run_experiment(Instability)


def run() -> None:
    """Runs the console command."""
    lth_tf.cli.app.define_experiment_flags()
    lth_tf.cli.app.run(main)
