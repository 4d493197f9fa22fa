"""The compiled training step: weights live in the program's variables while it runs.

Keras only describes the network; the program owns all that changes (weights, statistics, slots),
so that a step is a pure function of the state, the batch's indices and the step's rates.
"""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams, Task
from lth_tf.data.preprocess import training_batch
from lth_tf.models.network import Network
from lth_tf.models.trial import compiles
from lth_tf.state import Arrays, State, apply_mask
from lth_tf.training import numerics
from lth_tf.training.batches import Batches, Outcomes
from lth_tf.training.derivatives import Derivatives
from lth_tf.training.feed import open_feed
from lth_tf.training.hparams import Hparams
from lth_tf.training.strategies import check_replicas, own_part


class Program:
    """Variables and compiled loop for one network, task, optimizer and strategy.

    With several replicas, each has its own copy of everything, takes its part of every batch, and
    makes the same update, from the sum of all gradients.

    If XLA compiles it, it keeps matrices transposed: products on the CPU are then a tenth faster.

    Args:
      sparse: whether it takes a mask; a dense run need not pay for one.
      trained: the names of the weights that learn, which alone have slots; None for all.

    Attributes:
      feed: the source of its examples.
      compiled: whether XLA compiles it.

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
        names = network.weight_names
        self._learning = tuple(n for n in names if trained is None or n in trained)
        with strategy.scope():
            self.feed = open_feed(examples, hparams.batch_size, strategy if self._spread else None)
            self._weights = self._zeros(names)
            self._statistics = self._zeros(network.statistic_names)
            self._masks = self._zeros(network.prunable if sparse else ())
            slots = hparams.optimizer.fresh_slots
            self._slots = {slot: self._zeros(self._learning) for slot in slots}
        self._decayed = set(network.prunable if hparams.decay_on == "kernels" else self._weights)
        self._chunk = tf.function(self._steps, jit_compile=compiled)
        self.derivatives = Derivatives(self)

    def _zeros(self, names: tuple[str, ...]) -> dict[str, tf.Variable]:
        """Makes zero variables, of which every replica keeps and updates its own, equal copy."""
        shapes = self.network.shapes
        return {
            name: tf.Variable(
                tf.zeros(shapes[name][::-1] if name in self._transposed else shapes[name]),
                trainable=False,
                synchronization=tf.VariableSynchronization.ON_READ,
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            )
            for name in names
        }

    def load(self, state: State, mask: Arrays) -> None:
        """Sets all variables; slots the state does not have are fresh, where nothing is pruned."""
        self._assign(self._weights, state.weights)
        self._assign(self._statistics, state.statistics)
        self._assign(self._masks, mask)
        shapes = self.network.shapes
        for slot, value in self.hparams.optimizer.fresh_slots.items():
            fresh = {n: np.full(shapes[n], value, np.float32) for n in self._learning}
            self._assign(self._slots[slot], state.slots.get(slot) or apply_mask(fresh, mask))

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
        flat = self._transposed
        return {n: np.ascontiguousarray(a.T) if n in flat else a for n, a in arrays.items()}

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
        outcomes = self._chunk(images, labels, *inputs).numpy()[: len(batches)]
        return Outcomes(outcomes[:, 0].copy(), outcomes[:, 1:] != 0)

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
            arguments += tuple(of_steps[i] for of_steps in seeds)
            outcome = self.run_replicas(self._step, arguments)
            if self._spread:
                outcome = self.strategy.reduce(tf.distribute.ReduceOp.SUM, outcome, axis=None)
            outcomes = outcomes.write(i, outcome)
            i += 1
        return outcomes.stack()

    def _step(self, images, labels, indices, draws, rate, learning_rate, *seeds):  # type: ignore[no-untyped-def]
        weights = self.weights()
        batch = (images, labels, indices, draws, *seeds)
        gradients, statistics, outcome = self.gradients(weights, *batch)
        for name, value in statistics.items():
            self._statistics[name].assign(value)
        for name in self._learning:
            self._update(name, weights[name], gradients[name], rate, learning_rate)
        return outcome

    def weights(self) -> dict[str, tf.Tensor]:
        """Returns the present weights as the program keeps them; for compiled functions."""
        return values(self._weights)

    @tf.autograph.experimental.do_not_convert  # rewriting takes longer than tracing LeNet's step
    def gradients(self, weights, images, labels, indices, draws, *seeds, temperature=None):  # type: ignore[no-untyped-def]
        """Differentiates the loss of one batch, without weight decay; for compiled functions.

        Args:
          weights: as `weights` returns them, or tensors made of them.
          temperature: the divisor of logits before the loss; None for 1.

        Returns:
          The replicas' `total` of gradients, by the weight that learns; batch norm's statistics
          after the batch; and what `_outcome` returns.
        """
        indices, draws = own_part(indices, self.replicas), own_part(draws, self.replicas)
        batch = tf.gather(images, indices), tf.gather(labels, indices)
        inputs, expected = training_batch(self.task, *batch, draws)
        statistics = values(self._statistics)
        learning = {name: weights[name] for name in self._learning}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(learning)
            in_usual_layout = {
                n: tf.transpose(w) if n in self._transposed else w for n, w in weights.items()
            }
            # Pruned weights are zero already, so the layers need no mask: the gradient's is enough.
            logits, statistics = self.network.all_logits(
                in_usual_layout, statistics, None, inputs, True, *seeds
            )
            if temperature is not None:
                logits = tuple(output / temperature for output in logits)
            loss = self._loss(expected, logits)
        # An auxiliary head of weight 0 has no part in the loss.
        gradients = tape.gradient(loss, learning, unconnected_gradients="zero")
        return self.total(gradients), statistics, self._outcome(loss, expected, logits[0])

    def total(self, derivatives: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Returns sums over the replicas, zero where weights are pruned; for compiled functions."""
        masks = values(self._masks)
        masked = {n: d * masks[n] if n in masks else d for n, d in derivatives.items()}
        if self.replicas == 1:
            return masked
        context: Any = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, masked)

    def _loss(self, labels: tf.Tensor, logits: tuple[tf.Tensor, ...]) -> tf.Tensor:
        """Returns this replica's part of the loss: the sum over the heads, auxiliary ones too."""
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

    def _outcome(self, loss: tf.Tensor, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns this replica's part of the loss and of the correct examples, float32 [1 + batch].

        An example that is classified correctly is 1, a wrong one and another replica's are 0.
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


def values(variables: dict[str, tf.Variable]) -> dict[str, tf.Tensor]:
    """Returns the present values of variables, by name; for compiled functions."""
    return {name: variable.read_value() for name, variable in variables.items()}
