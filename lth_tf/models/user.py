"""Any Keras model of a user's own as a recipe."""

import hashlib
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lth_tf.recipes import Model, RecipeError, require

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False, repr=False)
class KerasModel(Model):
    """A functional or Sequential Keras model; make it with `from_keras`.

    Attributes:
      name: what people call it.
      config: the model's architecture, canonical JSON (see `canonical_config`).
      image_shape: height, width, channels of an image.
      classes: number of logits.

    A second output is taken for the logits of an auxiliary head (see Hparams.auxiliary_weight).
    """

    name: str
    config: str
    image_shape: tuple[int, ...]
    classes: int

    def check(self) -> None:
        require(bool(self.name), self, "name", "a name")
        require(self.classes > 1, self, "classes", "2 or more")

    def build(self) -> "keras.Model":
        """Returns the Keras model from images to logits, without masks.

        Raises:
          RecipeError: the JSON is not of a model, or needs a class that is not registered.
        """
        import keras

        import lth_tf.models.layers  # noqa: F401  registers our own layers

        try:
            return keras.models.model_from_json(self.config)
        except (TypeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise RecipeError(f"model {self.name!r} cannot be built: {reason}") from error

    @property
    def title(self) -> str:
        return self.name

    @property
    def has_auxiliary_head(self) -> bool:
        outputs = json.loads(self.config).get("config", {}).get("output_layers", [])
        return len(outputs) == 2 and isinstance(outputs[0], list)

    def __str__(self) -> str:
        digest = hashlib.sha256(self.config.encode()).hexdigest()[:10]
        return f"KerasModel(name={self.name!r}, config={digest})"

    __repr__ = __str__


def from_keras(model: "keras.Model", name: str = "keras_model") -> KerasModel:
    """Makes a recipe of a model's architecture; its present weights play no part.

    Models that are built alike give equal recipes, whatever numbers Keras put behind the layers'
    names and whether or not they are compiled. Seeds of initializers are dropped, as `Init` has
    the seed; precision too must be left to the training hyperparameters.

    Raises:
      RecipeError: one line saying what in the model cannot be masked, repeated or saved.
    """
    from lth_tf.models.network import from_model

    # Whatever is wrong is said now, with the names that the user's own model shows.
    from_model(model).initial_weights(seed=0)
    recipe = KerasModel(
        name=name,
        config=canonical_config(_to_json(model)),
        image_shape=tuple(model.inputs[0].shape[1:]),
        classes=model.outputs[0].shape[-1],
    )
    recipe.build()
    return recipe


def _to_json(model: "keras.Model") -> str:
    try:
        return model.to_json()
    except (TypeError, ValueError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise RecipeError(f"model {model.name!r} cannot be written as JSON: {reason}") from error


def canonical_config(text: str) -> str:
    """Canonical JSON of an architecture, from what `keras.Model.to_json` gives.

    Drops what does not change the function (compilation, identities of objects, seeds of
    initializers) and numbers the automatic names of layers afresh, in the order of the graph.
    """
    config = _stripped(json.loads(text))
    config = _renamed_model(config, "model")
    return json.dumps(config, sort_keys=True, separators=(",", ":"))


def _stripped(value: Any) -> Any:
    volatile = ("compile_config", "shared_object_id")
    if isinstance(value, list):
        return [_stripped(v) for v in value]
    if not isinstance(value, dict):
        return value
    kept = {k: _stripped(v) for k, v in value.items() if k not in volatile}
    if str(kept.get("module", "")).startswith("keras.initializers") and "seed" in kept["config"]:
        kept["config"]["seed"] = None
    return kept


def _renamed_model(model: dict[str, Any], name: str) -> dict[str, Any]:
    """Returns a serialised model under another name, its layers' automatic names renumbered."""
    config = model["config"]
    names = _fresh_names(config["layers"])
    layers = [_renamed_layer(layer, names) for layer in config["layers"]]
    ends = {
        end: _renamed_history(config[end], names)
        for end in ("input_layers", "output_layers")
        if end in config
    }
    return model | {"config": config | ends | {"layers": layers, "name": name}}


def _renamed_layer(layer: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    new = names[layer["config"]["name"]]
    if "layers" in layer["config"]:
        layer = _renamed_model(layer, new)
    renamed = layer | {"config": layer["config"] | {"name": new}}
    if "name" in layer:
        renamed["name"] = new
    if "inbound_nodes" in layer:
        renamed["inbound_nodes"] = _renamed_tensors(layer["inbound_nodes"], names)
    return renamed


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


def _fresh_names(layers: list[dict[str, Any]]) -> dict[str, str]:
    """Old name -> new name: automatic ones numbered 1, 2, ... by class, the user's own kept."""
    automatic = {
        layer["config"]["name"]: _snake_case(layer["class_name"])
        for layer in layers
        if re.fullmatch(_snake_case(layer["class_name"]) + r"(_\d+)?", layer["config"]["name"])
    }
    own = {layer["config"]["name"] for layer in layers} - set(automatic)
    numbers = {stem: _numbered(stem, own) for stem in automatic.values()}
    renamed = {old: next(numbers[stem]) for old, stem in automatic.items()}
    return dict(zip(own, own, strict=True)) | renamed


def _numbered(stem: str, taken: set[str]) -> Iterator[str]:
    names = (f"{stem}_{number}" for number in itertools.count(1))
    return (name for name in names if name not in taken)


def _snake_case(name: str) -> str:
    """Keras' way from a class to a name: Conv2D -> conv2d, InputLayer -> input_layer."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
