"""Random images and networks that lines are evaluated on."""

import keras
import numpy as np

from lth_tf.data import Task
from lth_tf.models.layers import BatchNorm
from lth_tf.models.network import from_model
from lth_tf.state import State
from lth_tf.training.feed import WholeSplit

TASK = Task("random", mean=(0.4,), std=(0.3,))
EXAMPLES, BATCH = 53, 10  # the last batch has three of its own
ALPHAS = np.array([0.0, 0.3, 0.5, 1.0])
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(256, size=(EXAMPLES, 4, 4, 1), dtype=np.uint8)
LABELS = RNG.integers(3, size=EXAMPLES, dtype=np.int32)
TRAINING_IMAGES = RNG.integers(256, size=(4 * BATCH, 4, 4, 1), dtype=np.uint8)
TRAINING = WholeSplit(TRAINING_IMAGES, np.zeros(4 * BATCH, np.int32))


def normalized(images):
    return ((images / 255 - 0.4) / 0.3).reshape(len(images), -1)


def state(net, seed):
    """Weights and statistics unlike those of any other seed, biases and scales included."""
    rng = np.random.default_rng(seed)

    def draw(name):
        values = rng.normal(1 if name.endswith("gamma") else 0, 0.4, net.shapes[name])
        return (np.abs(values) + 0.5 if name.endswith("variance") else values).astype(np.float32)

    weights = {name: draw(name) for name in net.weight_names}
    return State(0, weights, {name: draw(name) for name in net.statistic_names})


def mixed(first, second, alpha):
    """alpha W_1 + (1 - alpha) W_2, float64."""
    return {n: alpha * first[n].astype(np.float64) + (1 - alpha) * second[n] for n in first}


def normed_network(momentum=0.9):
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Flatten()(inputs)
    x = keras.layers.Dense(5, name="hidden")(x)
    x = BatchNorm(momentum=momentum, epsilon=1e-3, name="norm")(x)
    x = keras.layers.ReLU()(x)
    return from_model(keras.Model(inputs, keras.layers.Dense(3, name="logits")(x)))
