"""Declarations of rows: fields, axes, kinds of row and of network; each is declared once.

A kind declares itself where it is defined, in this package or in a user's own module. A row of a
kind that does not come with this package carries the declarations along (its field `described`), so
that a log can be read where that module is not.
"""

import dataclasses
import functools
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

    Its name is the key among the row's `axes`; other attributes are as of `Field`.
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

    @functools.cached_property
    def label_names(self) -> tuple[str, ...]:
        """The names of its labels."""
        return tuple(label.name for label in self.labels)


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


def described(items: Iterable[Field | Axis | RowKind | NetworkKind]) -> list[dict[str, Any]]:
    """Returns declarations as plain JSON, each with its class under 'class'."""
    return [{"class": type(item).__name__, **dataclasses.asdict(item)} for item in items]


# The palette of Okabe and Ito; no two of these are told apart by hue alone, markers differ too.
_GREEN, _RED, _BROWN, _SKY, _BLUE = "#009E73", "#D55E00", "#8C564B", "#56B4E9", "#0072B2"
_ORANGE, _PINK = "#E69F00", "#CC79A7"
_COMMON = (
    ("dense", "Dense", "#555555", "D"),
    ("imp", "IMP", _BLUE, "o"),
    ("adaptive_imp", "IMP, adaptive ratio", _RED, "X"),
    ("random_pruning", "Random pruning", _ORANGE, "s"),
    ("random_reinitialization", "Random reinitialization", _GREEN, "^"),
    ("snip", "SNIP", _RED, "v"),
    ("grasp", "GraSP", _SKY, "P"),
    ("synflow", "SynFlow", _PINK, "X"),
    ("trained_dense", "Trained dense", "#F0E442", "*"),
    ("retrained_dense", "Retrained dense", "#000000", "h"),
)
# How W_k was perturbed before it was trained (early_phase section 5): a color for each family,
# green for signs and magnitudes as in its figure 8, and a marker for each member.
_PERTURBED = (
    ("signs_k_magnitudes_initial", "Signs k, magnitudes 0", _GREEN, "s"),
    ("signs_k_magnitudes_fresh", "Signs k, magnitudes of another initialization", _GREEN, "^"),
    ("signs_initial_magnitudes_k", "Signs 0, magnitudes k", _GREEN, "v"),
    ("signs_initial_magnitudes_initial", "Signs 0, magnitudes 0", _GREEN, "o"),
    ("shuffled_network", "Shuffled globally", _BLUE, "^"),
    ("shuffled_layers", "Shuffled within layers", _BLUE, "s"),
    ("shuffled_filters", "Shuffled within filters", _BLUE, "v"),
    ("shuffled_inputs", "Shuffled within incoming weights", _BLUE, "<"),
    ("shuffled_outputs", "Shuffled within outgoing weights", _BLUE, ">"),
    ("shuffled_network_same_sign", "Shuffled globally, same sign", _SKY, "^"),
    ("shuffled_layers_same_sign", "Shuffled within layers, same sign", _SKY, "s"),
    ("shuffled_filters_same_sign", "Shuffled within filters, same sign", _SKY, "v"),
    ("signs_initial_magnitudes_shuffled", "Signs 0, magnitudes k shuffled within layers", _BROWN,
     "D"),
    *((f"noise_{n}", f"Noise of {n} σ", _RED, marker)
      for n, marker in (("0.5", "^"), ("1", "s"), ("2", "v"), ("3", "D"))),
)  # fmt: skip
# The pretext task that it was trained on before its own, and how long (early_phase section 6).
_PRETEXTS = (("random_labels", "Random labels"), ("rotation", "Rotation"), ("blur", "4x blur"),
             ("rotation_blur", "Rotation and 4x blur"))  # fmt: skip
_LENGTHS = ((2, "#440154", "o"), (5, "#3B528B", "s"), (10, "#21918C", "^"), (20, "#5EC962", "D"),
            (40, "#C8B020", "v"))  # fmt: skip
_PRETRAINED = (
    (f"{key}_{epochs}_epochs", f"{title}, {epochs} epochs", color, marker)
    for key, title in _PRETEXTS
    for epochs, color, marker in _LENGTHS
)
# Sparse networks that were trained on one (fig. 10).
_SPARSE = (
    (f"{key}_after_{pretext}", f"{title} after {words.lower()}", color, marker)
    for pretext, words in _PRETEXTS
    for key, title, color, marker in (
        ("imp", "IMP", _BLUE, "o"),
        ("initial_weights", "Initial weights under IMP's mask", _SKY, "D"),
        ("random_reinitialization", "Random reinitialization", _GREEN, "^"),
        ("random_pruning", "Random pruning", _ORANGE, "s"),
    )
)

for _name, _title, _color, _marker in (*_COMMON, *_PERTURBED, *_PRETRAINED, *_SPARSE):
    register_network(NetworkKind(_name, _title, _color, _marker, shipped=True))
