"""Networks as people bring them, of images of 8x8 pixels and 10 classes: one for each kind."""

import keras
import numpy as np

from lth_tf.models import from_keras

L = keras.layers


class Scale(L.Layer):
    """A layer whose __init__ takes no name, so that Keras itself cannot give it one back."""

    def __init__(self):
        super().__init__()

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        return x * self.scale


class Block(L.Layer):
    """Layers inside a layer, one of them drawing random numbers."""

    def __init__(self, filters, rate=0.0, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.rate = filters, rate
        self.convs = [L.Conv2D(filters, 3, padding="same") for _ in range(2)]
        self.norm, self.dropout = L.BatchNormalization(momentum=0.9), L.SpatialDropout2D(rate)

    def call(self, x, training=None):
        x = self.convs[1](self.convs[0](x))
        return self.dropout(keras.ops.relu(self.norm(x, training=training)), training=training)

    def get_config(self):
        return super().get_config() | {"filters": self.filters, "rate": self.rate}


class Linear(L.Layer):
    """The layer of Keras' own tutorial: a matrix without a name."""

    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.units), initializer="random_normal")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, x):
        return x @ self.w + self.b


class Ramp(keras.initializers.Initializer):
    """An initializer of a user's own, with a seed in its configuration."""

    def __init__(self, top=0.1, seed=None):
        self.top, self.seed = top, seed

    def __call__(self, shape, dtype=None):
        drawn = np.random.default_rng(self.seed).permutation(int(np.prod(shape)))
        values = self.top * (drawn / drawn.size - 0.5).reshape(shape)
        return keras.ops.convert_to_tensor(values, dtype)

    def get_config(self):
        return {"top": self.top, "seed": self.seed}


def sequential(*layers):
    return keras.Sequential([keras.Input((8, 8, 1)), *layers, L.Dense(10)])


def attention():
    inputs = keras.Input((8, 8, 1))
    x = L.Dense(8)(L.Reshape((8, 8))(inputs))
    x = L.LayerNormalization()(x + L.MultiHeadAttention(2, 4, dropout=0.1)(x, x))
    return keras.Model(inputs, L.Dense(10)(L.GlobalAveragePooling1D()(x)))


MAKERS = {
    "pooling": lambda: sequential(L.Dense(8, "relu"), L.MaxPooling2D(), L.Flatten()),
    "odd names": lambda: sequential(
        L.Flatten(name="kernel"),
        L.Dense(6, name="mask"),
        L.Dense(6, name="moving_mean"),
        L.Dense(6, name="schluß eins $1 {a} %s <b>&"),
    ),
    "own layer": lambda: sequential(L.Conv2D(4, 3), Scale(), L.ReLU(), L.Flatten()),
    "own block": lambda: sequential(Block(4, 0.2), L.Flatten()),
    "separable": lambda: sequential(L.SeparableConv2D(4, 3), L.Flatten()),
    "attention": attention,
    "einsum": lambda: sequential(L.Flatten(), L.EinsumDense("ab,bc->ac", 6, bias_axes="c")),
    "recurrent": lambda: sequential(L.Reshape((8, 8)), L.LSTM(4)),
    "dropout": lambda: sequential(L.Flatten(), L.Dense(16, "relu"), L.Dropout(0.5)),
    "noise": lambda: sequential(
        L.GaussianNoise(0.1), L.Flatten(), L.Dense(8), L.GaussianDropout(0.1)
    ),
    "flips": lambda: sequential(
        L.RandomFlip(), L.RandomRotation(0.1), L.RandomTranslation(0.1, 0.1), L.Flatten()
    ),
    "norms": lambda: sequential(
        L.Flatten(), L.Dense(8), L.RMSNormalization(), L.GroupNormalization(2)
    ),
    "orthogonal": lambda: sequential(L.Flatten(), L.Dense(6, kernel_initializer="orthogonal")),
    "own initializer": lambda: sequential(L.Flatten(), L.Dense(6, kernel_initializer=Ramp())),
}
RANDOM = ("own block", "attention", "dropout", "noise", "flips")


def recipe(name):
    """The recipe of a network, made anew."""
    return from_keras(MAKERS[name](), name=name)
