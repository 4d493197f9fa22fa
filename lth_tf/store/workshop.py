"""What turning recipes into numbers needs at hand: data, networks, compiled programs.

Each is made once per process, however many recipes use it, as long as they come one after the
other: a sweep over many networks keeps those of the last few.
"""

import gc
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from lth_tf.connectivity import ConnectivityError, line
from lth_tf.data import Examples, Streams, Task, facts, load
from lth_tf.models.network import network
from lth_tf.recipes import (
    At,
    Dense,
    Evaluate,
    Init,
    Interpolate,
    Model,
    Predict,
    Shuffle,
    Train,
    Weights,
    train,
)
from lth_tf.store import checks
from lth_tf.store.fit import check_fit
from lth_tf.store.runs import model_of
from lth_tf.training import numerics
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.numerics import device, software
from lth_tf.training.pieces import Pieces, StreamedSplit, WholeSplit, placed
from lth_tf.training.program import Program
from lth_tf.training.state import Arrays, State
from lth_tf.training.team import Team
from lth_tf.training.trajectory import Trajectory
from lth_tf.training.xla import compiles

# Examples evaluated at a time: enough to fill the matrix units, little enough memory. Statistics
# that are estimated anew depend on it, and on the next: with others NUMERICS would have to rise.
EVALUATION_BATCH = 1000
# The same where images are streamed, which are large.
STREAMED_BATCH = 250
# Programs, evaluators and tasks that are kept: the dense and the sparse one of two networks. Each
# program has the variables of its network, and those of a task share its images.
KEPT = 4

Thing = TypeVar("Thing")


