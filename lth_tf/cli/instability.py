"""Instability analysis of dense and sparse networks (lmc algorithm 1).

lth-instability --gin_file=papers/lmc/lenet.gin --workdir=runs/lenet
python scripts/instability.py --gin_file=gin/demo/instability.gin --workdir=runs/try --dry_run
"""

from lth_tf.cli.app import experiment_command
from lth_tf.experiments import Instability

run = experiment_command(__name__, Instability)
