"""Task: the images and labels that a network is trained and evaluated on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.data.selection import LabelNoise, Subset
from lth_tf.recipes import Recipe, require

TURNS = 4


@dataclass(frozen=True, eq=False, repr=False)
class Task(Recipe):
    """A dataset, its splits, and the changes of its images and labels.

    They are made in this order: label noise, subset, blur; then, for each batch, augmentation,
    rotation and normalization. Test images are never augmented, selected or given other labels, but
    they are blurred and turned: a task's test error is about the task.

    Attributes:
      dataset: TFDS name, with config and version if wanted: 'mnist', 'cifar10:3.0.2'.
      mean: subtracted from the pixels on their [0, 1] scale: one number, or one per channel.
      std: the divisor of the difference, on the [0, 1] scale: likewise.
      augmentation: of training images: 'none'; 'crop_and_flip', a random crop of the padded
        image and a random left-right flip (resnet sec. 4.2: pad 4, crop 32); or, where images are
        streamed, 'resized_crop_and_flip', a random part of the stored image and a random flip
        (lth_tf.data.crops).
      padding: black pixels added on each side before the crop.
      image_size: height and width of the images that the network sees; 0 for the dataset's own.
        A dataset whose images vary in size needs one, and is streamed from disk.
      resize: the interpolation to image_size, without anti-aliasing.
      channels: of the images that the network sees, so that weights go from one dataset to another
        (sgd_noise sec. 5.1): 3 repeats the one of gray images, 1 is the luminance of colored ones;
        0 for the dataset's own.
      test_crop: the side of the central square that is evaluated of a streamed image, as a fraction
        of the shorter side; 0.875 is 'resize to 256, crop to 224'.
      train_evaluated: the number of training examples that are evaluated, and that statistics of
        batch norm are re-estimated on: the first in the order of the files, which TFDS shuffles;
        0, or more than there are, for all.
      train_split: TFDS split to train on, such as 'train' or 'train[:90%]'.
      test_split: TFDS split to evaluate on.
      subset: the training examples that are used: None for all, or a RandomSubset, a
        ScoredSubset, a ForgottenSubset or a MeasuredSubset.
      label_noise: random labels of training examples; None for the dataset's labels.
      blur: factor by which images are made smaller and then larger again; 1 for sharp images.
      rotation: whether the label is the number of quarter turns, counter-clockwise, of the image
        (early_phase sec. 6.2): 4 classes. Training images get one at random on each visit, after
        the augmentation (a flip after the turn would make one quarter turn look like three). Each
        image that a network is evaluated on is seen in all 4 positions.
      fingerprint: of the prepared dataset, 16 hexadecimal digits; filled in by `bind`. Empty as
        long as the task is not bound to one.
    """

    dataset: str
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    augmentation: Literal["none", "crop_and_flip", "resized_crop_and_flip"] = "none"
    padding: int = 4
    image_size: int = 0
    resize: Literal["bicubic", "bilinear"] = "bicubic"
    test_crop: float = 0.875
    train_evaluated: int = 0
    train_split: str = "train"
    test_split: str = "test"
    subset: Subset | None = None
    label_noise: LabelNoise | None = None
    blur: int = 1
    rotation: bool = False
    fingerprint: str = ""
    channels: Literal[0, 1, 3] = 0

    ADDED: ClassVar[Mapping[str, Any]] = {"channels": 0}

    @property
    def views(self) -> int:
        """The number of positions in which each image is seen when a network is evaluated."""
        return TURNS if self.rotation else 1

    @property
    def title(self) -> str:
        """The dataset and its changes, for people, such as 'cifar10, blurred 4x'."""
        changes = (
            str(self.label_noise or ""),
            str(self.subset or ""),
            f"blurred {self.blur}x" if self.blur > 1 else "",
            "rotation" if self.rotation else "",
            {1: "gray", 3: "in color"}.get(self.channels, ""),
        )
        return ", ".join([self.dataset, *filter(None, changes)])

    def check(self) -> None:
        require(bool(self.dataset.strip()), self, "dataset", "the name of a TFDS dataset")
        in_range = bool(self.mean) and all(0 <= m <= 1 for m in self.mean)
        require(in_range, self, "mean", "numbers from 0 to 1 (the pixels' scale), one per channel")
        in_range = bool(self.std) and all(0 < s <= 1 for s in self.std)
        require(in_range, self, "std", "numbers greater than 0 and at most 1, one per channel")
        require(self.padding >= 0, self, "padding", "0 or more")
        require(self.image_size >= 0, self, "image_size", "a number of pixels, or 0")
        require(self.train_evaluated >= 0, self, "train_evaluated", "0 or more")
        require(0 < self.test_crop <= 1, self, "test_crop", "greater than 0 and at most 1")
        require(bool(self.train_split.strip()), self, "train_split", "the name of a split")
        require(bool(self.test_split.strip()), self, "test_split", "the name of a split")
        require(self.blur >= 1, self, "blur", "1 (none) or more")
        clean = not (self.rotation and self.label_noise)
        require(clean, self, "label_noise", "None with Task.rotation, whose labels are the turns")
        hexadecimal = re.fullmatch("([0-9a-f]{16})?", self.fingerprint) is not None
        require(hexadecimal, self, "fingerprint", "empty or 16 hexadecimal digits")
