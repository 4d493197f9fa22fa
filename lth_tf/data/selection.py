"""Selection of a task's training examples and their labels: functions of the labels, NumPy only.

Label noise comes before the subset: an example has the same label in every subset, and in the run
that gave the scores.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lth_tf import noise as addressed
from lth_tf.recipes import Recipe, RecipeError, require


class Subset(Recipe):
    """Base of every choice of training examples.

    Attributes:
      fraction: the fraction of the training examples that is kept, greater than 0 and at most 1.
      balanced: whether each class keeps the same number, round(fraction * examples / classes).
      seed: of the random order, at the address ('subset', seed).
    """

    fraction: float
    balanced: bool
    seed: int

    def check(self) -> None:
        require(0 < self.fraction <= 1, self, "fraction", "greater than 0 and at most 1")
        require(self.seed >= 0, self, "seed", "0 or more")

    def _title(self, choice: str) -> str:
        """Returns a short description for people, given how the examples are chosen."""
        unbalanced = "" if self.balanced else ", classes unbalanced"
        return f"{100 * self.fraction:g}% {choice}{unbalanced}, seed {self.seed}"


@dataclass(frozen=True, eq=False, repr=False)
class RandomSubset(Subset):
    """A random subset with the same number of examples of each class (sgd_noise sec. 5.2).

    With one seed, a smaller subset is part of every larger one.
    """

    fraction: float
    seed: int = 0

    balanced = True

    def __str__(self) -> str:
        return self._title("at random")


@dataclass(frozen=True, eq=False, repr=False)
class ScoredSubset(Subset):
    """The examples with the lowest or the highest scores (sgd_noise app. A.1 and F.1).

    With forgetting events as scores the lowest are the easiest; to remove the easiest 30 % is to
    keep the highest 70 %. With one seed, the lowest at a fraction and the highest at the rest have
    no example in common, unless they are balanced and classes differ in size.

    Attributes:
      scores: file of one number for each example of Task.train_split, in the order of
        `lth_tf.data.load`: .npy, or .csv with one number a line. A path that is not absolute
        begins at the folder of the datasets.
      keep: 'lowest' or 'highest'.
      balanced: whether there are as many of each class (app. F.1).
      seed: of the order among equal scores, of which counts of events have many.
      fingerprint: of the numbers, 16 hexadecimal digits; filled in by `bind`.
    """

    scores: str
    keep: Literal["lowest", "highest"]
    fraction: float
    balanced: bool = True
    seed: int = 0
    fingerprint: str = ""

    def check(self) -> None:
        super().check()
        known = self.scores.endswith((".npy", ".csv"))
        require(known, self, "scores", "the path of a .npy or .csv file")
        hexadecimal = re.fullmatch("([0-9a-f]{16})?", self.fingerprint) is not None
        require(hexadecimal, self, "fingerprint", "empty or 16 hexadecimal digits")

    def __str__(self) -> str:
        file = self.scores.rpartition("/")[2]
        return self._title(f"{self.keep} {file} {self.fingerprint[:6]}".strip())


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredSubset(Subset):
    """The examples with the lowest or the highest scores, which are measured first.

    Attributes:
      scores: a measurement whose numbers hold `scores`, float [examples]: one for each example of
        Task.train_split, in the order of `lth_tf.data.load`.
      keep, balanced, seed: as for a ScoredSubset.
    """

    scores: Recipe
    keep: Literal["lowest", "highest"]
    fraction: float
    balanced: bool = True
    seed: int = 0

    def check(self) -> None:
        super().check()
        measured = self.scores.MADE and self.scores.place is not None
        require(measured, self, "scores", "a measurement")

    def __str__(self) -> str:
        return self._title(f"{self.keep} {self.scores.recipe_name} {self.scores.key[:6]}")


@dataclass(frozen=True, eq=False, repr=False)
class ForgottenSubset(Subset):
    """The examples that are forgotten least or most often (sgd_noise app. A.1 and F.1).

    An experiment with a search for masks counts the forgetting events in the dense run that each
    initialization's search begins with, and trains on a MeasuredSubset by these scores.

    Keep, balanced and seed are as for a ScoredSubset.
    """

    keep: Literal["lowest", "highest"]
    fraction: float
    balanced: bool = True
    seed: int = 0

    def measured(self, scores: Recipe) -> MeasuredSubset:
        """Returns the subset by the scores that a measurement gives."""
        return MeasuredSubset(scores, self.keep, self.fraction, self.balanced, self.seed)

    def __str__(self) -> str:
        return self._title(f"{'least' if self.keep == 'lowest' else 'most'} forgotten")


@dataclass(frozen=True, eq=False, repr=False)
class LabelNoise(Recipe):
    """Random labels for some training examples (early_phase sec. 6.1: for all of them).

    Exactly round(fraction * examples) are given a label that is uniform over all classes, as in
    Zhang et al. 2017: of C classes, one label in C happens to be the right one. With one seed, a
    smaller fraction changes some of the labels that a larger one changes, to the same labels.

    Attributes:
      fraction: of the training examples, greater than 0 and at most 1.
      seed: of the choice of examples and of their labels, at the address ('label noise', seed).
    """

    fraction: float = 1.0
    seed: int = 0

    def check(self) -> None:
        require(0 < self.fraction <= 1, self, "fraction", "greater than 0 and at most 1")
        require(self.seed >= 0, self, "seed", "0 or more")

    def __str__(self) -> str:
        return f"{100 * self.fraction:g}% random labels, seed {self.seed}"


def size(subset: Subset | None, examples: int, classes: int) -> int:
    """Returns the number of examples of a subset, without looking at labels.

    Raises:
      RecipeError: the fraction leaves a class, or everything, without an example.
    """
    if subset is None:
        return examples
    groups = classes if subset.balanced else 1
    share = round(subset.fraction * examples / groups)
    allowed = f"enough for one example of each of the {classes} classes, {examples:,} in all"
    require(share > 0, subset, "fraction", allowed)
    return groups * share


def select(
    subset: Subset | None,
    label_noise: LabelNoise | None,
    labels: np.ndarray,
    classes: int,
    scores: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Returns indices of a task's training examples, int64 [size], rising, and their int32 labels.

    Args:
      labels: int32 [examples], those of the dataset.
      scores: float [examples], of a ScoredSubset or a MeasuredSubset; not NaN.

    Raises:
      RecipeError: as for `size`; or a class has fewer examples than it must give.
    """
    if label_noise is not None:
        labels = noisy_labels(label_noise, labels, classes)
    if subset is None:
        return np.arange(len(labels)), labels
    indices = chosen(subset, labels, classes, scores)
    return indices, labels[indices]


