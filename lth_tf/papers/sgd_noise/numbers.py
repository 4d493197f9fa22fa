"""The numbers of tables 1 to 4 and 8 to 16 of sgd_noise, as statistics with values by network.

Single quotes are the paper's words. x and v, without and with pretraining, are rewinding to W_0 and
to a later step.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from lth_tf.analysis.sparse_training import Accuracy, Onset, Rows, Value, Wins
from lth_tf.analysis.statistics import Statistic
from lth_tf.papers.sgd_noise import accuracies
from lth_tf.papers.sgd_noise.networks import (
    BATCHES,
    CLASSES,
    EPOCHS,
    MAIN,
    MOMENTA,
    TESTS,
    key,
    words,
)
from lth_tf.report import paper
from lth_tf.report.paper import Printed

X, V = "reset", "rewound"
PRETRAINED: Mapping[Literal["reset", "rewound"], str] = {
    "reset": "without pretraining", "rewound": "with pretraining"}  # fmt: skip
SPARSITIES = {0: "0.00", 5: "67.23", 10: "89.26", 15: "96.48", 20: "98.85"}
_PRUNED = {level: text for level, text in SPARSITIES.items() if level}
_STARRED = "one run or more 'did not converge and remained at random chance'; they are in the mean"
_TABLES = {"resnet34_tiny_imagenet": "2", "resnet18_cifar10": "11", "resnet18_cifar100": "11",
           "vgg16_cifar100": "12"}  # fmt: skip


def values(text: str) -> list[paper.Value]:
    """Returns the numbers of a row of a table: '8.36+13.61*' has a deviation and a star."""
    found = [re.fullmatch(r"([\d.]+)(?:\+([\d.]+))?(\*?)", each) for each in text.split()]
    return [
        paper.Value(float(m[1]), float(m[2] or "nan"), remark=_STARRED if m[3] else None)
        for m in found
        if m
    ]


def columns(
    where: str, whats: Sequence[str], statistics: Sequence[Statistic],
    rows: Mapping[str, str], samples: int = 3,
) -> Iterator[Printed]:  # fmt: skip
    """Yields the columns of a table; `rows` are its lines by the key of a network."""
    cells = {network: values(text) for network, text in rows.items()}
    for i, (what, statistic) in enumerate(zip(whats, statistics, strict=True)):
        own = {network: row[i] for network, row in cells.items()}
        yield Printed(where, what, "%", statistic, own, samples=samples, every=True)


def accuracy(**rows: Any) -> Accuracy:
    """Returns the test accuracy of rows, given as `Rows` takes them."""
    return Accuracy(Rows(**rows), CLASSES, TESTS)


def _ticket(level: int, rewinding: Any, **rows: Any) -> Accuracy:
    return accuracy(network="imp" if level else "dense", level=level, rewinding=rewinding, **rows)


def half(lines: Sequence[str], rewinding: str) -> Sequence[str]:
    """Returns the lines of x, the first half, or those of v, the second."""
    count = len(lines) // 2
    return lines[:count] if rewinding == X else lines[count:]


def keyed(
    file: str, lines: Iterable[str], settings: Sequence[tuple[float, int]] = MAIN
) -> dict[str, str]:
    """Returns the lines of a network by the keys of its settings."""
    return {key(file, setting): line for setting, line in zip(settings, lines, strict=False)}


def _at_sparsities(
    where: str, lines: Mapping[str, Sequence[str]],
    settings: Sequence[tuple[float, int]] = MAIN, samples: int = 3,
) -> Iterator[Printed]:  # fmt: skip
    """Yields accuracies at five sparsities, of x and v, for some networks."""
    for rewinding, pretrained in PRETRAINED.items():
        rows: dict[str, str] = {}
        for file, own in lines.items():
            rows |= keyed(file, half(own, rewinding), settings)
        whats = [f"{text} % sparsity, {pretrained}" for text in SPARSITIES.values()]
        found = [_ticket(level, rewinding) for level in SPARSITIES]
        yield from columns(where, whats, found, rows, samples=samples)


def _wins(
    where: str, lines: Mapping[str, Sequence[str]],
    settings: Sequence[tuple[float, int]] = MAIN,
) -> Iterator[Printed]:  # fmt: skip
    """Yields which tickets win, by the table's numbers, as the paper underlines them."""
    for rewinding, pretrained in PRETRAINED.items():
        for place, (level, text) in enumerate(SPARSITIES.items()):
            own = {}
            for file, rows in lines.items():
                for network, row in keyed(file, half(rows, rewinding), settings).items():
                    found = values(row)
                    own[network] = float(found[place].value >= found[0].value)
            statistic = Wins(_ticket(level, rewinding), _ticket(0, rewinding))
            what = f"a winning ticket at {text} %, {pretrained}"
            if level:
                yield Printed(where, what, "yes or no", statistic, own, every=True)


