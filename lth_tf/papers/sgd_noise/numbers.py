"""The numbers of sgd_noise's tables and of its text, as statistics with values by network.

Single quotes are the paper's words. x and v, without and with pretraining, are rewinding to W_0 and
to a later step.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lth_tf.analysis.sparse_training import Accuracy, Onset, Rows, Value, Wins
from lth_tf.papers.sgd_noise import accuracies, features
from lth_tf.papers.sgd_noise.networks import (
    BATCHES,
    CLASSES,
    DATASETS,
    EPOCHS,
    MAIN,
    MODELS,
    MOMENTA,
    TESTS,
    key,
    keys,
    words,
)
from lth_tf.report import paper
from lth_tf.report.paper import Printed

# The fields of `Rows` of each column of a table, by what the column has.
_Columns = Mapping[str, Mapping[str, Any]]
_Settings = Sequence[tuple[float, int]]

_TINY, _C10, _C100, _VGG = MODELS
_PLAIN = (0.0, 256)  # the setting of least noise
_SPARSITIES = {0: "0.00", 5: "67.23", 10: "89.26", 15: "96.48", 20: "98.85"}
_TICKETS = {n: {"network": "imp" if n else "dense", "level": n} for n in _SPARSITIES}
_PRUNED = {level: text for level, text in _SPARSITIES.items() if level}
_STARRED = "one run or more 'did not converge and remained at random chance'; they are in the mean"


def _values(line: str) -> Iterator[paper.Value]:
    """Yields the numbers of a row of a table: '8.36+13.61' has a deviation, '35.95*' a star."""
    for cell in line.split():
        mean, _, deviation = cell.rstrip("*").partition("+")
        remark = _STARRED if cell.endswith("*") else None
        yield paper.Value(float(mean), float(deviation or "nan"), remark=remark)


def _accuracy(**rows: Any) -> Accuracy:
    return Accuracy(Rows(**rows), CLASSES, TESTS)


def _columns(
    where: str, columns: _Columns, lines: Mapping[str, str], samples: int = 3
) -> Iterator[Printed]:
    """Yields the columns of a table of accuracies; `lines` are its rows by the key of a network."""
    cells = {
        network: dict(zip(columns, _values(line), strict=True)) for network, line in lines.items()
    }
    for what, rows in columns.items():
        column = {network: row[what] for network, row in cells.items()}
        yield Printed(where, what, "%", _accuracy(**rows), column, samples=samples, all_rows=True)


def _keyed(file: str, lines: Iterable[str], settings: _Settings = MAIN) -> dict[str, str]:
    """Returns the lines of a network by the keys of its settings."""
    return {key(file, setting): line for setting, line in zip(settings, lines, strict=True)}


def _x_and_v(
    file: str, lines: Sequence[str], settings: _Settings
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yields what `rewinding` is, in words, and the lines: the first half is x, the second v."""
    half = len(lines) // 2
    yield "reset", "without pretraining", _keyed(file, lines[:half], settings)
    yield "rewound", "with pretraining", _keyed(file, lines[half:], settings)


def _of_both(
    where: str, columns: _Columns, file: str, lines: Sequence[str], settings: _Settings = MAIN,
    samples: int = 3,
) -> Iterator[Printed]:  # fmt: skip
    """Yields the columns of x, then those of v."""
    for rewinding, ending, rows in _x_and_v(file, lines, settings):
        own = {f"{what}, {ending}": {**of, "rewinding": rewinding} for what, of in columns.items()}
        yield from _columns(where, own, rows, samples)


def _at_sparsities(
    where: str, file: str, lines: Sequence[str], settings: _Settings = MAIN, samples: int = 3
) -> Iterator[Printed]:
    """Yields accuracies at five sparsities, then which tickets win, which the paper underlines."""
    columns = {f"{text} % sparsity": _TICKETS[level] for level, text in _SPARSITIES.items()}
    yield from _of_both(where, columns, file, lines, settings, samples)
    for rewinding, ending, rows in _x_and_v(file, lines, settings):
        dense, *tickets = (_accuracy(**of, rewinding=rewinding) for of in _TICKETS.values())
        cells = {network: [cell.value for cell in _values(line)] for network, line in rows.items()}
        for place, (ticket, text) in enumerate(zip(tickets, _PRUNED.values(), strict=True), 1):
            wins = {network: float(row[place] >= row[0]) for network, row in cells.items()}
            what = f"a winning ticket at {text} %, {ending}"
            yield Printed(where, what, "yes or no", Wins(ticket, dense), wins, all_rows=True)


