"""A store of two experiments that share a run, and of a run that nobody registered."""

import os
import time
from dataclasses import dataclass

import numpy as np

from lth_tf.measurements import Evaluate
from lth_tf.recipes import At, Init, Magnitude, Model, Ones, Prune, Recipe, dag, train
from lth_tf.store import artifacts, format_file, records, registry
from lth_tf.store.layout import Layout
from lth_tf.training.batches import Outcomes


@dataclass(frozen=True, eq=False, repr=False)
class Net(Model):
    width: int = 3


@dataclass(frozen=True, eq=False, repr=False)
class Setting(Recipe):
    name: str


@dataclass(frozen=True, eq=False, repr=False)
class Study(Recipe):
    levels: int


MODEL, TASK, HPARAMS = Net(), Setting("task"), Setting("hparams")
TRUNK = train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, noise=0)
REWOUND, END = At(TRUNK, 50), At(TRUNK, 600)
MASK = Prune(END, Ones(MODEL), 0.2, Magnitude(), "global", ())
TICKET = train(REWOUND, MASK, TASK, HPARAMS, noise=1)
SHORT, LONG = (Evaluate(end, TASK) for end in (END, At(TICKET, 600)))
ORPHAN = train(Init(MODEL, 9), Ones(MODEL), TASK, HPARAMS, noise=0)
CONTENT = {
    ".state": {"weights/w": np.ones(5, np.float32)},
    ".mask": {"w": np.ones(5, np.uint8)},
    ".numbers": {"w": np.ones(5)},
}


def write(layout, recipe, path=None):
    """The artifact of a recipe as lth_tf.store.store writes it, with one small array."""
    head = recipe.run if isinstance(recipe, At) else recipe
    header = {"key": head.key, "recipe": head.canonical}
    if isinstance(recipe, At):
        header |= {"step": recipe.step, "updates": 0}
    path = path or layout.artifact(recipe)
    artifacts.write(path, header, CONTENT[path.suffix] if path.stem != "diverged" else {})
    return path


def make(root, *experiments):
    """A store with all artifacts of some experiments, given as (levels, measurement)."""
    format_file.open_root(root)
    layout = Layout(root)
    for levels, measurement in experiments:
        registry.register(layout, Study(levels), root / f"work{levels}", [measurement])
        for recipe in dag(measurement).values():
            if isinstance(recipe, (At, Prune, Evaluate)):
                write(layout, recipe)
    return layout


def record(layout, run, first, last):
    """A segment of a run's record: the loss of a step is its number, half of the bits are set."""
    losses = np.arange(first, last, dtype=np.float32)
    correct = np.tile([True, False], (last - first, 2))
    records.write(layout.run(run), first, [Outcomes(losses, correct)])


def age(path, seconds):
    os.utime(path, times=(time.time() - seconds,) * 2)


def names(targets):
    return sorted(target.path.name for target in targets)
