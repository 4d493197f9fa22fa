"""What a report has of a figure or a table for one network of the log."""

from dataclasses import dataclass, field

from lth_tf.figures.chart import NamedChart
from lth_tf.log.schema import Row
from lth_tf.report.completeness import Shortfall
from lth_tf.report.groups import Group
from lth_tf.report.settings_diff import Difference


@dataclass(frozen=True)
class Part:
    """The content of a figure or table for one network of the log.

    Attributes:
      group: whose rows.
      rows: those that it is of; none of a table.
      pictures: of a figure.
      samples: of a table, over how many its numbers are.
      unlike: in what it is not as in the paper.
      missing: what it has too little of.
    """

    group: Group
    rows: list[Row] = field(repr=False)
    pictures: list[NamedChart] = field(default_factory=list)
    samples: int = 0
    unlike: list[Difference] = field(default_factory=list)
    missing: list[Shortfall] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether it is all as in the paper."""
        return not self.unlike and not self.missing
