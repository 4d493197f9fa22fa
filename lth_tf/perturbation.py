"""Weights permuted within structural elements of a network (early_phase section 5.2)."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from lth_tf import noise
from lth_tf.errors import UserError

Within = Literal["network", "layers", "filters", "inputs", "outputs"]


class PermutationError(UserError, ValueError):
    """A permutation that would leave every weight where it is, in one line."""


def permute(
    weights: Mapping[str, np.ndarray],
    mask: Mapping[str, np.ndarray],
    within: Within,
    same_sign: bool,
    seed: int,
) -> dict[str, np.ndarray]:
    """Returns the kernels with the remaining weights of each group uniformly permuted.

    Pruned weights stay as they are. The draws of a kernel are those at the address ('permuted
    weights', seed, place of the kernel), so that they do not depend on the other kernels.

    Args:
      weights: by name; those of the mask are permuted.
      mask: the weights that remain.
      within: the groups: 'network', all kernels together; 'layers', a kernel; 'filters', the
        spatial entries of a kernel for one input and one output channel; 'inputs' and 'outputs',
        the incoming weights of a neuron or channel, and its outgoing ones.
      same_sign: whether only weights of one sign are permuted among each other.
      seed: of the draws.
    """
    kept = np.concatenate([array.ravel() != 0 for array in mask.values()])
    entries = np.concatenate([weights[name].ravel() for name in mask])
    starts = np.cumsum([0, *(array.size for array in mask.values())])
    groups = [_groups(array.shape, within) for array in mask.values()]
    if within != "network":
        groups = [own + start for own, start in zip(groups, starts[:-1], strict=True)]
    values, group = entries[kept], np.concatenate(groups)[kept]
    if same_sign:
        group = 2 * group + np.signbit(values)
    draws = np.concatenate([
        noise.generator("permuted weights", seed, place).random(array.size)
        for place, array in enumerate(mask.values())
    ])[kept]  # fmt: skip
    # The places of each group in order; and the same in the order of the draws.
    permuted = np.empty_like(values)
    permuted[np.argsort(group, kind="stable")] = values[np.lexsort((draws, group))]
    entries[kept] = permuted
    parts = zip(mask.items(), np.split(entries, starts[1:-1]), strict=True)
    return {name: part.reshape(array.shape) for (name, array), part in parts}


def _groups(shape: tuple[int, ...], within: Within) -> np.ndarray:
    """Returns the number of the group that each entry of a kernel belongs to, int [entries].

    Args:
      shape: the last axis is outputs, the one before it inputs, all before these are spatial.
      within: as for `permute`.
    """
    entries = np.arange(int(np.prod(shape)))
    inputs, outputs = shape[-2:]
    if within == "filters":
        return entries % (inputs * outputs)
    if within == "inputs":
        return entries % outputs
    if within == "outputs":
        return entries // outputs % inputs
    return np.zeros_like(entries)


def require_filters(shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raises PermutationError if no kernel has more than one entry for two channels.

    Within filters nothing could then be permuted (1x1 convolutions and dense layers alone).
    """
    if all(int(np.prod(shape[:-2])) == 1 for shape in shapes.values()):
        raise PermutationError(
            "Permute.within is 'filters', but no kernel has several weights for one input and one "
            "output channel; it must be 'network', 'layers', 'inputs' or 'outputs' here"
        )
