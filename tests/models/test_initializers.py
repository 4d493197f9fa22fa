"""NumPy draws against Keras' own and against the papers': moments and bounds on large shapes."""

import keras
import numpy as np
import pytest

from lth_tf import noise
from lth_tf.models import ImagenetResnet, Vgg
from lth_tf.models.initializers import draw, fans, truncated_normal
from lth_tf.models.network import from_model, network

INITIALIZERS = keras.initializers
CASES = [
    INITIALIZERS.GlorotNormal(),
    INITIALIZERS.GlorotUniform(),
    INITIALIZERS.HeNormal(),
    INITIALIZERS.HeUniform(),
    INITIALIZERS.LecunNormal(),
    INITIALIZERS.LecunUniform(),
    INITIALIZERS.VarianceScaling(0.5, "fan_out", "uniform"),
    INITIALIZERS.VarianceScaling(2.0, "fan_in", "untruncated_normal"),
    INITIALIZERS.VarianceScaling(1.5, "fan_avg", "truncated_normal"),
    INITIALIZERS.RandomNormal(1.0, 0.2),
    INITIALIZERS.RandomUniform(-0.5, 1.0),
    INITIALIZERS.TruncatedNormal(-1.0, 0.3),
]


def drawn(initializer, shape, seed=0):
    return draw(initializer, shape, noise.generator("test", seed))


@pytest.mark.parametrize("shape", [(300, 400), (3, 3, 100, 150)])
@pytest.mark.parametrize("initializer", CASES, ids=lambda i: type(i).__name__)
def test_moments_and_bounds_are_those_of_keras(initializer, shape):
    ours, theirs = drawn(initializer, shape), np.asarray(initializer(shape))
    assert ours.dtype == np.float32 and ours.shape == shape
    spread = float(theirs.std())
    assert ours.std() == pytest.approx(spread, rel=0.02)
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.02 * spread)
    for quantile in (0.01, 0.25, 0.75, 0.99):
        expected = np.quantile(theirs, quantile)
        assert np.quantile(ours, quantile) == pytest.approx(expected, abs=0.06 * spread)
    unbounded = type(initializer) is INITIALIZERS.RandomNormal
    if not unbounded and getattr(initializer, "distribution", "") != "untruncated_normal":
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.01)


@pytest.mark.parametrize(
    "initializer, value",
    [
        (INITIALIZERS.Zeros(), 0.0),
        (INITIALIZERS.Ones(), 1.0),
        (INITIALIZERS.Constant(0.25), 0.25),
    ],
)
def test_constants(initializer, value):
    np.testing.assert_array_equal(drawn(initializer, (3, 2)), np.full((3, 2), value, np.float32))


def test_the_generator_decides_and_a_seed_in_the_config_does_not():
    one = drawn(INITIALIZERS.GlorotNormal(seed=1), (4, 4))
    np.testing.assert_array_equal(one, drawn(INITIALIZERS.GlorotNormal(seed=2), (4, 4)))
    assert not np.array_equal(one, drawn(INITIALIZERS.GlorotNormal(seed=1), (4, 4), seed=1))


@pytest.mark.parametrize(
    "shape, expected",
    [((), (1, 1)), ((7,), (7, 7)), ((3, 5), (3, 5)), ((2, 3, 4, 5), (24, 30))],
)
def test_fans(shape, expected):
    assert fans(shape) == expected


def test_fans_of_named_axes():
    assert fans((2, 3, 4), input_axes=(0, 1), output_axes=(2,)) == (6, 4)


def test_truncated_normal_stays_within_two_standard_deviations():
    values = truncated_normal((1000, 100), noise.generator("test", 0))
    assert np.abs(values).max() <= 2
    assert values.std() == pytest.approx(0.8796256610342398, rel=0.01)


def test_a_constant_may_be_an_array():
    values = np.arange(3, dtype=np.float32)
    np.testing.assert_array_equal(drawn(INITIALIZERS.Constant(values), (3,)), values)
    np.testing.assert_array_equal(drawn(INITIALIZERS.Constant(0.5), (2,)), [0.5, 0.5])


class HeNormal(INITIALIZERS.Initializer):
    """An initializer of a user's own that has a name of one of Keras', but not its formula."""

    def __call__(self, shape, dtype=None):
        return np.linspace(-1, 1, shape[0] * shape[1]).reshape(shape).astype(dtype)


def test_the_deviation_of_an_own_initializer_is_that_of_its_draw_whatever_its_name():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, kernel_initializer=HeNormal())]
    )
    (deviation,) = from_model(model).initial_deviations().values()
    assert deviation == pytest.approx(np.linspace(-1, 1, 12).std(), rel=1e-6)


@pytest.mark.parametrize("initializer", CASES, ids=lambda i: type(i).__name__)
def test_deviations_of_keras_initializers_are_those_of_their_draws(initializer):
    model = keras.Sequential(
        [keras.Input((300,)), keras.layers.Dense(400, kernel_initializer=initializer)]
    )
    net = from_model(model)
    (deviation,) = net.initial_deviations().values()
    (kernel,) = (v for n, v in net.initial_weights(0).items() if n.endswith("kernel"))
    assert deviation == pytest.approx(kernel.std(), rel=0.02)


class Matrix(keras.layers.Layer):
    """A layer of a user's own whose kernel starts as Keras has it where nothing is said."""

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], 4), None, name="kernel")

    def call(self, inputs):
        return inputs @ self.kernel


def test_a_weight_of_no_initializer_starts_as_keras_has_it():
    net = from_model(keras.Sequential([keras.Input((3,)), Matrix()]))
    (kernel,) = net.initial_weights(0).values()
    assert kernel.std() > 0 and np.abs(kernel).max() <= np.sqrt(6 / 7)


def test_starting_values_of_the_reference():
    recipe = ImagenetResnet(
        kernel_initializer="lecun_normal",
        logits_initializer="normal",
        norm_scale="last_zero",
        width=16,
        classes=50,
        image_shape=(32, 32, 3),
    )
    weights = network(recipe).initial_weights(0)
    kernel = weights["stage4_2_second_conv/kernel"]
    assert kernel.std() == pytest.approx(np.sqrt(1 / (9 * 128)), rel=0.02)
    assert np.abs(kernel).max() < 2.3 * kernel.std(), "truncated"
    assert weights["logits/kernel"].std() == pytest.approx(0.01, rel=0.02)
    for name, value in weights.items():
        if name.endswith("gamma"):
            assert np.all(value == (0 if "_third_" in name else 1)), name


@pytest.mark.parametrize(
    "kind, spread, bound",
    [
        ("kaiming_normal", np.sqrt(2 / 576), np.inf),
        ("kaiming_normal_fan_out", np.sqrt(2 / 1152), np.inf),
        ("he_normal", np.sqrt(2 / 576), 2.28),
        ("lecun_normal", np.sqrt(1 / 576), 2.28),
        ("pytorch_default", np.sqrt(1 / 576 / 3), np.sqrt(3)),
        ("normal", 0.01, np.inf),
    ],
)
def test_initializers_have_the_spread_that_they_say(kind, spread, bound):
    net = network(Vgg(11, kernel_initializer=kind, width=16))
    kernel = net.initial_weights(0)["stage4_1_conv/kernel"]
    assert kernel.shape == (3, 3, 64, 128)
    assert kernel.std() == pytest.approx(spread, rel=0.02)
    assert np.abs(kernel).max() <= bound * spread * 1.001
