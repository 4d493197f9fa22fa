"""Datasets through TFDS: what a task is, which bytes it means, its examples and their order.

Importing this package loads neither TensorFlow nor TFDS, so recipes that name a task are cheap to
write and to key. The parts: `task` (the recipe), `source` (bind and load), `order` and `crops`
(NumPy: data order and augmentation draws), `stream` (images decoded as they are needed),
`preprocess` (TensorFlow: augmentation and normalisation), `digits` (the dataset that comes with the
package), `tiny_imagenet` (a dataset that TFDS lacks).
"""

from lth_tf.data.source import DataError, Examples, Facts, NotPrepared, Streams, bind, facts, load
from lth_tf.data.task import Task

__all__ = [
    "DataError",
    "Examples",
    "Facts",
    "NotPrepared",
    "Streams",
    "Task",
    "bind",
    "facts",
    "load",
]
