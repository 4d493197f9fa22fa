"""Runs a small experiment on a store, to be killed or set against another process.

  experiment_process.py DATA_DIR STORE PROGRESS STEPS_PER_CALL

PROGRESS is a file that grows by a byte with every step.
"""

import sys
from pathlib import Path

import tensorflow as tf

from lth_tf.data import Task
from lth_tf.experiments import Imp, MaskSearch
from lth_tf.models import Lenet
from lth_tf.store.store import Store
from lth_tf.training import Adam, Constant, Hparams, numerics
from lth_tf.training.engine import Engine

EXPERIMENT = Imp(
    model=Lenet(widths=(8,), image_shape=(8, 8, 1)),
    task=Task("digits"),
    hparams=Hparams(60, Adam(), Constant(0.01), xla="off"),
    steps=400,
    initializations=(0,),
    search=MaskSearch(levels=2, noise=1),
    rewind_steps=(40,),
)
# The trunk, and three levels from step 40.
STEPS = 40 + 3 * 360


class Progress:
    """Adds a byte to a file for every step."""

    def __init__(self, path):
        self.path = path

    def trained(self, run, step, losses, seconds):
        with open(self.path, "ab") as file:
            file.write(b"." * len(losses))

    def finished(self, run, step): ...

    def doing(self, about): ...


def main(data_dir, root, progress, steps_per_call):
    numerics.configure(2)
    engine = Engine(data_dir, tf.distribute.get_strategy(), int(steps_per_call))
    store = Store(Path(root), lambda: engine, Progress(progress), checkpoint_seconds=0.001)
    for request in EXPERIMENT.requests():
        store.measure(request.measurement)


if __name__ == "__main__":
    main(*sys.argv[1:])
