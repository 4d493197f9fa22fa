"""The cost of experiments: the plan of a dry run, in hours at a rate that was measured."""

from collections.abc import Iterable, Mapping
from typing import Any

from lth_tf import messages
from lth_tf.description.text import Fact
from lth_tf.errors import UserError
from lth_tf.experiments.planning import plan
from lth_tf.experiments.requests import Experiment, Request
from lth_tf.recipes import Recipe, Train, dag
from lth_tf.store.layout import Layout

# Seconds a step by Train.program.
Rates = Mapping[str, float]


def rows(experiments: Iterable[Experiment], layout: Layout, rates: Rates) -> list[Fact]:
    """Returns the lines of the plan of a dry run."""
    lines = plan(experiments, layout, rates).summary().splitlines()
    return [(label, rest.strip()) for label, _, rest in (line.partition(" ") for line in lines)]


def speeds(requests: Iterable[Request], rates: Rates) -> list[Fact]:
    """Returns how long a step takes of each kind of run that is known."""
    found: dict[Fact, None] = {}
    for key, run in programs(request.measurement for request in requests).items():
        if key in rates:
            about = f"{_milliseconds(rates[key])} a step: {run.model.title}"
            found[_kind(run), f"{about}, batch size {_hparams(run).batch_size:,}"] = None
    unknown = "not known; --measure measures it, --store=DIR takes that of earlier runs"
    return list(found) or [("a step", unknown)]


def _kind(run: Train) -> str:
    return "dense" if run.mask.is_dense else "sparse"


def _milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def programs(measurements: Iterable[Recipe]) -> dict[str, Train]:
    """Returns a run of every kind that differs in speed, by Train.program."""
    runs = (recipe for recipe in dag(*measurements).values() if isinstance(recipe, Train))
    return {run.program: run for run in runs}


def measured(requests: Iterable[Request]) -> dict[str, float]:
    """Measures the rates on this device, about 15 seconds for each kind of run; returns them.

    Raises:
      UserError: they need different numbers of threads, which a process has for good.
    """
    runs = programs(request.measurement for request in requests)
    threads = {_hparams(run).threads for run in runs.values()}
    if len(threads) > 1:
        numbers = " and ".join(map(str, sorted(threads)))
        raise UserError(
            f"measure: Hparams.threads is {numbers} in different experiments; it must be one "
            "number, as a process cannot change it: describe one experiment at a time"
        )
    with messages.without_chatter():
        from lth_tf.training.speed import seconds_per_step as measure

        return {
            key: measure(run.model, run.task, _hparams(run), _kind(run) == "sparse")  # type: ignore[arg-type]
            for key, run in runs.items()
        }


def _hparams(run: Any) -> Any:
    return run.hparams
