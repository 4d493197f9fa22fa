"""From a request to a row of the results log: measures, labels, derives the instabilities."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lth_tf import pruning
from lth_tf.connectivity import BARRIERS
from lth_tf.experiments.requests import Experiment, Request
from lth_tf.recipes import Interpolate
from lth_tf.results.schema import SCHEMA_VERSION, Row, now
from lth_tf.store.store import Diverged, Store


def rows(experiment: Experiment, store: Store, always: dict[str, Any]) -> Iterator[Row]:
    """Yields the experiment's rows in order; the store makes what they need.

    Args:
      always: fields that are the same in every row: experiment, configuration.
    """
    for request in experiment.requests():
        yield row_of(experiment, request, store, always)


def row_of(experiment: Experiment, request: Request, store: Store, always: dict[str, Any]) -> Row:
    """One row; the store makes what it needs. Arguments as for `rows`."""
    return always | _labels(experiment, request, store) | _measured(experiment, request, store)


def _labels(experiment: Any, request: Request, store: Store) -> Row:
    interpolated = isinstance(request.measurement, Interpolate)
    row = {
        "schema": SCHEMA_VERSION,
        "key": request.measurement.key,
        "kind": "instability" if interpolated else "evaluation",
        "model": experiment.model.title,
        "dataset": experiment.task.title,
        "step": request.end.step,
        **request.labels,
    }
    if interpolated:
        row |= {"barrier": experiment.barrier, "statistics": experiment.statistics}
    return row


def _measured(experiment: Any, request: Request, store: Store) -> Row:
    interpolated = isinstance(request.measurement, Interpolate)
    try:
        numbers = store.measure(request.measurement)
        if not np.isfinite(numbers["train_losses"][[0, -1]]).all():
            raise Diverged(request.end.run, request.end.step)
    except Diverged as diverged:
        names = _INSTABILITY if interpolated else _EVALUATION
        row: Row = dict.fromkeys(names) | {"status": "diverged", "diverged_at": diverged.step}
    else:
        measured = _instability(experiment, numbers) if interpolated else _evaluation(numbers)
        row = measured | {"status": "done", "diverged_at": None}
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


_EVALUATION = ("train_error", "test_error", "train_loss", "test_loss")
_CURVES = ("train_errors", "test_errors", "train_losses", "test_losses")
_INSTABILITY = (
    *("alphas", *_CURVES, "train_instability", "test_instability"),
    *("l2_distance", "cosine_distance"),
)


def _evaluation(numbers: dict[str, np.ndarray]) -> Row:
    return {one: float(numbers[many][0]) for one, many in zip(_EVALUATION, _CURVES, strict=True)}


def _instability(experiment: Any, numbers: dict[str, np.ndarray]) -> Row:
    barrier = BARRIERS[experiment.barrier]
    row: Row = {"alphas": numbers["alphas"].tolist()}
    row |= {name: [_number(x) for x in numbers[name]] for name in _CURVES}
    for split in ("train", "test"):
        row[f"{split}_instability"] = barrier(numbers[f"{split}_errors"], numbers["alphas"])
    return row | {name: float(numbers[name]) for name in ("l2_distance", "cosine_distance")}


def _number(x: float) -> float | None:
    """JSON has no infinity: a loss that overflows between the ends is null in the log."""
    return float(x) if np.isfinite(x) else None
