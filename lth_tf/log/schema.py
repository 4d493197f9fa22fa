"""The row of the results log, field by field: the one source of validation and documentation.

docs/results.md holds the table that `markdown` makes; a test keeps the two alike.
"""

import datetime
from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.errors import UserError

Row = dict[str, Any]

# Raised whenever a field is added, removed or given another meaning.
SCHEMA_VERSION = 3

NETWORKS = ("dense", "imp", "random_pruning", "random_reinitialization")
KINDS = ("evaluation", "instability", "distance", "comparison")


class LogError(UserError, ValueError):
    """A results row, log or question to it that makes no sense: one line saying what and where."""


@dataclass(frozen=True)
class Field:
    """One field of a row.

    Attributes:
      name: the key in the row.
      type: one of the types that lth_tf/log/validation.py checks.
      unit: what the number counts; '-' where that has no meaning.
      meaning: one sentence.
      rows: which kinds of row have the field.
      null: when the value is null: 'never'; 'diverged', exactly in a row that diverged;
        'allowed', whenever it is not known or does not apply.
      choices: the allowed values of a text, or () for any.
    """

    name: str
    type: str
    unit: str
    meaning: str
    rows: tuple[str, ...] = KINDS
    null: Literal["never", "diverged", "allowed"] = "never"
    choices: tuple[str, ...] = ()


def _measured(rows: tuple[str, ...], *fields: tuple[str, str, str, str]) -> list[Field]:
    return [Field(*field, rows=rows, null="diverged") for field in fields]


_EVALUATION, _INSTABILITY, _DISTANCE, _COMPARISON = ((kind,) for kind in KINDS)


