"""The engine: data, networks and compiled programs, which turn recipes into numbers.

Each is made once per process, however many recipes use it, as long as they come one after the
other: a sweep over many networks keeps those of the last few.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams, Task, facts, load
from lth_tf.data.example_scores import Measure, measured
from lth_tf.data.preprocess import evaluation_inputs, evaluation_labels
from lth_tf.models.network import network
from lth_tf.models.trial import compiles
from lth_tf.recipes import Init, Model, Ones, Recipe, Shuffle, Train, Weights, train
from lth_tf.state import Arrays, State
from lth_tf.training import numerics
from lth_tf.training.caching import cached
from lth_tf.training.evaluation import Evaluator, Scores
from lth_tf.training.feed import Pieces, evaluated_splits
from lth_tf.training.flow import synaptic_flow
from lth_tf.training.hessian import Hessian
from lth_tf.training.hparams import check_compatible
from lth_tf.training.program import Program
from lth_tf.training.team import Team
from lth_tf.training.trajectory import Trajectory

# Examples evaluated at a time. Statistics that are estimated anew depend on it and on
# feed.STREAMED_BATCH: where either changes, raise Interpolate.VERSION.
EVALUATION_BATCH = 1000


class Engine:
    """Data, networks and compiled programs for one strategy.

    Args:
      data_dir: the folder of TFDS datasets; None for TFDS's default.
      strategy: spreads training over devices.
      steps_per_call: the number of training steps in a compiled call; None for a second's worth.
    """

    def __init__(
        self,
        data_dir: str | None,
        strategy: tf.distribute.Strategy,
        steps_per_call: int | None = None,
    ) -> None:
        self._data_dir, self._strategy = data_dir, strategy
        self._team, self._steps_per_call = Team(strategy), steps_per_call
        # A function that returns the numbers of a measurement; a store sets it to its own.
        self.measure: Measure | None = None
        self._programs: dict[tuple, Program] = {}
        self._evaluators: dict[tuple, Evaluator] = {}
        self._evaluated: dict[str, dict[str, Pieces]] = {}

    def examples(self, task: Task) -> Examples | Streams:
        """Returns the images and labels of a task."""
        return load(task, self._data_dir, self.measure)

    def train_examples(self, task: Task) -> int:
        """Returns the number of images that a task trains on."""
        return facts(task, self._data_dir).train_examples

    @property
    def environment(self) -> dict[str, Any]:
        """The software (versions by name), its settings and the device that compute the numbers."""
        replicas = self._strategy.num_replicas_in_sync
        device = numerics.device() + (f", {replicas} replicas" if replicas > 1 else "")
        software, settings = numerics.software(), numerics.settings()
        return {"software": software, "settings": settings, "device": device}

    def initial(self, model: Model, seed: int) -> State:
        """Returns the initial state of a model: W_0."""
        built = network(model)
        return State(0, built.initial_weights(seed), built.initial_statistics())

    def initial_deviations(self, model: Model) -> dict[str, float]:
        """Returns the standard deviation of every prunable kernel's initialization, by name."""
        return network(model).initial_deviations()

    def prunable_shapes(self, model: Model) -> dict[str, tuple[int, ...]]:
        """Returns the shapes of a model's prunable kernels, by name."""
        built = network(model)
        return {name: built.shapes[name] for name in built.prunable}

    def head(self, model: Model) -> tuple[str, ...]:
        """Returns the names of the weights of the layer whose outputs are a model's logits."""
        return network(model).head

    def state_shapes(self, run: Train) -> dict[str, Any]:
        """Returns the shapes of a run's states, as store.checks.check_state takes them."""
        built, hparams = network(run.model), run.hparams
        weights = built.weight_names if run.trained == "all" else built.head
        return {
            "weights": {name: built.shapes[name] for name in weights},
            "statistics": {name: built.shapes[name] for name in built.statistic_names},
            "slots": tuple(hparams.optimizer.fresh_slots),  # type: ignore[attr-defined]
        }

    def synaptic_flow(self, model: Model, state: State, mask: Arrays) -> dict[str, np.ndarray]:
        """Returns what flow.synaptic_flow does."""
        return synaptic_flow(network(model), state, mask)

    def trajectory(self, run: Train, state: State, mask: Arrays) -> Trajectory:
        """Returns the training of a run from one of its states on; other workers take part."""
        if not self._team.is_alone:
            # A run that takes the same steps from a given state; its own past is short.
            ones = Ones(run.model)
            kept = ones if run.mask.is_dense else Shuffle(ones, 0)
            start, data = Init(run.model, 0), (run.task, run.hparams, run.noise)
            without_past = train(start, kept, *data, trained=run.trained)
            self._team.broadcast((without_past, state, mask, measured(run.task, self.measure)))
        return self._trajectory(run, state, mask)

    def _trajectory(self, run: Train, state: State, mask: Arrays) -> Trajectory:
        with self._team.together():
            program = self._program(run)
            return Trajectory(program, run, state, mask, self._team, self._steps_per_call)

    def follow(self) -> None:
        """Trains the chief's runs with it until it dismisses this worker, or one is gone."""
        trajectory: Any = None
        known: dict[Recipe, Any] = {}
        self.measure = known.__getitem__
        while (order := self._team.receive()) is not None:
            match order:
                case int(steps), int(ahead):
                    trajectory.take(steps, ahead)
                case "gradient", *arguments:
                    trajectory.own_gradient(*arguments)
                case run, state, mask, scores:
                    known |= scores
                    trajectory = self._trajectory(run, state, mask)
        self._team.leave()

    def dismiss(self) -> None:
        """Dismisses the workers that follow, once all that they trained for is kept."""
        self._team.broadcast(None)
        self._team.leave()

    def _program(self, run: Train) -> Program:
        """Returns the compiled training loop of a run; runs that differ in seeds share it."""
        model, sparse = run.model, not run.mask.is_dense
        task: Any = run.task
        hparams: Any = run.hparams

        def make() -> Program:
            examples = self.examples(task)
            built = network(model, hparams.precision, hparams.batch_norm_groups)
            check_compatible(model, hparams, facts(task, self._data_dir), task)
            trained = None if run.trained == "all" else built.head
            return Program(built, task, hparams, examples, self._strategy, sparse, trained)

        key = (model.key, task.key, hparams.key, sparse, run.trained)
        return cached(self._programs, key, make)

    def curves(
        self, weights: Weights, task: Any, first: State, second: State, alphas: Any, statistics: Any
    ) -> dict[str, np.ndarray]:
        """Returns '<split>_errors' (fraction) and '<split>_losses' (nats), float64 [alphas].

        Args:
          weights: the weights in whose precision the networks compute.
          first, second: the ends of the line, at alpha = 1 and 0.
          statistics: of batch norm between the ends: 'interpolate' or 'reestimate'.
        """
        score = partial(self._evaluator(weights, task).line, first, second, alphas)
        if statistics == "reestimate":
            score = partial(score, reestimated_on=self._splits(task)["train"])
        return self._curves(task, score)

    def heads(self, weights: Weights, task: Any, state: State) -> dict[str, np.ndarray]:
        """Returns errors and losses as `curves` does, of every head of one network: [heads]."""
        return self._curves(task, partial(self._evaluator(weights, task).heads, state))

    def _curves(self, task: Any, score: Callable[[Pieces], Scores]) -> dict[str, np.ndarray]:
        curves: dict[str, np.ndarray] = {}
        for split, examples in self._splits(task).items():
            scores = score(examples)
            curves |= {f"{split}_errors": scores.error, f"{split}_losses": scores.loss}
        return curves

    def combinations(
        self, weights: Weights, task: Any, split: Literal["train", "test"], *mixture: Any
    ) -> dict[str, np.ndarray]:
        """Returns 'errors' (fraction) and 'losses' (nats) of Evaluator.combinations, by point."""
        evaluator: Any = self._evaluator(weights, task)
        scores = evaluator.combinations(*mixture, self._splits(task)[split])
        return {"errors": scores.error, "losses": scores.loss}

    def predict(self, weights: Weights, task: Any, state: State) -> dict[str, np.ndarray]:
        """Returns '<split>_classes' and '<split>_losses' as Evaluator.predict gives them."""
        evaluator, predictions = self._evaluator(weights, task), dict[str, np.ndarray]()
        for split, examples in self._splits(task).items():
            classes, losses = evaluator.predict(state, examples)
            predictions |= {f"{split}_classes": classes, f"{split}_losses": losses}
        return predictions

    def hessian(
        self, weights: Weights, task: Any, state: State, mask: Arrays, count: int, batch: int
    ) -> Hessian:
        """Returns products with the Hessian of the training loss at a state of some weights."""
        if weights.run is not None:
            numerics.check(weights.run.hparams.threads)  # type: ignore[attr-defined]
        data = task, self.examples(task)
        return Hessian(network(weights.model), *data, state, mask, count, batch)

    def inputs(
        self, task: Task, split: Literal["train", "test"]
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Returns the inputs that networks are evaluated on, and labels; None if streamed.

        Inputs are normalized, float32 [views * examples, height, width, channels], labels int32.
        """
        if not isinstance(self.examples(task), Examples):
            return None
        images, labels = next(iter(self._splits(task)[split]))
        inputs, expected = evaluation_inputs(task, images), evaluation_labels(task, labels)
        return inputs.numpy(), expected.numpy()

    def _evaluator(self, weights: Weights, task: Any) -> Evaluator:
        """Returns an evaluator in the precision of the weights' training, float32 without one."""
        precision, xla = "float32", "off"
        if weights.run is not None:
            hparams: Any = weights.run.hparams
            numerics.check(hparams.threads)
            precision, xla = hparams.precision, hparams.xla

        def make() -> Evaluator:
            built = network(weights.model, precision)
            return Evaluator(built, task, compiles(xla, built), EVALUATION_BATCH)

        return cached(self._evaluators, (weights.model.key, task.key, precision, xla), make)

    def _splits(self, task: Task) -> dict[str, Pieces]:
        """Returns the splits that a task is evaluated on; images in memory are placed once."""
        first, examples = task.train_evaluated, self.examples
        return cached(self._evaluated, task.key, lambda: evaluated_splits(examples(task), first))
