"""A run whose untrained weights are scored, and masks by scores; its first batches: conftest."""

import numpy as np

from lth_tf.data import Task
from lth_tf.models import Lenet, Resnet
from lth_tf.recipes import At, Init, Ones, Prune, train
from lth_tf.training import Adam, Constant, Hparams

TASK = Task("digits", mean=(0.3,), std=(0.4,))
MODEL = Lenet(widths=(20, 10), image_shape=(8, 8, 1))
HPARAMS = Hparams(60, Adam(), Constant(5e-3), weight_decay=1e-2, xla="off")
ONES = Ones(MODEL)
RUN = train(Init(MODEL, 0), ONES, TASK, HPARAMS, noise=3)
START = At(RUN, 0)
RESNET = Resnet(depth=8, width=2, image_shape=(8, 8, 1), norm_scale="uniform")


def pruned(score, fraction=0.4, mask=ONES, weights=START, scope="global", exclude=()):
    return Prune(weights, mask, fraction, score, scope, exclude)


def same(mask, other):
    return list(mask) == list(other) and all(np.array_equal(mask[n], other[n]) for n in mask)
