"""Trains dense networks and evaluates them (lmc table 1).

lth-train --gin_file=papers/lmc/lenet.gin --workdir=runs/lenet
python scripts/train.py --gin_file=demo/digits.gin --gin_file=experiments/train.gin --dry_run
"""

from lth_tf.cli.app import experiment_command
from lth_tf.experiments import Training

run = experiment_command(__name__, Training)
