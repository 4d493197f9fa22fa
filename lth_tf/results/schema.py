"""The row of the results log, field by field: the one source of validation and documentation.

docs/results.md holds the table that `markdown` makes; a test keeps the two alike.
"""

import datetime
from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.errors import UserError

Row = dict[str, Any]

# Raised whenever a field is added, removed or given another meaning.
SCHEMA_VERSION = 1

NETWORKS = ("dense", "imp", "random_pruning", "random_reinitialization")


class LogError(UserError, ValueError):
    """A results row, log or question to it that makes no sense: one line saying what and where."""


@dataclass(frozen=True)
class Field:
    """One field of a row.

    Attributes:
      name: the key in the row.
      type: one of the types that lth_tf/results/validation.py checks.
      unit: what the number counts; '-' where that has no meaning.
      meaning: one sentence.
      rows: which kind of row has the field; 'all' for both.
      null: when the value is null: 'never'; 'diverged', exactly in a row that diverged;
        'allowed', whenever it is not known or does not apply.
      choices: the allowed values of a text, or () for any.
    """

    name: str
    type: str
    unit: str
    meaning: str
    rows: Literal["all", "evaluation", "instability"] = "all"
    null: Literal["never", "diverged", "allowed"] = "never"
    choices: tuple[str, ...] = ()


def _measured(
    rows: Literal["evaluation", "instability"], *fields: tuple[str, str, str, str]
) -> list[Field]:
    return [Field(*field, rows=rows, null="diverged") for field in fields]


FIELDS: tuple[Field, ...] = (
    Field("schema", "integer", "-", "Version of this table that the row was written with."),
    Field("key", "key", "-", "Key of the recipe of this measurement: 64 hexadecimal digits."),
    Field("experiment", "text", "-", "Which experiment asked: 'training', 'imp', 'instability'."),
    Field("configuration", "text", "-", "Key of the resolved configuration it ran with."),
    Field(
        "kind",
        "text",
        "-",
        "What was measured: one network, or the line between two copies.",
        choices=("evaluation", "instability"),
    ),
    Field("network", "text", "-", "How its mask and weights came about.", choices=NETWORKS),
    Field("model", "text", "-", "The architecture, readable."),
    Field("dataset", "text", "-", "The dataset and what the task makes of it, readable."),
    Field("initialization", "integer", "seed", "Seed of the initial weights W_0."),
    Field(
        "noise",
        "list of integers",
        "seed",
        "Seeds of the SGD noise: one for an evaluation, two for an instability.",
    ),
    Field("rewind_step", "integer", "steps", "k: the state W_k that the training started from."),
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
    *_measured(
        "evaluation",
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
        rows="instability",
        null="allowed",
    ),
    *_measured(
        "instability",
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
        rows="instability",
        choices=("from_mean_of_ends", "from_line_between_ends"),
    ),
    Field(
        "statistics",
        "text",
        "-",
        "Batch-norm statistics between the ends.",
        rows="instability",
        choices=("interpolate", "reestimate"),
    ),
    *_measured(
        "instability",
        ("train_instability", "number", "of 1", "Barrier of the error on the training set."),
        ("test_instability", "number", "of 1", "Barrier of the error on the test set."),
        ("l2_distance", "number", "weight", "Euclidean distance between the two copies' weights."),
        ("cosine_distance", "number", "-", "1 - cosine of the angle between the two copies."),
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
    return tuple(field for field in FIELDS if field.rows in ("all", kind))


def now() -> str:
    """The present moment as a row's `written` has it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def markdown() -> str:
    """The table of fields that docs/results.md shows."""
    lines = ["| field | in | type | unit | null | meaning |", "|---|---|---|---|---|---|"]
    for f in FIELDS:
        choices = f" One of {', '.join(f'`{c}`' for c in f.choices)}." if f.choices else ""
        row = f"| `{f.name}` | {f.rows} | {f.type} | {f.unit} | {f.null} | {f.meaning}{choices} |"
        lines.append(row)
    return "\n".join(lines)
