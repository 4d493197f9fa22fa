"""Pruning a mask by scores, exactly; random masks in given proportions; densities.

A mask maps every prunable kernel's name to a uint8 array of its shape: 1 remains, 0 is pruned.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import numpy as np

from lth_tf import noise
from lth_tf.errors import UserError

Arrays = Mapping[str, np.ndarray]
MaskArrays = dict[str, np.ndarray]
Scope = Literal["global", "layerwise"]


class PruningError(UserError, ValueError):
    """A request to prune that cannot be met, in one line."""


def ones(shapes: Mapping[str, tuple[int, ...]]) -> MaskArrays:
    """Returns the dense mask: uint8 ones of the given shapes."""
    return {name: np.ones(shape, np.uint8) for name, shape in shapes.items()}


def prune(
    mask: Arrays,
    scores: Arrays,
    fraction: float,
    scope: Scope = "global",
    exclude: Iterable[str] = (),
) -> MaskArrays:
    """Removes the lowest-scored weights that remain; pruned weights stay pruned.

    Args:
      mask: the weights that remain so far.
      scores: by kernel name, of the mask's shapes; lowest go first. Among equal scores the one
        that comes first goes first, kernels in the mask's order, entries in C order.
      fraction: of the remaining weights outside `exclude`, in (0, 1): exactly
        round(fraction * remaining) go (half to even), of all kernels together if `scope` is
        'global' or of each kernel if it is 'layerwise'.
      exclude: kernels left as they are.

    Raises:
      PruningError: a name in `exclude` is no prunable kernel's, or a score is not finite.
    """
    return prune_iteratively(mask, lambda _: scores, 1, fraction, scope, exclude)


def prune_iteratively(
    mask: Arrays,
    scores: Callable[[MaskArrays], Arrays],
    iterations: int,
    fraction: float,
    scope: Scope = "global",
    exclude: Iterable[str] = (),
) -> MaskArrays:
    """Removes weights as `prune` does, over iterations after each of which they are scored anew.

    Args:
      mask, fraction, scope, exclude: as for `prune`; as many weights remain in the end.
      scores: returns the scores of the weights that remain before an iteration, given the mask.
      iterations: n; after the i-th about (1 - fraction)^(i / n) of the weights remain.

    Raises:
      PruningError: as `prune`.
    """
    groups = _groups(mask, scope, set(exclude))
    result = {name: np.array(array, np.uint8) for name, array in mask.items()}
    before = [sum(int(mask[name].sum()) for name in group) for group in groups]
    for iteration in range(1, iterations + 1):
        ranking, share = scores(result), 1 - (1 - fraction) ** (iteration / iterations)
        if iteration == iterations:
            share = fraction  # exactly, whatever the rounding of powers
        for group, weights in zip(groups, before, strict=True):
            _keep_highest(result, group, ranking, weights - round(share * weights))
    _warn_of_empty_layers(result, mask)
    return result


def _groups(mask: Arrays, scope: Scope, exclude: set[str]) -> list[list[str]]:
    """Returns the groups of kernels that are ranked together."""
    if unknown := exclude - set(mask):
        raise PruningError(
            f"exclude names {', '.join(sorted(unknown))}; prunable kernels: {', '.join(mask)}"
        )
    names = [name for name in mask if name not in exclude]
    return [[name] for name in names] if scope == "layerwise" else [names]


def _keep_highest(mask: MaskArrays, names: list[str], scores: Arrays, kept: int) -> None:
    """Prunes the named kernels of `mask`, in place, as one ranking; so many weights remain."""
    if not names:
        return
    flat_mask = np.concatenate([mask[name].ravel() for name in names])
    flat_scores = np.concatenate([scores[name].ravel() for name in names])
    remaining = np.flatnonzero(flat_mask)
    if not np.isfinite(flat_scores[remaining]).all():
        kernel = next(n for n in names if not np.isfinite(scores[n][mask[n] != 0]).all())
        raise PruningError(
            f"the scores of {kernel} are not all finite: scale the initial weights down, or "
            "compute in float32 (Hparams.precision)"
        )
    order = np.argsort(flat_scores[remaining], kind="stable")
    flat_mask[remaining[order[: remaining.size - kept]]] = 0
    ends = np.cumsum([mask[name].size for name in names])
    for name, part in zip(names, np.split(flat_mask, ends[:-1]), strict=True):
        mask[name] = part.reshape(mask[name].shape)


def _warn_of_empty_layers(mask: MaskArrays, before: Arrays) -> None:
    for name, array in mask.items():
        if not array.any() and before[name].any():
            logging.getLogger(__name__).warning(
                "pruning leaves layer %s without a single weight: its output is its bias alone",
                name,
            )


def shuffle(mask: Arrays, seed: int) -> MaskArrays:
    """Returns a random mask with the layerwise proportions of a mask: its entries permuted.

    The entries of kernel i take the permutation addressed by ('random pruning', seed, i).
    """
    result = {}
    for index, (name, array) in enumerate(mask.items()):
        order = noise.generator("random pruning", seed, index).permutation(array.size)
        result[name] = np.array(array, np.uint8).ravel()[order].reshape(array.shape)
    return result


def density(mask: Arrays) -> float:
    """Returns the fraction of all prunable weights that remain, in [0, 1]."""
    return sum(int(a.sum()) for a in mask.values()) / sum(a.size for a in mask.values())


def layer_density(mask: Arrays) -> dict[str, float]:
    """Returns the fraction of each kernel's weights that remain, in [0, 1]."""
    return {name: int(array.sum()) / array.size for name, array in mask.items()}
