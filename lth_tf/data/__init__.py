"""Datasets through TFDS: tasks, their examples and the order of these.

Importing this package loads neither TensorFlow nor TFDS, so recipes that name a task are cheap to
write and to key. The parts: `task` (the recipe), `selection` (subsets and label noise), `scores`
(files of scores), `pretext` (tasks made of another one), `builders` (prepared datasets), `metadata`
(bind, and facts before anything is read), `examples` (load), `stream` (images decoded as they are
needed), `images` (their forms), `order` and `crops` (NumPy: data order, draws of augmentation and
turns), `preprocess` (TensorFlow: augmentation, rotation, normalization), `digits` (which comes with
the package), `tiny_imagenet` (which TFDS lacks).
"""

from lth_tf.data.builders import DataError, NotPrepared
from lth_tf.data.examples import Examples, Streams, load
from lth_tf.data.metadata import Facts, bind, class_names, facts, per_channel
from lth_tf.data.pretext import Pretext
from lth_tf.data.selection import (
    ForgottenSubset,
    LabelNoise,
    MeasuredSubset,
    RandomSubset,
    ScoredSubset,
)
from lth_tf.data.task import Task

__all__ = [
    "DataError", "Examples", "Facts", "ForgottenSubset", "LabelNoise", "MeasuredSubset",
    "NotPrepared", "Pretext", "RandomSubset", "ScoredSubset", "Streams", "Task", "bind",
    "class_names", "facts", "load", "per_channel",
]  # fmt: skip