class Workshop:
    """Data, networks and compiled programs for one strategy.

    Args:
      data_dir: where TFDS finds its datasets; None for its own default.
      strategy: how training is spread over devices.
      steps_per_call: how many training steps a compiled call takes; None for a second's worth.
    """

    def __init__(
        self,
        data_dir: str | None,
        strategy: tf.distribute.Strategy,
        steps_per_call: int | None = None,
    ) -> None:
        self._data_dir, self._strategy = data_dir, strategy
        self._team, self._steps_per_call = Team(strategy), steps_per_call
        self._programs: dict[tuple, Program] = {}
        self._evaluators: dict[tuple, Evaluator] = {}
        self._evaluated: dict[str, dict[str, Pieces]] = {}

    def examples(self, task: Task) -> Examples | Streams:
        """The images and labels of a task."""
        return load(task, self._data_dir)

    def initial(self, recipe: Init) -> State:
        """W_0."""
        built = network(recipe.model)
        return State(0, built.initial_weights(recipe.seed), built.initial_statistics())

    def shapes(self, model: Model) -> dict[str, tuple[int, ...]]:
        """The prunable kernels of a model and their shapes."""
        built = network(model)
        return {name: built.shapes[name] for name in built.prunable}

    def check_state(self, recipe: Weights) -> checks.Check:
        """What holds the arrays of some weights to the shapes of their network."""
        built = network(model_of(recipe))
        slots = recipe.run.hparams.optimizer.fresh_slots if isinstance(recipe, At) else ()  # type: ignore[attr-defined]
        return partial(
            checks.check_state,
            weights={name: built.shapes[name] for name in built.weight_names},
            statistics={name: built.shapes[name] for name in built.statistic_names},
            slots=slots,
        )

    @property
    def surroundings(self) -> dict[str, Any]:
        """What the numbers were made with: software versions by name, and the device."""
        replicas = self._strategy.num_replicas_in_sync
        shared = f", {replicas} replicas" if replicas > 1 else ""
        return {"software": software(), "device": device() + shared}

    def trajectory(self, run: Train, state: State, mask: Arrays) -> Trajectory:
        """Training of a run from one of its states on; the other workers come along."""
        if not self._team.is_alone:
            self._team.tell((_alike(run), state, mask))
        return self._trajectory(run, state, mask)

    def _trajectory(self, run: Train, state: State, mask: Arrays) -> Trajectory:
        with self._team.together():
            program = self._program(run)
            return Trajectory(program, run, state, mask, self._team, self._steps_per_call)

    def follow(self) -> None:
        """Trains what the chief trains, until it dismisses this worker.

        Raises:
          UserError: another worker is gone.
        """
        trajectory: Any = None
        while (order := self._team.hear()) is not None:
            match order:
                case int(steps), int(ahead):
                    trajectory.take(steps, ahead)
                case run, state, mask:
                    trajectory = self._trajectory(run, state, mask)

    def dismiss(self) -> None:
        """Lets the workers that follow go."""
        self._team.tell(None)

    def _program(self, run: Train) -> Program:
        """The compiled training loop that a run needs; runs that differ in seeds share it."""
        model, sparse = model_of(run), not isinstance(run.mask, Dense)
        task: Any = run.task
        hparams: Any = run.hparams
        key = (model.key, task.key, hparams.key, sparse)

        def make() -> Program:
            examples = self.examples(task)
            built = network(model, hparams.precision, hparams.batch_norm_groups)
            check_fit(model, hparams, facts(task, self._data_dir), task)
            return Program(built, task, hparams, examples, self._strategy, sparse)

        return _kept(self._programs, key, make)

    def evaluate(self, recipe: Evaluate, state: State) -> dict[str, np.ndarray]:
        """Errors (fraction) and losses (nats) of one state on both splits, float64 [1]."""
        return self._curves(recipe.weights, recipe.task, state, state, np.ones(1), "interpolate")

    def interpolate(
        self, recipe: Interpolate, first: State, second: State
    ) -> dict[str, np.ndarray]:
        """Errors and losses along a line on both splits, float64 [alphas], and the distances."""

        def curves(alphas: np.ndarray) -> dict[str, np.ndarray]:
            where = (recipe.first, recipe.task, first, second)
            return self._curves(*where, alphas, recipe.statistics)

        try:
            found = line(first.weights, second.weights, recipe.alphas, curves)
        except ConnectivityError as error:
            raise ConnectivityError(f"{recipe}: {error}") from None
        distances = {name: np.asarray(getattr(found, name)) for name in _DISTANCES}
        return {"alphas": found.alphas, **found.curves, **distances}

    def predict(self, recipe: Predict, state: State) -> dict[str, np.ndarray]:
        """Of every example of both splits: the class given, uint16, and the loss (nats), float32.

        The examples are those that the task is evaluated on, in their order, once for each view.
        """
        task: Any = recipe.task
        evaluator, found = self._evaluator(recipe.weights, task), dict[str, np.ndarray]()
        for split, examples in self._splits(task).items():
            classes, losses = evaluator.predict(state, examples)
            found |= {f"{split}_classes": classes, f"{split}_losses": losses}
        return found

    def _curves(
        self,
        at: Weights,
        task: Any,
        first: State,
        second: State,
        alphas: np.ndarray,
        statistics: Any,
    ) -> dict[str, np.ndarray]:
        evaluator = self._evaluator(at, task)
        splits = self._splits(task)
        curves: dict[str, np.ndarray] = {}
        for split, examples in splits.items():
            where = (first, second, alphas, examples)
            scores = evaluator.line(*where, statistics, splits["train"])
            curves |= {f"{split}_errors": scores.error, f"{split}_losses": scores.loss}
        return curves

    def _evaluator(self, at: Weights, task: Any) -> Evaluator:
        """What evaluates some weights, computing as in their training; initial ones in float32."""
        model = model_of(at)
        precision, xla = "float32", "off"
        if isinstance(at, At):
            hparams: Any = at.run.hparams
            numerics.check(hparams.threads)
            precision, xla = hparams.precision, hparams.xla

        def make() -> Evaluator:
            built = network(model, precision)
            return Evaluator(built, task, compiles(xla, built), EVALUATION_BATCH)

        return _kept(self._evaluators, (model.key, task.key, precision, xla), make)

    def _splits(self, task: Task) -> dict[str, Pieces]:
        """What a task is evaluated on; in memory, it is placed once."""

        def make() -> dict[str, Pieces]:
            return _splits(self.examples(task), task.train_evaluated)

        return _kept(self._evaluated, task.key, make)


def _kept(things: dict[Any, Thing], key: Hashable, make: Callable[[], Thing]) -> Thing:
    """The thing of a key, made if it is not there; the one that was asked for longest ago goes."""
    if key in things:
        things[key] = things.pop(key)
        return things[key]
    if len(things) >= KEPT:
        del things[next(iter(things))]
        gc.collect()  # Compiled functions and what they belong to refer to each other.
    things[key] = make()
    return things[key]


def _splits(examples: Examples | Streams, first: int) -> dict[str, Pieces]:
    """Both splits as they are evaluated, of training examples only the first (0: all)."""
    if isinstance(examples, Examples):
        train = placed(examples, "train")
        if 0 < first < len(train):
            train = WholeSplit(train.images[:first], train.labels[:first])
        return {"train": train, "test": placed(examples, "test")}
    count = min(first or len(examples.train), len(examples.train))
    return {
        "train": StreamedSplit(examples.train, count, STREAMED_BATCH),
        "test": StreamedSplit(examples.test, len(examples.test), STREAMED_BATCH),
    }


def _alike(run: Train) -> Train:
    """A run that takes the same steps from a given state, without the history of its start."""
    model = model_of(run)
    mask = run.mask if isinstance(run.mask, Dense) else Shuffle(Dense(model), 0)
    return train(Init(model, 0), mask, run.task, run.hparams, run.noise)


_DISTANCES = ("l2_distance", "cosine_distance")
