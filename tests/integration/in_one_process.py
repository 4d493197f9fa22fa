"""Runs experiments one after the other in one process, which starts TensorFlow once for all.

  python in_one_process.py '[["imp", "--gin_file=...", "--workdir=..."], ...]'

Everything else is as in the binaries: their flags, their way, their files. All experiments must
have the same Hparams.threads.
"""

import json
import sys

import array_record.python.array_record_data_source  # noqa: F401, defines flags, but only once
from absl import flags
from absl.testing import flagsaver

import lth_tf.cli.app
from lth_tf.experiments import Imp, Instability, Onset, Training

KINDS = {"train": Training, "imp": Imp, "instability": Instability, "onset": Onset}


def run(name: str, *arguments: str) -> None:
    """Runs one experiment as its binary would with these flags."""
    with flagsaver.flagsaver():
        flags.FLAGS([name, *arguments])
        lth_tf.cli.app.run_experiment(KINDS[name])


if __name__ == "__main__":
    lth_tf.cli.app.define_experiment_flags()
    for experiment in json.loads(sys.argv[1]):
        run(*experiment)
