"""Experiments and networks that train in a second."""

import keras

import lth_tf as lth
from lth_tf.models import Lenet
from lth_tf.training import Adam, Constant, Hparams


def small(**changes):
    """An experiment made in Python."""
    fields = {
        "model": Lenet(widths=(8,), image_shape=(8, 8, 1)),
        "task": lth.data.Task("digits"),
        "hparams": Hparams(60, Adam(), Constant(12e-4)),
        "steps": 30,
        "initializations": (0,),
    }
    return {**fields, **changes}


def error(model, inputs, labels):
    return float((keras.ops.convert_to_numpy(model(inputs)).argmax(1) != labels).mean())
