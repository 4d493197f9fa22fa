"""Rows of a study of sgd_noise: tickets of four settings; numbers made up."""

import math

import numpy as np
from synthetic import base, key

from lth_tf import papers
from lth_tf.papers.sgd_noise.networks import MAIN

PAPER = papers.load("sgd_noise")
assert PAPER
ALPHAS = [0.0, 0.25, 0.5, 0.75, 1.0]
STEPS = {100: 100_000, 256: 39_000}
MODEL, DATASET = "ResNet-18, CIFAR stem", "cifar10"


def row(kind, setting, network="imp", level=0, seed=0, k=0, axes=None, more=None, **values):
    """A row of a setting; `more` are further settings, `values` what was measured."""
    momentum, batch = setting
    own = {"Momentum.momentum": momentum, "Hparams.batch_size": batch, **(more or {})}
    made = {
        **base(network if network != "trained_dense" else "dense", seed, k, level),
        "key": key(kind, setting, network, level, seed, k, axes, more, values.get("noise")),
        "kind": kind,
        "network": network,
        "model": MODEL,
        "dataset": DATASET,
        "noise": [0],
        "step": STEPS.get(batch, 4800),
        "settings": own,
        "axes": axes or {},
        **values,
    }
    return made


def evaluation(setting, accuracy, **how):
    values = {f"{s}_{what}": 1 - accuracy for s in ("train", "test") for what in ("error", "loss")}
    return row("evaluation", setting, **how, **values)


def line(setting, height, noise=(1, 2), network="dense", **how):
    hill = [4 * a * (1 - a) * height + 0.05 for a in ALPHAS]
    curves = {f"{s}_{w}": hill for s in ("train", "test") for w in ("errors", "losses")}
    distances = {"l2_distance": 20.0, "cosine_distance": 0.1}
    return row(
        "instability", setting, network, noise=list(noise), alphas=ALPHAS, **curves,
        barrier="from_mean_of_ends", statistics="interpolate", train_instability=height,
        test_instability=height, **distances, **how,
    )  # fmt: skip


def study():
    """A whole study, numbers made up: less noise, more stable, and tickets that lose less."""
    for place, setting in enumerate(MAIN):
        noisy = {(0.0, 256): 0, (0.0, 100): 1, (0.9, 256): 2, (0.9, 100): 3}[setting]
        for seed in range(3):
            draw = np.random.default_rng([place, seed])
            for k in (0, 2 * STEPS[setting[1]] // 200):
                for level in range(0, 21, 2):
                    lost = 0.02 * noisy * (level / 20) ** 2 * (1 if k == 0 else 0.5)
                    accuracy = 0.93 + 0.005 * noisy - lost + 0.001 * draw.standard_normal()
                    if (setting, k, level, seed) == ((0.9, 100), 0, 20, 0):
                        accuracy = 0.1
                    network = "imp" if level else "dense"
                    yield evaluation(
                        setting, accuracy, network=network, level=level, seed=seed, k=k
                    )
                    for share in (0.01, 0.1):
                        few = {"searched_with": words(setting), "search_share": 100.0,
                               "examples": share}  # fmt: skip
                        more = {"Task.subset": "RandomSubset", "RandomSubset.fraction": share}
                        yield evaluation(setting, accuracy - 0.3 + share - 0.05 * noisy, axes=few,
                                         network=network, level=level, seed=seed, k=k, more=more,
                                         schedule="restarted")  # fmt: skip
                    for block in (4, 8) if level in (10, 20) else ():
                        probed = {"searched_with": words(setting), "block": block,
                                  "target": DATASET}  # fmt: skip
                        yield evaluation((0.9, 256), 0.9 - 0.2 * noisy - block / 100, axes=probed,
                                         level=level, seed=seed, k=k)  # fmt: skip
                        transferred = probed | {"target": "mnist, in color"}
                        yield evaluation((0.9, 256), 0.5, axes=transferred, level=level, seed=seed,
                                         k=k)  # fmt: skip
                for noise in ((1, 2), (1, 3), (2, 3)):
                    height = (0.03 + 0.2 * noisy) * (0.3 if k else 1) + 0.01 * draw.random()
                    yield line(setting, height, noise, seed=seed, k=k)
            events = [0.2 * (1 + noisy) * math.exp(-epoch / 60) for epoch in range(200)]
            yield row(
                "forgetting", setting, "dense", seed=seed, forgetting_events=sum(events),
                forgetting_deviation=4.0, unforgettable=0.4, never_learned=0.01,
                events_by_epoch=events,
            )  # fmt: skip


def words(setting):
    return f"momentum {setting[0]:g}, batch {setting[1]}"


ROWS = list(study())


def tickets(*accuracies, statuses=("done",) * 3):
    for seed, (accuracy, status) in enumerate(zip(accuracies, statuses, strict=False)):
        yield evaluation((0.9, 100), accuracy, level=5, seed=seed) | {"status": status}
