"""The numbers that sgd_noise prints, as statistics of rows with values by network.

Single quotes are the paper's words. x and v, without and with pretraining, are rewinding to W_0 and
to a later step.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from lth_tf.analysis.sparse_training import Accuracy, Onset, Rows, Value, Wins
from lth_tf.analysis.statistics import Statistic
from lth_tf.papers.sgd_noise import accuracies, features
from lth_tf.papers.sgd_noise.networks import (
    BATCHES,
    CLASSES,
    DATASETS,
    EPOCHS,
    MAIN,
    MODELS,
    MOMENTA,
    key,
    words,
)
from lth_tf.report import paper
from lth_tf.report.paper import Printed

X, V = "reset", "rewound"
_PRETRAINED: Mapping[Literal["reset", "rewound"], str] = {
    "reset": "without pretraining", "rewound": "with pretraining"}  # fmt: skip
_SPARSITIES = {0: "0.00", 5: "67.23", 10: "89.26", 15: "96.48", 20: "98.85"}
_PRUNED = {level: text for level, text in _SPARSITIES.items() if level}
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


def _columns(
    where: str, whats: Sequence[str], statistics: Sequence[Statistic],
    rows: Mapping[str, str], unit: str = "%", samples: int = 3,
) -> Iterator[Printed]:  # fmt: skip
    """Yields the columns of a table; `rows` are its lines by the key of a network."""
    cells = {network: values(text) for network, text in rows.items()}
    for i, (what, statistic) in enumerate(zip(whats, statistics, strict=True)):
        own = {network: row[i] for network, row in cells.items()}
        yield Printed(where, what, unit, statistic, own, samples=samples, every=True)


def _accuracy(**rows: Any) -> Accuracy:
    return Accuracy(Rows(**rows), CLASSES)


def _ticket(level: int, rewinding: Any, **rows: Any) -> Accuracy:
    return _accuracy(network="imp" if level else "dense", level=level, rewinding=rewinding, **rows)


def _half(lines: Sequence[str], rewinding: str) -> Sequence[str]:
    """The lines of x, or those of v, which come after as many of x."""
    half = len(lines) // 2
    return lines[:half] if rewinding == X else lines[half:]


def _keyed(
    file: str, lines: Iterable[str], settings: Sequence[tuple[float, int]] = MAIN
) -> dict[str, str]:
    return {key(file, setting): line for setting, line in zip(settings, lines, strict=False)}


def _at_sparsities(
    where: str, lines: Mapping[str, Sequence[str]],
    settings: Sequence[tuple[float, int]] = MAIN, samples: int = 3,
) -> Iterator[Printed]:  # fmt: skip
    """Accuracies at five sparsities, x and v, of some networks."""
    for rewinding, pretrained in _PRETRAINED.items():
        rows: dict[str, str] = {}
        for file, own in lines.items():
            rows |= _keyed(file, _half(own, rewinding), settings)
        whats = [f"{text} % sparsity, {pretrained}" for text in _SPARSITIES.values()]
        found = [_ticket(level, rewinding) for level in _SPARSITIES]
        yield from _columns(where, whats, found, rows, samples=samples)


def _wins(where: str, lines: Mapping[str, Sequence[str]]) -> Iterator[Printed]:
    """Which tickets win: as many as the table's numbers say, as the paper underlines them."""
    for rewinding, pretrained in _PRETRAINED.items():
        for place, (level, text) in enumerate(_SPARSITIES.items()):
            own = {}
            for file, rows in lines.items():
                for network, row in _keyed(file, _half(rows, rewinding)).items():
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
                 _keyed(file, lines).items()}  # fmt: skip
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
            yield from _columns(f"Table {table}", whats, found, rows)


def _other_settings() -> Iterator[Printed]:
    typo = "table 2 has 58.89 for the same tickets"
    for searched, lines in accuracies.OTHER_SETTINGS.items():
        whats = [f"{text} %, searched with {words(searched)}" for text in _PRUNED.values()]
        rows = _keyed("resnet34_tiny_imagenet", lines)
        for own, line in rows.items():
            same = own == key("resnet34_tiny_imagenet", searched)
            of: dict[str, Any] = {"searched_with": words(searched),
                                  "search_share": 1.0 if same else None}  # fmt: skip
            found = [_ticket(level, X, **of) for level in _PRUNED]
            for printed in _columns("Table 4", whats, found, {own: line}):
                contradicted = same and searched == (0.0, 256) and "96.48" in printed.what
                yield dataclasses.replace(printed, remark=typo) if contradicted else printed


def _onsets() -> Iterator[Printed]:
    own = {network: each for file, line in accuracies.ONSETS.items()
           for network, each in zip(_keyed(file, [""] * 4), values(line), strict=True)}  # fmt: skip
    remark = "± is the deviation with n in the denominator, ours too"
    yield Printed("Table 15", "first stable epoch", "epochs", Onset(EPOCHS), own, "", remark, 0,
                  True)  # fmt: skip


_ACCURACIES = (
    *_forgetting(),
    *(printed for file, lines in accuracies.TICKETS.items() for make in (_at_sparsities, _wins)
      for printed in make(f"Table {_TABLES[file]}", {file: lines})),
    *_at_sparsities("Table 13", {"resnet18_cifar10": accuracies.MORE_BATCHES}, BATCHES, 1),
    *_at_sparsities("Table 14", {"resnet18_cifar10": accuracies.MORE_MOMENTA}, MOMENTA),
    *_short_searches(),
    *_other_settings(),
    *_onsets(),
)  # fmt: skip

