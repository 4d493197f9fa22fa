"""Gradients of the loss by themselves: no step is taken, no statistic and no slot moves."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tensorflow as tf

from lth_tf.state import Arrays
from lth_tf.training.batches import Batches

if TYPE_CHECKING:
    from lth_tf.training.program import Program


class Gradients(NamedTuple):
    """The gradients of one batch, and what else a step needs, in a compiled function.

    Attributes:
      gradients: of the loss without weight decay, by the weight that learns, as the program keeps
        it; zero where a weight is pruned.
      statistics: batch norm's, after the batch.
      loss: this replica's part of it.
      expected: labels of the examples of this replica.
      logits: of the same examples.
    """

    gradients: dict[str, tf.Tensor]
    statistics: dict[str, tf.Tensor]
    loss: tf.Tensor
    expected: tf.Tensor
    logits: tf.Tensor


class Derivatives:
    """Compiled derivatives of the loss at the weights that a program has loaded.

    Args:
      program: its batches, networks, precision and replicas are those of the derivatives.
    """

    def __init__(self, program: "Program") -> None:
        self._program = program
        compiled = program.compiled
        self._first = tf.function(self._gradient, jit_compile=compiled)
        self._second = tf.function(self._hessian_product, jit_compile=compiled)

    def gradient(
        self, batches: Batches, ahead: Callable[[], Batches], temperature: float = 1.0
    ) -> dict[str, np.ndarray]:
        """Returns the gradient of the loss of one batch, float32, by the weight that learns.

        Args:
          batches: the inputs of a single step.
          ahead: as Program.run takes it.
          temperature: the divisor of logits before the loss.
        """
        return self._differentiated(self._first, batches, ahead, temperature, {})

    def hessian_product(
        self, batches: Batches, ahead: Callable[[], Batches], temperature: float, direction: Arrays
    ) -> dict[str, np.ndarray]:
        """Returns H v of the loss of one batch, float32, by the weights that v has.

        Args:
          batches, ahead, temperature: as for `gradient`.
          direction: v, by weight; H is the Hessian with regard to these weights alone.
        """
        return self._differentiated(self._second, batches, ahead, temperature, direction)

    def _differentiated(
        self,
        function: Any,
        batches: Batches,
        ahead: Callable[[], Batches],
        temperature: float,
        direction: Arrays,
    ) -> dict[str, np.ndarray]:
        program = self._program
        images, labels, places = program.feed.supply(batches)
        program.feed.expect(ahead)
        seeds = () if batches.seeds is None else (tf.constant(batches.seeds[0]),)
        inputs = (tf.constant(places[0]), tf.constant(batches.draws[0]))
        along = {n: tf.constant(a) for n, a in program.transposed(direction).items()}
        divisor = tf.constant(temperature, tf.float32)
        found = function(images, labels, *inputs, divisor, along, *seeds)
        # All replicas have the same.
        alike = {n: program.strategy.experimental_local_results(g)[0] for n, g in found.items()}
        return program.transposed({name: value.numpy() for name, value in alike.items()})

    def _gradient(self, images, labels, indices, draws, temperature, direction, *seeds):  # type: ignore[no-untyped-def]
        program = self._program

        def one(images, labels, indices, draws, temperature, *seeds):  # type: ignore[no-untyped-def]
            batch = (images, labels, indices, draws)
            found = program.gradients(program.weights(), *batch, *seeds, temperature=temperature)
            return found.gradients

        return program.run_replicas(one, (images, labels, indices, draws, temperature, *seeds))

    def _hessian_product(self, images, labels, indices, draws, temperature, direction, *seeds):  # type: ignore[no-untyped-def]
        program = self._program

        def one(images, labels, indices, draws, temperature, direction, *seeds):  # type: ignore[no-untyped-def]
            weights = program.weights()
            moved = {name: weights[name] for name in direction}
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(moved)
                batch = (images, labels, indices, draws)
                found = program.gradients(weights, *batch, *seeds, temperature=temperature)
                slopes = [tf.reduce_sum(found.gradients[n] * v) for n, v in direction.items()]
                slope = tf.add_n(slopes)
            products = tape.gradient(
                slope, moved, unconnected_gradients=tf.UnconnectedGradients.ZERO
            )
            # Every replica has the slope of all examples, so that the sum counts each that often.
            summed = program.total(products)
            return {name: product / program.replicas for name, product in summed.items()}

        arguments = (images, labels, indices, draws, temperature, direction, *seeds)
        return program.run_replicas(one, arguments)
