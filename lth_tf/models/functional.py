"""Networks as functions: weights by name, and a pure forward pass.

Keras only describes the network. Its own variables are never read: whoever owns the weights,
batch-norm statistics and masks hands them to `Network.apply`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lth_tf import noise
from lth_tf.models.initializers import initial_value, standard_deviation
from lth_tf.models.layers import BatchNorm
from lth_tf.models.naming import NamedVariable, mask_name
from lth_tf.recipes import RecipeError

Arrays = Mapping[str, tf.Tensor]


@dataclass(frozen=True, eq=False)
class Network:
    """A model with its weights addressed by name, such as 'dense_1/kernel'.

    Attributes:
      model: the mask-wrapped Keras model; only its structure is used.
      variables: the model's variables by name.
      weight_names: trained weights, in the order of model.trainable_variables.
      statistic_names: the other arrays of the state: batch norm's moving statistics.
      seed_names: the seeds of layers that draw random numbers in training, such as dropout: an
        input of every pass in training, and no part of the state.
      prunable: the kernels that have masks, in the order of weight_names (lth_tf.models.naming).
      wrapped: the prunable kernels whose mask is in the model itself.
      shapes: shape of every weight and statistic.
      initializers: Keras' initializer of every weight and statistic; None if not known.
      state_names: the model's non-trainable variables in order: statistics, masks, seeds.
      layers: the outermost layers by their names.
      head: the weights of the layer whose outputs are the logits; of several heads, of all.
      blocks: the layers whose outputs end a block, in order, with those outputs' shapes.
      heads: the number of outputs that are trained and evaluated each for itself, from the first.
    """

    model: keras.Model
    variables: Mapping[str, NamedVariable]
    weight_names: tuple[str, ...]
    statistic_names: tuple[str, ...]
    seed_names: tuple[str, ...]
    prunable: tuple[str, ...]
    wrapped: tuple[str, ...]
    shapes: Mapping[str, tuple[int, ...]]
    initializers: Mapping[str, Any]
    state_names: tuple[str, ...]
    layers: Mapping[str, keras.Layer]
    head: tuple[str, ...]
    blocks: Mapping[str, tuple[int, ...]]
    heads: int = 1

    @property
    def has_convolutions(self) -> bool:
        """Whether there is a convolution."""
        return any(len(self.shapes[name]) > 2 for name in self.prunable)

    @property
    def unshared(self) -> tuple[str, ...]:
        """The layers with statistics of the batch that know neither groups nor other replicas."""
        layers = {self.variables[name].layer for name in self.statistic_names}
        return tuple(sorted(layer.name for layer in layers if not isinstance(layer, BatchNorm)))

    @property
    def random_layers(self) -> tuple[str, ...]:
        """The names of the layers that draw random numbers in training."""
        return tuple(dict.fromkeys(name.rpartition("/")[0] for name in self.seed_names))

    def initial_weights(self, seed: int) -> dict[str, np.ndarray]:
        """Draws W_0, float32; a weight depends on the seed and its place in weight_names only."""
        return self._initial(self.weight_names, "initial weights", seed)

    def initial_statistics(self) -> dict[str, np.ndarray]:
        """Returns batch norm's statistics before any step: means 0, variances 1; float32."""
        return self._initial(self.statistic_names, "initial statistics")

    def _initial(self, names: Sequence[str], *address: Any) -> dict[str, np.ndarray]:
        """Returns the initial values of arrays, the noise of each addressed by its place."""
        values = {}
        for place, name in enumerate(names):
            where = self.shapes[name], noise.generator(*address, place), name
            values[name] = initial_value(self.initializers[name], *where)
        return values

    def initial_deviations(self) -> dict[str, float]:
        """Returns the standard deviation that each prunable kernel starts with, by name."""
        draws = self.initial_weights(0)
        return {n: standard_deviation(self.initializers[n], draws[n]) for n in self.prunable}

    def apply(self, *inputs: Any, **options: Any) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns `all_logits` of the same arguments, the first head's logits alone."""
        logits, moved = self.all_logits(*inputs, **options)
        return logits[0], moved

    @tf.autograph.experimental.do_not_convert  # rewriting takes longer than tracing a small one
    def all_logits(
        self,
        weights: Arrays,
        statistics: Arrays,
        masks: Arrays | None,
        images: tf.Tensor,
        training: bool,
        seeds: tf.Tensor | None = None,
    ) -> tuple[tuple[tf.Tensor, ...], dict[str, tf.Tensor]]:
        """Computes a forward pass as a pure function, the auxiliary head's output included.

        Args:
          weights, statistics: float32 tensors by name.
          masks: tensors of 0 and 1 by prunable, float32; None where pruned weights are known to
            be zero already. Then nothing is multiplied: a compiled graph drops the masks of ones.
          images: batch, height, width, channels.
          training: batch norm normalizes with the batch's statistics and moves its own, and layers
            draw random numbers.
          seeds: int [seed_names, 2], the seeds of the layers that draw random numbers in training.

        Returns:
          Logits [batch, classes], float32, of every head and, if there is one, of the auxiliary
          head; and the statistics after the pass.
        """
        if masks is not None:
            outside = [name for name in self.prunable if name not in self.wrapped]
            weights = dict(weights) | {name: weights[name] * masks[name] for name in outside}
        state = {**statistics, **self.mask_state(masks), **self.seed_state(seeds)}
        outputs, after = self.model.stateless_call(
            [weights[name] for name in self.weight_names],
            [state[name] for name in self.state_names],
            images,
            training=training,
        )
        moved = dict(zip(self.state_names, after, strict=True))
        logits = tuple(tf.cast(output, tf.float32) for output in tf.nest.flatten(outputs))
        return logits, {name: moved[name] for name in self.statistic_names}

    def batch_moments(
        self, weights: Arrays, images: tf.Tensor, batch: Any = 0
    ) -> dict[str, tf.Tensor]:
        """Returns the statistics that each batch-norm layer sees in one batch, float32, by name.

        They are the batch's mean, and its variance as the layer's moving variance keeps it (with
        Bessel's correction or without). Statistics are re-estimated as their mean over the batches.

        Args:
          batch: its number, for which layers that draw random numbers always draw the same.

        Raises:
          RecipeError: a layer has statistics that no batch moves.
        """
        for name, momentum in self.momenta.items():
            if momentum >= 1:
                raise RecipeError(f"{name!r} is moved by no batch; it cannot be re-estimated")
        # Statistics that start from zero end at (1 - momentum) * batch, with no cancellation.
        zeros = {name: tf.zeros(self.shapes[name]) for name in self.statistic_names}
        seeds = [tf.stack([place, batch]) for place in range(len(self.seed_names))]
        _, moved = self.apply(
            weights, zeros, None, images, True, tf.stack(seeds) if seeds else None
        )
        return {name: moved[name] / (1 - momentum) for name, momentum in self.momenta.items()}

    @property
    def momenta(self) -> dict[str, float]:
        """The momentum with which each statistic moves, by statistic_names; 1 if none moves it."""
        layers = {name: self.variables[name].layer for name in self.statistic_names}
        return {name: getattr(layer, "momentum", 1.0) for name, layer in layers.items()}

    def mask_state(self, masks: Arrays | None) -> dict[str, tf.Tensor]:
        """Returns the masks by their names among state_names; ones where there are none."""
        return {
            mask_name(name): masks[name] if masks and name in masks else tf.ones(self.shapes[name])
            for name in self.wrapped
        }

    def seed_state(self, seeds: tf.Tensor | None) -> dict[str, tf.Tensor]:
        """Returns the seeds by seed_names, as layers take them; zeros where there are none."""
        return {
            name: tf.zeros(2, tf.int64) if seeds is None else tf.cast(seeds[place], tf.int64)
            for place, name in enumerate(self.seed_names)
        }
