"""What the benchmarks measure against: operations counted by hand, and what a report says."""

import keras
import pytest
import yardsticks

from lth_tf.models import Lenet, Resnet

# Multiply-adds of ResNet-20 on 32 x 32 x 3, stage by stage: positions * kernel * channels.
STEM = 1024 * 9 * 3 * 16
FIRST_STAGE = 6 * 1024 * 9 * 16 * 16
SECOND_STAGE = 256 * (9 * 16 * 32 + 5 * 9 * 32 * 32 + 16 * 32)
THIRD_STAGE = 64 * (9 * 32 * 64 + 5 * 9 * 64 * 64 + 32 * 64)


def odd_layers():
    """A network with every way in which a kernel's numbers are used more than once."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.Conv2D(4, 3, strides=2, padding="same"),  # 4 x 4 pixels out: 16 * 9 * 2 * 4
            layers.DepthwiseConv2D(3),  # 2 x 2 pixels out: 4 * 9 * 4
            layers.Conv2DTranspose(5, 2, strides=2),  # 2 x 2 pixels in: 4 * 4 * 4 * 5
            layers.Reshape((16, 5)),
            layers.Dense(3),  # 16 rows: 16 * 5 * 3
        ]
    )


@pytest.mark.parametrize(
    "build, forward, first",
    [
        (Lenet().build, 2 * 266_200, 2 * 784 * 300),
        (Lenet(widths=(), image_shape=(8, 8, 1)).build, 2 * 640, 2 * 640),
        (Resnet().build, 81_626_368, 2 * STEM),
        (odd_layers, 2 * (1152 + 144 + 320 + 240), 2 * 1152),
    ],
    ids=["lenet", "one layer", "resnet20", "odd layers"],
)
def test_operations_are_those_counted_by_hand(build, forward, first):
    model = build()
    assert yardsticks.forward_operations(model) == forward
    assert yardsticks.step_operations(model) == 3 * forward - first


def test_the_papers_networks_in_plain_numbers():
    assert yardsticks.forward_operations(Lenet().build()) == 532_400
    assert yardsticks.step_operations(Lenet().build()) == 1_126_800
    assert 2 * (STEM + FIRST_STAGE + SECOND_STAGE + THIRD_STAGE + 640) == 81_626_368


def test_rates_follow_from_examples_operations_and_seconds(monkeypatch):
    monkeypatch.setattr(yardsticks, "matmul_gflops", lambda: 200.0)
    assert yardsticks.rates(examples=60, operations=10**9, seconds=0.5) == {
        "examples_per_second": 120.0,
        "gflops": 120.0,
        "matmul_gflops": 200.0,
        "share_of_matmul": 0.6,
    }


def test_the_matrix_product_rate_is_the_best_of_its_sizes(monkeypatch):
    measured = iter([3.0, 5.0, 4.0, 2.0])
    monkeypatch.setattr(yardsticks, "_matmul_rate", lambda size: next(measured))
    assert yardsticks.matmul_gflops((8, 16), repetitions=2) == 5.0
