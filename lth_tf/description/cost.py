"""The cost of experiments: the plan of a dry run, in hours at a rate that was measured."""

from collections.abc import Iterable, Mapping
from typing import Any

from lth_tf import messages
from lth_tf.description.text import Fact
from lth_tf.errors import UserError
from lth_tf.experiments.planning import plan
from lth_tf.experiments.requests import Experiment, Request
from lth_tf.recipes import Train, dag
from lth_tf.store.layout import Layout

# Seconds a step by Train.program.
Rates = Mapping[str, float]


def rows(experiments: Iterable[Experiment], layout: Layout, rates: Rates) -> list[Fact]:
    """Returns the lines of the plan of a dry run."""
    lines = plan(experiments, layout, rates).summary().splitlines()
    return [(label, rest.strip()) for label, _, rest in (line.partition(" ") for line in lines)]


def speeds(requests: Iterable[Request], rates: Rates) -> list[Fact]:
    """Returns how long a step takes of each kind of run whose rate is known."""
    facts: dict[Fact, None] = {}
    for key, run in _programs(requests).items():
        if key in rates:
            time = f"{1e3 * rates[key]:.3g} ms" if rates[key] < 0.9995 else f"{rates[key]:.3g} s"
            text = f"{time} a step: {run.model.title}, batch size {run.hparams.batch_size:,}"
            facts["dense" if run.mask.is_dense else "sparse", text] = None
    unknown = "not known; --measure measures it, --store=DIR takes that of earlier runs"
    return list(facts) or [("a step", unknown)]


def measured(requests: Iterable[Request]) -> dict[str, float]:
    """Measures the rates on this device, about 15 seconds for each kind of run; returns them.

    Raises:
      UserError: they need different numbers of threads, which a process has for good.
    """
    runs = _programs(requests)
    threads = {run.hparams.threads for run in runs.values()}
    if len(threads) > 1:
        numbers = " and ".join(map(str, sorted(threads)))
        raise UserError(
            f"measure: Hparams.threads is {numbers} in different experiments; it must be one "
            "number, as a process cannot change it: describe one experiment at a time"
        )
    with messages.without_chatter():
        from lth_tf.training.speed import seconds_per_step as measure

        return {
            key: measure(run.model, run.task, run.hparams, not run.mask.is_dense)
            for key, run in runs.items()
        }


def _programs(requests: Iterable[Request]) -> dict[str, Any]:
    """Returns a run (Train) of every kind that differs in speed, by Train.program."""
    recipes = dag(*(request.measurement for request in requests)).values()
    return {run.program: run for run in recipes if isinstance(run, Train)}
