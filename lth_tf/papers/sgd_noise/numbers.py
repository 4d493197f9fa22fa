"""The numbers of sgd_noise's text and of its tables 1 to 4 and 8 to 16.

Tables are in percent where nothing is said; their rows are the settings (0.0, 100) (0.0, 256)
(0.9, 100) (0.9, 256), where no others are named. A star: one or more of the three runs stayed at
chance, and are in the mean. Single quotes are the paper's words. x and v, without and with
pretraining, are rewinding to W_0 and to a later step.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from lth_tf.analysis.sparse_training import Accuracy, Onset, Rows, Value, Wins
from lth_tf.papers import rows
from lth_tf.papers.rows import Column
from lth_tf.papers.sgd_noise.networks import (
    BATCHES,
    C10,
    C100,
    CLASSES,
    EPOCHS,
    MAIN,
    MOMENTA,
    PLAIN,
    TESTS,
    TINY,
    VGG,
    key,
    keys,
    words,
)
from lth_tf.report.paper import Printed

SPARSITIES = {0: "0.00", 5: "67.23", 10: "89.26", 15: "96.48", 20: "98.85"}
_PRUNED = {level: text for level, text in SPARSITIES.items() if level}

table = partial(rows.table, all_rows=True, notes={
    "*": "one run or more 'did not converge and remained at random chance'; they are in the mean",
    "t": "table 2 has 58.89 for the same tickets"})  # fmt: skip


def accuracies(columns: Mapping[str, Mapping[str, Any]], samples: int = 3) -> list[Column]:
    """Returns columns of accuracies, given by the fields of `Rows` of each."""
    return [Column(what, "%", Accuracy(Rows(**fields), CLASSES, TESTS), samples)
            for what, fields in columns.items()]  # fmt: skip


def x_and_v(columns: Mapping[str, Mapping[str, Any]], samples: int = 3) -> list[Column]:
    """Returns the columns of x, then those of v."""
    return [
        column
        for rewinding, word in (("reset", "without"), ("rewound", "with"))
        for column in accuracies(
            {f"{what}, {word} pretraining": {**fields, "rewinding": rewinding}
             for what, fields in columns.items()}, samples)
    ]  # fmt: skip


# Deviations of forgetting events are over examples.
_EVENTS = Rows("forgetting", "dense")
_FORGETTING = (
    Column("forgetting events", "events",
           Value(_EVENTS, "forgetting_events", deviation="forgetting_deviation"), 0,
           "± is the deviation over examples"),
    Column("unforgettable", "%", Value(_EVENTS, "unforgettable"), 3),
    Column("convergence", "", Value(Rows("convergence", "dense"), "convergence"), 3),
)  # fmt: skip
_TICKETS = {f"{sparsity} % sparsity": {"network": "imp" if level else "dense", "level": level}
            for level, sparsity in SPARSITIES.items()}  # fmt: skip
_SHORT_SEARCHES = accuracies({
    f"{sparsity} %, {epochs} epochs a level": {"level": level, "search_share": epochs / EPOCHS}
    for epochs in (20, 50) for level, sparsity in _PRUNED.items()
})  # fmt: skip


def _tickets(where: str, networks: Sequence[str], text: str, samples: int = 3) -> Iterator[Printed]:
    """Yields x at five sparsities, then v; then which tickets win, which the paper underlines."""
    printed = list(table(where, text, (x_and_v(_TICKETS, samples), networks)))
    yield from printed
    for dense, *tickets in (printed[:5], printed[5:]):
        yield from (_winning(ticket, dense) for ticket in tickets)


def _winning(ticket: Printed, dense: Printed) -> Printed:
    pairs = zip(ticket.numbers(), dense.numbers(), strict=True)
    wins = {own.network: float(own.value >= other.value) for own, other in pairs}
    what = f"a winning ticket at {ticket.what.replace(' sparsity', '')}"
    assert isinstance(ticket.statistic, Accuracy) and isinstance(dense.statistic, Accuracy)
    statistic = Wins(ticket.statistic, dense.statistic)
    return Printed(ticket.where, what, "yes or no", statistic, wins, all_rows=True)


def _other_settings(searched: tuple[float, int], *lines: str) -> Iterator[Printed]:
    """Yields x by the setting of the sparse training, a line each; search and training apart."""
    for setting, text in zip(MAIN, lines, strict=True):
        fields = {"searched_with": words(searched),
                  "search_share": 1.0 if setting == searched else None}  # fmt: skip
        columns = {f"{sparsity} %, searched with {words(searched)}": {"level": level, **fields}
                   for level, sparsity in _PRUNED.items()}  # fmt: skip
        yield from table("Table 4", text, (accuracies(columns), [key(TINY, setting)]))


# The numbers of figs 1 and 3 that only the text has.
_LINES = Rows("instability", "dense")
_TEXTS = (
    Printed("Figure 1", "error barrier without pretraining", "points",
            Value(_LINES, "test_instability"), dict.fromkeys(keys(TINY), 2), "above",
            "'no configuration can be deemed stable to SGD noise'", all_rows=True),
    Printed("Figure 3", "highest error on the line without pretraining", "%",
            Value(_LINES, "highest_test_error"), {key(C10, PLAIN): 90}, "above",
            "'the interpolation error with μ = 0.0, 256 BS is higher than random chance'",
            all_rows=True),
)  # fmt: skip

PRINTED = (
    *_TEXTS,
    *table("Table 1", """
        34.73+12.54 0.23+0.02 0.907+0.003  32.83+11.90 0.27+0.02 0.771+0.109
        42.78+14.37 0.05+0.00 0.773+0.042  39.38+13.19 0.11+0.02 0.800+0.111""",
        (_FORGETTING, keys(TINY))),
    *table("Table 8", """
        5.73+8.26 42.90+0.16 0.960+0.001  3.35+4.44 42.18+1.18 0.939+0.003
        13.43+15.79 22.92+0.50 0.903+0.003  8.61+11.23 27.68+3.05 0.927+0.005""",
        (_FORGETTING, keys(C10))),
    *table("Table 9", """
        6.78+5.44 16.21+0.19 0.927+0.002  5.10+4.06 17.15+0.23 0.905+0.003
        25.46+15.62 4.59+0.15 0.814+0.001  15.77+11.57 8.78+0.20 0.862+0.004""",
        (_FORGETTING, keys(C100))),
    *table("Table 10", """
        16.48+10.03 3.77+0.09 0.884+0.002  13.84+7.77 2.99+0.11 0.840+0.002
        32.68+13.75 0.14+0.02 0.708+0.003  24.93+13.90 1.70+0.04 0.807+0.001""",
        (_FORGETTING, keys(VGG))),
    *_tickets("Table 2", keys(TINY), """
        61.14 59.76 57.79 54.47 50.98  60.91 62.90 62.67 60.37 56.11
        59.33 59.95 60.20 58.89 57.09  59.27 60.01 60.08 58.59 56.40
        63.74 62.46 35.95* 35.69* 15.09*  63.45 63.02 60.10 57.73 35.10*
        61.57 60.37 56.93 52.76 47.34  61.66 61.22 58.95 55.91 52.49"""),
    *_tickets("Table 11", keys(C10), """
        94.58 94.39 93.93 92.95 91.10  94.62 95.06 94.95 94.71 93.95
        93.63 94.02 93.93 93.39 92.67  93.54 93.97 93.94 93.50 92.77
        95.24 94.99 94.39 93.25 91.41  95.30 95.13 94.85 93.90 92.31
        95.18 94.98 94.29 93.36 91.39  95.24 95.16 94.55 93.57 91.86"""),
    *_tickets("Table 11", keys(C100), """
        76.66 75.57 73.53 70.24 66.43  76.57 76.76 76.23 74.23 69.99
        74.39 75.03 74.46 72.43 68.65  74.41 74.62 73.54 71.76 67.93
        78.54 76.60 73.91 70.33 65.05  78.18 77.20 74.66 70.58 65.80
        77.74 76.47 74.07 70.23 65.89  77.71 77.57 77.24 74.35 69.21"""),
    *_tickets("Table 12", keys(VGG), """
        72.77 71.60 69.81 66.37 60.91  72.72 72.83 72.90 71.93 64.43
        69.26 69.53 68.80 67.54 65.41  69.57 70.14 69.06 67.90 65.27
        73.90 73.45 72.31 68.19 55.91  74.05 73.62 72.84 68.83 53.42
        73.98 73.84 72.25 69.50 62.52  73.99 74.05 73.23 70.50 64.63"""),
    *_tickets("Table 13", keys(C10, BATCHES), """
        95.29 95.54 94.81 93.79 91.93  95.28 95.24 95.54 94.86 93.34
        95.41 95.29 94.71 93.68 91.72  95.56 95.39 95.52 94.78 93.38
        91.87 91.81 91.62 91.24 89.86  92.12 91.92 91.70 91.60 89.87
        90.92 90.74 90.37 90.00 88.78  90.19 90.27 90.33 90.29 88.17
        92.92 88.31 77.92 70.27 10.00  92.31 90.93 88.98 87.20 63.56
        94.53 93.75 91.49 90.02 88.62  94.57 93.74 93.08 91.63 89.78
        94.03 94.30 93.54 92.80 90.57  94.22 93.89 93.96 93.22 91.69
        93.14 93.46 93.60 93.54 92.31  92.90 92.92 93.05 92.47 90.91""", samples=1),
    *_tickets("Table 14", keys(C10, MOMENTA), """
        93.95+.36 93.92+.08 94.07+.23 93.92+.27 92.96+.17
        93.97+.12 94.24+.09 94.24+.11 94.04+.17 93.30+.34
        94.49+.23 94.31+.16 93.76+.30 92.82+.14 90.86+.17
        94.24+.13 94.75+.17 94.72+.05 94.60+.26 93.51+.28
        95.15+.11 94.29+.06 93.21+.89 91.58+1.12 89.89+1.34
        95.08+.08 94.70+.11 94.19+.31 92.90+.08 91.18+.19"""),
    *table("Table 3", """
        58.90 56.95 54.13 49.73  58.74 56.75 53.22 49.58
        62.82 61.41 58.49 53.65  63.02 59.51 54.04 39.04""",
        (_SHORT_SEARCHES, keys(TINY, (PLAIN, (0.9, 100))))),
    *table("Table 16", """
        94.34 93.76 92.65 90.26  94.31 93.66 92.57 90.70
        93.30 92.69 91.57 88.34  93.71 93.38 93.08 91.50
        95.18 94.82 93.31 91.75  95.07 94.24 92.74 90.83
        95.01 94.55 93.25 91.18  95.14 94.69 93.65 91.90""",
        (_SHORT_SEARCHES, keys(C10))),
    *_other_settings(PLAIN, "58.48 57.07 53.47 50.02", "59.95 60.20 59.98t 57.09",
                     "60.93 59.21 57.55 54.31", "60.58 58.88 57.19 53.82"),
    *_other_settings((0.9, 100), "58.36 51.41 48.35 42.86", "58.30 51.47 48.48 42.86",
                     "62.46 35.95* 35.69* 15.09*", "61.52 53.65 51.34 14.94*"),
    *table("Table 15", """
        2.3+.5 1.7+.5 42.7+1.9 23.7+1.2  3.0+.0 2.0+.0 47.3+2.1 19.0+.8
        13.3+.5 8.3+.5 85.0+.8 40.3+.5  5.0+.0 3.7+.9 36.7+1.9 18.0+1.4""",
        ([Column("first stable epoch", "epochs", Onset(EPOCHS), 0,
                 "± is the deviation with n in the denominator, ours too")],
         [network for file in (C10, C100, VGG, TINY) for network in keys(file)])),
)  # fmt: skip
