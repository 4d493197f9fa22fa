"""What a paper printed, as data: its networks, figures, tables and numbers.

A paper is a file of this folder that makes a `Paper`, from others named after it; nothing else
knows which papers there are but `PAPERS` in `__init__.py`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from lth_tf.analysis.table import Spread
from lth_tf.figures.plots import Draw
from lth_tf.log.schema import Row

# What the paper says a number is: just that, about that, or a bound.
Relation = Literal["", "about", "below", "above"]


@dataclass(frozen=True)
class Network:
    """A network of the paper with its hyperparameters: a row of its table.

    Attributes:
      key: its name in file names, gin files included: 'resnet20_low'.
      title: as the paper has it.
      model, dataset: as rows of the log have them.
      steps: T, at the paper's scale.
      density: the share of weights left at which the paper shows it, of 1.
      settings: what tells it from others of the same model and dataset: numbers by their names in
        the resolved configuration.
      facts: further columns of the paper's table, as printed.
    """

    key: str
    title: str
    model: str
    dataset: str
    steps: int
    density: float
    settings: dict[str, float] = field(default_factory=dict, hash=False)
    facts: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Study:
    """What fills figures: a command and its gin files, for any network of the paper.

    Attributes:
      command: the binary, 'instability' of lth-instability.
      gin_files: with '{network}' where the network's key goes.
      otherwise: by the keys of networks that take other files for the same command, these.
    """

    command: str
    gin_files: tuple[str, ...]
    otherwise: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def files(self, network: str) -> list[str]:
        """Returns the gin files for a network, given by its key, in the order of the flags."""
        return [f.format(network=network) for f in self.otherwise.get(network, self.gin_files)]


@dataclass(frozen=True)
class Figure:
    """A figure of measurements.

    Attributes:
      number: the paper's.
      caption: the paper's, shortened to what is shown.
      networks: keys of the networks that the paper shows.
      study: name of the study that fills it.
      draw: draws the rows that `select` chooses.
      select: the rows of one network, of any kinds and steps, that the figure shows.
      every_level: whether it shows all levels of sparsity and not one.
    """

    number: int
    caption: str
    networks: tuple[str, ...]
    study: str
    draw: Draw
    select: Callable[[list[Row]], list[Row]]
    every_level: bool = False

    @property
    def name(self) -> str:
        """'Figure 3', as `Printed.where` refers to it."""
        return f"Figure {self.number}"


@dataclass(frozen=True)
class Line:
    """A line that a figure is to show: what rows of it there must be for the figure to be whole.

    Attributes:
      name: in words.
      fields: what its rows have in common.
      each: what there is of each initialisation at every point: a run of every noise sample, a pair
        of every two, or one row, such as a state that copies start from.
      several_k: whether it is shown at several steps k.
    """

    name: str
    fields: dict[str, object] = field(hash=False)
    each: Literal["run", "pair", "one"]
    several_k: bool = True


@dataclass(frozen=True)
class Table:
    """A table, whose columns are the printed numbers that refer to it.

    Attributes:
      number, caption, networks, study: as of a figure.
      facts: names of the facts about networks that it has, too.
    """

    number: int
    caption: str
    networks: tuple[str, ...]
    study: str
    facts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """'Table 2', as `Printed.where` refers to it."""
        return f"Table {self.number}"


@dataclass(frozen=True)
class Text:
    """A diagram or an algorithm: what is not measured.

    Attributes:
      name: 'Algorithm 1'.
      caption: the paper's.
      lines: the algorithm's, in the paper's words.
      where: the code that does it.
      svg: the diagram.
    """

    name: str
    caption: str
    lines: tuple[str, ...] = ()
    where: str = ""
    svg: str = ""


@dataclass(frozen=True)
class Printed:
    """A number that the paper prints, in a table, a figure or the text about one.

    Attributes:
      where: the table or figure: 'Table 2'.
      network: key of the network.
      what: what it is of; the column, in a table.
      value: the number, in its unit; infinite where the paper says that there is none.
      unit: '%', 'steps', 'examples', or '' of a ratio.
      measure: the same from the rows of that network and the level shown; None where the log lacks
        them.
      std, samples: the standard deviation that is printed with it, and over how many.
      relation: whether it is that, about that, or below or above it.
      remark: what there is to know about it.
    """

    where: str
    network: str
    what: str
    value: float
    unit: str
    measure: Callable[[list[Row], int | None], Spread | None] = field(hash=False)
    std: float = math.nan
    samples: int = 0
    relation: Relation = ""
    remark: str = ""


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
      lines: of figures, by their names.
      samples: (initialisations, noise samples of each) that the paper has.
      remarks: what to know about the numbers as a whole.
    """

    key: str
    title: str
    source: str
    networks: dict[str, Network] = field(hash=False)
    studies: dict[str, Study] = field(hash=False)
    items: tuple[Figure | Table | Text, ...]
    printed: tuple[Printed, ...]
    lines: dict[str, tuple[Line, ...]] = field(hash=False)
    samples: tuple[int, int]
    remarks: tuple[str, ...] = ()
