"""The line between any two networks: from a level of a search to the next, or to its projection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.log.fields import Field, RowKind, measured, register_kind
from lth_tf.measurements.interpolate import INSTABILITY, Interpolate


@dataclass(frozen=True, eq=False, repr=False)
class Segment(Interpolate):
    """Error and loss along the line between two networks that need not be two copies.

    Attributes:
      first, second: the ends, at alpha = 1 and 0; of a path from level L to L + 1, second is the
        solution of level L.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "connectivity", "The line from a network of a search for masks to another.",
        labels=(
            Field("to", "text", "-",
                  "What is at alpha = 1: the solution of another level; the network's own "
                  "projection under that level's mask; or what the dense network is trained to "
                  "from a perturbed start.", choices=("solution", "projection", "perturbed"),
                  selects=True),
            Field("to_level", "integer", "-", "The level of what is at alpha = 1.", selects=True),
            *INSTABILITY.labels,
        ),
        values=(
            *(f for f in INSTABILITY.values if not f.name.endswith("_instability")),
            *measured(
                ("train_barrier", "number", "of 1", "Barrier of the training error."),
                ("test_barrier", "number", "of 1", "Barrier of the test error."),
            ),
        ),
        samples=2,
    ))  # fmt: skip
    BARRIER: ClassVar[str] = "barrier"

    def samples(self, labels: Mapping[str, Any]) -> None:  # type: ignore[override]
        """Returns None: its ends may be of one sample."""
        return None
