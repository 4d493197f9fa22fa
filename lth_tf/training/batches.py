"""The inputs of training steps, all of them decided before they run, and their outcomes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# Steps whose inputs fit in one call. The call takes the number of steps as a tensor, so that all
# numbers up to this share one trace and one compiled loop, hence one rounding.
CAPACITY = 1000


@dataclass(frozen=True)
class Batches:
    """The inputs of `steps` training steps.

    Attributes:
      indices: int32 [steps, batch], the examples of each batch.
      draws: int32 [steps, batch, 4], crops, flips and turns that are made on the device; or
        [steps, 0, 4].
      crops: float64 [steps, batch, NUMBERS], the part of each stored image to decode; or
        [steps, 0, NUMBERS] where it is not drawn.
      rates: float32 [steps], the optimizer's factor.
      learning_rates: float32 [steps], the plain learning rate (for decoupled weight decay).
      seeds: int32 [steps, generators, 2], of the network's random layers; None without such layers.
    """

    indices: np.ndarray
    draws: np.ndarray
    crops: np.ndarray
    rates: np.ndarray
    learning_rates: np.ndarray
    seeds: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.indices)

    def padded(self, places: np.ndarray, capacity: int) -> tuple[np.ndarray, ...]:
        """Returns the arguments of the compiled loop, padded with zeros to `capacity` steps.

        The number of steps stands before the seeds, of which there are none where no layer draws.

        Args:
          places: int32 [steps, batch], where each batch's examples are among those on the device.
        """

        def padded(array: np.ndarray) -> np.ndarray:
            return np.pad(array, [(0, capacity - len(array))] + [(0, 0)] * (array.ndim - 1))

        arrays = (places, self.draws, self.rates, self.learning_rates)
        seeds = () if self.seeds is None else (padded(self.seeds),)
        return (*map(padded, arrays), np.int32(len(self)), *seeds)


class Outcomes(NamedTuple):
    """Losses and classifications of the batches of some steps, each before its step's update.

    Attributes:
      losses: float32 [steps], nats.
      correct: bool [steps, batch], whether each example is classified correctly, in batch order.
    """

    losses: np.ndarray
    correct: np.ndarray
