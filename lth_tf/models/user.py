"""A recipe of any Keras model of a user's own."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.models.lazy import keras
from lth_tf.recipes import Model, RecipeError, require


@dataclass(frozen=True, eq=False, repr=False)
class KerasModel(Model):
    """A functional or Sequential Keras model; make it with `from_keras`.

    A second output is taken for the logits of an auxiliary head (see Hparams.auxiliary_weight).

    Attributes:
      name: the network's name, for tables and figures.
      config: the model's architecture, canonical JSON (lth_tf.models.architecture).
      prunable: the weights that have masks, by name; () for every kernel (lth_tf.models.naming).
    """

    name: str
    config: str
    image_shape: tuple[int, ...]
    classes: int
    prunable: tuple[str, ...] = ()

    ADDED: ClassVar[dict[str, Any]] = {"prunable": ()}

    def check(self) -> None:
        require(bool(self.name), self, "name", "a name")
        require(self.classes > 1, self, "classes", "2 or more")

    def build(self) -> "keras.Model":
        from lth_tf.models.architecture import from_json

        return from_json(self.config, self.name)

    def with_classes(self, classes: int) -> Model:
        if classes != self.classes:
            raise RecipeError(
                f"the Keras model {self.name!r} has {self.classes} logits; a task of {classes} "
                "classes takes a model whose recipe is a class of its own, with a field `classes`"
            )
        return self

    @property
    def title(self) -> str:
        return self.name

    @property
    def has_auxiliary_head(self) -> bool:
        outputs = json.loads(self.config).get("config", {}).get("output_layers", [])
        return len(outputs) == 2 and isinstance(outputs[0], list)

    def setting(self, name: str) -> Any:
        """Returns a digest of the architecture, which is too long for a row."""
        return self._digest if name == "config" else super().setting(name)

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.config.encode()).hexdigest()[:10]

    def __str__(self) -> str:
        return f"KerasModel(name={self.name!r}, config={self._digest})"

    __repr__ = __str__


def from_keras(
    model: "keras.Model", name: str = "keras_model", prunable: Sequence[str] | None = None
) -> KerasModel:
    """Returns a recipe of a model's architecture; its present weights play no part.

    Models that are built alike give equal recipes, whatever numbers Keras put behind the layers'
    names and whether or not they are compiled. Seeds of initializers are dropped, as `Init` has
    the seed; precision is left to the training hyperparameters.

    Args:
      name: the network's name, for tables and figures.
      prunable: the weights that have masks, by name, in place of the rule: every kernel
        (docs/models.md). Names are those of `lth_tf.models.network.network(recipe).weight_names`.

    Raises:
      RecipeError: one line naming the part of the model that cannot be masked, repeated or saved.
    """
    from lth_tf.models.architecture import to_json
    from lth_tf.models.checks import check_logits
    from lth_tf.models.network import network
    from lth_tf.models.trial import check_runs
    from lth_tf.models.wrapping import mask_wrapped

    # An error now has the names that the user's own model shows.
    mask_wrapped(model)
    check_logits(model)
    if prunable is not None and not prunable:
        raise RecipeError("prunable is empty; it must be names of weights, or None for all kernels")
    recipe = KerasModel(
        name=name,
        config=to_json(model),
        image_shape=tuple(model.inputs[0].shape[1:]),
        classes=model.outputs[0].shape[-1],
        prunable=tuple(sorted(set(prunable or ()))),
    )
    check_runs(network(recipe), name)
    return recipe
