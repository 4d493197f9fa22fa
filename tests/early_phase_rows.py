"""Rows of a study of early_phase of a ResNet-20; numbers made up."""

import math

from synthetic import curvature, difference, evaluation, gradient, weights

from lth_tf.log.fields import network_kinds
from lth_tf.papers.early_phase import kinds

OURS = {"model": "ResNet-20", "dataset": "cifar10", "settings": {}}
T, SEEDS, LEVELS = 62_400, (0, 1), (0, 1, 6, 8)
NAMES = {kind.name: kind.title for kind in network_kinds().values()}
# Accuracy lost at level 6, of 1: twice that at level 8, nothing of it where nothing is pruned.
LOST = {0: 0.04, 100: 0.04, 250: 0.03, 500: 0.01, 1000: 0.01, 2000: 0.01}
PERTURBED = (*kinds.FOURTEEN, "signs_initial_magnitudes_initial")


def end(network, i, k, level, lost):
    """A network at the end, of 91.5% where nothing is lost; replicates are 0.2 points apart."""
    error = 0.084 + 0.002 * i + lost * {0: 0, 1: 0, 6: 1, 8: 2}[level]
    return evaluation(network, i, 0, k, level, step=T, test_error=error, **OURS)


def lost(name, k):
    """What a perturbed network loses: more, the further it was moved."""
    return 0.01 + 0.2 * deviation(name) * (0.5 if k == 2000 else 1)


def deviation(name):
    return 0.03 + 0.01 * PERTURBED.index(name)


def pretrained(name):
    epochs = int(name.split("_")[-2])
    return 0.04 - 0.03 * (epochs == 40) * (name.split("_")[0] == "blur")


def log():
    for i in SEEDS:
        for k, value in LOST.items():
            for level in LEVELS:
                yield end("imp" if level else "dense", i, k, level, value)
        for k in (500, 2000):
            for name in PERTURBED:
                moved = {"effective_deviation": deviation(name) + 0.001 * i, "step": k, **OURS}
                for level in LEVELS[1:]:
                    yield end(name, i, k, level, lost(name, k))
                    yield difference(name, i, rewind_step=k, level=level, **moved)
        for pretext in kinds.PRETEXTS:
            for epochs in kinds.LENGTHS:
                name = kinds.pretrained(pretext, epochs)
                for level in LEVELS:
                    yield end(name, i, 0, level, pretrained(name))
        for name in ("imp", "initial_weights", "random_reinitialization", "random_pruning"):
            for level in LEVELS[1:]:
                yield end(f"{name}_after_rotation", i, 500, level, 0.045)
        yield from course(i)


def course(i):
    """Telemetry of the dense network."""
    for t in (0, 5, 10, 100, 200, 300, 400, 500, 1000, 2000, 4000):
        yield evaluation("dense", i, 0, 0, 0, step=t, test_error=0.9 - 0.8 * t / (t + 300), **OURS)
        yield weights(initialization=i, step=t, **OURS)
        size = 0.01 + 0.05 * math.exp(-t / 5) - 0.005 * math.exp(-(((t - 200) / 90) ** 2))
        yield gradient(i, t, mean_gradient=size, **OURS)
    yield from (curvature(i, t, **OURS) for t in (0, 500))
    later = {"between": "k_to_later", "differing_signs": 0.09}
    yield difference("dense", i, rewind_step=500, step=2000, **later, **OURS)
