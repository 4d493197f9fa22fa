"""The compiled training step: weights live in the program's variables while it runs.

Keras only describes the network; everything that changes (weights, statistics, slots) is owned
here, so that a step is a pure function of the state, the batch's indices and the step's rates.
"""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams, Task
from lth_tf.data.preprocess import training_batch
from lth_tf.models.network import Network
from lth_tf.state import Arrays, State, apply_mask
from lth_tf.training import numerics
from lth_tf.training.batches import Batches, Outcomes
from lth_tf.training.derivatives import Derivatives, Gradients
from lth_tf.training.feed import Feed, ResidentFeed, StreamedFeed
from lth_tf.training.hparams import Hparams
from lth_tf.training.replicas import check_replicas, own_part
from lth_tf.training.variables import values, zero_variables
from lth_tf.training.xla import compiles


class Program:
    """Variables and compiled loop for one network, task, optimizer and strategy.

    With several replicas, each has its own copy of everything, takes its part of every batch, and
    makes the same update, from the sum of all gradients.

    Under XLA, matrices are kept transposed, outputs before inputs: its products on the CPU are then
    a tenth faster. Nobody outside sees it.

    Args:
      sparse: whether it takes a mask; a dense run need not pay for one.
      trained: the names of the weights that learn, which alone have slots; None for all.

    Attributes:
      feed: the source of its examples.
      compiled: whether XLA compiles it.
      derivatives: gradients of the loss that no step is taken by.

    Raises:
      UserError: the process, the batch or the network does not fit the replicas.
    """

    def __init__(
        self,
        network: Network,
        task: Task,
        hparams: Hparams,
        examples: Examples | Streams,
        strategy: tf.distribute.Strategy,
        sparse: bool,
        trained: Collection[str] | None = None,
    ) -> None:
        self.network, self.task, self.hparams, self.sparse = network, task, hparams, sparse
        self.replicas, self.strategy = strategy.num_replicas_in_sync, strategy
        self._spread = self.replicas > 1 or isinstance(strategy, tf.distribute.TPUStrategy)
        numerics.check(hparams.threads)
        check_replicas(strategy, hparams, network)
        compiled = self.compiled = not self._spread and compiles(hparams.xla, network)
        self._transposed = {n for n, s in network.shapes.items() if compiled and len(s) == 2}
        learns = network.weight_names if trained is None else trained
        self._learning = learning = tuple(n for n in network.weight_names if n in learns)
        shapes = {n: s[::-1] if n in self._transposed else s for n, s in network.shapes.items()}
        with strategy.scope():
            self.feed = self._open_feed(examples)
            self._weights = zero_variables(shapes, network.weight_names)
            self._statistics = zero_variables(shapes, network.statistic_names)
            self._masks = zero_variables(shapes, network.prunable if sparse else ())
            self._slots = {
                slot: zero_variables(shapes, learning) for slot in hparams.optimizer.fresh_slots
            }
        self._decayed = set(network.prunable if hparams.decay_on == "kernels" else self._weights)
        self._chunk = tf.function(self._steps, jit_compile=compiled)
        self.derivatives = Derivatives(self)

    def _open_feed(self, examples: Examples | Streams) -> Feed:
        strategy = self.strategy if self._spread else None
        if isinstance(examples, Examples):
            return ResidentFeed(examples, strategy)
        return StreamedFeed(examples, self.hparams.batch_size, strategy)

    def load(self, state: State, mask: Arrays) -> None:
        """Sets all variables; slots the state does not have are fresh, where nothing is pruned."""
        self._assign(self._weights, state.weights)
        self._assign(self._statistics, state.statistics)
        self._assign(self._masks, mask)
        for slot, value in self.hparams.optimizer.fresh_slots.items():
            self._assign(self._slots[slot], state.slots.get(slot) or self._fresh(value, mask))

    def _fresh(self, value: float, mask: Arrays) -> Arrays:
        """Returns a slot as it is at a reset, by weight."""
        full = {n: np.full(self.network.shapes[n], value, np.float32) for n in self._learning}
        return apply_mask(full, mask)

    def _assign(self, variables: dict[str, tf.Variable], arrays: Arrays) -> None:
        for name, array in self.transposed({n: arrays[n] for n in variables}).items():
            variables[name].assign(array.astype(np.float32))

    def read(self, step: int, updates: int) -> State:
        """Returns the variables' present values as a state at `step`."""
        slots = {slot: self._values(variables) for slot, variables in self._slots.items()}
        weights, statistics = self._values(self._weights), self._values(self._statistics)
        return State(step, weights, statistics, slots, updates)

    def _values(self, variables: dict[str, tf.Variable]) -> dict[str, np.ndarray]:
        return self.transposed({name: variable.numpy() for name, variable in variables.items()})

    def transposed(self, arrays: Arrays) -> dict[str, np.ndarray]:
        """Returns arrays of weights in the program's layout; or, given those, in the usual one."""
        return {
            n: np.ascontiguousarray(a.T) if n in self._transposed else a for n, a in arrays.items()
        }

    def run_replicas(self, function: Callable[..., Any], arguments: tuple) -> Any:
        """Returns a function's results for a batch on every replica; for compiled functions."""
        return self.strategy.run(function, arguments) if self._spread else function(*arguments)

    def run(self, batches: Batches, ahead: Callable[[], Batches]) -> Outcomes:
        """Runs at most feed.capacity steps; returns their losses and correct classifications.

        Args:
          ahead: returns the steps that come next, whose examples a feed may prepare meanwhile.
        """
        images, labels, places = self.feed.supply(batches)
        self.feed.expect(ahead)
        inputs = [tf.constant(a) for a in batches.padded(places, self.feed.capacity)]
        seeds = [tf.constant(a) for a in batches.padded_seeds(self.feed.capacity)]
        outcomes = self._chunk(images, labels, *inputs, tf.constant(len(batches)), *seeds)
        taken = outcomes.numpy()[: len(batches)]
        return Outcomes(taken[:, 0].copy(), taken[:, 1:] != 0)

    @property
    def traces(self) -> int:
        """The number of times that the loop has been traced."""
        return self._chunk.experimental_get_tracing_count()

    def _steps(self, images, labels, indices, draws, rates, learning_rates, steps, *seeds):  # type: ignore[no-untyped-def]
        shape = (1 + self.hparams.batch_size,)
        outcomes = tf.TensorArray(tf.float32, self.feed.capacity, element_shape=shape)
        i = tf.constant(0)
        # Not a loop over tf.range(steps): XLA would compile that anew for every number of steps.
        while i < steps:
            arguments = (images, labels, indices[i], draws[i], rates[i], learning_rates[i])
            arguments += tuple(each[i] for each in seeds)
            outcome = self.run_replicas(self._step, arguments)
            if self._spread:
                outcome = self.strategy.reduce(tf.distribute.ReduceOp.SUM, outcome, axis=None)
            outcomes = outcomes.write(i, outcome)
            i += 1
        return outcomes.stack()

    def _step(self, images, labels, indices, draws, rate, learning_rate, *seeds):  # type: ignore[no-untyped-def]
        weights = self.weights()
        found = self.gradients(weights, images, labels, indices, draws, *seeds)
        for name, value in found.statistics.items():
            self._statistics[name].assign(value)
        for name in self._learning:
            self._update(name, weights[name], found.gradients[name], rate, learning_rate)
        return self._outcome(found.loss, found.expected, found.logits)

    def weights(self) -> dict[str, tf.Tensor]:
        """Returns the present weights as the program keeps them; for compiled functions."""
        return values(self._weights)

    @tf.autograph.experimental.do_not_convert  # rewriting takes longer than tracing LeNet's step
    def gradients(self, weights, images, labels, indices, draws, *seeds, temperature=None):  # type: ignore[no-untyped-def]
        """Returns the Gradients of one batch, summed over the replicas; for compiled functions.

        Args:
          weights: as `weights` returns them, or tensors made of them.
          temperature: the divisor of logits before the loss; None for 1.
        """
        indices, draws = (own_part(each, self.replicas) for each in (indices, draws))
        batch = tf.gather(images, indices), tf.gather(labels, indices)
        inputs, expected = training_batch(self.task, *batch, draws)
        statistics = values(self._statistics)
        learning = {name: weights[name] for name in self._learning}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(learning)
            as_described = {
                n: tf.transpose(w) if n in self._transposed else w for n, w in weights.items()
            }
            # Pruned weights are zero already, so the layers need no mask: the gradient's is enough.
            passed = (as_described, statistics, None, inputs, True, *seeds)
            logits, statistics = self.network.all_logits(*passed)
            if temperature is not None:
                logits = tuple(each / temperature for each in logits)
            loss = self._loss(expected, logits)
        # An auxiliary head of weight 0 has no part in the loss.
        gradients = tape.gradient(loss, learning, unconnected_gradients="zero")
        return Gradients(self.total(gradients), statistics, loss, expected, logits[0])

    def total(self, derivatives: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Returns sums over the replicas, zero where weights are pruned; for compiled functions."""
        masks = values(self._masks)
        masked = {n: d * masks[n] if n in masks else d for n, d in derivatives.items()}
        if self.replicas == 1:
            return masked
        context = tf.distribute.get_replica_context()
        summed: dict[str, tf.Tensor] = context.all_reduce(tf.distribute.ReduceOp.SUM, masked)
        return summed

    def _loss(self, labels: tf.Tensor, logits: tuple[tf.Tensor, ...]) -> tf.Tensor:
        """Returns this replica's part of the loss.

        Args:
          logits: of every head, whose losses add up, and, if there is one, of the auxiliary head.
        """
        classes, smoothing = logits[0].shape[-1], self.hparams.label_smoothing
        # Not the sparse cross-entropy, whose gradient is a scatter: more operations under XLA.
        expected = tf.one_hot(labels, classes)
        if smoothing:
            expected = (1 - smoothing) * expected + smoothing / classes
        losses = tf.nn.softmax_cross_entropy_with_logits(expected, logits[0])
        for other in logits[1 : self.network.heads]:
            losses += tf.nn.softmax_cross_entropy_with_logits(expected, other)
        if weight := self.hparams.auxiliary_weight:
            losses += weight * tf.nn.softmax_cross_entropy_with_logits(expected, logits[1])
        return tf.reduce_sum(losses) / self.hparams.batch_size

    @tf.autograph.experimental.do_not_convert
    def _outcome(self, loss: tf.Tensor, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns this replica's part of the loss and of which examples are classified correctly.

        Both are one vector, float32 [1 + batch], so that one sum over the replicas gives all of
        it: 1 for a correct example, 0 for a wrong one and for another replica's.
        """
        correct = tf.cast(tf.argmax(logits, 1, tf.int32) == labels, tf.float32)
        if self.replicas > 1:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            own = tf.one_hot(replica, self.replicas)
            correct = tf.reshape(own[:, None] * correct[None], [self.hparams.batch_size])
        return tf.concat([loss[None], correct], 0)

    def _update(self, name: str, weight: Any, gradient: Any, rate: Any, learning_rate: Any) -> None:
        hparams, slots = self.hparams, [variables[name] for variables in self._slots.values()]
        strength = hparams.weight_decay if name in self._decayed else 0.0
        if strength and hparams.decay == "coupled":
            gradient = gradient + strength * weight
        updated, moved = hparams.optimizer.update(weight, gradient, tuple(slots), rate)
        if strength and hparams.decay == "decoupled":
            updated = updated - learning_rate * strength * weight
        self._weights[name].assign(updated)
        for slot, value in zip(slots, moved, strict=True):
            slot.assign(value)
