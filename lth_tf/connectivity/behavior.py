"""Two networks compared by what they do: example by example, on both splits."""

from collections.abc import Mapping

import numpy as np

from lth_tf.connectivity.distances import classification_differences, loss_distance
from lth_tf.connectivity.lines import ConnectivityError

Predictions = Mapping[str, np.ndarray]
SPLITS = ("train", "test")


def behavior(first: Predictions, second: Predictions) -> dict[str, np.ndarray]:
    """Returns how differently two networks behave on each split (lmc appendix G).

    Args:
      first, second: for each split `<split>_classes`, integers [examples], and `<split>_losses`,
        float [examples].

    Returns:
      `<split>_differences`, the number of examples they classify differently, int64 []; and
      `<split>_loss_distance`, the L2 distance of their losses, float64 [].

    Raises:
      ConnectivityError: every loss is the same to the last bit. Two copies trained under different
        noise never are; it means that they are one copy.
    """
    losses = [f"{split}_losses" for split in SPLITS]
    if all(np.array_equal(first[name], second[name]) for name in losses):
        raise ConnectivityError(
            "the two copies have exactly the same loss on every example: they are one copy, not two"
        )
    numbers: dict[str, np.ndarray] = {}
    for split in SPLITS:
        classes, losses_of = f"{split}_classes", f"{split}_losses"
        differences = classification_differences(first[classes], second[classes])
        distance = loss_distance(first[losses_of], second[losses_of])
        numbers[f"{split}_differences"] = np.asarray(differences)
        numbers[f"{split}_loss_distance"] = np.asarray(distance)
    return numbers
