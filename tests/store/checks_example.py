"""A store with an artifact of every kind."""

import hashlib
import itertools
import json

import numpy as np

from lth_tf.store import artifacts, format_file
from lth_tf.store.layout import Layout

RECIPES = {name: json.dumps({"recipe": name, "numerics": 3, "fields": {}}) for name in "ABCDEFGH"}
KEYS = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in RECIPES.items()}
STATE = {
    "weights/a/kernel": np.ones((2, 3), np.float32),
    "weights/a/bias": np.ones(3, np.float32),
    "statistics/n/mean": np.ones(3, np.float32),
    "slots/velocity/a/kernel": np.ones((2, 3), np.float32),
    "slots/velocity/a/bias": np.ones(3, np.float32),
}
WEIGHTS, STATISTICS = {"a/kernel": (2, 3), "a/bias": (3,)}, {"n/mean": (3,)}
MASK = {"a/kernel": np.array([[1, 0, 1], [0, 0, 1]], np.uint8)}
NUMBERS = {"test_errors": np.zeros(1), "alphas": np.zeros(4)}


def header(name, **more):
    return {"key": KEYS[name], "recipe": RECIPES[name], **more}


def run(root, name):
    return root / "runs" / KEYS[name][:2] / KEYS[name]


def other(root, folder, name, suffix):
    return root / folder / KEYS[name][:2] / (KEYS[name] + suffix)


def make(root):
    """A store with two runs of two steps, a diverged one, two masks and two measurements."""
    format_file.open_root(root)
    for name, step in itertools.product("AB", (5, 12)):
        at = run(root, name) / f"at-{step:09d}.state"
        artifacts.write(at, header(name, step=step, updates=step), STATE)
    artifacts.write(run(root, "A") / "recovery.state", header("A", step=9, updates=9), STATE)
    artifacts.write(run(root, "C") / "diverged.state", header("C", step=7), {})
    artifacts.write(run(root, "F") / "diverged.state", header("F", step=70), {})
    for name in "AB":
        for first, last in ((0, 5), (5, 12)):
            record = run(root, name) / f"record-{first:09d}-{last:09d}.record"
            steps = {"kind": "record", "first_step": first, "last_step": last}
            artifacts.write(record, {"key": KEYS[name], **steps}, {"losses": np.ones(12, np.uint8)})
    for name in "DE":
        artifacts.write(other(root, "masks", name, ".mask"), header(name), MASK)
    for name in "GH":
        artifacts.write(other(root, "measurements", name, ".numbers"), header(name), NUMBERS)
    return root


def everything(root):
    return sorted(path for _, path in Layout(root).files())
