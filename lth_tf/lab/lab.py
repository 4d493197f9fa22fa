"""Finds the recipe of a row of the log, its files, and the weights and masks trained for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lth_tf.config import ConfigError
from lth_tf.data import facts, order
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.study import Study, configuration_path
from lth_tf.lab.studies import LabError
from lth_tf.lab.views import Views
from lth_tf.log.log import identity
from lth_tf.recipes import Mask, Ones, Recorded, Train, Weights, dag
from lth_tf.state import State
from lth_tf.store.observer import SilentObserver
from lth_tf.store.records import Record
from lth_tf.store.store import Store
from lth_tf.training.hparams import Hparams

# A row of the log, its request, or a recipe of weights, by which a trained thing is asked for.
Asked = Mapping[str, Any] | Request | Weights


class Lab(Views):
    """A folder of results with the store of their networks, to read and to extend.

    A trained thing is asked for by a row of the log, by the request of that row, or by a recipe of
    weights. A row of two networks gives the first one's; both are
    `request(row).measurement.weights_measured`. A thing that is not in the store is trained.
    """

    def request(self, row: Mapping[str, Any]) -> Request:
        """Returns the recipe of a row: its measurement, and mask and weights of the network.

        Raises:
          LabError: its experiment is not known here any more.
        """
        request = self._requests([self._study_of(row)]).get(identity(dict(row)))
        if request is None:
            name = f"row {row['key'][:10]}"
            raise LabError(f"{name}: {row['experiment']} does not ask for it any more")
        return request

    def _study_of(self, row: Mapping[str, Any]) -> Study:
        """Returns the study of a row: one of this session, or that of WORKDIR/configurations."""
        key = row["configuration"]
        if key not in self._studies:
            path = configuration_path(row["experiment"], key, self.workdir)
            again = "give its experiment to study() or load() first"
            if not path.is_file():
                raise LabError(f"row {row['key'][:10]}: {path} is not there; {again}")
            try:
                loaded = self.load(path).experiment.key
            except ConfigError as error:
                raise LabError(f"{path} cannot be loaded ({error}); {again}") from None
            if loaded != key:
                loaded = loaded[:10]
                raise LabError(f"{path} is now of experiment {loaded}, not {key[:10]}; {again}")
        return self._studies[key]

    def files(self, row: Mapping[str, Any]) -> dict[str, Path]:
        """Returns where a row's artifacts lie: its numbers, state, mask and run's folder."""
        request = self.request(row)
        recipes = {"numbers": request.measurement, "state": request.end, "mask": request.mask}
        paths = {name: self.layout.artifact(r) for name, r in recipes.items() if r.place}
        return paths | ({"run": self.layout.run(request.end.run)} if request.end.run else {})

    def state(self, of: Asked) -> State:
        """Returns weights, batch-norm statistics and optimizer slots."""
        weights = self._weights(of)
        return self._store(weights).state(weights)

    def weights(self, of: Asked) -> dict[str, np.ndarray]:
        """Returns weights by name, float32; pruned ones are zero."""
        return dict(self.state(of).weights)

    def mask(self, of: Asked | Mask) -> dict[str, np.ndarray]:
        """Returns kernel name -> uint8 array, 1 where the weight remains."""
        mask = of if isinstance(of, Mask) else self._mask(of)
        return self._store(mask).mask(mask)

    def record(self, of: Asked) -> Record:
        """Returns the loss of each step of a run, and which examples of its batch were right.

        The run is the last one before the weights: of a network that was rewound to step k, the
        steps from k on.

        Raises:
          LabError: the weights were not trained.
        """
        weights = self._weights(of)
        run = self._run(weights)
        return self._store(weights).record(Recorded(run, weights.step))

    def batches(self, of: Asked) -> np.ndarray:
        """Returns which training examples each step of a record was of, int32 [steps, batch]."""
        weights = self._weights(of)
        run: Any = self._run(weights)
        examples = facts(run.task, self._data_dir).train_examples
        steps, hparams = weights.step - run.first_step, run.hparams
        batch = (hparams.batch_size, hparams.remainder)
        return order.batches(run.noise, run.first_step, steps, examples, *batch)

    def keras_model(self, of: Asked) -> Any:
        """Returns a trained network as a plain Keras model: pruned weights are zero.

        It takes inputs as `examples` returns them, normalized, and returns logits, which it
        computes in the precision of its training.
        """
        from lth_tf.models.wrapping import plain_model

        weights = self._weights(of)
        state = self.state(weights)
        hparams: Any = weights.run.hparams if weights.run else None
        precision = hparams.precision if hparams else "float32"
        return plain_model(weights.model, {**state.weights, **state.statistics}, precision)

    def examples(
        self, of: Asked, split: Literal["train", "test"] = "test"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns the examples that a network is evaluated on.

        Returns:
          Inputs, float32 [examples, height, width, channels], normalized; labels, int32 [examples].

        Raises:
          LabError: the images are not held in memory, but streamed from disk.
        """
        request = self.request(of) if isinstance(of, Mapping) else of
        task: Any = getattr(getattr(request, "measurement", None), "task", None)
        task = task or self._run(self._weights(request)).task
        examples = self._engine(self._threads(self._weights(request))).inputs(task, split)
        if examples is None:
            raise LabError(f"the images of {task.title} are streamed from disk; TFDS reads them")
        return examples

    def _weights(self, of: Asked) -> Weights:
        if isinstance(of, Weights):
            return of
        return (of if isinstance(of, Request) else self.request(of)).end

    def _mask(self, of: Asked) -> Mask:
        if isinstance(of, Weights):
            return of.run.mask if of.run else Ones(of.model)
        return (of if isinstance(of, Request) else self.request(of)).mask

    def _run(self, weights: Weights) -> Train:
        if weights.trained_state is None:
            raise LabError(f"{weights.describe()} is no state of a run; it must be one of training")
        return weights.trained_state.run

    def _store(self, recipe: Weights | Mask) -> Store:
        threads = self._threads(recipe)
        return Store(self.layout.root, lambda: self._engine(threads), SilentObserver())

    def _threads(self, recipe: Weights | Mask) -> int:
        """Returns Hparams.threads of its last run; without one, the engine's or the default."""
        if isinstance(recipe, Weights):
            runs = [recipe.run] if recipe.run else []
        else:
            runs = [r for r in dag(recipe).values() if isinstance(r, Train)]
        if not runs:
            return next(iter(self._engines), Hparams.threads)
        hparams: Any = runs[-1].hparams
        return hparams.threads
