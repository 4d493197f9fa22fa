"""The networks of lmc (table 1) and every number that it prints, in tables or in the text.

Numbers are in the units of the paper: percent, steps, examples. Epochs of ImageNet are 1,251 steps.
"""

from collections.abc import Iterator
from typing import Any

from lth_tf.results import quantities as q
from lth_tf.results.papers.paper import Network, Printed
from lth_tf.results.style import NAMES

_EPOCH = 1251  # steps of batch 1,024 on ImageNet

# Key, title, model, dataset, params, steps, steps as printed, batch, accuracy, std, optimizer,
# rate, schedule, warmup, batch norm, density in percent, style, settings.
_ROWS: tuple[tuple[Any, ...], ...] = (
    ("lenet", "LeNet", "LeNet 300-100", "mnist", "266K", 24_000, "24K iters", 60, 98.3, 0.1,
     "adam", "12e-4", "constant", "0", "no", 3.5, "iterative", {}),
    ("resnet20", "ResNet-20", "ResNet-20", "cifar10", "274K", 63_000, "63K iters", 128, 91.7, 0.1,
     "momentum", "0.1", "10x drop at 32K, 48K", "0", "yes", 16.8, "iterative",
     {"Steps.rate": 0.1, "Steps.warmup_steps": 0}),
    ("resnet20_low", "ResNet-20 Low", "ResNet-20", "cifar10", "274K", 63_000, "63K iters", 128,
     88.8, 0.1, "momentum", "0.01", "10x drop at 32K, 48K", "0", "yes", 8.6, "iterative",
     {"Steps.rate": 0.01, "Steps.warmup_steps": 0}),
    ("resnet20_warmup", "ResNet-20 Warmup", "ResNet-20", "cifar10", "274K", 63_000, "63K iters",
     128, 89.7, 0.3, "momentum", "0.03", "10x drop at 32K, 48K", "30K", "yes", 8.6, "iterative",
     {"Steps.rate": 0.03, "Steps.warmup_steps": 30_000}),
    ("vgg16", "VGG-16", "VGG-16", "cifar10", "14.7M", 63_000, "63K iters", 128, 93.7, 0.1,
     "momentum", "0.1", "10x drop at 32K, 48K", "0", "yes", 1.5, "iterative",
     {"Steps.rate": 0.1, "Steps.warmup_steps": 0}),
    ("vgg16_low", "VGG-16 Low", "VGG-16", "cifar10", "14.7M", 63_000, "63K iters", 128, 91.7, 0.1,
     "momentum", "0.01", "10x drop at 32K, 48K", "0", "yes", 5.5, "iterative",
     {"Steps.rate": 0.01, "Steps.warmup_steps": 0}),
    ("vgg16_warmup", "VGG-16 Warmup", "VGG-16", "cifar10", "14.7M", 63_000, "63K iters", 128, 93.4,
     0.1, "momentum", "0.1", "10x drop at 32K, 48K", "30K", "yes", 1.5, "iterative",
     {"Steps.rate": 0.1, "Steps.warmup_steps": 30_000}),
    ("resnet50", "ResNet-50", "ResNet-50", "imagenet2012", "25.5M", 90 * _EPOCH, "90 epochs", 1024,
     76.1, 0.1, "momentum", "0.4", "10x drop at 30, 60, 80", "5 epochs", "yes", 30, "one-shot", {}),
    ("inception_v3", "Inception-v3", "Inception-v3", "imagenet2012", "27.1M", 171 * _EPOCH,
     "171 epochs", 1024, 78.1, 0.1, "momentum", "0.03", "linear decay to 0.005", "0", "yes", 30,
     "one-shot", {}),
)  # fmt: skip

_DATASETS = {"mnist": "MNIST", "cifar10": "CIFAR-10", "imagenet2012": "ImageNet"}


def _network(
    key: str, title: str, model: str, dataset: str, params: str, steps: int, printed_steps: str,
    batch: int, _accuracy: float, _std: float, optimizer: str, rate: str, schedule: str,
    warmup: str, norm: str, density: float, style: str, settings: dict[str, float],
) -> Network:  # fmt: skip
    facts = {
        "Dataset": _DATASETS[dataset],
        "Params": params,
        "Steps": printed_steps,
        "Batch": f"{batch:,}",
        "Optimizer": optimizer,
        "Rate": rate,
        "Schedule": schedule,
        "Warmup": warmup,
        "BatchNorm": norm,
        "Density": f"{density:g}%",
        "Style": style,
    }
    return Network(key, title, model, dataset, steps, density / 100, settings, facts)


