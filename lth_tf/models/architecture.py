"""Architectures: Keras models, with layers of a user's own, as canonical JSON and back."""

import itertools
import json
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lth_tf.models.reviving import one_line, own_classes
from lth_tf.recipes import RecipeError

if TYPE_CHECKING:
    import keras


def to_json(model: "keras.Model") -> str:
    """Returns a model's architecture as canonical JSON.

    Fields that do not change the function are dropped (compilation, identities of objects, seeds
    of initializers); the automatic names of layers are numbered afresh, in the order of the graph.

    Raises:
      RecipeError: Keras cannot write the model, or could not read it again.
    """
    try:
        text = model.to_json()
    except (TypeError, ValueError, NotImplementedError) as error:
        what = f"model {model.name!r} cannot be written as JSON"
        raise RecipeError(f"{what}: {one_line(error)}") from error
    config = _renamed_model(_stripped(json.loads(text)), "model")
    return json.dumps(config, sort_keys=True, separators=(",", ":"))


def from_json(text: str, name: str) -> "keras.Model":
    """Returns the Keras model of canonical JSON; classes of a user's own come from their modules.

    Args:
      name: the model's name, for the error.

    Raises:
      RecipeError: the JSON is not of a model, or a class of it is not found.
    """
    import keras

    import lth_tf.models.layers  # noqa: F401  registers our own layers

    try:
        with own_classes(json.loads(text)), warnings.catch_warnings():
            # A block without a build() of its own has its layers built as the graph calls it.
            warnings.filterwarnings("ignore", message=r"`build\(\)` was called on layer")
            return keras.models.model_from_json(text)
    except (TypeError, ValueError) as error:
        raise RecipeError(f"model {name!r} cannot be built: {one_line(error)}") from error


def _stripped(value: Any) -> Any:
    volatile = ("compile_config", "shared_object_id")
    if isinstance(value, list):
        return [_stripped(v) for v in value]
    if not isinstance(value, dict):
        return value
    kept = {k: _stripped(v) for k, v in value.items() if k not in volatile}
    if _has_unused_seed(kept):
        kept["config"]["seed"] = None
    return kept


def _has_unused_seed(value: dict[str, Any]) -> bool:
    """Returns whether an object is an initializer, or a layer that draws a seed for itself."""
    module = str(value.get("module", ""))
    seeds_itself = (module, value.get("class_name")) == ("keras.layers", "RandomCrop")
    return (module.startswith("keras.initializers") or seeds_itself) and "seed" in value["config"]


def _renamed_model(model: dict[str, Any], name: str) -> dict[str, Any]:
    """Returns a serialized model under another name, its layers' automatic names renumbered."""
    config = model["config"]
    listed = [_named(layer, place) for place, layer in enumerate(config["layers"])]
    names = fresh_names([(layer["config"]["name"], layer["class_name"]) for layer in listed])
    layers = [_renamed_layer(layer, names) for layer in listed]
    ends = {
        end: _renamed_history(config[end], names)
        for end in ("input_layers", "output_layers")
        if end in config
    }
    return model | {"config": config | ends | {"layers": layers, "name": name}}


def _named(layer: dict[str, Any], place: int) -> dict[str, Any]:
    """Returns a serialized layer whose configuration says its name; an own class's may not."""
    if "name" in layer["config"]:
        return layer
    name = layer.get("name", f"{snake_case(layer['class_name'])}_{place}")
    return layer | {"config": layer["config"] | {"name": name}}


def _renamed_layer(layer: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    new = names[layer["config"]["name"]]
    if _is_graph(layer):
        layer = _renamed_model(layer, new)
    elif layer["class_name"] != "Masked":
        layer = layer | {"config": _renamed_inside(layer["config"])}
    renamed = layer | {"config": layer["config"] | {"name": new}}
    if "name" in layer:
        renamed["name"] = new
    if "inbound_nodes" in layer:
        renamed["inbound_nodes"] = _renamed_tensors(layer["inbound_nodes"], names)
    return renamed


def _is_graph(layer: dict[str, Any]) -> bool:
    """Returns whether a serialized layer is a model, functional or sequential."""
    is_functional = "input_layers" in layer["config"]
    return "layers" in layer["config"] and (is_functional or layer["class_name"] == "Sequential")


def _renamed_inside(config: dict[str, Any]) -> dict[str, Any]:
    """Renumbers the automatic names of the layers that a layer's configuration holds."""
    inner = list(_layers_within(config))
    names = fresh_names([(layer["config"]["name"], layer["class_name"]) for layer in inner])

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(v) for v in value]
        if not isinstance(value, dict):
            return value
        if any(value is layer for layer in inner):
            own = value["config"] | {"name": names[value["config"]["name"]]}
            return value | {"config": renamed(own)}
        return {k: renamed(v) for k, v in value.items()}

    return renamed(config) if inner else config


def _layers_within(value: Any) -> Iterator[dict[str, Any]]:
    inner = value.get("config") if isinstance(value, dict) else None
    if isinstance(inner, dict) and "class_name" in value and {"name", "dtype"} <= set(inner):
        yield value
    if isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _layers_within(child)


def _renamed_tensors(value: Any, names: dict[str, str]) -> Any:
    """Renames the layers in the histories of the tensors that a layer is called with."""
    if isinstance(value, list):
        return [_renamed_tensors(v, names) for v in value]
    if not isinstance(value, dict):
        return value
    return {
        k: _renamed_history(v, names) if k == "keras_history" else _renamed_tensors(v, names)
        for k, v in value.items()
    }


def _renamed_history(value: Any, names: dict[str, str]) -> Any:
    """Renames [layer, node, tensor], or such triples in lists or dictionaries."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [names[value[0]], *value[1:]]
    if isinstance(value, list):
        return [_renamed_history(v, names) for v in value]
    return {k: _renamed_history(v, names) for k, v in value.items()}


def fresh_names(layers: list[tuple[str, str]]) -> dict[str, str]:
    """Returns new names by old ones: automatic ones numbered 1, 2, ... by class, others kept.

    Args:
      layers: each one's name and the name of its class.
    """
    automatic = {
        name: snake_case(kind)
        for name, kind in layers
        if re.fullmatch(snake_case(kind) + r"(_\d+)?", name)
    }
    own = {name for name, _ in layers} - set(automatic)
    numbers = {stem: _numbered(stem, own) for stem in automatic.values()}
    renamed = {old: next(numbers[stem]) for old, stem in automatic.items()}
    return dict(zip(own, own, strict=True)) | renamed


def _numbered(stem: str, taken: set[str]) -> Iterator[str]:
    names = (f"{stem}_{number}" for number in itertools.count(1))
    return (name for name in names if name not in taken)


def snake_case(name: str) -> str:
    """Returns the name that Keras gives a layer of a class: Conv2D -> conv2d."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
