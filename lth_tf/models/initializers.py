"""Initial weights: the initializer of each, and the values that it draws.

Keras' common initializers are drawn in NumPy, from a generator that the caller addresses, by the
formulas of keras.initializers; the numbers are others, as Keras draws from its own global state.
All other initializers, a user's own included, are called themselves, with a seed from the same
address.
"""

import contextlib
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from lth_tf.recipes import RecipeError

# Standard deviation of a unit normal truncated to [-2, 2].
TRUNCATED_STDDEV = 0.87962566103423978

_KERAS = keras.initializers
SCALED = (
    *(_KERAS.VarianceScaling, _KERAS.GlorotNormal, _KERAS.GlorotUniform, _KERAS.HeNormal),
    *(_KERAS.HeUniform, _KERAS.LecunNormal, _KERAS.LecunUniform),
)
RANDOM = (*SCALED, _KERAS.RandomNormal, _KERAS.RandomUniform, _KERAS.TruncatedNormal)
SUPPORTED = (*RANDOM, _KERAS.Zeros, _KERAS.Ones, _KERAS.Constant)


@contextlib.contextmanager
def recorded() -> Iterator[dict[int, Any]]:
    """Yields a dictionary that collects every new weight's initializer, by the variable's id.

    Keras forgets the initializer once the weight has its first value. In this context, that value
    is 0 for weights that are drawn in NumPy: nothing reads it, and Keras would draw for seconds.
    """
    initializers: dict[int, Any] = {}
    add_weight = keras.Layer.add_weight

    def recording(layer: keras.Layer, *args: Any, **kwargs: Any) -> keras.Variable:
        given = kwargs.get("initializer") or (args[1] if len(args) > 1 else None)
        initializer = keras.initializers.get(given or "glorot_uniform")  # Keras' default
        if type(initializer) in RANDOM and len(args) < 2:
            kwargs["initializer"] = "zeros"
        variable = add_weight(layer, *args, **kwargs)
        initializers[id(variable)] = initializer
        return variable

    keras.Layer.add_weight = recording
    try:
        yield initializers
    finally:
        keras.Layer.add_weight = add_weight


def initial_value(
    initializer: Any, shape: tuple[int, ...], generator: np.random.Generator, weight: str
) -> np.ndarray:
    """Returns an initial value, float32, the same for the same generator.

    Raises:
      RecipeError: the initializer is not known (None), draws from a generator of the whole process,
        or does not give finite numbers of this shape.
    """
    if initializer is None:
        raise RecipeError(
            f"nothing says how {weight!r} starts; make it with add_weight(initializer=...)"
        )
    if type(initializer) in SUPPORTED:
        return draw(initializer, shape, generator)
    start = int(generator.integers(2**63))
    values = [_called(initializer, shape, start, weight, seed) for seed in (0, 1)]
    if values[0].tobytes() != values[1].tobytes():
        raise RecipeError(
            f"the initializer of {weight!r}, {_name(initializer)}, draws from a generator of the "
            "whole process; it must draw from a `seed` of its configuration"
        )
    return values[0]


def _called(
    initializer: Any, shape: tuple[int, ...], start: int, weight: str, process_seed: int
) -> np.ndarray:
    """Returns an initializer's values where the generators of the process start from a seed."""
    with process_seeded(process_seed):
        if isinstance(initializer, keras.initializers.Initializer):
            config = _seeded(initializer.get_config(), np.random.default_rng(start))
            initializer = type(initializer).from_config(config)
        values = np.asarray(initializer(shape, dtype="float32"), np.float32)
    if values.shape != shape or not np.isfinite(values).all():
        raise RecipeError(
            f"the initializer of {weight!r}, {_name(initializer)}, must give finite numbers of "
            f"shape {shape}"
        )
    return values


def _seeded(config: Any, generator: np.random.Generator) -> Any:
    """Returns a configuration with a drawn seed in the place of each of its own."""
    if isinstance(config, list):
        return [_seeded(value, generator) for value in config]
    if not isinstance(config, dict):
        return config
    return {
        name: int(generator.integers(2**31)) if name == "seed" else _seeded(value, generator)
        for name, value in config.items()
    }


def _name(initializer: Any) -> str:
    return getattr(initializer, "__name__", type(initializer).__name__)


@contextlib.contextmanager
def process_seeded(seed: int) -> Iterator[None]:
    """Seeds the generators of the process (Python's, NumPy's, Keras', TensorFlow's) meanwhile.

    A layer that draws other numbers for another seed draws from them.
    """
    before = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


def draw(initializer: Any, shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Draws a float32 array as a Keras initializer of SUPPORTED would, but for its seed."""
    kind = type(initializer)
    if kind in SCALED:
        values = _scaled(initializer, shape, generator)
    elif kind is _KERAS.RandomNormal:
        values = initializer.mean + initializer.stddev * generator.standard_normal(shape)
    elif kind is _KERAS.TruncatedNormal:
        values = initializer.mean + initializer.stddev * truncated_normal(shape, generator)
    elif kind is _KERAS.RandomUniform:
        values = generator.uniform(initializer.minval, initializer.maxval, shape)
    elif kind is _KERAS.Constant:
        values = np.full(shape, initializer.value)
    else:
        values = np.full(shape, 1.0 if kind is _KERAS.Ones else 0.0)
    return np.asarray(values, np.float32)


def _scaled(initializer: Any, shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Draws with variance scale / fan from one of the distributions of VarianceScaling."""
    stddev = _scaled_deviation(initializer, shape)
    if initializer.distribution == "truncated_normal":
        return stddev / TRUNCATED_STDDEV * truncated_normal(shape, generator)
    if initializer.distribution == "untruncated_normal":
        return stddev * generator.standard_normal(shape)
    return generator.uniform(-math.sqrt(3) * stddev, math.sqrt(3) * stddev, shape)


def _scaled_deviation(initializer: Any, shape: Sequence[int]) -> float:
    fan_in, fan_out = fans(shape, initializer.input_axes, initializer.output_axes)
    by_mode = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    return math.sqrt(initializer.scale / max(1.0, by_mode[initializer.mode]))


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


def standard_deviation(initializer: Any, drawn: np.ndarray) -> float:
    """Returns the standard deviation of an initializer; without a formula, of a draw."""
    kind = type(initializer)
    if kind in SCALED:
        return _scaled_deviation(initializer, drawn.shape)
    if kind is _KERAS.RandomNormal:
        return float(initializer.stddev)
    if kind is _KERAS.TruncatedNormal:
        return float(initializer.stddev * TRUNCATED_STDDEV)
    if kind is _KERAS.RandomUniform:
        return float(initializer.maxval - initializer.minval) / math.sqrt(12)
    return 0.0 if kind in SUPPORTED else float(np.std(drawn))
