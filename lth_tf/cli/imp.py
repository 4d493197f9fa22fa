"""Iterative magnitude pruning with rewinding (lmc algorithm 2): a row per level.

lth-imp --gin_file=papers/lmc/lenet.gin --workdir=runs/lenet
python scripts/imp.py --gin_file=gin/demo/imp.gin --workdir=runs/try --dry_run
"""

from lth_tf.cli.app import experiment_command
from lth_tf.experiments import Imp

run = experiment_command(__name__, Imp)
