"""Score files: one number for each training example, from elsewhere, known by their content."""

import dataclasses
import hashlib
import io

import numpy as np

from lth_tf.data.selection import ScoredSubset, Subset
from lth_tf.recipes import require


def bind(subset: Subset | None, folder: str, examples: int) -> Subset | None:
    """Returns the subset with `fingerprint` saying which numbers its scores are, if it has any.

    Raises:
      RecipeError: as for `read`; so a subset that is bound already stays what it is.
    """
    if not isinstance(subset, ScoredSubset):
        return subset
    return dataclasses.replace(subset, fingerprint=_fingerprint(_numbers(subset, folder, examples)))


def read(subset: Subset | None, folder: str, examples: int) -> np.ndarray | None:
    """Returns the scores of a subset, float64 [examples]; None if it has none.

    Args:
      folder: of the datasets, where paths begin that are not absolute.
      examples: how many scores there must be.

    Raises:
      RecipeError: there is no such file; or it does not hold one number for each example; or
        not those that the subset was bound to.
    """
    if not isinstance(subset, ScoredSubset):
        return None
    return _numbers(subset, folder, examples)


def _numbers(subset: ScoredSubset, folder: str, examples: int) -> np.ndarray:
    import tensorflow_datasets as tfds

    # TFDS's own path type, so that buckets (gs://) work as they do for the datasets.
    path = tfds.core.Path(folder) / subset.scores
    require(path.is_file(), subset, "scores", f"a file; there is no {path}")
    content = path.read_bytes()
    try:
        if path.suffix == ".npy":
            loaded = np.load(io.BytesIO(content), allow_pickle=False)
            # Neither half of complex numbers nor dates as numbers.
            scores = loaded.astype(np.float64, casting="same_kind")
        else:
            scores = np.array([float(line) for line in content.decode().split()])
    # A header may claim more numbers than there is memory for.
    except (ValueError, TypeError, EOFError, MemoryError, OverflowError):
        require(False, subset, "scores", "one number for each training example")
    allowed = f"{examples:,} numbers, one for each training example; their shape is {scores.shape}"
    require(scores.shape == (examples,), subset, "scores", allowed)
    missing = np.isnan(scores)
    allowed = f"numbers; that of example {np.argmax(missing)} is NaN"
    require(not missing.any(), subset, "scores", allowed)
    allowed = f"the numbers that the task was bound to, with fingerprint {subset.fingerprint}"
    require(subset.fingerprint in ("", _fingerprint(scores)), subset, "scores", allowed)
    return scores


def _fingerprint(scores: np.ndarray) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the numbers as little-endian float64."""
    return hashlib.sha256(scores.astype("<f8").tobytes()).hexdigest()[:16]