def _forgetting() -> Iterator[Printed]:
    rows = Rows("forgetting", "dense")
    columns = (
        ("forgetting events", "events",
         Value(rows, "forgetting_events", deviation="forgetting_deviation"),
         "± is the deviation over examples", 0),
        ("unforgettable", "%", Value(rows, "unforgettable"), "", 3),
        ("convergence", "", Value(Rows("convergence", "dense"), "convergence"), "", 3),
    )  # fmt: skip
    tables = {_TINY: "Table 1", _C10: "Table 8", _C100: "Table 9", _VGG: "Table 10"}
    for file, where in tables.items():
        lines = _keyed(file, accuracies.FORGETTING[file])
        cells = {network: list(_values(line)) for network, line in lines.items()}
        for place, (what, unit, statistic, remark, samples) in enumerate(columns):
            column = {network: row[place] for network, row in cells.items()}
            yield Printed(where, what, unit, statistic, column, "", remark, samples, all_rows=True)


def _tickets() -> Iterator[Printed]:
    for file, lines in accuracies.TICKETS.items():
        table = {_TINY: "2", _VGG: "12"}.get(file, "11")
        yield from _at_sparsities(f"Table {table}", file, lines)
    yield from _at_sparsities("Table 13", _C10, accuracies.MORE_BATCHES, BATCHES, 1)
    yield from _at_sparsities("Table 14", _C10, accuracies.MORE_MOMENTA, MOMENTA)


def _short_searches() -> Iterator[Printed]:
    for file, where in {_TINY: "Table 3", _C10: "Table 16"}.items():
        for epochs, lines in accuracies.SHORT_SEARCHES[file].items():
            columns = {f"{text} %, {epochs} epochs a level":
                       {"level": level, "search_share": epochs / EPOCHS}
                       for level, text in _PRUNED.items()}  # fmt: skip
            yield from _columns(where, columns, _keyed(file, lines.values(), [*lines]))


def _other_settings() -> Iterator[Printed]:
    typo = "table 2 has 58.89 for the same tickets"
    for searched, lines in accuracies.OTHER_SETTINGS.items():
        for setting, line in zip(MAIN, lines, strict=True):
            same = setting == searched
            columns = {f"{text} %, searched with {words(searched)}":
                       {"level": level, "searched_with": words(searched),
                        "search_share": 1.0 if same else None}
                       for level, text in _PRUNED.items()}  # fmt: skip
            for printed in _columns("Table 4", columns, {key(_TINY, setting): line}):
                contradicted = same and searched == _PLAIN and "96.48" in printed.what
                yield dataclasses.replace(printed, remark=typo) if contradicted else printed


def _onsets() -> Iterator[Printed]:
    epochs = {network: value for file, line in accuracies.ONSETS.items()
              for network, value in zip(keys(file), _values(line), strict=True)}  # fmt: skip
    remark = "± is the deviation with n in the denominator, ours too"
    yield Printed("Table 15", "first stable epoch", "epochs", Onset(EPOCHS), epochs, "", remark,
                  all_rows=True)  # fmt: skip


# The numbers of figs 1 and 3 that only the text has.
_LINES = Rows("instability", "dense")
_TEXTS = (
    Printed("Figure 1", "error barrier without pretraining", "points",
            Value(_LINES, "test_instability"), dict.fromkeys(keys(_TINY), 2), "above",
            "'no configuration can be deemed stable to SGD noise'", all_rows=True),
    Printed("Figure 3", "highest error on the line without pretraining", "%",
            Value(_LINES, "highest_test_error"), {key(_C10, _PLAIN): 90}, "above",
            "'the interpolation error with μ = 0.0, 256 BS is higher than random chance'",
            all_rows=True),
)  # fmt: skip


