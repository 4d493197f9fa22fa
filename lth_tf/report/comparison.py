"""Numbers that a paper prints, beside the same from a log."""

import csv
import io
import math
from collections.abc import Iterable
from typing import NamedTuple

from lth_tf.analysis.table import Spread
from lth_tf.report.groups import Group
from lth_tf.report.paper import Paper, Printed, Table


class Compared(NamedTuple):
    """A number of the paper beside ours.

    Attributes:
      printed: the paper's.
      group: whose rows ours is of; None where there are none.
      ours: in the unit of the paper; None where the log has no rows for it.
    """

    printed: Printed
    group: Group | None
    ours: Spread | None

    @property
    def deviation(self) -> float:
        """Ours less the paper's, in its unit; nan where it is not known, or not of two numbers."""
        difference = self.ours.mean - self.printed.value if self.ours else math.nan
        return difference if math.isfinite(difference) else math.nan

    @property
    def standard_errors(self) -> float:
        """The deviation in standard errors of the difference; nan where no spread is known."""
        if self.ours is None or math.isnan(self.ours.std):
            return math.nan
        variance = self.ours.std**2 / self.ours.n
        if self.printed.samples:
            variance += self.printed.std**2 / self.printed.samples
        return self.deviation / math.sqrt(variance) if variance else math.nan


def compare(printed: Printed, groups: list[Group]) -> Compared:
    """A number of the paper, and ours of the network that it is of: of its first group."""
    for group in groups:
        if group.network and group.network.key == printed.network:
            return Compared(printed, group, printed.measure(group.rows, group.level))
    return Compared(printed, None, None)


def columns(table: Table, group: Group, compared: list[Compared]) -> dict[str, Compared]:
    """The numbers of a table for one group, by column; measured the same way for any network."""
    found: dict[str, Compared] = {}
    for number in compared:
        printed, network = number.printed, group.network
        if printed.where != table.name or (network and network.key != printed.network):
            continue
        if number.group is not group and printed.what not in found:
            number = Compared(printed, group, printed.measure(group.rows, group.level))
        found.setdefault(printed.what, number)
    return found


def as_csv(paper: Paper, numbers: Iterable[Compared]) -> str:
    """Every printed number as a line of CSV, with ours where there is one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["where", "network", "what", "unit", "relation", "paper", "paper_std", "ours", "ours_std"]
        + ["samples", "deviation", "standard_errors", "departures", "remark"]
    )
    for number in numbers:
        printed, ours = number.printed, number.ours
        mean, std, samples = ours or ("", math.nan, "")
        values = [printed.value, printed.std, mean, std, samples]
        values += [number.deviation, number.standard_errors]
        writer.writerow(
            [printed.where, paper.networks[printed.network].title, printed.what]
            + [printed.unit, printed.relation]
            + ["" if v != v else v for v in values]
            + ["; ".join(number.group.departures()) if number.group else "", printed.remark]
        )
    return out.getvalue()
