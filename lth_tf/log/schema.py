"""The row of the results log, field by field: the one source of validation and documentation.

Fields that all rows have are here; those of one kind of row are declared where the kind is
(lth_tf/measurements, or a user's module).
"""

import datetime
import importlib
from typing import Any

from lth_tf.errors import UserError
from lth_tf.log import fields
from lth_tf.log.fields import Field, RowKind

Row = dict[str, Any]

# Raised whenever a common field is added, removed or given another meaning.
SCHEMA_VERSION = 3


class LogError(UserError, ValueError):
    """A results row, log or question to it that makes no sense: one line saying what and where."""


_BEGINNING = (
    Field("schema", "integer", "-", "Version of this table that the row was written with."),
    Field("key", "key", "-", "Key of the recipe of this measurement: 64 hexadecimal digits."),
    Field("experiment", "text", "-", "Which experiment asked: 'training', 'imp', 'instability'."),
    Field("configuration", "text", "-", "Key of the resolved configuration it ran with."),
    Field("kind", "text", "-", "What was measured: one of the kinds of row below."),
    Field("network", "text", "-", "How its mask and weights came about: 'dense', 'imp', ..."),
    Field("model", "text", "-", "The architecture, readable."),
    Field("dataset", "text", "-", "The dataset and what the task makes of it, readable."),
    Field("initialization", "integer", "seed", "Seed of the initial weights W_0."),
    Field("noise", "list of integers", "seed",
          "Seeds of the SGD noise: one for an evaluation, two for an instability or a "
          "comparison, of a distance those of its ends; of a level of a search its own "
          "(MaskSearch.levels_noise)."),
    Field("rewind_step", "integer", "steps", "k: the state W_k that the training started from."),
    Field("schedule", "text", "-",
          "The clock of what was trained from step k: it goes on, for T - k steps, or starts "
          "again at 0, for T steps.", choices=("absolute", "restarted")),
    Field("level", "integer", "-", "How many times the network was pruned; 0 is dense."),
    Field("density", "fraction", "of 1",
          "Share of the prunable weights that are left; null if the search for the mask diverged.",
          null="allowed"),
    Field("layer_density", "fractions by name", "of 1", "The same for each prunable layer.",
          null="allowed"),
    Field("step", "integer", "steps", "T: the step on the clock at which it was measured."),
    Field("settings", "values by name", "-",
          "What else in the recipe decides the number: 'Hparams.batch_size', 'Constant.rate'. No "
          "seed and no field above is among them; empty where an old row does not know them."),
    Field("axes", "values by name", "-",
          "What the experiment varies beside the fields above, as it declares it."),
    Field("status", "text", "-", "'diverged' when a loss was no longer finite.",
          choices=("done", "diverged")),
    Field("diverged_at", "integer", "steps",
          "First step whose loss was seen not to be finite; null when done.", null="allowed"),
)  # fmt: skip
_END = (
    Field("run_seconds", "number", "seconds",
          "Time the training run of the (first) measured network took; null when not known.",
          null="allowed"),
    Field("software", "texts by name", "-", "Versions of the packages that decide the numbers."),
    Field("device", "text", "-", "The kind of device that it was computed on."),
    Field("written", "date", "UTC", "When the row was written, ISO 8601."),
    Field("described", "declarations", "-",
          "Declarations of the kind of row, the axes and the kind of network that do not come "
          "with this package."),
)  # fmt: skip
COMMON = (*_BEGINNING, *_END)


def kinds() -> dict[str, RowKind]:
    """Returns all known kinds of row; those of this package are among them."""
    importlib.import_module("lth_tf.measurements")
    return fields.row_kinds()


def has_steps_by_initialization(row: Row) -> bool:
    """Returns whether a row's experiment finds the steps k of each initialization by themselves."""
    importlib.import_module("lth_tf.experiments")  # which say it
    return fields.has_steps_by_initialization(row["experiment"])


def fields_of(kind: str) -> tuple[Field, ...]:
    """Returns the fields of a row of one kind, in order.

    Raises:
      LogError: the kind is not known.
    """
    known = kinds()
    if kind not in known:
        raise LogError(f"results row: kind is {kind!r}; it takes {' or '.join(known)}")
    return (*_BEGINNING, *known[kind].labels, *known[kind].values, *_END)


def all_fields() -> dict[str, Field]:
    """Returns every field that some kind of row has, by name, in the order of CSV columns."""
    own = (field for kind in kinds().values() for field in (*kind.labels, *kind.values))
    return {field.name: field for field in (*_BEGINNING, *own, *_END)}


def upgraded(row: Row) -> Row:
    """Returns a row of an earlier version with the fields that came later.

    All of version 1 went on from step k; before version 3 settings were not in rows.
    """
    added: Row = {"settings": {}, "axes": {}, "described": []} if row["schema"] < 3 else {}
    return {"schedule": "absolute", **added, **row} if added else row


def now() -> str:
    """Returns the present moment as a row's `written` has it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
