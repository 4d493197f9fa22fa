"""A report on stabilizing from invented rows."""

import itertools

from synthetic import base, evaluation, key, settings, stability

from lth_tf import papers
from lth_tf.report import report

PAPER = papers.load("stabilizing")
assert PAPER
KINDS = ("imp", "random_pruning")
STEPS = (0, 500, 2000)
# What is invented: L2 distance under other data orders at k = 0, to the dense network, accuracy.
SHAPES = {"imp": (20.0, 48.0, 0.983), "random_pruning": (60.0, 72.0, 0.975)}
SCORES = {"snip": "Snip", "grasp": "Grasp", "synflow": "SynFlow"}


def at_the_end(network, i, k, level, noise, **changes):
    """What rows of LeNet after 50,000 steps have in common."""
    own = {"MaskSearch.score": SCORES.get(network, "Magnitude")} if level else {}
    found = {"key": key("stabilizing", network, i, k, level, noise, sorted(changes))}
    known = settings("imp" if level else "dense", **own)
    return {**base(network, i, k, level), **found, "step": 50_000, "settings": known, **changes}


def accuracy(network, i, k, level, noise, value):
    error = {"test_error": 1 - value, "train_error": 0.0}
    row = evaluation("imp", i, noise, k, level)
    return {**row, **at_the_end(network, i, k, level, [noise], **error)}


def apart(to, network, i, k, noise, distance):
    """A row of stability; its angle is 1 degree more than its distance."""
    values = {"l2_distance": distance, "angle": distance + 1}
    row = stability(to, network, noise)
    changes = at_the_end(network, i, k, 10, list(noise), stability_to=to, **values)
    return {**row, **changes}


def far(network, i, k, pair):
    """The distance of a pair: at a later k less, and the less of IMP, by seed and pair another."""
    shrunk = SHAPES[network][0] / (1 + k / (500 if network == "imp" else 1000))
    return shrunk * (1 + 0.01 * (i - 1) + 0.001 * sum(pair))


def log():
    """3 initializations x 4 copies from every k at level 10; every level from 0 and 500."""
    for i in range(3):
        yield accuracy("dense", i, 0, 0, 0, 0.98 + 0.001 * i)
        for k, network in itertools.product(STEPS, KINDS):
            _, pruned, value = SHAPES[network]
            for copy in range(4):
                yield accuracy(network, i, k, 10, copy, value + k * 1e-6 + 0.001 * i)
            for pair in itertools.combinations(range(4), 2):
                yield apart("data_order", network, i, k, pair, far(network, i, k, pair))
            yield apart("pruning", network, i, k, (0,), pruned / (1 + k / 1000) + i)
        for level in (*range(1, 10), 11):
            for network, k, lost in (
                ("imp", 0, 1), ("imp", 500, 0.5), ("random_reinitialization", 0, 3),
                *((name, 0, 2) for name in SCORES),
            ):  # fmt: skip
                yield accuracy(network, i, k, level, 7, 0.98 - 0.001 * lost * level + 0.001 * i)


ROWS = list(log())
MADE = report.make(ROWS, PAPER, lambda network: None)


def part(number):
    (found,) = MADE.sections[f"Figure {number}"].parts
    return found


def ours(where, what):
    (found,) = [
        each.ours
        for each in MADE.comparisons
        if (each.number.printed.where, each.number.printed.what) == (where, what)
        and each.number.network == "lenet"
    ]
    return found