def _probe(target: str, block: int, **rows: Any) -> dict[str, Any]:
    """Returns the rows of a head on a block; gray images have three channels there."""
    title = f"{target}, in color" if target == "mnist" else target
    return {"search_share": None, "also": (("block", block), ("target", title)), **rows}


# Table, blocks by the paper's words for them and levels. Of 'Block 4, the middle' and 'Block 8, the
# last' ResNet-34 has 16: here 8 and 16.
_PROBED = {
    _TINY: ("Table 5", {4: 8, 8: 16}, (5, 10)),
    _C10: ("Table 17", {4: 4, 8: 8}, (10, 15)),
    _C100: ("Table 18", {4: 4, 8: 8}, (10, 15)),
}


def _probes() -> Iterator[Printed]:
    for file, (where, blocks, levels) in _PROBED.items():
        dataset, plain = MODELS[file][2], key(file, _PLAIN)
        tickets = {f"block {title} at {_SPARSITIES[level]} %": _probe(dataset, block, level=level)
                   for level in levels for title, block in blocks.items()}  # fmt: skip
        yield from _of_both(where, tickets, file, features.PROBES[file])
        permuted = {f"{what}, permuted": {**rows, "network": "random_pruning"}
                    for what, rows in tickets.items()}  # fmt: skip
        yield from _columns(where, permuted, {plain: features.PERMUTED[file]})
        if line := features.RANDOM_DENSE.get(file):
            dense = {f"block {title}, random dense": _probe(dataset, block, network="dense")
                     for title, block in blocks.items()}  # fmt: skip
            yield from _columns(where, dense, {plain: line})


def _targets(file: str, what: str, **rows: Any) -> _Columns:
    """Returns a column for each dataset that is transferred to, of heads on the last block."""
    last = _PROBED[file][1][8]
    return {what.format(DATASETS[target]): _probe(target, last, **rows)
            for target in features.TARGETS[file]}  # fmt: skip


def _transfer() -> Iterator[Printed]:
    for file, where in {_C10: "Table 6", _C100: "Table 19", _TINY: "Table 20"}.items():
        tickets = _targets(file, "to {}", level=10)
        yield from _of_both(where, tickets, file, features.TRANSFER[file])
        frozen = _targets(file, "to {}, frozen dense", network="trained_dense")
        lines = _keyed(file, features.FROZEN_DENSE[file], (_PLAIN, (0.9, 100)))
        yield from _columns(where, frozen, lines)
        if line := features.RETRAINED_DENSE.get(file):
            dense = _targets(file, "on {}, retrained dense", network="retrained_dense")
            yield from _columns(where, dense, {key(file, (0.9, 256)): line})


def _few_shot() -> Iterator[Printed]:
    subset = {"search_share": None, "also": (("Task.subset", "RandomSubset"),)}
    for file, where in {_TINY: "Table 7", _C10: "Table 21", _C100: "Table 22"}.items():
        *lines, last = features.FEW_SHOT[file]
        tickets = {f"{100 * share:g} % of the images": {**subset, "examples": share, "level": 10}
                   for share in (0.01, 0.02, 0.05, 0.1)}  # fmt: skip
        yield from _of_both(where, tickets, file, lines)
        dense = {f"{what}, dense": {**rows, "network": "dense", "level": None}
                 for what, rows in tickets.items()}  # fmt: skip
        yield from _columns(where, dense, {key(file, _PLAIN): last})


def _forgotten() -> Iterator[Printed]:
    for network, title, level in (
        ("imp", "ticket", 10), ("random_pruning", "permuted", 10), ("dense", "dense", 0)
    ):  # fmt: skip
        columns = {f"{title}, {word} forgotten {100 * share:g} %":
                   {"network": network, "level": level, "search_share": None, "examples": share,
                    "also": (("MeasuredSubset.keep", keep),)}
                   for keep, word in (("lowest", "least"), ("highest", "most"))
                   for share in (0.01, 0.1)}  # fmt: skip
        yield from _columns("Table 23", columns, {key(_C10, _PLAIN): features.FORGOTTEN[network]})


PRINTED = (
    *_TEXTS, *_forgetting(), *_tickets(), *_short_searches(), *_other_settings(), *_onsets(),
    *_probes(), *_transfer(), *_few_shot(), *_forgotten(),
)  # fmt: skip