NETWORKS = {row[0]: _network(*row) for row in _ROWS}

# Full, IMP, random pruning, random reinitialisation, drop, whether IMP matches.
_TABLE_2 = {
    "lenet": (98.3, 98.2, 96.7, 97.5, 0.1, True),
    "resnet20": (91.7, 88.5, 88.6, 88.8, 3.2, False),
    "resnet20_low": (88.8, 89.0, 85.7, 84.7, -0.2, True),
    "resnet20_warmup": (89.7, 89.6, 85.7, 85.6, 0.1, True),
    "vgg16": (93.7, 90.9, 89.4, 91.0, 2.8, False),
    "vgg16_low": (91.7, 91.6, 90.1, 90.2, 0.1, True),
    "vgg16_warmup": (93.4, 93.2, 90.1, 90.7, 0.2, True),
    "resnet50": (76.1, 73.7, 73.1, 73.4, 2.4, False),
    "inception_v3": (78.1, 75.7, 75.2, 75.5, 2.4, False),
}
_COLUMNS = (
    ("Full", "%", q.accuracy("dense", 0)),
    ("IMP", "%", q.accuracy("imp", 0)),
    ("Rand Prune", "%", q.accuracy("random_pruning", 0)),
    ("Rand Reinit", "%", q.accuracy("random_reinitialization", 0)),
    ("Δ", "points", q.drop),
    ("IMP matching?", "yes or no", q.matching),
)

# Network -> the step from which it is stable, dense (fig. 3) and pruned by IMP (fig. 6).
_STABLE_FROM = {
    "lenet": (0, 0),
    "resnet20": (2000, 500),
    "resnet20_low": (None, 0),
    "resnet20_warmup": (None, 0),
    "vgg16": (1000, 1000),
    "vgg16_low": (None, 0),
    "vgg16_warmup": (None, 0),
    "resnet50": (18 * _EPOCH, 5 * _EPOCH),
    "inception_v3": (28 * _EPOCH, 6 * _EPOCH),
}
# Network -> step and test error there, of appendix B.2; what the full network's figure says at the
# step where that is stable, and again where its IMP subnetworks are.
_ERROR_AT = {
    "resnet20": ((2000, 25), (500, 30)),
    "vgg16": ((1000, 20), (1000, 35)),
    "resnet50": ((18 * _EPOCH, 55), (5 * _EPOCH, 55)),
    "inception_v3": ((28 * _EPOCH, 33), (6 * _EPOCH, 40)),
}
_FINAL = {"resnet20": 8.3, "vgg16": 6.3, "resnet50": 24, "inception_v3": 22}
# Network, step k, and how far ends from k are apart, of the distance from initialisation to end.
_DENSE_SHARES = (
    ("resnet20", 2000, 0.5),
    ("vgg16", 1000, 0.5),
    ("resnet50", 18 * _EPOCH, 0.25),
    ("inception_v3", 28 * _EPOCH, 0.5),
)
# The same of IMP; then how many times as far the end is from k as k is from initialisation.
_TICKETS = (
    ("resnet20", 2000, 0.25, 2.0),
    ("vgg16", 1000, 0.45, 3.0),
    ("resnet50", 5 * _EPOCH, 0.27, 1.0),
    ("inception_v3", 6 * _EPOCH, 0.28, 1.0),
)
_TWICE = "the paper gives two errors for VGG-16 at step 1,000: about 20% and 35%"


def _table_1() -> Iterator[Printed]:
    for key, *_, accuracy, std in (row[:10] for row in _ROWS):
        measure = q.accuracy("dense")
        yield Printed("Table 1", str(key), "Accuracy", accuracy, "%", measure, std, samples=3)


def _table_2() -> Iterator[Printed]:
    for key, values in _TABLE_2.items():
        for value, (what, unit, measure) in zip(values, _COLUMNS, strict=True):
            yield Printed("Table 2", key, what, float(value), unit, measure)


