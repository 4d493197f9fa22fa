"""Numbers that a paper prints, compared with the same numbers of a log."""

import csv
import io
import math
from collections.abc import Iterable
from typing import NamedTuple

from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.statistics import Starred
from lth_tf.report.groups import Group
from lth_tf.report.paper import Number, Paper, Table

_HEAD = (
    "where", "network", "what", "unit", "relation", "paper", "paper_std", "ours", "ours_std",
    "samples", "deviation", "standard_errors", "unlike_paper", "remark", "paper_half_range",
    "ours_low", "ours_high",
)  # fmt: skip
_NONE = Estimate(math.nan, math.nan, 0)


class Comparison(NamedTuple):
    """A number of the paper beside ours.

    Attributes:
      number: the paper's.
      group: whose rows ours is of; None where there are none.
      ours: in the unit of the paper; None where the log has no rows for it.
      starred: whether a run of ours stayed at chance, which sgd_noise marks with a star.
    """

    number: Number
    group: Group | None
    ours: Estimate | None
    starred: bool = False

    @property
    def deviation(self) -> float:
        """Ours less the paper's, in its unit; nan where it is not known, or not of two numbers."""
        difference = self.ours.mean - self.number.value if self.ours else math.nan
        return difference if math.isfinite(difference) else math.nan

    @property
    def within(self) -> bool | None:
        """Whether ours lies within the paper's smallest and largest samples; None if not known."""
        known = math.isfinite(self.deviation) and not math.isnan(self.number.half_range)
        return abs(self.deviation) <= self.number.half_range if known else None

    @property
    def standard_errors(self) -> float:
        """The deviation in standard errors of the difference; nan where no spread is known.

        So where what the paper prints, and ours beside it, is no deviation over samples.
        """
        if self.ours is None or math.isnan(self.ours.std) or self.within is not None:
            return math.nan
        variance, samples = self.ours.std**2 / self.ours.n, self.number.printed.samples
        if not samples and not math.isnan(self.number.std):
            return math.nan
        if samples:
            variance += self.number.std**2 / samples
        return self.deviation / math.sqrt(variance) if variance else math.nan


def beside(number: Number, group: Group) -> Comparison:
    """Returns a number of the paper beside the same statistic of a group's rows."""
    printed = number.printed
    rows, statistic = group.all_rows if printed.all_rows else group.rows, printed.statistic
    ours = statistic.estimate(rows, group.level)
    starred = bool(ours) and isinstance(statistic, Starred) and statistic.is_starred(rows)
    if ours and printed.unit in ("%", "points"):
        ours = ours.scaled(100)
    return Comparison(number, group, ours, starred)


def compare(number: Number, groups: list[Group]) -> Comparison:
    """Returns a number of the paper beside ours: of the first group of its network."""
    for group in groups:
        if group.network and group.network.key == number.network:
            return beside(number, group)
    return Comparison(number, None, None)


def columns(table: Table, group: Group, comparisons: list[Comparison]) -> dict[str, Comparison]:
    """Returns the numbers of a table for one group, by column; measured alike for any network."""
    by_column: dict[str, Comparison] = {}
    for comparison in comparisons:
        number, network = comparison.number, group.network
        what = number.printed.what
        if number.printed.where != table.name or (network and network.key != number.network):
            continue
        if what not in by_column:
            own = comparison.group is group
            by_column[what] = comparison if own else beside(number, group)
    return by_column


def as_csv(paper: Paper, numbers: Iterable[Comparison]) -> str:
    """Returns every printed number as a line of CSV, with ours where there is one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEAD)
    for each in numbers:
        number, printed, ours = each.number, each.number.printed, each.ours or _NONE
        line = [
            printed.where, paper.networks[number.network].title, printed.what, printed.unit,
            number.relation, number.value, number.std, ours.mean, ours.std, ours.n or "",
            each.deviation, each.standard_errors,
            "; ".join(map(str, each.group.unlike_paper())) if each.group else "",
            number.remark, number.half_range, ours.low, ours.high,
        ]  # fmt: skip
        writer.writerow("" if value != value else value for value in line)  # nan
    return out.getvalue()
