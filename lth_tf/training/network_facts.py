"""Facts about networks that take no training: shapes, head, initial state."""

from typing import Any

from lth_tf.models.network import Network, network
from lth_tf.recipes import Model, Train
from lth_tf.state import State


class NetworkFacts:
    """Base of the engine: the facts about networks that recipes ask for."""

    def initial(self, model: Model, seed: int) -> State:
        """Returns the initial state of a model: W_0."""
        built = network(model)
        return State(0, built.initial_weights(seed), built.initial_statistics())

    def initial_deviations(self, model: Model) -> dict[str, float]:
        """Returns the standard deviation of every prunable kernel's initialization, by name."""
        return network(model).initial_deviations()

    def prunable_shapes(self, model: Model) -> dict[str, tuple[int, ...]]:
        """Returns the shapes of a model's prunable kernels, by name."""
        return _shapes(network(model), network(model).prunable)

    def head(self, model: Model) -> tuple[str, ...]:
        """Returns the names of the weights of the layer whose outputs are a model's logits."""
        return network(model).head

    def state_shapes(self, run: Train) -> dict[str, Any]:
        """Returns the shapes of a run's states, as store.checks.check_state takes them."""
        built, hparams = network(run.model), run.hparams
        return {
            "weights": _shapes(built, built.weight_names if run.trained == "all" else built.head),
            "statistics": _shapes(built, built.statistic_names),
            "slots": tuple(hparams.optimizer.fresh_slots),  # type: ignore[attr-defined]
        }


def _shapes(network: Network, names: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    return {name: network.shapes[name] for name in names}
