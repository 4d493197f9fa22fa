"""Yardsticks of the benchmarks: operations, and the machine's own matrix-product rate."""

import math
import time
from collections.abc import Iterator

import lth_tf  # isort: skip  # noqa: F401  # before TensorFlow, which then looks for oneDNN
import keras
import tensorflow as tf

from lth_tf.models.layers import MASKABLE

MATMUL_SIZES = (2048, 4096)


def forward_operations(model: keras.Model) -> int:
    """Returns operations of one example's forward pass: 2 a multiply-add of conv and dense layers.

    Pruned weights count like the others, as they are multiplied like the others.
    """
    return sum(_operations(model))


def step_operations(model: keras.Model) -> int:
    """Returns operations of an example's training step: forward, to weights and to inputs.

    Each of the three takes as many as the forward pass; only the first layer's inputs, which are
    the images, need no gradient.
    """
    return 3 * forward_operations(model) - next(_operations(model))


def _operations(model: keras.Model) -> Iterator[int]:
    """Yields the operations of each layer with a kernel, from the images on.

    Every number of a kernel is used once per position: pixel of a convolution's output or of a
    transposed one's input, row that a dense layer is applied to.
    """
    for layer in model.layers:
        if isinstance(layer, MASKABLE):
            side = layer.input if "Transpose" in type(layer).__name__ else layer.output
            yield 2 * math.prod(side.shape[1:-1]) * math.prod(layer.kernel.shape)


def matmul_gflops(sizes: tuple[int, ...] = MATMUL_SIZES, repetitions: int = 3) -> float:
    """Returns this process's best rate of a product of two square float32 matrices, in GFLOP/s."""
    return max(_matmul_rate(size) for size in sizes for _ in range(repetitions))


def _matmul_rate(size: int) -> float:
    square = tf.random.stateless_normal((size, size), (0, size))
    float(square[0, 0])  # Waits until the device is done with all that went before.
    started = time.perf_counter()
    float(tf.matmul(square, square)[0, 0])
    return 2 * size**3 / (time.perf_counter() - started) / 1e9


def rates(examples: int, operations: int, seconds: float) -> dict[str, float]:
    """Returns the rates of `examples` of so many operations each, by the reports' names."""
    gflops, matmul = examples * operations / seconds / 1e9, matmul_gflops()
    return {
        "examples_per_second": examples / seconds,
        "gflops": gflops,
        "matmul_gflops": matmul,
        "share_of_matmul": gflops / matmul,
    }
