"""From a request to a row of the results log: measures, labels, derives the instabilities."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from lth_tf import pruning
from lth_tf.connectivity import BARRIERS
from lth_tf.experiments.requests import Experiment, Request
from lth_tf.log.schema import SCHEMA_VERSION, Row, measured_fields, now
from lth_tf.recipes import Compare, Distance, Evaluate, Interpolate, Measurement
from lth_tf.store.store import Diverged, Store

Numbers = dict[str, np.ndarray]


def rows(experiment: Experiment, store: Store, always: dict[str, Any]) -> Iterator[Row]:
    """Yields the experiment's rows in order; the store makes what they need.

    Args:
      always: fields that are the same in every row: experiment, configuration.
    """
    for request in experiment.requests():
        yield row_of(experiment, request, store, always)


def row_of(experiment: Experiment, request: Request, store: Store, always: dict[str, Any]) -> Row:
    """One row; the store makes what it needs. Arguments as for `rows`."""
    return always | _labels(experiment, request) | _measured(experiment, request, store)


def _labels(experiment: Any, request: Request) -> Row:
    kind = _KINDS[type(request.measurement)].name
    row = {
        "schema": SCHEMA_VERSION,
        "key": request.measurement.key,
        "kind": kind,
        "model": experiment.model.title,
        "dataset": experiment.task.title,
        "step": request.end.step,
        "schedule": getattr(experiment, "schedule", "absolute"),
        **request.labels,
    }
    if kind == "instability":
        row |= {"barrier": experiment.barrier, "statistics": experiment.statistics}
    return row


def _measured(experiment: Any, request: Request, store: Store) -> Row:
    kind = _KINDS[type(request.measurement)]
    try:
        numbers = store.measure(request.measurement)
        if not np.isfinite(np.ravel(numbers[kind.finite])[[0, -1]]).all():
            raise Diverged(request.end.run, request.end.step)
    except Diverged as diverged:
        row: Row = dict.fromkeys(measured_fields(kind.name))
        row |= {"status": "diverged", "diverged_at": diverged.step}
    else:
        row = kind.values(experiment, numbers) | {"status": "done", "diverged_at": None}
    return row | _density(request, store) | _provenance(request, store)


def _provenance(request: Request, store: Store) -> Row:
    """When, where and how fast the measured network was trained, from its run's journal."""
    entries = store.journal(request.end.run)
    last = entries[-1] if entries else {}
    return {
        "run_seconds": sum(entry["seconds"] for entry in entries) if entries else None,
        "software": last.get("software", {}),
        "device": last.get("device", "unknown"),
        "written": now(),
    }


def _density(request: Request, store: Store) -> Row:
    try:
        mask = store.mask(request.mask)
    except Diverged:  # The search for it did: there is no mask.
        return {"density": None, "layer_density": None}
    return {"density": pruning.density(mask), "layer_density": pruning.layer_density(mask)}


_SPLITS = ("train", "test")
_EVALUATION = ("train_error", "test_error", "train_loss", "test_loss")
_CURVES = ("train_errors", "test_errors", "train_losses", "test_losses")


def _evaluation(experiment: Any, numbers: Numbers) -> Row:
    del experiment
    return {one: float(numbers[many][0]) for one, many in zip(_EVALUATION, _CURVES, strict=True)}


def _instability(experiment: Any, numbers: Numbers) -> Row:
    barrier = BARRIERS[experiment.barrier]
    row: Row = {"alphas": numbers["alphas"].tolist()}
    row |= {name: [_number(x) for x in numbers[name]] for name in _CURVES}
    for split in _SPLITS:
        row[f"{split}_instability"] = barrier(numbers[f"{split}_errors"], numbers["alphas"])
    return row | _distance(experiment, numbers)


def _distance(experiment: Any, numbers: Numbers) -> Row:
    del experiment
    return {name: float(numbers[name]) for name in ("l2_distance", "cosine_distance")}


def _comparison(experiment: Any, numbers: Numbers) -> Row:
    del experiment
    differences = {
        f"{split}_differences": int(numbers[f"{split}_differences"]) for split in _SPLITS
    }
    return differences | {
        f"{split}_loss_distance": float(numbers[f"{split}_loss_distance"]) for split in _SPLITS
    }


def _number(x: float) -> float | None:
    """JSON has no infinity: a loss that overflows between the ends is null in the log."""
    return float(x) if np.isfinite(x) else None


class _Kind(NamedTuple):
    """A kind of row.

    Attributes:
      name: in the log.
      finite: the numbers whose first and last are finite unless something diverged.
      values: from the experiment and the numbers to what the row has of them.
    """

    name: str
    finite: str
    values: Callable[[Any, Numbers], Row]


_KINDS: dict[type[Measurement], _Kind] = {
    Evaluate: _Kind("evaluation", "train_losses", _evaluation),
    Interpolate: _Kind("instability", "train_losses", _instability),
    Distance: _Kind("distance", "l2_distance", _distance),
    Compare: _Kind("comparison", "train_loss_distance", _comparison),
}