def _about_lines() -> Iterator[Printed]:
    what, below = "instability of the dense network at k = 0", q.instability("dense", 0)
    remark = "'rises slightly, but by less than a percentage point'"
    yield Printed("Figure 2", "lenet", what, 1, "points", below, relation="below", remark=remark)
    for key in _TABLE_2:
        if key != "lenet":
            guessing = 99.9 if key in ("resnet50", "inception_v3") else 90
            yield Printed(
                "Figure 2", key, "highest test error on the line at k = 0", guessing, "%",
                q.highest_error_between("dense", 0), relation="about",
                remark="'to the point of random guessing'",
            )  # fmt: skip


def _stability() -> Iterator[Printed]:
    for key, steps in _STABLE_FROM.items():
        for where, network, name, step in (
            ("Figure 3", "dense", "the dense network", steps[0]),
            ("Figure 6", "imp", "IMP", steps[1]),
        ):
            if step is not None:
                what = f"step from which {name} is stable"
                yield Printed(where, key, what, step, "steps", q.stable_from(network))


def _late_train_errors() -> Iterator[Printed]:
    for key, k in (("resnet20", 2000), ("vgg16", 2000)):
        what = f"train error of IMP from k = {k:,}"
        measure = q.error("imp", k, "train_error")
        remark = (
            "'rewinding makes it possible for the IMP subnetworks to converge to 0% train error'"
        )
        yield Printed("Figure 8", key, what, 0, "%", measure, relation="about", remark=remark)


def _levels() -> Iterator[Printed]:
    for key, trivial, last in (("resnet20", 80.0, 13.4), ("vgg16", 16.8, 1.2)):
        for network, value in (("random_pruning", trivial), ("imp", last)):
            what = f"weights left to which {NAMES[network]} is matching at some k"
            measure = q.sparsest_matching(network)
            yield Printed("Figure 9", key, what, value, "%", measure)
    for each in NETWORKS.values():
        key, value = each.key, round(100 * each.density, 1)
        yield Printed("Figure 10", key, "extreme density", value, "%", q.extreme_density)


def _states() -> Iterator[Printed]:
    for key, both in _ERROR_AT.items():
        for k, value in both:
            remark = _TWICE if key == "vgg16" else ""
            yield _about(
                "Figure 11", key, f"test error at step {k:,}", value, q.error_at_step(k), remark
            )
        yield Printed(
            "Figure 11", key, "test error at the end", _FINAL[key], "%", q.error("dense", None)
        )
    for key, k, share in _DENSE_SHARES:
        yield _ratio("Figure 12", key, "dense", k, share)
    for key, k, share, times in _TICKETS:
        yield _ratio("Figure 13", key, "imp", k, share)
        to_end, from_start = ("k_to_end", k), ("initialization_to_k", k)
        measure = q.ratio_of_distances("imp", to_end, from_start)
        what = f"distance from k = {k:,} to the end over that from initialisation to k"
        yield _about("Figure 13", key, what, times, measure, unit="")


def _ratio(where: str, key: str, network: str, k: int, value: float) -> Printed:
    ends, whole = ("end_to_end", k), ("k_to_end", 0)
    what = f"distance between ends from k = {k:,} over that from initialisation to the end"
    remark = "'more than half'" if where == "Figure 12" and key in ("resnet20", "vgg16") else ""
    measure = q.ratio_of_distances(network, ends, whole)
    return _about(where, key, what, value, measure, remark, "")


def _about(
    where: str, key: str, what: str, value: float, measure: q.Measure, remark: str = "",
    unit: str = "%",
) -> Printed:  # fmt: skip
    return Printed(where, key, what, value, unit, measure, relation="about", remark=remark)


def _rest() -> Iterator[Printed]:
    for key in ("resnet20", "vgg16"):
        yield Printed(
            "Figure 14", key, "highest instability throughout training, dense, k = 2,000", 2,
            "points", q.highest_instability_through_training("dense", 2000), relation="below",
            remark="'generally stable at every epoch of training'",
        )  # fmt: skip
    for k, value in ((0, 1100), (1000, 350)):
        what = f"test examples that IMP's copies classify differently, k = {k:,}"
        yield _about("Figure 29", "resnet20", what, value, q.differences("imp", k), "", "examples")


PRINTED = (
    *_table_1(),
    *_table_2(),
    *_about_lines(),
    *_stability(),
    *_late_train_errors(),
    *_levels(),
    *_states(),
    *_rest(),
)
