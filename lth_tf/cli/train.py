"""Trains dense networks and evaluates them (lmc table 1).

lth-train --gin_file=papers/lmc/lenet.gin --workdir=runs/lenet
python scripts/train.py --gin_file=gin/demo/train.gin --workdir=runs/try --dry_run
"""

import lth_tf.cli.app
from lth_tf.experiments import Training


def main(argv: list[str]) -> None:
    """Runs the experiment that the flags describe."""
    del argv
    lth_tf.cli.app.run_experiment(Training)


def run() -> None:
    """Runs the console command."""
    lth_tf.cli.app.define_experiment_flags()
    lth_tf.cli.app.run(main)
