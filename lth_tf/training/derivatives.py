"""Gradients of the loss by themselves: no step is taken, no statistic and no slot moves."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from lth_tf.state import Arrays
from lth_tf.training.batches import Batches

if TYPE_CHECKING:
    from lth_tf.training.program import Program


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
        self,
        batches: Batches,
        ahead: Callable[[], Batches],
        temperature: float,
        direction: Arrays | None = None,
    ) -> dict[str, np.ndarray]:
        """Returns the gradient of the loss of one batch, float32, by the weight that learns.

        Args:
          batches: the inputs of a single step; `ahead` is as Program.run takes it.
          temperature: the divisor of logits before the loss.
          direction: v, by some weights: the result is H v by these, where H is the Hessian with
            regard to them alone.
        """
        program = self._program
        images, labels, places = program.feed.supply(batches)
        program.feed.expect(ahead)
        seeds = () if batches.seeds is None else (tf.constant(batches.seeds[0]),)
        batch = (images, labels, tf.constant(places[0]), tf.constant(batches.draws[0]), *seeds)
        arguments = batch, tf.constant(temperature, tf.float32)
        if direction is None:
            derivatives = self._first(*arguments)
        else:
            vector = {n: tf.constant(a) for n, a in program.transposed(direction).items()}
            derivatives = self._second(*arguments, vector)
        local = program.strategy.experimental_local_results
        # All replicas have the same.
        return program.transposed({n: local(d)[0].numpy() for n, d in derivatives.items()})

    def _gradient(self, batch, temperature):  # type: ignore[no-untyped-def]
        program = self._program

        def on_replica(batch, temperature):  # type: ignore[no-untyped-def]
            return program.gradients(program.weights(), *batch, temperature=temperature)[0]

        return program.run_replicas(on_replica, (batch, temperature))

    def _hessian_product(self, batch, temperature, vector):  # type: ignore[no-untyped-def]
        program = self._program

        def on_replica(batch, temperature, vector):  # type: ignore[no-untyped-def]
            weights = program.weights()
            variables = {name: weights[name] for name in vector}
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(variables)
                gradients, *_ = program.gradients(weights, *batch, temperature=temperature)
                slope = tf.add_n([tf.reduce_sum(gradients[n] * v) for n, v in vector.items()])
            products = tape.gradient(slope, variables, unconnected_gradients="zero")
            # Every replica has the slope of all examples, so that the sum counts each that often.
            total = program.total(products)
            return {name: product / program.replicas for name, product in total.items()}

        return program.run_replicas(on_replica, (batch, temperature, vector))
