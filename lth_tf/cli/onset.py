"""The first step from which copies of a network are stable to SGD noise, by bisection.

lth-onset --gin_file=demo/onset.gin --workdir=runs/onset
python scripts/onset.py --gin_file=gin/demo/onset.gin --workdir=runs/try --dry_run
"""

from lth_tf.cli.app import experiment_command
from lth_tf.experiments import Onset

run = experiment_command(__name__, Onset)
