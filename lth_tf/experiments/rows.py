"""Makes the row of the results log for a request."""

from collections.abc import Mapping
from typing import Any

from lth_tf import pruning
from lth_tf.experiments.experiment import Experiment, Request
from lth_tf.log.fields import RowKind, described, network_kinds
from lth_tf.log.schema import SCHEMA_VERSION, Row, now
from lth_tf.measurements import Measurement
from lth_tf.recipes import Diverged, Mask
from lth_tf.store.store import Store


class RowBuilder:
    """Makes rows of the measurements in a store; reads a mask once for all rows about it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._densities: dict[Mask, Row] = {}

    def row(self, experiment: Experiment, request: Request, constants: Mapping[str, Any]) -> Row:
        """Returns the row of a request, with the constants of its study."""
        row = {**constants, **_labels(experiment, request), **self._measured(request)}
        return row | self._density(request.mask) | self._provenance(request)

    def _measured(self, request: Request) -> Row:
        measurement = request.measurement
        try:
            numbers = self._store.measure(measurement)
            diverged_at = None if measurement.is_finite(numbers) else request.end.step
        except Diverged as diverged:
            diverged_at = diverged.step
        if diverged_at is not None:
            row: Row = dict.fromkeys(field.name for field in _kind(measurement).values)
            return row | {"status": "diverged", "diverged_at": diverged_at}
        values = measurement.row(numbers, request.labels)
        return values | {"status": "done", "diverged_at": None}

    def _density(self, mask: Mask) -> Row:
        if mask not in self._densities:
            try:
                arrays = self._store.mask(mask)
                density, by_layer = pruning.density(arrays), pruning.layer_density(arrays)
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
    return {
        "schema": SCHEMA_VERSION,
        "key": request.measurement.key,
        "kind": _kind(request.measurement).name,
        "model": experiment.model.title,
        "dataset": experiment.task.title,
        "step": request.end.step,
        "schedule": "absolute",
        **request.labels,
        "axes": dict(request.axes),
        "settings": request.row_settings,
        "described": _described(experiment, request),
    }


def _kind(measurement: Measurement) -> RowKind:
    assert measurement.ROW is not None, measurement
    return measurement.ROW


def _described(experiment: Experiment, request: Request) -> list[dict[str, Any]]:
    """Returns the declarations that no module of this package makes: readers may lack them."""
    declarations: list[Any] = []
    if not type(request.measurement).__module__.startswith("lth_tf."):
        declarations.append(request.measurement.ROW)
    if not type(experiment).__module__.startswith("lth_tf."):
        declarations += experiment.AXES
    network = network_kinds().get(request.labels["network"])
    if network and not network.shipped:
        declarations.append(network)
    return described(declarations)
