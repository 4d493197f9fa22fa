"""Declarations of rows: fields, axes, kinds of row and of network; each is declared once.

A kind declares itself where it is defined, in this package or in a user's own module. A row of a
kind that does not come with this package carries the declarations along (its field `described`), so
that a log can be read where that module is not.
"""

import dataclasses
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Field:
    """One field of a row.

    Attributes:
      name: the key in the row.
      type: one of the types that lth_tf/log/validation.py checks.
      unit: what the number counts; '-' where that has no meaning.
      meaning: one sentence.
      null: when the value is null: 'never'; 'diverged', exactly in a row that diverged;
        'allowed', whenever it is not known or does not apply.
      choices: the allowed values of a text, or () for any.
      selects: of a label, whether it says which of several networks or states a row is of, such as
        the two ends of a line, and not how it was measured.
    """

    name: str
    type: str
    unit: str
    meaning: str
    null: Literal["never", "diverged", "allowed"] = "never"
    choices: tuple[str, ...] = ()
    selects: bool = False


def measured(*fields: tuple[str, str, str, str]) -> tuple[Field, ...]:
    """Returns fields of measured numbers, each (name, type, unit, meaning); null if diverged."""
    return tuple(Field(*field, null="diverged") for field in fields)


@dataclass(frozen=True)
class Axis:
    """A number or text that an experiment varies from row to row, such as the scale of a noise.

    Attributes:
      name: the key among the row's `axes`.
      unit: what the number counts; '-' where that has no meaning.
      meaning: one sentence.
    """

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class RowKind:
    """A kind of row, by the measurement that it is of.

    Attributes:
      name: in the row's field `kind`.
      meaning: one sentence.
      labels: fields that tell apart the things that can be measured.
      values: fields of the measured numbers.
      samples: how many samples of the SGD noise a row is of: the length of its field `noise`;
        0 for any.
    """

    name: str
    meaning: str
    labels: tuple[Field, ...] = ()
    values: tuple[Field, ...] = ()
    samples: int = 1


@dataclass(frozen=True)
class NetworkKind:
    """A kind of network, by the origin of its mask and weights; and how it is drawn.

    Attributes:
      name: in the row's field `network`.
      title: its name for people.
      color, marker, line: of Matplotlib.
      shipped: whether it comes with this package.
    """

    name: str
    title: str
    color: str
    marker: str
    line: str = "-"
    shipped: bool = False


_COLORS = ("#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#9467bd")
_MARKERS = ("v", "P", "X", "D", "<", ">", "h")
_ROW_KINDS: dict[str, RowKind] = {}
_NETWORK_KINDS: dict[str, NetworkKind] = {}
_STEPS_BY_INITIALIZATION: set[str] = set()  # names of experiments


def register_kind(kind: RowKind) -> RowKind:
    """Makes a kind of row known; of two with one name, the later one counts."""
    _ROW_KINDS[kind.name] = kind
    return kind


def row_kinds() -> dict[str, RowKind]:
    """Returns the kinds of row that are known, by name."""
    return dict(_ROW_KINDS)


def register_network(kind: NetworkKind) -> NetworkKind:
    """Makes a kind of network known; of two with one name, the later one counts."""
    _NETWORK_KINDS[kind.name] = kind
    return kind


def network_kinds() -> dict[str, NetworkKind]:
    """Returns the kinds of network that are known, by name."""
    return dict(_NETWORK_KINDS)


def register_steps_by_initialization(experiment: str) -> None:
    """Makes known that an experiment finds the steps k of each initialization by themselves."""
    _STEPS_BY_INITIALIZATION.add(experiment)


def has_steps_by_initialization(experiment: str) -> bool:
    """Returns whether an experiment finds the steps k of each initialization by themselves."""
    return experiment in _STEPS_BY_INITIALIZATION


def network_kind(name: str) -> NetworkKind:
    """Returns a kind of network; the color and marker of an unknown one follow from its name."""
    if name in _NETWORK_KINDS:
        return _NETWORK_KINDS[name]
    place = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
    color, marker = _COLORS[place % len(_COLORS)], _MARKERS[place % len(_MARKERS)]
    return NetworkKind(name, name.replace("_", " "), color, marker)


# The palette of Okabe and Ito; no two of these are told apart by hue alone, markers differ too.
for _name, _title, _color, _marker in (
    ("dense", "Dense", "#555555", "D"),
    ("imp", "IMP", "#0072B2", "o"),
    ("adaptive_imp", "IMP, adaptive ratio", "#D55E00", "X"),
    ("random_pruning", "Random pruning", "#E69F00", "s"),
    ("random_reinitialization", "Random reinitialization", "#009E73", "^"),
    ("snip", "SNIP", "#D55E00", "v"),
    ("grasp", "GraSP", "#56B4E9", "P"),
    ("synflow", "SynFlow", "#CC79A7", "X"),
    ("trained_dense", "Trained dense", "#F0E442", "*"),
    ("retrained_dense", "Retrained dense", "#000000", "h"),
):
    register_network(NetworkKind(_name, _title, _color, _marker, shipped=True))


def described(items: Iterable[Field | Axis | RowKind | NetworkKind]) -> list[dict[str, Any]]:
    """Returns declarations as plain JSON, each with its class under 'class'."""
    return [{"class": type(item).__name__, **dataclasses.asdict(item)} for item in items]
