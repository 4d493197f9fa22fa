"""Architectures: Keras models, with layers of a user's own, as canonical JSON and back."""

import itertools
import json
import re
import warnings
from collections.abc import Collection, Iterator
from typing import Any

from lth_tf.models.lazy import keras
from lth_tf.models.reviving import objects, one_line, own_classes, transformed
from lth_tf.recipes import RecipeError


def to_json(model: "keras.Model") -> str:
    """Returns a model's architecture as canonical JSON.

    Fields that do not change the function are dropped (compilation, identities of objects, seeds
    of initializers); the automatic names of layers are numbered afresh, in the order of the graph.

    Raises:
      RecipeError: Keras cannot write the model.
    """
    try:
        text = model.to_json()
    except (TypeError, ValueError, NotImplementedError) as error:
        raise RecipeError(
            f"model {model.name!r} cannot be written as JSON: {one_line(error)}"
        ) from error
    config = _renamed_model(transformed(json.loads(text), _stripped), "model")
    return json.dumps(config, sort_keys=True, separators=(",", ":"))


def from_json(text: str, name: str) -> "keras.Model":
    """Returns the Keras model of canonical JSON; classes of a user's own come from their modules.

    Raises:
      RecipeError: the JSON is not of a model, or a class of it is not found; it has the name.
    """
    import lth_tf.models.layers  # noqa: F401  registers our own layers

    try:
        with own_classes(json.loads(text)), warnings.catch_warnings():
            # A block without a build() of its own has its layers built as the graph calls it.
            warnings.filterwarnings("ignore", message=r"`build\(\)` was called on layer")
            return keras.models.model_from_json(text)
    except (TypeError, ValueError) as error:
        raise RecipeError(f"model {name!r} cannot be built: {one_line(error)}") from error


def _stripped(value: dict[str, Any]) -> dict[str, Any]:
    """Returns an object without the fields that do not change a model's function."""
    stripped = {k: v for k, v in value.items() if k not in ("compile_config", "shared_object_id")}
    module = str(value.get("module", ""))
    # Initializers, and this layer, draw a seed for themselves that no run uses.
    draws_seed = module.startswith("keras.initializers") or (
        (module, value.get("class_name")) == ("keras.layers", "RandomCrop")
    )
    if draws_seed and "seed" in value["config"]:
        stripped["config"] = value["config"] | {"seed": None}
    return stripped


def _renamed_model(model: dict[str, Any], name: str) -> dict[str, Any]:
    """Returns a serialized model under another name, its layers' automatic names renumbered."""
    config = model["config"]
    layers = [_named(layer, place) for place, layer in enumerate(config["layers"])]
    names = fresh_names([(layer["config"]["name"], layer["class_name"]) for layer in layers])
    renamed = {"layers": [_renamed_layer(layer, names) for layer in layers], "name": name}
    for end in {"input_layers", "output_layers"} & set(config):
        renamed[end] = _renamed_history(config[end], names)
    return model | {"config": config | renamed}


def _named(layer: dict[str, Any], place: int) -> dict[str, Any]:
    """Returns a serialized layer whose configuration says its name; an own class's may not."""
    name = layer.get("name", f"{snake_case(layer['class_name'])}_{place}")
    return layer | {"config": {"name": name} | layer["config"]}


def _renamed_layer(layer: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    config = layer["config"]
    new = names[config["name"]]
    if "layers" in config and ("input_layers" in config or layer["class_name"] == "Sequential"):
        config = _renamed_model(layer, new)["config"]
    elif layer["class_name"] != "Masked":
        config = _renamed_inside(config)
    renamed = layer | {"config": config | {"name": new}}
    if "name" in layer:
        renamed["name"] = new
    if "inbound_nodes" in layer:
        renamed["inbound_nodes"] = _renamed_tensors(layer["inbound_nodes"], names)
    return renamed


def _renamed_inside(config: dict[str, Any]) -> dict[str, Any]:
    """Renumbers the automatic names of the layers that a layer's configuration holds."""
    layers = [value for value in objects(config) if _is_layer(value)]
    names = fresh_names([(layer["config"]["name"], layer["class_name"]) for layer in layers])

    def renamed(value: dict[str, Any]) -> dict[str, Any]:
        if not _is_layer(value):
            return value
        inner = value["config"]
        return value | {"config": inner | {"name": names[inner["name"]]}}

    renamed_config: dict[str, Any] = transformed(config, renamed)
    return renamed_config


def _is_layer(value: dict[str, Any]) -> bool:
    config = value.get("config")
    return isinstance(config, dict) and "class_name" in value and {"name", "dtype"} <= set(config)


def _renamed_tensors(nodes: list, names: dict[str, str]) -> Any:
    """Renames the layers in the histories of the tensors that a layer is called with."""

    def renamed(value: dict[str, Any]) -> dict[str, Any]:
        if "keras_history" not in value:
            return value
        return value | {"keras_history": _renamed_history(value["keras_history"], names)}

    return transformed(nodes, renamed)


def _renamed_history(value: Any, names: dict[str, str]) -> Any:
    """Renames the layers of [layer, node, tensor], or of such triples in lists or dictionaries."""
    if isinstance(value, dict):
        return {k: _renamed_history(v, names) for k, v in value.items()}
    if value and isinstance(value[0], str):
        return [names[value[0]], *value[1:]]
    return [_renamed_history(v, names) for v in value]


def fresh_names(layers: list[tuple[str, str]]) -> dict[str, str]:
    """Returns new names by old ones: automatic ones numbered 1, 2, ... by class, others kept.

    Layers are given by their names and the names of their classes.
    """
    automatic = {
        name: snake_case(kind)
        for name, kind in layers
        if re.fullmatch(snake_case(kind) + r"(_\d+)?", name)
    }
    unchanged = {name: name for name, _ in layers if name not in automatic}
    numbers = {stem: _numbered(stem, unchanged) for stem in automatic.values()}
    return unchanged | {old: next(numbers[stem]) for old, stem in automatic.items()}


def _numbered(stem: str, taken: Collection[str]) -> Iterator[str]:
    names = (f"{stem}_{number}" for number in itertools.count(1))
    return (name for name in names if name not in taken)


def snake_case(name: str) -> str:
    """Returns the name that Keras gives a layer of a class: Conv2D -> conv2d."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
