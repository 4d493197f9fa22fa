"""Scores: one number for each training example, from a file or measured."""

import dataclasses
import hashlib
import io
import tokenize
from collections.abc import Callable, Mapping

import numpy as np

from lth_tf.data.selection import ForgottenSubset, MeasuredSubset, ScoredSubset, Subset
from lth_tf.recipes import Recipe, RecipeError, require

Measure = Callable[[Recipe], Mapping[str, np.ndarray]]


def bind(subset: Subset | None, folder: str, examples: int) -> Subset | None:
    """Returns the subset with the fingerprint of its scores, if they are in a file; see `read`."""
    if not isinstance(subset, ScoredSubset):
        return subset
    return dataclasses.replace(subset, fingerprint=_fingerprint(_numbers(subset, folder, examples)))


def measured(recipe: Recipe, measure: Measure | None) -> dict[Recipe, Mapping[str, np.ndarray]]:
    """Returns the numbers of the measurements that a task's subset is chosen by."""
    numbers: dict[Recipe, Mapping[str, np.ndarray]] = {}
    for child in recipe.children:
        if not child.MADE:
            numbers |= measured(child, measure)
        elif measure:
            numbers[child] = measure(child)
    return numbers


def read(
    subset: Subset | None, folder: str, examples: int, measure: Measure | None = None
) -> np.ndarray | None:
    """Returns the scores of a subset, float64 [examples]; None if it has none.

    Args:
      folder: of the datasets, in which relative paths begin.
      measure: returns the numbers of a measurement; None if there are none at hand.

    Raises:
      RecipeError: there is no such file; it does not hold one number for each example, or others
        than the subset was bound to; or an experiment has to count forgetting events first.
    """
    if isinstance(subset, ForgottenSubset):
        raise RecipeError(
            f"Task.subset is {subset}: it takes an experiment with a search for masks, such as "
            "SparseTraining, which counts what its dense runs forget"
        )
    if isinstance(subset, MeasuredSubset):
        require(measure is not None, subset, "scores", "measured in a store")
        assert measure is not None
        return _checked(subset, measure(subset.scores)["scores"].astype(np.float64), examples)
    if isinstance(subset, ScoredSubset):
        return _numbers(subset, folder, examples)
    return None


def _numbers(subset: ScoredSubset, folder: str, examples: int) -> np.ndarray:
    import tensorflow_datasets as tfds

    # TFDS's own path type, so that buckets (gs://) work as they do for the datasets.
    path = tfds.core.Path(folder) / subset.scores
    require(path.is_file(), subset, "scores", f"a file; there is no {path}")
    content = path.read_bytes()
    try:
        if path.suffix == ".npy":
            array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
            # Neither half of complex numbers nor dates as numbers.
            scores = array.astype(np.float64, casting="same_kind")
        else:
            scores = np.array([float(line) for line in content.decode().split()])
    # A header may be no Python at all, or claim more numbers than there is memory for.
    except (ValueError, TypeError, SyntaxError, tokenize.TokenError, MemoryError, OverflowError):
        require(False, subset, "scores", "one number for each training example")
    _checked(subset, scores, examples)
    allowed = f"the numbers that the task was bound to, with fingerprint {subset.fingerprint}"
    require(subset.fingerprint in ("", _fingerprint(scores)), subset, "scores", allowed)
    return scores


def _checked(subset: Subset, scores: np.ndarray, examples: int) -> np.ndarray:
    """Returns the scores; raises RecipeError unless there is a number for each example."""
    allowed = f"{examples:,} numbers, one for each training example; their shape is {scores.shape}"
    require(scores.shape == (examples,), subset, "scores", allowed)
    missing = np.isnan(scores)
    allowed = f"numbers; that of example {np.argmax(missing)} is NaN"
    require(not missing.any(), subset, "scores", allowed)
    return scores


def _fingerprint(scores: np.ndarray) -> str:
    """Returns 16 hexadecimal digits of the SHA-256 of the numbers as little-endian float64."""
    return hashlib.sha256(scores.astype("<f8").tobytes()).hexdigest()[:16]
