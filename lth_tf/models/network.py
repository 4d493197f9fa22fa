"""What the trainer and the pruner need of a model: its weights by name, and a pure forward pass.

Keras only describes the network. Its own variables are never read: weights, batch-norm
statistics and masks are handed to `Network.apply` by whoever owns them.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lth_tf import noise
from lth_tf.models.initializers import draw
from lth_tf.models.layers import BatchNorm
from lth_tf.models.wrapping import (
    head_layer,
    initializer_of,
    mask_name,
    mask_wrapped,
    named_variables,
)
from lth_tf.recipes import Model, RecipeError

Arrays = Mapping[str, tf.Tensor]


@dataclass(frozen=True, eq=False)
class Network:
    """A model with its weights addressed by name, such as 'dense_1/kernel'.

    Attributes:
      model: the mask-wrapped Keras model; only its structure is used.
      weight_names: trained weights, in the order of model.trainable_variables.
      statistic_names: the other arrays of the state: batch norm's moving statistics.
      prunable: the kernels that have masks, in the order of weight_names.
      shapes: shape of every weight and statistic.
      initializers: Keras' configuration of the initializer of every weight and statistic.
      state_names: the model's non-trainable variables in order: statistics and masks.
      head: the weights of the layer whose outputs are the logits.
      blocks: for probes, the layers whose outputs end a block, in order, with the shapes of those
        outputs of one image; empty where the recipe names none.
    """

    model: keras.Model
    weight_names: tuple[str, ...]
    statistic_names: tuple[str, ...]
    prunable: tuple[str, ...]
    shapes: Mapping[str, tuple[int, ...]]
    initializers: Mapping[str, Mapping[str, Any]]
    state_names: tuple[str, ...]
    head: tuple[str, ...]
    blocks: Mapping[str, tuple[int, ...]]

    @property
    def has_convolutions(self) -> bool:
        """Whether any kernel is of a convolution."""
        return any(len(self.shapes[name]) > 2 for name in self.prunable)

    @property
    def unshared(self) -> tuple[str, ...]:
        """Layers with statistics of the batch that are not BatchNorm.

        They know neither groups nor other replicas.
        """
        owners = {v.layer for v in named_variables(self.model) if v.name in self.statistic_names}
        return tuple(sorted(o.name for o in owners if not isinstance(o, BatchNorm)))

    def initial_weights(self, seed: int) -> dict[str, np.ndarray]:
        """Draws W_0, float32; each weight depends on the seed and its place in weight_names only.

        Raises:
          RecipeError: a layer's initializer is not one that is known in NumPy.
        """
        return {
            name: draw(
                self.initializers[name],
                self.shapes[name],
                noise.generator("initial weights", seed, place),
                weight=name,
            )
            for place, name in enumerate(self.weight_names)
        }

    def initial_statistics(self) -> dict[str, np.ndarray]:
        """Returns batch norm's statistics before any step: means 0, variances 1; float32."""
        return {
            name: draw(
                self.initializers[name],
                self.shapes[name],
                noise.generator("initial statistics", place),
                weight=name,
            )
            for place, name in enumerate(self.statistic_names)
        }

    def apply(
        self,
        weights: Arrays,
        statistics: Arrays,
        masks: Arrays | None,
        images: tf.Tensor,
        training: bool,
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """The network's logits and the statistics after the pass; see `all_logits`."""
        logits, moved = self.all_logits(weights, statistics, masks, images, training)
        return logits[0], moved

    def all_logits(
        self,
        weights: Arrays,
        statistics: Arrays,
        masks: Arrays | None,
        images: tf.Tensor,
        training: bool,
    ) -> tuple[tuple[tf.Tensor, ...], dict[str, tf.Tensor]]:
        """The forward pass as a pure function, the auxiliary head's output included.

        Args:
          weights: tensors by weight_names, float32.
          statistics: tensors by statistic_names, float32.
          masks: tensors of 0 and 1 by prunable, float32; None where pruned weights are known to
            be zero already. Then nothing is multiplied: a compiled graph drops the masks of ones.
          images: batch, height, width, channels.
          training: batch norm normalises with the batch's statistics and moves its own.

        Returns:
          Logits [batch, classes], float32, of the network and, if it has one, of its auxiliary
          head; and the statistics after the pass.
        """
        state = {**statistics, **self.mask_state(masks)}
        outputs, after = self.model.stateless_call(
            [weights[name] for name in self.weight_names],
            [state[name] for name in self.state_names],
            images,
            training=training,
        )
        moved = dict(zip(self.state_names, after, strict=True))
        logits = tuple(tf.cast(output, tf.float32) for output in tf.nest.flatten(outputs))
        return logits, {name: moved[name] for name in self.statistic_names}

    def batch_moments(self, weights: Arrays, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """The statistics that each batch-norm layer sees in this one batch, float32.

        For re-estimating statistics: the mean of these over the batches of a pass over the data.

        Args:
          weights: tensors by weight_names, float32; pruned ones are zero.
          images: batch, height, width, channels.

        Returns:
          By statistic_names: the batch's mean, and its variance as the layer's moving variance
          keeps it (with Bessel's correction or without).

        Raises:
          RecipeError: a layer has statistics that no batch moves.
        """
        # Statistics that start from zero end at (1 - momentum) * batch, with no cancellation.
        zeros = {name: tf.zeros(self.shapes[name]) for name in self.statistic_names}
        _, moved = self.apply(weights, zeros, None, images, training=True)
        return {name: moved[name] / (1 - momentum) for name, momentum in self._momenta().items()}

    def _momenta(self) -> dict[str, float]:
        """The momentum with which each statistic moves, by statistic_names."""
        layers = {v.name: v.layer for v in named_variables(self.model)}
        momenta = {name: getattr(layers[name], "momentum", 1.0) for name in self.statistic_names}
        for name, momentum in momenta.items():
            if not momentum < 1:
                raise RecipeError(f"{name!r} is moved by no batch; it cannot be re-estimated")
        return momenta

    def mask_state(self, masks: Arrays | None) -> dict[str, tf.Tensor]:
        """The masks by their names among state_names; ones where there are none."""
        return {
            mask_name(name): tf.ones(self.shapes[name]) if masks is None else masks[name]
            for name in self.prunable
        }


@functools.lru_cache(maxsize=8)
def network(recipe: Model, dtype_policy: str = "float32", norm_groups: int = 1) -> Network:
    """Builds the network of a recipe; the same one for equal recipes.

    Args:
      dtype_policy: Keras' name of the compute precision: 'float32' or 'mixed_bfloat16'. Weights,
        statistics and logits are float32 in both.
      norm_groups: in how many groups of consecutive examples batch norm normalises a batch.

    Raises:
      RecipeError: the model holds something that cannot be masked or repeated.
    """
    model = recipe.build()  # type: ignore[attr-defined]
    return from_model(model, dtype_policy, norm_groups, recipe.blocks)


def from_model(
    model: keras.Model,
    dtype_policy: str = "float32",
    norm_groups: int = 1,
    blocks: Sequence[str] = (),
) -> Network:
    """Wraps a Keras model (see mask_wrapped), lists its weights, and finds the named blocks."""
    wrapped = mask_wrapped(model, dtype_policy, norm_groups)
    found = list(named_variables(wrapped))
    names = {id(v.variable): v.name for v in found}
    state_names = tuple(names[id(v)] for v in wrapped.non_trainable_variables)
    weight_names = tuple(names[id(v)] for v in wrapped.trainable_variables)
    masks = {v.name for v in found if v.is_mask}
    kept = [v for v in found if not v.is_mask]
    return Network(
        model=wrapped,
        weight_names=weight_names,
        statistic_names=tuple(n for n in state_names if n not in masks),
        prunable=tuple(n for n in weight_names if n.endswith("/kernel") and mask_name(n) in masks),
        shapes=MappingProxyType({v.name: tuple(v.variable.shape) for v in kept}),
        initializers=MappingProxyType({v.name: initializer_of(v) for v in kept}),
        state_names=state_names,
        head=tuple(v.name for v in found if v.layer is head_layer(wrapped) and not v.is_mask),
        blocks=MappingProxyType({b: wrapped.get_layer(b).output.shape[1:] for b in blocks}),
    )


def parameter_counts(network: Network) -> dict[str, int]:
    """Counts the numbers of a network: trainable, total (with statistics) and prunable."""

    def count(names: tuple[str, ...]) -> int:
        return sum(math.prod(network.shapes[name]) for name in names)

    trainable = count(network.weight_names)
    total = trainable + count(network.statistic_names)
    return {"trainable": trainable, "total": total, "prunable": count(network.prunable)}
