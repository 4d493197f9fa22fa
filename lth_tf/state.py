"""The state of training: weights, batch-norm statistics, optimizer slots, step."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class State:
    """A point on a trajectory. All arrays are float32, by the names of lth_tf.models.network.

    Attributes:
      step: the run's step.
      weights: trainable weights.
      statistics: batch-norm moving means and variances.
      slots: slot name -> weight name -> array; empty means freshly reset.
      updates: the number of updates since the slots were reset.
    """

    step: int
    weights: Arrays
    statistics: Arrays
    slots: Mapping[str, Arrays] = field(default_factory=dict)
    updates: int = 0

    def masked(self, mask: Arrays) -> "State":
        """Returns this state with every pruned weight, and its slots, at zero."""
        return replace(
            self,
            weights=apply_mask(self.weights, mask),
            slots={slot: apply_mask(arrays, mask) for slot, arrays in self.slots.items()},
        )

    def restricted(self, names: Collection[str]) -> "State":
        """Returns this state without the weights of other names, and without their slots."""

        def kept(arrays: Arrays) -> Arrays:
            return {name: array for name, array in arrays.items() if name in names}

        slots = {slot: kept(arrays) for slot, arrays in self.slots.items()}
        return replace(self, weights=kept(self.weights), slots=slots)

    @property
    def is_finite(self) -> bool:
        """Whether all weights are finite."""
        return all(np.isfinite(array).all() for array in self.weights.values())

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Returns flat named arrays for a file; `from_arrays` is the inverse."""
        flat = {f"weights/{name}": a for name, a in self.weights.items()}
        flat |= {f"statistics/{name}": a for name, a in self.statistics.items()}
        for slot, arrays in self.slots.items():
            flat |= {f"slots/{slot}/{name}": a for name, a in arrays.items()}
        return flat

    @classmethod
    def from_arrays(cls, arrays: Arrays, step: int, updates: int) -> "State":
        """Returns the state whose `to_arrays` gave these arrays."""
        slots: dict[str, dict[str, np.ndarray]] = {}
        groups: dict[str, dict[str, np.ndarray]] = {"weights": {}, "statistics": {}}
        for path, array in arrays.items():
            group, name = path.split("/", 1)
            if group == "slots":
                slot, name = name.split("/", 1)
                slots.setdefault(slot, {})[name] = array
            else:
                groups[group][name] = array
        return cls(step, groups["weights"], groups["statistics"], slots, updates)


def apply_mask(arrays: Arrays, mask: Arrays) -> dict[str, np.ndarray]:
    """Returns arrays with zero wherever the mask of the same name is zero; others as they are."""
    return {
        name: np.where(mask[name] != 0, array, 0).astype(array.dtype) if name in mask else array
        for name, array in arrays.items()
    }
