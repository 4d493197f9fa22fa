"""A figure as data: what it shows of which rows. Forms make charts of it.

Selecting, drawing, saying what is missing, CSV and TensorBoard all read this.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from lth_tf.figures.chart import Chart
from lth_tf.log.schema import Row

Sample = Literal["run", "pair", "one", "single"]


class ExpectedLine(NamedTuple):
    """A line that a figure needs to be whole, and the rows of it.

    Attributes:
      name: in words.
      fields: values that its rows have in common, by name.
      sample: the rows of each initialization at every point: a run of every noise sample, a pair of
        every two, or one row, such as a state that copies start from; 'single' where the paper
        shows one initialization alone.
      several_k: whether it is shown at several steps k.
      first_level: the first level that sparse lines have.
      levels: the number of levels that is enough; 0 for as many as the paper prunes.
    """

    name: str
    fields: Mapping[str, Any]
    sample: Sample
    several_k: bool = True
    first_level: int = 1
    levels: int = 0


class Form(Protocol):
    """A form of figure, with what it shows; each is a dataclass of its own."""

    @property
    def every_level(self) -> bool:
        """Whether it shows all levels of sparsity and not one."""

    def select(self, rows: list[Row]) -> list[Row]:
        """Returns the rows that it shows."""

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        """Yields its charts, none where there are too few rows.

        Args:
          rows: of one model and dataset, without those that diverged; of at most one level of
            sparsity, unless the form shows every level.
          subject: model and dataset in words.
        """

    def wanted(self) -> tuple[ExpectedLine, ...]:
        """Returns the lines that it is to show."""


@dataclass(frozen=True)
class Figure:
    """A figure of measurements.

    Attributes:
      number: as a paper has it, '3' or 'A2'; what its file is called where it is of no paper.
      caption: a sentence about what it shows.
      form: how it shows that, and of which rows.
      networks: keys of the networks that the paper shows; none where it is of no paper.
      study: name of the study that fills it.
      also: further charts of what belongs to it, and the paper does not show.
      these_alone: whether it suits no other networks, such as one in epochs of a data set.
      together: whether it shows all networks of one model and dataset, told apart by the form; the
        one that `networks` names stands for them.
    """

    number: str
    caption: str
    form: Form
    networks: tuple[str, ...] = ()
    study: str = ""
    also: tuple[Form, ...] = ()
    these_alone: bool = False
    together: bool = False

    @property
    def name(self) -> str:
        """'Figure 3', as printed numbers refer to it."""
        return f"Figure {self.number}"

    @property
    def file(self) -> str:
        """'figure_03', how names of its files begin."""
        return f"figure_{self.number:0>2}"
