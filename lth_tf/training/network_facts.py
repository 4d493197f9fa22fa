"""What there is to know of a network without training it: shapes, head, initial state."""

from typing import Any

from lth_tf.models.network import network
from lth_tf.recipes import Model, Train
from lth_tf.state import State


class NetworkFacts:
    """Base of the engine: the facts about networks that recipes ask for. Nothing is trained."""

    def initial(self, model: Model, seed: int) -> State:
        """Returns the initial state of a model: W_0."""
        built = network(model)
        return State(0, built.initial_weights(seed), built.initial_statistics())

    def prunable_shapes(self, model: Model) -> dict[str, tuple[int, ...]]:
        """Returns the shapes of a model's prunable kernels, by name."""
        built = network(model)
        return {name: built.shapes[name] for name in built.prunable}

    def state_shapes(self, run: Train) -> dict[str, Any]:
        """Returns the shapes of a run's states, as store.checks.check_state takes them."""
        built = network(run.model)
        weights = built.weight_names if run.trained == "all" else built.head
        hparams: Any = run.hparams
        return {
            "weights": {name: built.shapes[name] for name in weights},
            "statistics": {name: built.shapes[name] for name in built.statistic_names},
            "slots": tuple(hparams.optimizer.fresh_slots),
        }

    def head(self, model: Model) -> tuple[str, ...]:
        """Returns the names of the weights of the layer whose outputs are a model's logits."""
        return network(model).head

    def initial_deviations(self, model: Model) -> dict[str, float]:
        """Returns the standard deviation of every prunable kernel's initialization, by name."""
        return network(model).initial_deviations()
