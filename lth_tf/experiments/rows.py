"""Makes the row of the results log for a request."""

from collections.abc import Mapping
from typing import Any

from lth_tf import pruning
from lth_tf.experiments.requests import Experiment, Request
from lth_tf.log.fields import described, network_kinds
from lth_tf.log.schema import SCHEMA_VERSION, Row, now
from lth_tf.recipes import Diverged, Mask
from lth_tf.store.store import Store

# Modules of this package declare what every reader of a log knows.
_OWN = "lth_tf."


class RowBuilder:
    """Makes rows of what is in a store; a mask is read once, however many rows are about it.

    Args:
      store: makes what is missing, if it can.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._densities: dict[Mask, Row] = {}

    def row(self, experiment: Experiment, request: Request, constants: Mapping[str, Any]) -> Row:
        """Returns the row of a request.

        Args:
          constants: fields that are the same in every row: experiment, configuration.
        """
        row = {**constants, **_labels(experiment, request), **self._measured(request)}
        return row | self._density(request.mask) | self._provenance(request)

    def _measured(self, request: Request) -> Row:
        measurement, kind = request.measurement, request.measurement.ROW
        assert kind is not None, measurement
        try:
            numbers = self._store.measure(measurement)
            if not measurement.is_finite(numbers) and request.end.run is not None:
                raise Diverged(request.end.run, request.end.step)
        except Diverged as diverged:
            row: Row = dict.fromkeys(field.name for field in kind.values)
            return row | {"status": "diverged", "diverged_at": diverged.step}
        values = measurement.row(numbers, request.labels)
        return values | {"status": "done", "diverged_at": None}

    def _density(self, mask: Mask) -> Row:
        if mask not in self._densities:
            try:
                found = self._store.mask(mask)
                density, by_layer = pruning.density(found), pruning.layer_density(found)
                self._densities[mask] = {"density": density, "layer_density": by_layer}
            except Diverged:  # The search for it did: there is no mask.
                return {"density": None, "layer_density": None}
        return self._densities[mask]

    def _provenance(self, request: Request) -> Row:
        """Returns when, where and how fast the network was trained, from its run's journal."""
        run = request.end.run
        entries = self._store.journal(run) if run else []
        last = entries[-1] if entries else {}
        return {
            "run_seconds": sum(entry["seconds"] for entry in entries) if entries else None,
            "software": last.get("software", {}),
            "device": last.get("device", "unknown"),
            "written": now(),
        }


def _labels(experiment: Any, request: Request) -> Row:
    kind = request.measurement.ROW
    assert kind is not None, request.measurement
    return {
        "schema": SCHEMA_VERSION,
        "key": request.measurement.key,
        "kind": kind.name,
        "model": experiment.model.title,
        "dataset": experiment.task.title,
        "step": request.end.step,
        "schedule": "absolute",
        **request.labels,
        "axes": dict(request.axes),
        "settings": request.row_settings,
        "described": _described(experiment, request),
    }


def _described(experiment: Experiment, request: Request) -> list[dict[str, Any]]:
    """Returns the declarations of kinds that do not come with this package."""
    own: list[Any] = []
    if not type(request.measurement).__module__.startswith(_OWN):
        own.append(request.measurement.ROW)
    own += experiment.AXES if not type(experiment).__module__.startswith(_OWN) else ()
    network = network_kinds().get(request.labels["network"])
    own += [network] if network and not network.shipped else []
    return described(own)
