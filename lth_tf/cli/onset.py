"""The first step from which copies of a network are stable to SGD noise, by bisection.

lth-onset --gin_file=demo/onset.gin --workdir=runs/onset
python scripts/onset.py --gin_file=gin/demo/onset.gin --workdir=runs/try --dry_run
"""

import lth_tf.cli.app
from lth_tf.experiments import Onset


def main(argv: list[str]) -> None:
    """Runs the experiment that the flags describe."""
    del argv
    lth_tf.cli.app.run_experiment(Onset)


def run() -> None:
    """Runs the console command."""
    lth_tf.cli.app.define_experiment_flags()
    lth_tf.cli.app.run(main)
