"""From a recipe's Keras model to a Network: masks, names, initializers."""

import functools
import math
from collections.abc import Sequence
from types import MappingProxyType

import keras

from lth_tf.models.checks import check_variables
from lth_tf.models.functional import Arrays, Network
from lth_tf.models.initializers import recorded
from lth_tf.models.naming import head_paths, kernels, make_scope_names, mask_name, named_variables
from lth_tf.models.wrapping import mask_wrapped
from lth_tf.recipes import Model, RecipeError

__all__ = ["Arrays", "Network", "from_model", "network", "parameter_counts"]


@functools.lru_cache(maxsize=8)
def network(recipe: Model, dtype_policy: str = "float32", norm_groups: int = 1) -> Network:
    """Builds the network of a recipe; the same one for equal recipes.

    Args:
      dtype_policy: Keras' name of the compute precision: 'float32' or 'mixed_bfloat16'. Weights,
        statistics and logits are float32 in both.
      norm_groups: in how many groups of consecutive examples batch norm normalizes a batch.

    Raises:
      RecipeError: the model holds something that cannot be masked or repeated.
    """
    with recorded():  # so that Keras draws no weights here, which are drawn anew below
        model = recipe.build()
    parts = (recipe.blocks, recipe.prunable, recipe.heads)
    return from_model(model, dtype_policy, norm_groups, *parts)


def from_model(
    model: keras.Model,
    dtype_policy: str = "float32",
    norm_groups: int = 1,
    blocks: Sequence[str] = (),
    prunable: Sequence[str] = (),
    heads: int = 1,
) -> Network:
    """Returns the network of a Keras model, mask-wrapped; `blocks` are names of its layers."""
    with recorded() as initializers:
        wrapped = mask_wrapped(model, dtype_policy, norm_groups, heads)
    by_id = {id(v.variable): v for v in named_variables(wrapped)}
    check_variables(by_id.values())
    weights = [by_id[id(v)] for v in wrapped.trainable_variables]
    state = [by_id[id(v)] for v in wrapped.non_trainable_variables]
    arrays = [v for v in by_id.values() if v.kind == "array"]
    shapes = {v.name: tuple(v.variable.shape) for v in arrays}
    masks = {v.name for v in state if v.kind == "mask"}
    trained = {v.name: shapes[v.name] for v in weights}
    layers = {layer.name: layer for layer in wrapped.layers}
    if unknown := [block for block in blocks if block not in layers]:
        raise RecipeError(
            f"model {model.name!r} has no layer {unknown[0]!r}, which its recipe has as a block"
        )
    tops = tuple(path for output in range(heads) for path in head_paths(wrapped, output))
    make_scope_names(wrapped)
    return Network(
        model=wrapped,
        variables=MappingProxyType({v.name: v for v in by_id.values()}),
        weight_names=tuple(trained),
        statistic_names=tuple(v.name for v in state if v.kind == "array"),
        seed_names=tuple(v.name for v in state if v.kind == "seed"),
        prunable=kernels(trained, tuple(prunable), f"model {model.name!r}"),
        wrapped=tuple(n for n in trained if n.endswith("/kernel") and mask_name(n) in masks),
        shapes=MappingProxyType(shapes),
        initializers=MappingProxyType({v.name: initializers.get(id(v.variable)) for v in arrays}),
        state_names=tuple(v.name for v in state),
        layers=MappingProxyType(layers),
        head=tuple(name for name in trained if name.startswith(tops)),
        blocks=MappingProxyType({block: layers[block].output.shape[1:] for block in blocks}),
        heads=heads,
    )


def parameter_counts(network: Network) -> dict[str, int]:
    """Counts the numbers of a network: trainable, total (with statistics) and prunable."""

    def count(names: tuple[str, ...]) -> int:
        return sum(math.prod(network.shapes[name]) for name in names)

    trainable = count(network.weight_names)
    total = trainable + count(network.statistic_names)
    return {"trainable": trainable, "total": total, "prunable": count(network.prunable)}
