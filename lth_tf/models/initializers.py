"""Keras' weight initializers in NumPy, drawn from a generator that the caller addresses.

The formulas are those of keras.initializers; the numbers are not, as Keras draws from its own
global state.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

# Standard deviation of a unit normal truncated to [-2, 2].
TRUNCATED_STDDEV = 0.87962566103423978

# Class name -> scale, mode, distribution of the VarianceScaling that it stands for.
_SCALINGS = {
    "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
}
RANDOM = (*_SCALINGS, "VarianceScaling", "RandomNormal", "RandomUniform", "TruncatedNormal")
SUPPORTED = (*RANDOM, "Zeros", "Ones", "Constant")


def draw(
    initializer: Mapping[str, Any], shape: tuple[int, ...], generator: np.random.Generator
) -> np.ndarray:
    """Draws a float32 array as a Keras initializer would.

    Args:
      initializer: one of SUPPORTED as keras.initializers.serialize gives it: class_name and config.
        A seed in the config is ignored; the generator decides.
      shape: of the array.
      generator: the source of the numbers.
    """
    kind, config = initializer["class_name"], initializer["config"]
    if kind == "RandomNormal":
        values = config["mean"] + config["stddev"] * generator.standard_normal(shape)
    elif kind == "TruncatedNormal":
        values = config["mean"] + config["stddev"] * truncated_normal(shape, generator)
    elif kind == "RandomUniform":
        values = generator.uniform(config["minval"], config["maxval"], shape)
    elif kind in RANDOM:
        values = _scaled(kind, config, shape, generator)
    else:
        values = np.full(shape, {"Zeros": 0.0, "Ones": 1.0}.get(kind, config.get("value")))
    return np.asarray(values, np.float32)


def _scaled(
    kind: str, config: Mapping[str, Any], shape: tuple[int, ...], generator: np.random.Generator
) -> np.ndarray:
    """Draws with variance scale / fan from one of the distributions of VarianceScaling."""
    stddev, distribution = _scaled_deviation(kind, config, shape)
    if distribution == "truncated_normal":
        return stddev / TRUNCATED_STDDEV * truncated_normal(shape, generator)
    if distribution == "untruncated_normal":
        return stddev * generator.standard_normal(shape)
    return generator.uniform(-math.sqrt(3) * stddev, math.sqrt(3) * stddev, shape)


def _scaled_deviation(
    kind: str, config: Mapping[str, Any], shape: Sequence[int]
) -> tuple[float, str]:
    """Returns the standard deviation of a VarianceScaling, and the name of its distribution."""
    own: Any = [config.get(name) for name in ("scale", "mode", "distribution")]
    scale, mode, distribution = _SCALINGS.get(kind, own)
    fan_in, fan_out = fans(shape, config.get("input_axes"), config.get("output_axes"))
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    return math.sqrt(scale / max(1.0, fan)), distribution


def fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Returns (inputs, outputs) of one unit as Keras counts them for a weight of this shape.

    The last two axes of a kernel are its input and output channels, those before them its
    receptive field; or the axes are named.
    """
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        return math.prod(shape), math.prod(shape)
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


def truncated_normal(shape: Sequence[int], generator: np.random.Generator) -> np.ndarray:
    """Draws from the unit normal conditioned on [-2, 2], by rejection; float64."""
    values = generator.standard_normal(math.prod(shape))
    outside = np.flatnonzero(np.abs(values) > 2)
    while outside.size:
        values[outside] = generator.standard_normal(outside.size)
        outside = outside[np.abs(values[outside]) > 2]
    return values.reshape(shape)


def formula_deviation(initializer: Mapping[str, Any], shape: Sequence[int]) -> float:
    """Returns the standard deviation of one of SUPPORTED, given as for `draw`, of a shape."""
    kind, config = initializer["class_name"], initializer["config"]
    if kind in ("RandomNormal", "TruncatedNormal"):
        return config["stddev"] * (TRUNCATED_STDDEV if kind == "TruncatedNormal" else 1.0)
    if kind == "RandomUniform":
        return (config["maxval"] - config["minval"]) / math.sqrt(12)
    return _scaled_deviation(kind, config, shape)[0] if kind in RANDOM else 0.0