def _forgetting() -> Iterator[Printed]:
    rows = Rows("forgetting", "dense")
    statistics = (
        Value(rows, "forgetting_events", deviation="forgetting_deviation"),
        Value(rows, "unforgettable"),
        Value(Rows("convergence", "dense"), "convergence"),
    )
    whats = ("forgetting events", "unforgettable", "convergence")
    where = ("1", "8", "9", "10")
    for table, (file, lines) in zip(where, accuracies.FORGETTING.items(), strict=True):
        cells = {network: list(map(float, line.split())) for network, line in
                 keyed(file, lines).items()}  # fmt: skip
        for i, (what, statistic) in enumerate(zip(whats, statistics, strict=True)):
            own = {n: paper.Value(row[2 * i], row[2 * i + 1]) for n, row in cells.items()}
            remark = "± is the deviation over examples" if i == 0 else ""
            unit = ("events", "%", "")[i]
            yield Printed(f"Table {table}", what, unit, statistic, own, "", remark,
                          0 if i == 0 else 3, True)  # fmt: skip


def _short_searches() -> Iterator[Printed]:
    for table, (file, by_epochs) in zip(
        ("3", "16"), accuracies.SHORT_SEARCHES.items(), strict=True
    ):
        for epochs, lines in by_epochs.items():
            whats = [f"{text} %, {epochs} epochs a level" for text in _PRUNED.values()]
            found = [_ticket(level, X, search_share=epochs / EPOCHS) for level in _PRUNED]
            rows = {key(file, setting): line for setting, line in lines.items()}
            yield from columns(f"Table {table}", whats, found, rows)


def _other_settings() -> Iterator[Printed]:
    typo = "table 2 has 58.89 for the same tickets"
    for searched, lines in accuracies.OTHER_SETTINGS.items():
        whats = [f"{text} %, searched with {words(searched)}" for text in _PRUNED.values()]
        rows = keyed("resnet34_tiny_imagenet", lines)
        for own, line in rows.items():
            same = own == key("resnet34_tiny_imagenet", searched)
            of: dict[str, Any] = {"searched_with": words(searched),
                                  "search_share": 1.0 if same else None}  # fmt: skip
            found = [_ticket(level, X, **of) for level in _PRUNED]
            for printed in columns("Table 4", whats, found, {own: line}):
                contradicted = same and searched == (0.0, 256) and "96.48" in printed.what
                yield dataclasses.replace(printed, remark=typo) if contradicted else printed


def _onsets() -> Iterator[Printed]:
    own = {network: each for file, line in accuracies.ONSETS.items()
           for network, each in zip(keyed(file, [""] * 4), values(line), strict=True)}  # fmt: skip
    remark = "± is the deviation with n in the denominator, ours too"
    yield Printed("Table 15", "first stable epoch", "epochs", Onset(EPOCHS), own, "", remark, 0,
                  True)  # fmt: skip


def _texts() -> Iterator[Printed]:
    """Yields the numbers of figs 1 and 3 that only the text has."""
    lines = Rows("instability", "dense")
    yield Printed("Figure 1", "error barrier without pretraining", "points",
                  Value(lines, "test_instability"),
                  dict.fromkeys(keyed("resnet34_tiny_imagenet", [""] * 4), 2), "above",
                  "'no configuration can be deemed stable to SGD noise'", every=True)  # fmt: skip
    yield Printed("Figure 3", "highest error on the line without pretraining", "%",
                  Value(lines, "highest_test_error"), {key("resnet18_cifar10", (0.0, 256)): 90},
                  "above", every=True,
                  remark="'the interpolation error with μ = 0.0, 256 BS is higher than random "
                         "chance'")  # fmt: skip


ACCURACIES = (
    *_texts(),
    *_forgetting(),
    *(printed for file, lines in accuracies.TICKETS.items() for make in (_at_sparsities, _wins)
      for printed in make(f"Table {_TABLES[file]}", {file: lines})),
    *_at_sparsities("Table 13", {"resnet18_cifar10": accuracies.MORE_BATCHES}, BATCHES, 1),
    *_wins("Table 13", {"resnet18_cifar10": accuracies.MORE_BATCHES}, BATCHES),
    *_at_sparsities("Table 14", {"resnet18_cifar10": accuracies.MORE_MOMENTA}, MOMENTA),
    *_wins("Table 14", {"resnet18_cifar10": accuracies.MORE_MOMENTA}, MOMENTA),
    *_short_searches(),
    *_other_settings(),
    *_onsets(),
)  # fmt: skip
