"""Names of a network's variables, and the rule for kernels, the weights that have masks.

A variable's name is the path of layers to it: 'dense_1/kernel', 'block_1/conv2d_1/kernel'. Names
that Keras counts through the process are counted afresh, so that they are the same in every one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import keras

from lth_tf.models.architecture import fresh_names
from lth_tf.models.layers import Masked
from lth_tf.recipes import RecipeError

# Endings of the names of weights that are no kernels, whatever their rank.
NO_KERNELS = ("bias", "gamma", "beta", "alpha", "scale", "embeddings")


@dataclass(frozen=True, eq=False)
class NamedVariable:
    """A variable of a wrapped model, named by the path to it, and the layer that holds it.

    Its kind is that of a weight or statistic ('array'), of a mask, or of the seed of a layer's
    random numbers.
    """

    name: str
    variable: keras.Variable
    layer: keras.Layer
    kind: Literal["array", "mask", "seed"]


def named_variables(model: keras.Model) -> tuple[NamedVariable, ...]:
    """Returns the variables of a wrapped model, each once; the names depend on the model alone.

    Raises:
      RecipeError: two variables have the same name.
    """
    by_id: dict[int, NamedVariable] = {}
    for variable in _of_model(model):
        by_id.setdefault(id(variable.variable), variable)
    names = [variable.name for variable in by_id.values()]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise RecipeError(f"model {model.name!r} has two weights called {repeated[0]!r}")
    return tuple(by_id.values())


def _of_model(model: keras.Model, path: str = "") -> Iterator[NamedVariable]:
    for layer in model.layers:
        yield from _of_layer(layer, f"{path}{layer.name}/")


def _of_layer(layer: keras.Layer, path: str) -> Iterator[NamedVariable]:
    if _is_graph(layer):
        yield from _of_model(layer, path)
        return
    if isinstance(layer, Masked):
        yield from _of_layer(layer.layer, path)
        yield NamedVariable(f"{path}mask", layer.mask, layer, "mask")
        return
    own = [*layer._trainable_variables, *layer._non_trainable_variables]
    for variable, name in zip(own, _own_names(layer, own), strict=True):
        yield NamedVariable(path + name, variable, layer, "array")
    for number, generator in enumerate(layer._seed_generators, 1):
        yield NamedVariable(f"{path}seed_{number}", generator.state, layer, "seed")
    inner = [child for child in layer._layers if isinstance(child, keras.Layer)]
    names = fresh_names([(child.name, type(child).__name__) for child in inner])
    for child, name in zip(inner, _numbered(names[c.name] for c in inner), strict=True):
        yield from _of_layer(child, f"{path}{name}/")


def _is_graph(layer: keras.Layer) -> bool:
    """Returns whether a layer is a functional or sequential model; its layers have names."""
    return isinstance(layer, keras.Model) and bool(getattr(layer, "inputs", None))


def _own_names(layer: keras.Layer, variables: list[keras.Variable]) -> list[str]:
    """Returns names of a layer's own variables; one without a name has its attribute's."""
    attributes = {id(value): name.lstrip("_") for name, value in vars(layer).items()}

    def name(variable: keras.Variable) -> str:
        counted = re.fullmatch(r"variable(_\d+)?", variable.name)
        return attributes.get(id(variable), "variable") if counted else variable.name

    return list(_numbered(map(name, variables)))


def _numbered(names: Iterable[str]) -> Iterator[str]:
    """Yields names, the second of a kind as 'name_2', and so on."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}_{seen[name]}"


def head_paths(model: keras.Model, output: int = 0) -> tuple[str, ...]:
    """Returns the paths of the last layers with weights before the logits, such as 'dense_2/'.

    There is one, unless logits of several layers are added up.
    """
    return tuple(dict.fromkeys(_heads(model.outputs[output])))


def _heads(tensor: Any) -> Iterator[str]:
    last, _, index = tensor._keras_history
    if _is_graph(last) and last.weights:
        yield from (f"{last.name}/{path}" for path in head_paths(last, index))
    elif getattr(last, "weights", None):
        yield f"{last.name}/"
    else:  # pooling, flattening, sums and the like
        for before in keras.tree.flatten(last.input):
            if before is not tensor:
                yield from _heads(before)


def mask_name(kernel: str) -> str:
    """Returns the name of a wrapped kernel's mask: 'dense_1/kernel' -> 'dense_1/mask'."""
    return kernel.removesuffix("kernel") + "mask"


def make_scope_names(model: keras.Model) -> None:
    """Renames the layers whose names TensorFlow takes for no scope: other characters by number."""
    for layer in model._flatten_layers():
        layer.name = re.sub(r"[^A-Za-z0-9_.-]", lambda match: f"_x{ord(match[0]):x}_", layer.name)


def kernels(
    shapes: Mapping[str, tuple[int, ...]], chosen: tuple[str, ...], model: str
) -> tuple[str, ...]:
    """Returns the names of the weights that have masks, in the order given.

    A kernel is a weight of rank 2 or more that is called 'kernel' or '..._kernel'. A matrix whose
    name does not end so, nor as those of NO_KERNELS, may be one: the user has to say so. Names that
    are chosen, if any, take the place of the rule. Shapes are those of all trained weights.

    Raises:
      RecipeError: a chosen name is no matrix's, a matrix is not decided on, or there is no kernel.
    """
    matrices = {name: shape for name, shape in shapes.items() if len(shape) >= 2}
    if chosen:
        if unknown := [name for name in chosen if name not in matrices]:
            raise RecipeError(
                f"prunable has {unknown[0]!r}; it must be names among {', '.join(matrices)}"
            )
        return tuple(name for name in shapes if name in chosen)
    leaves = {name: name.rpartition("/")[2] for name in matrices}
    names = tuple(name for name, leaf in leaves.items() if re.fullmatch(r"(.*_)?kernel", leaf))
    for name, shape in matrices.items():
        is_matrix = sum(size > 1 for size in shape) > 1
        if is_matrix and name not in names and not leaves[name].endswith(NO_KERNELS):
            example = ", ".join(map(repr, (*names, name)))
            raise RecipeError(
                f"{name!r} of {model} is a matrix, but not called a kernel: is it pruned? Say "
                f"which weights are, as in from_keras(model, prunable=[{example}])"
            )
    if not names:
        raise RecipeError(f"{model} has no kernel, so nothing that can be pruned")
    return names
