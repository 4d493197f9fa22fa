"""A paper as data: its networks, figures, tables and printed numbers.

A paper is a folder below lth_tf/papers that makes a `Paper` of literals; nothing else knows which
papers there are but `PAPERS` in lth_tf/papers/__init__.py.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from lth_tf.analysis.statistics import Statistic
from lth_tf.figures.figure import Figure

# How a quantity relates to the printed number: '' equal to it, 'about', 'below' or 'above' it.
Relation = str


@dataclass(frozen=True)
class PaperNetwork:
    """A network of the paper with its hyperparameters: a row of its table.

    Attributes:
      key: its name in file names, gin files included: 'resnet20_low'.
      title: as the paper has it.
      model, dataset: as rows of the log have them.
      steps: T, at the paper's scale.
      density: the share of weights left at which the paper shows it, of 1.
      settings: those that tell it from others of the same model and dataset, by their names in the
        settings of rows.
      facts: further columns of the paper's table, as printed.
      samples: (initializations, noise samples of each), where they are not those of the paper.
      gin_files: those that describe it, where that is not the file of its key: first the one that
        studies take, which several networks have in common, then those of its own setting.
      bindings: gin bindings beside these files.
    """

    key: str
    title: str
    model: str
    dataset: str
    steps: int
    density: float
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    samples: tuple[int, int] | None = None
    gin_files: tuple[str, ...] = ()
    bindings: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name of the gin file that studies take, without its ending."""
        return PurePosixPath(self.gin_files[0]).stem if self.gin_files else self.key


@dataclass(frozen=True)
class PaperStudy:
    """A command with gin files that makes the rows of figures, for any network of the paper.

    Attributes:
      paper: its key, the folder of its gin files.
      command: the binary, 'instability' of lth-instability.
      figure: the name of the figure's file; '' where the network's file is enough.
      otherwise: the figure's file for networks that take another one, by their keys.
    """

    paper: str
    command: str
    figure: str = ""
    otherwise: Mapping[str, str] = field(default_factory=dict, hash=False)

    def files(self, network: str) -> list[str]:
        """Returns the gin files for a network, given by its file, in the order of the flags."""
        figure = self.otherwise.get(network, self.figure)
        folder = f"papers/{self.paper}"
        return [f"{folder}/{network}.gin"] + [f"{folder}/figures/{figure}.gin"] * bool(figure)


@dataclass(frozen=True)
class Table:
    """A table, whose columns are the printed numbers that refer to it.

    Attributes:
      number, caption, networks, study: as of a figure.
      facts: names of the facts about networks that it has, too.
      called: 'Table', or 'Figure' where the paper calls it that.
    """

    number: str
    caption: str
    networks: tuple[str, ...]
    study: str
    facts: tuple[str, ...] = ()
    called: str = "Table"

    @property
    def name(self) -> str:
        """'Table 2', as printed numbers refer to it."""
        return f"{self.called} {self.number}"


@dataclass(frozen=True)
class Text:
    """A diagram or an algorithm, of which nothing is measured.

    Attributes:
      name, caption: 'Algorithm 1', and the paper's caption.
      lines: the algorithm's, in the paper's words.
      where: the code that does it.
      svg: the diagram.
    """

    name: str
    caption: str
    lines: tuple[str, ...] = ()
    where: str = ""
    svg: str = ""


class Value(NamedTuple):
    """A printed number of one network with its spread, relation or remark.

    Attributes:
      value: the number, in its unit; infinite where the paper says that there is none.
      std: the standard deviation that is printed with it.
      relation, remark: in place of those of the `Printed`.
      half_range: what is printed with it where that is no deviation: how far from it the smallest
        or the largest sample lies.
    """

    value: float
    std: float = math.nan
    relation: Relation | None = None
    remark: str | None = None
    half_range: float = math.nan


@dataclass(frozen=True)
class Printed:
    """A number that the paper prints of some networks, in a table, a figure or the text about one.

    Attributes:
      where: the table or figure: 'Table 2'.
      what: the quantity in words; in a table, its column.
      unit: '%', 'points', 'steps', 'examples', '°', 'yes or no', or '' and 'x' of a ratio.
      statistic: the quantity, computed from rows.
      values: the numbers, by the keys of networks.
      relation: how the quantity relates to them.
      remark: a note on them.
      samples: the number of samples that the printed standard deviation is over; 0 of one that is
        over something else, as over examples.
      all_rows: whether the statistic is of all rows of a network, those of searches and training in
        different settings, of probes and of what diverged included.
    """

    where: str
    what: str
    unit: str
    statistic: Statistic
    values: Mapping[str, float | Value] = field(hash=False)
    relation: Relation = ""
    remark: str = ""
    samples: int = 0
    all_rows: bool = False

    def numbers(self) -> Iterator["Number"]:
        """Yields the number of each network."""
        for network, printed in self.values.items():
            value = printed if isinstance(printed, Value) else Value(printed)
            relation = self.relation if value.relation is None else value.relation
            remark = self.remark if value.remark is None else value.remark
            number = float(value.value) if isinstance(value.value, bool) else value.value
            yield Number(self, network, number, value.std, relation, remark, value.half_range)


class Number(NamedTuple):
    """A printed number of one network; attributes as of `Printed` and `Value`."""

    printed: Printed
    network: str
    value: float
    std: float
    relation: Relation
    remark: str
    half_range: float = math.nan


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes:
      key: 'lmc', as --paper takes it.
      title, source: what it is called and where it appeared.
      networks: by key, in the order of its table.
      studies: by name.
      items: figures, tables and the rest, in the order in which they appear.
      printed: its numbers.
      samples: (initializations, noise samples of each) that the paper has of most networks.
      axes: those that its studies vary beside the settings of a network: rows that lie on them are
        of the network whose setting they have, and of no other one.
      remarks: notes on the numbers as a whole.
    """

    key: str
    title: str
    source: str
    networks: Mapping[str, PaperNetwork] = field(hash=False)
    studies: Mapping[str, PaperStudy] = field(hash=False)
    items: tuple[Figure | Table | Text, ...]
    printed: tuple[Printed, ...]
    samples: tuple[int, int]
    remarks: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()

    @property
    def figures(self) -> list[Figure]:
        """Its figures of measurements."""
        return [item for item in self.items if isinstance(item, Figure)]

    def samples_of(self, network: PaperNetwork) -> tuple[int, int]:
        """Returns how many initializations of a network it has, and noise samples of each."""
        return network.samples or self.samples