# Printed block -> the block of the network, and the levels of the two sparsities.
_PROBED: dict[str, tuple[str, tuple[int, int], tuple[int, int]]] = {
    "resnet34_tiny_imagenet": ("5", (8, 16), (5, 10)),
    "resnet18_cifar10": ("17", (4, 8), (10, 15)),
    "resnet18_cifar100": ("18", (4, 8), (10, 15)),
}
_BLOCKS = "'Block 4, the middle', 'Block 8, the last': of ResNet-34, which has 16, blocks 8 and 16"


def _probe(file: str, block: int, **rows: Any) -> Accuracy:
    also = (("block", block), ("target", _titled(MODELS[file][2])))
    return _accuracy(search_share=None, also=also, **rows)


def _titled(dataset: str) -> str:
    """A dataset as probes have it: gray images are given three channels."""
    return f"{dataset}, in color" if dataset == "mnist" else dataset


def _probes() -> Iterator[Printed]:
    for file, (table, blocks, levels) in _PROBED.items():
        places = [(level, block) for level in levels for block in blocks]
        named = [f"block {4 * (1 + blocks.index(block))} at {_SPARSITIES[level]} %"
                 for level, block in places]  # fmt: skip
        for rewinding, pretrained in _PRETRAINED.items():
            found = [_probe(file, block, network="imp", level=level, rewinding=rewinding)
                     for level, block in places]  # fmt: skip
            rows = _keyed(file, _half(features.PROBES[file], rewinding))
            whats = [f"{each}, {pretrained}" for each in named]
            yield from _columns(f"Table {table}", whats, found, rows)
        found = [_probe(file, block, network="random_pruning", level=level)
                 for level, block in places]  # fmt: skip
        own = {key(file, (0.0, 256)): features.PERMUTED[file]}
        yield from _columns(f"Table {table}", [f"{each}, permuted" for each in named], found, own)
        if line := features.RANDOM_DENSE.get(file):
            found = [_probe(file, block, network="dense") for block in blocks]
            whats = [f"block {n}, random dense" for n in (4, 8)]
            yield from _columns(f"Table {table}", whats, found, {key(file, (0.0, 256)): line})


def _transfer() -> Iterator[Printed]:
    for table, (file, targets) in zip(("6", "19", "20"), features.TARGETS.items(), strict=True):
        block = 16 if "34" in file else 8
        for rewinding, pretrained in _PRETRAINED.items():
            found = [_transferred(target, block, network="imp", level=10, rewinding=rewinding)
                     for target in targets]  # fmt: skip
            whats = [f"to {DATASETS[target]}, {pretrained}" for target in targets]
            rows = _keyed(file, _half(features.TRANSFER[file], rewinding))
            yield from _columns(f"Table {table}", whats, found, rows)
        found = [_transferred(target, block, network="trained_dense") for target in targets]
        whats = [f"to {DATASETS[target]}, frozen dense" for target in targets]
        rows = _keyed(file, features.FROZEN_DENSE[file], ((0.0, 256), (0.9, 100)))
        yield from _columns(f"Table {table}", whats, found, rows)


def _transferred(target: str, block: int, **rows: Any) -> Accuracy:
    also = (("block", block), ("target", _titled(target)))
    return _accuracy(search_share=None, also=also, **rows)


_SHARES = (0.01, 0.02, 0.05, 0.1)


def _few_shot() -> Iterator[Printed]:
    for table, (file, lines) in zip(("7", "21", "22"), features.FEW_SHOT.items(), strict=True):
        for rewinding, pretrained in _PRETRAINED.items():
            found = [_few(share, network="imp", level=10, rewinding=rewinding) for share in _SHARES]
            whats = [f"{100 * share:g} % of the images, {pretrained}" for share in _SHARES]
            rows = _keyed(file, _half(lines[:-1], rewinding))
            yield from _columns(f"Table {table}", whats, found, rows)
        dense = [_few(share, network="dense") for share in _SHARES]
        whats = [f"{100 * share:g} % of the images, dense" for share in _SHARES]
        yield from _columns(f"Table {table}", whats, dense, {key(file, (0.0, 256)): lines[-1]})


def _few(share: float, **rows: Any) -> Accuracy:
    also = (*rows.pop("also", ()), ("Task.subset", "RandomSubset"))
    return _accuracy(search_share=None, examples=share, also=also, **rows)


def _forgotten() -> Iterator[Printed]:
    places = [(keep, share) for keep in ("lowest", "highest") for share in (0.01, 0.1)]
    names = {"imp": "ticket", "random_pruning": "permuted", "dense": "dense"}
    for network, line in features.FORGOTTEN.items():
        found = [
            _accuracy(network=network, level=10 * (network != "dense"), search_share=None,
                      examples=share, also=(("MeasuredSubset.keep", keep),))
            for keep, share in places
        ]  # fmt: skip
        whats = [f"{names[network]}, {'least' if keep == 'lowest' else 'most'} forgotten "
                 f"{100 * share:g} %" for keep, share in places]  # fmt: skip
        own = {key("resnet18_cifar10", (0.0, 256)): line}
        yield from _columns("Table 23", whats, found, own)


PRINTED = (*_ACCURACIES, *_probes(), *_transfer(), *_few_shot(), *_forgotten())