def noisy_labels(noise: LabelNoise, labels: np.ndarray, classes: int) -> np.ndarray:
    """Returns the labels with noise, int32 [examples]."""
    generator = addressed.generator("label noise", noise.seed)
    order = generator.permutation(len(labels))
    drawn = generator.integers(classes, size=len(labels), dtype=np.int32)
    changed = order[: round(noise.fraction * len(labels))]
    noisy = labels.copy()
    noisy[changed] = drawn[changed]
    return noisy


def chosen(
    subset: Subset, labels: np.ndarray, classes: int, scores: np.ndarray | None = None
) -> np.ndarray:
    """Returns the indices of the examples that `select` keeps, int64 [size], rising."""
    ties = addressed.generator("subset", subset.seed).permutation(len(labels))
    order = np.argsort(ties) if scores is None else np.lexsort((ties, scores))
    if getattr(subset, "keep", "lowest") == "highest":
        order = order[::-1]
    count = size(subset, len(labels), classes)
    if not subset.balanced:
        return np.sort(order[:count])
    share = count // classes
    counts = np.bincount(labels, minlength=classes)
    smallest = int(np.argmin(counts))
    if counts[smallest] < share:
        raise RecipeError(
            f"{type(subset).__name__}.fraction is {subset.fraction}; class {smallest} has "
            f"{counts[smallest]:,} training examples, and each class must give {share:,}"
        )
    by_class = order[np.argsort(labels[order], kind="stable")]
    first = np.cumsum(counts) - counts
    return np.sort(by_class[(first[:, None] + np.arange(share)).ravel()])
