"""The compiled training step: weights live in the program's variables while it runs.

Keras only describes the network; everything that changes (weights, statistics, slots) is owned
here, so that a step is a pure function of the state, the batch's indices and the step's rates.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams, Task
from lth_tf.data.preprocess import training_batch
from lth_tf.models.network import Network
from lth_tf.state import Arrays, State, apply_mask
from lth_tf.training import numerics
from lth_tf.training.batches import Batches, Outcomes
from lth_tf.training.feed import Feed, ResidentFeed, StreamedFeed
from lth_tf.training.hparams import Hparams
from lth_tf.training.replicas import check_replicas
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
        self.replicas = strategy.num_replicas_in_sync
        self._strategy = strategy
        self._spread = self.replicas > 1 or isinstance(strategy, tf.distribute.TPUStrategy)
        numerics.check(hparams.threads)
        check_replicas(strategy, hparams, network)
        compiled = not self._spread and compiles(hparams.xla, network)
        self._transposed = {n for n, s in network.shapes.items() if compiled and len(s) == 2}
        learning = network.weight_names
        if trained is not None:
            learning = tuple(name for name in learning if name in trained)
        self._learning = learning
        shapes = {n: s[::-1] if n in self._transposed else s for n, s in network.shapes.items()}
        with strategy.scope():
            self.feed = self._open_feed(examples)
            self._weights = _variables(shapes, network.weight_names)
            self._statistics = _variables(shapes, network.statistic_names)
            self._masks = _variables(shapes, network.prunable if sparse else ())
            self._slots = {
                slot: _variables(shapes, learning) for slot in hparams.optimizer.fresh_slots
            }
        self._decayed = set(network.prunable if hparams.decay_on == "kernels" else self._weights)
        self._chunk = tf.function(self._steps, jit_compile=compiled)

    def _open_feed(self, examples: Examples | Streams) -> Feed:
        strategy = self._strategy if self._spread else None
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
        for name, variable in variables.items():
            array = arrays[name].T if name in self._transposed else arrays[name]
            variable.assign(array.astype(np.float32))

    def read(self, step: int, updates: int) -> State:
        """Returns the variables' present values as a state at `step`."""
        slots = {slot: self._values(variables) for slot, variables in self._slots.items()}
        weights, statistics = self._values(self._weights), self._values(self._statistics)
        return State(step, weights, statistics, slots, updates)

    def _values(self, variables: dict[str, tf.Variable]) -> dict[str, np.ndarray]:
        found = {name: variable.numpy() for name, variable in variables.items()}
        return {
            n: np.ascontiguousarray(a.T) if n in self._transposed else a for n, a in found.items()
        }

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
            if self._spread:
                each = self._strategy.run(self._step, arguments)
                outcome = self._strategy.reduce(tf.distribute.ReduceOp.SUM, each, axis=None)
            else:
                outcome = self._step(*arguments)
            outcomes = outcomes.write(i, outcome)
            i += 1
        return outcomes.stack()

    def _step(self, images, labels, indices, draws, rate, learning_rate, *seeds):  # type: ignore[no-untyped-def]
        indices, draws = self._share(indices), self._share(draws)
        batch = tf.gather(images, indices), tf.gather(labels, indices)
        inputs, expected = training_batch(self.task, *batch, draws)
        weights, statistics = _read(self._weights), _read(self._statistics)
        masks = _read(self._masks)
        learning = {name: weights[name] for name in self._learning}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(learning)
            as_described = {
                n: tf.transpose(w) if n in self._transposed else w for n, w in weights.items()
            }
            # Pruned weights are zero already, so the layers need no mask: the gradient's is enough.
            passed = (as_described, statistics, None, inputs, True, *seeds)
            logits, statistics = self.network.all_logits(*passed)
            loss = self._loss(expected, logits)
        # An auxiliary head of weight 0 has no part in the loss.
        gradients = tape.gradient(
            loss, learning, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        pruned = {name: mask for name, mask in masks.items() if name in learning}
        gradients |= {name: gradients[name] * mask for name, mask in pruned.items()}
        if self.replicas > 1:
            context = tf.distribute.get_replica_context()
            gradients = context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
        for name, value in statistics.items():
            self._statistics[name].assign(value)
        for name, weight in learning.items():
            self._update(name, weight, gradients[name], rate, learning_rate)
        return self._outcome(loss, expected, logits[0])

    def _loss(self, labels: tf.Tensor, logits: tuple[tf.Tensor, ...]) -> tf.Tensor:
        """Returns this replica's part of the loss.

        Args:
          logits: of the network and, if it has one, of its auxiliary head.
        """
        classes, smoothing = logits[0].shape[-1], self.hparams.label_smoothing
        # Not the sparse cross-entropy, whose gradient is a scatter: more operations under XLA.
        expected = tf.one_hot(labels, classes)
        if smoothing:
            expected = (1 - smoothing) * expected + smoothing / classes
        losses = tf.nn.softmax_cross_entropy_with_logits(expected, logits[0])
        if weight := self.hparams.auxiliary_weight:
            losses += weight * tf.nn.softmax_cross_entropy_with_logits(expected, logits[1])
        return tf.reduce_sum(losses) / self.hparams.batch_size

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

    def _share(self, batch: tf.Tensor) -> tf.Tensor:
        """Returns this replica's consecutive part of a batch, of static size, unless empty."""
        if self.replicas == 1 or not batch.shape[0]:
            return batch
        size = self.hparams.batch_size // self.replicas
        first = tf.distribute.get_replica_context().replica_id_in_sync_group * size
        begin, rest = [first] + [0] * (batch.shape.rank - 1), batch.shape[1:].as_list()
        return tf.slice(batch, begin, [size, *rest])

    def _update(self, name: str, weight: Any, gradient: Any, rate: Any, learning_rate: Any) -> None:
        hparams, slots = self.hparams, [variables[name] for variables in self._slots.values()]
        strength = hparams.weight_decay if name in self._decayed else 0.0
        if strength and hparams.decay == "coupled":
            gradient = gradient + strength * weight
        updated, values = hparams.optimizer.update(weight, gradient, tuple(slots), rate)
        if strength and hparams.decay == "decoupled":
            updated = updated - learning_rate * strength * weight
        self._weights[name].assign(updated)
        for slot, value in zip(slots, values, strict=True):
            slot.assign(value)


def _variables(shapes: Mapping[str, tuple], names: tuple[str, ...]) -> dict[str, tf.Variable]:
    """Makes zero variables of which every replica keeps and updates its own, equal copy."""
    return {
        name: tf.Variable(
            tf.zeros(shapes[name]),
            trainable=False,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        for name in names
    }


def _read(variables: dict[str, tf.Variable]) -> dict[str, tf.Tensor]:
    return {name: variable.read_value() for name, variable in variables.items()}
