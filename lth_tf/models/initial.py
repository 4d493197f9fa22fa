"""Initial weights: the initializer of each, and the values that it draws.

Keras' common initializers are drawn in NumPy (lth_tf.models.initializers). All others, a user's own
included, are called themselves, with a seed from the same address.
"""

import contextlib
import random
from collections.abc import Collection, Iterator
from typing import Any

import keras
import numpy as np

from lth_tf.models.initializers import RANDOM, SUPPORTED, draw, formula_deviation
from lth_tf.recipes import RecipeError


@contextlib.contextmanager
def recorded() -> Iterator[dict[int, Any]]:
    """Yields a dictionary that collects every new weight's initializer, by the variable's id.

    Keras forgets the initializer once the weight has its first value. In this context, that value
    is 0 for weights that are drawn in NumPy: nothing reads it, and Keras would draw for seconds.
    """
    initializers: dict[int, Any] = {}
    add_weight = keras.Layer.add_weight

    def recording(layer: keras.Layer, *args: Any, **kwargs: Any) -> keras.Variable:
        given = kwargs.get("initializer") or (args[1] if len(args) > 1 else "glorot_uniform")
        initializer = keras.initializers.get(given)
        if _is_keras(initializer, RANDOM) and len(args) < 2:
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

    Args:
      initializer: Keras' or a user's own; None if it is not known.
      weight: name of the weight, for the error.

    Raises:
      RecipeError: the initializer is not known, draws from a generator of the whole process, or
        does not give finite numbers of this shape.
    """
    if initializer is None:
        raise RecipeError(
            f"nothing says how {weight!r} starts; make it with add_weight(initializer=...)"
        )
    if _is_keras(initializer, SUPPORTED):
        return draw(keras.initializers.serialize(initializer), shape, generator)
    start = int(generator.integers(2**63))
    values = [_called(initializer, shape, start, weight, seed) for seed in (0, 1)]
    if values[0].tobytes() != values[1].tobytes():
        raise RecipeError(
            f"the initializer of {weight!r}, {_name(initializer)}, draws from a generator of the "
            "whole process; it must draw from a `seed` of its configuration"
        )
    return values[0]


def _is_keras(initializer: Any, names: Collection[str]) -> bool:
    """Returns whether an initializer is one of Keras' own of these names."""
    kind = type(initializer)
    return kind.__module__.split(".")[0] == "keras" and kind.__name__ in names


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

    A layer that draws from them draws other numbers for another seed, by which it is found out.
    """
    before = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


def standard_deviation(initializer: Any, drawn: np.ndarray) -> float:
    """Returns the standard deviation of an initializer; without a formula, of a draw."""
    if _is_keras(initializer, SUPPORTED):
        return formula_deviation(keras.initializers.serialize(initializer), drawn.shape)
    return float(np.std(drawn))