FIELDS: tuple[Field, ...] = (
    Field("schema", "integer", "-", "Version of this table that the row was written with."),
    Field("key", "key", "-", "Key of the recipe of this measurement: 64 hexadecimal digits."),
    Field("experiment", "text", "-", "Which experiment asked: 'training', 'imp', 'instability'."),
    Field("configuration", "text", "-", "Key of the resolved configuration it ran with."),
    Field(
        "kind",
        "text",
        "-",
        "What was measured: one network; the line between two copies; how far two states lie "
        "apart; or how differently two networks classify.",
        choices=KINDS,
    ),
    Field("network", "text", "-", "How its mask and weights came about.", choices=NETWORKS),
    Field("model", "text", "-", "The architecture, readable."),
    Field("dataset", "text", "-", "The dataset and what the task makes of it, readable."),
    Field("initialization", "integer", "seed", "Seed of the initial weights W_0."),
    Field(
        "noise",
        "list of integers",
        "seed",
        "Seeds of the SGD noise: one for an evaluation, two for an instability or a comparison, "
        "of a distance those of its ends; of a level of a search its own "
        "(MaskSearch.levels_noise).",
    ),
    Field("rewind_step", "integer", "steps", "k: the state W_k that the training started from."),
    Field(
        "schedule",
        "text",
        "-",
        "The clock of what was trained from step k: it goes on, for T - k steps, or starts again "
        "at 0, for T steps.",
        choices=("absolute", "restarted"),
    ),
    Field("level", "integer", "-", "How many times the network was pruned; 0 is dense."),
    Field(
        "density",
        "fraction",
        "of 1",
        "Share of the prunable weights that are left; null if the search for the mask diverged.",
        null="allowed",
    ),
    Field(
        "layer_density",
        "fractions by name",
        "of 1",
        "The same for each prunable layer.",
        null="allowed",
    ),
    Field(
        "axes",
        "values by name",
        "-",
        "Where the row lies on the axes that its experiment declares, such as a scale of noise.",
    ),
    Field(
        "settings",
        "values by name",
        "-",
        "All that decides the number but seeds and where the row lies: 'Hparams.batch_size' and so "
        "on; {} in rows of schema 1 and 2.",
    ),
    Field(
        "described",
        "declarations",
        "-",
        "The kinds, axes and networks of the row that do not come with this package.",
    ),
    Field("step", "integer", "steps", "T: the step on the clock at which it was measured."),
    Field(
        "status",
        "text",
        "-",
        "'diverged' when a loss was no longer finite.",
        choices=("done", "diverged"),
    ),
    Field(
        "diverged_at",
        "integer",
        "steps",
        "First step whose loss was seen not to be finite; null when done.",
        null="allowed",
    ),
    Field(
        "between",
        "text",
        "-",
        "The two states of a distance: W_0 and W_k, W_k and W_T, or the W_T of two copies; all of "
        "them masked.",
        rows=_DISTANCE,
        choices=("initialization_to_k", "k_to_end", "end_to_end"),
    ),
    Field(
        "against",
        "text",
        "-",
        "The other network of a comparison: of the same kind, or the dense one.",
        rows=_COMPARISON,
        choices=NETWORKS,
    ),
    *_measured(
        _EVALUATION,
        ("train_error", "fraction", "of 1", "Share of the training examples classified wrongly."),
        ("test_error", "fraction", "of 1", "Share of the test examples classified wrongly."),
        ("train_loss", "number", "nats", "Mean cross-entropy over the training examples."),
        ("test_loss", "number", "nats", "Mean cross-entropy over the test examples."),
    ),
    Field(
        "alphas",
        "list of fractions",
        "of 1",
        "Places on the line alpha W_1 + (1 - alpha) W_2, rising from 0 to 1.",
        rows=_INSTABILITY,
        null="allowed",
    ),
    *_measured(
        _INSTABILITY,
        ("train_errors", "list of fractions", "of 1", "Error on the training set at each alpha."),
        ("test_errors", "list of fractions", "of 1", "Error on the test set at each alpha."),
        (
            "train_losses",
            "list of numbers or null",
            "nats",
            "Mean cross-entropy on the training set at each alpha; null where not finite.",
        ),
        (
            "test_losses",
            "list of numbers or null",
            "nats",
            "Mean cross-entropy on the test set at each alpha; null where not finite.",
        ),
    ),
    Field(
        "barrier",
        "text",
        "-",
        "Instability is the highest error on the line minus the mean of the ends' errors, or "
        "the highest excess over the straight line between the ends' errors.",
        rows=_INSTABILITY,
        choices=("from_mean_of_ends", "from_line_between_ends"),
    ),
    Field(
        "statistics",
        "text",
        "-",
        "Batch-norm statistics between the ends.",
        rows=_INSTABILITY,
        choices=("interpolate", "reestimate"),
    ),
    *_measured(
        _INSTABILITY,
        ("train_instability", "number", "of 1", "Barrier of the error on the training set."),
        ("test_instability", "number", "of 1", "Barrier of the error on the test set."),
    ),
    *_measured(
        _INSTABILITY + _DISTANCE,
        ("l2_distance", "number", "weight", "Euclidean distance between the two states' weights."),
        ("cosine_distance", "number", "-", "1 - cosine of the angle between the two states."),
    ),
    *_measured(
        _COMPARISON,
        ("train_differences", "integer", "examples", "Training examples classified differently."),
        ("test_differences", "integer", "examples", "Test examples classified differently."),
        (
            "train_loss_distance",
            "number",
            "nats",
            "Euclidean distance between the two vectors of training examples' cross-entropies.",
        ),
        (
            "test_loss_distance",
            "number",
            "nats",
            "Euclidean distance between the two vectors of test examples' cross-entropies.",
        ),
    ),
    Field(
        "run_seconds",
        "number",
        "seconds",
        "Time the training run of the (first) measured network took; null when not known.",
        null="allowed",
    ),
    Field("software", "texts by name", "-", "Versions of the packages that decide the numbers."),
    Field("device", "text", "-", "The kind of device that it was computed on."),
    Field("written", "date", "UTC", "When the row was written, ISO 8601."),
)

BY_NAME = {field.name: field for field in FIELDS}


def fields_of(kind: str) -> tuple[Field, ...]:
    """The fields of a row of one kind, in order."""
    return tuple(field for field in FIELDS if kind in field.rows)


def measured_fields(kind: str) -> tuple[str, ...]:
    """The names of what is measured in a row of one kind: null where that diverged."""
    return tuple(f.name for f in fields_of(kind) if f.null == "diverged" or f.name == "alphas")


def upgraded(row: Row) -> Row:
    """A row of an earlier version with what it left unsaid: all of version 1 went on from k."""
    unsaid: Row = {"schedule": "absolute"} if row["schema"] == 1 else {}
    if row["schema"] < 3:
        unsaid |= {"axes": {}, "settings": {}, "described": []}
    return {**unsaid, **row}


def now() -> str:
    """The present moment as a row's `written` has it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def markdown() -> str:
    """The table of fields that docs/results.md shows."""
    lines = ["| field | in | type | unit | null | meaning |", "|---|---|---|---|---|---|"]
    for f in FIELDS:
        choices = f" One of {', '.join(f'`{c}`' for c in f.choices)}." if f.choices else ""
        rows = "all" if f.rows == KINDS else ", ".join(f.rows)
        row = f"| `{f.name}` | {rows} | {f.type} | {f.unit} | {f.null} | {f.meaning}{choices} |"
        lines.append(row)
    return "\n".join(lines)
