"""Short forms of the statistics that papers print, and a reader of tables that are given as text.

Rows are those at the end of training unless said otherwise. `network` is a kind of network, such as
'imp', and none of the paper's; `k` is the rewinding step, None for every step.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from lth_tf.analysis.statistics import Difference, Mean, RowFilter, Statistic
from lth_tf.report.paper import Printed, Value

_CELL = re.compile(r"(-?[\d.]+|[YN])(?:\+([\d.]+))?(?:~([\d.]+))?([^\d.])?")

ends = partial(RowFilter, "evaluation")
# Lines between copies, whose instability is over the mean of the ends; all steps with steps="all".
lines = partial(RowFilter, "instability", also=(("barrier", "from_mean_of_ends"),))
# How differently two copies of one network classify.
copies = partial(RowFilter, "comparison", also=(("networks_compared", "alike"),))
dense_runs = RowFilter("dense_runs", "dense")


def along_training(step: int) -> RowFilter:
    """Returns evaluations of the dense network at a step of its training."""
    return RowFilter("along_training", "dense", 0, (("step", step),), "all")


def distance(between: str, network: str, k: int) -> RowFilter:
    """Returns distances between states, such as 'k_to_end'."""
    return RowFilter("distance", network, k, (("between", between),), "all")


def accuracy(network: str, k: int | Literal["last"] | None = None) -> Mean:
    """Returns the mean accuracy of networks that were rewound to step k."""
    return Mean(ends(network, k), "test_accuracy")


def minus(one: RowFilter, other: RowFilter, name: str = "test_accuracy") -> Difference:
    """Returns the mean of a number of one group of rows, minus that of another."""
    return Difference(one, other, name)


def listed(where: str, unit: str, *rows: tuple[Any, ...]) -> tuple[Printed, ...]:
    """Returns numbers of one figure or table, in one unit.

    Each row has what is counted, the statistic, the values and, if there are any, relation and
    remark; see `Printed`.
    """
    return tuple(Printed(where, what, unit, *rest) for what, *rest in rows)


class Column(NamedTuple):
    """A column of a table: attributes of `Printed` that all its cells share."""

    what: str
    unit: str
    statistic: Statistic
    samples: int = 0
    remark: str = ""


def table(
    where: str, text: str, *parts: tuple[Sequence[Column], Sequence[str]],
    notes: Mapping[str, str] = MappingProxyType({}), all_rows: bool = False,
) -> Iterator[Printed]:  # fmt: skip
    """Yields the columns of a table that is given as text.

    Args:
      where: the table or figure.
      text: the cells, row by row: '98.0+0.2' has a standard deviation, '20.7~0.6' half the range of
        the samples; 'Y' and 'N' are yes and no. A mark of `notes`
        may end a cell: '35.95*'.
      *parts: blocks of the table, one below the other: the columns of each, and the keys of the
        networks that its rows are of.
      notes: remarks by their marks.
      all_rows: see `Printed`.
    """
    values = [_value(cell, notes) for cell in text.split()]
    for columns, networks in parts:
        count = len(columns) * len(networks)
        cells, values = values[:count], values[count:]
        for index, (what, unit, statistic, samples, remark) in enumerate(columns):
            column = dict(zip(networks, cells[index :: len(columns)], strict=True))
            yield Printed(where, what, unit, statistic, column, "", remark, samples, all_rows)
    assert not values, f"{where} has more cells than rows and columns"


def _value(cell: str, notes: Mapping[str, str]) -> Value:
    match = _CELL.fullmatch(cell)
    assert match, cell
    *numbers, mark = match.groups()
    number, std, half_range = map(_number, numbers)
    return Value(number, std, None, notes[mark] if mark else None, half_range)


def _number(text: str | None) -> float:
    if text in ("Y", "N"):
        return float(text == "Y")
    return math.nan if text is None else float(text) if "." in text else int(text)


def dense_accuracies(
    where: str, what: str, networks: Iterable[str], text: str, samples: int = 0
) -> Iterator[Printed]:
    """Yields the test accuracies of dense networks, a column of a table given as text."""
    column = Column(what, "%", Mean(dense_runs, "test_accuracy"), samples)
    yield from table(where, text, ([column], [*networks]))
