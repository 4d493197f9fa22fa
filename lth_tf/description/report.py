"""The description of gin files: settings, the experiments on them, and their cost."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lth_tf import config, data, messages
from lth_tf.description import experiment
from lth_tf.description.setting import Setting
from lth_tf.description.text import Fact, section
from lth_tf.errors import UserError
from lth_tf.experiments import study
from lth_tf.experiments.choices import requests_at_most
from lth_tf.experiments.experiment import Experiment, Request
from lth_tf.experiments.planning import plan
from lth_tf.recipes import Train, dag
from lth_tf.store.layout import Layout
from lth_tf.store.remaining import seconds_per_step
from lth_tf.training import processor

Rates = Mapping[str, float]


def describe(
    gin_files: Sequence[str],
    bindings: Sequence[str],
    over: Sequence[str],
    data_dir: str | None,
    store: Path,
    measure: bool,
) -> str:
    """Returns the meaning of gin files, experiment by experiment, as tables of two columns.

    A further setting, and a further experiment of a kind, has only the rows that differ from the
    first one's.

    Args:
      gin_files, bindings, over: as lth_tf.config.load_sweep takes them.
      data_dir: folder of the TFDS datasets, which need not be prepared; None for TFDS's own.
      store: its folder, if there is one; its artifacts cost nothing, and its rates are used.
      measure: whether to measure how fast training is here.

    Raises:
      UserError: something in files or bindings is not as it must be, an experiment does not fit
        its data, or cannot be measured.
    """
    with messages.without_chatter():
        loaded = config.load_sweep(gin_files, bindings, over)
    bound = [_bound(each, text, data_dir) for each, text in loaded]
    with messages.without_chatter():  # Networks are built with TensorFlow.
        from lth_tf.training import numerics

        try:
            numerics.configure(bound[0][0].hparams.threads)
        except numerics.StartedAlready:
            if measure:  # A network is the same on any number of threads; its speed is not.
                raise
    for each, _ in bound:
        processor.warn_if_slow(each.hparams.precision)
    return "\n\n".join(_sections(bound, Layout(store), measure))


def _sections(bound: Sequence[tuple[Any, Setting]], layout: Layout, measure: bool) -> Iterator[str]:
    experiments = [each for each, _ in bound]
    requests = [request for each in experiments for request in requests_at_most(each)]
    rates = seconds_per_step(layout) | (_measured(requests) if measure else {})
    settings = dict.fromkeys(setting for _, setting in bound)
    printed: set[Fact] = set()
    yield from _numbered("Setting", [setting.rows() for setting in settings], printed)
    by_kind: dict[str, list[list[Fact]]] = {}
    for each in experiments:
        rows = [*experiment.rows(each), *_cost([each], layout, rates)]
        by_kind.setdefault(type(each).__name__, []).append(rows)
    for kind, tables in by_kind.items():
        yield from _numbered(kind, tables, printed)
    if len(experiments) > 1:
        yield section("All together", _cost(experiments, layout, rates))
    title = "Speed"
    if measure:
        from lth_tf.training import numerics

        title = f"Speed, measured just now, on random images, on {numerics.device()}"
    yield section(title, _speeds(requests, rates))


def _bound(each: Any, text: str, data_dir: str | None) -> tuple[Any, Setting]:
    """Returns an experiment, bound to its data if they are prepared, and its setting."""
    facts, missing = None, ""
    try:
        each = study.bind(each, text, data_dir).experiment
        facts = data.facts(each.task, data_dir)
    except data.NotPrepared as error:
        missing = str(error)
    return each, Setting(each.model, each.task, each.hparams, each.steps, facts, missing)


def _numbered(title: str, tables: Sequence[list[Fact]], printed: set[Fact]) -> Iterator[str]:
    """Yields a section for each table; after the first, only the rows that differ from it.

    Args:
      printed: values of several lines that are not printed again; the tables' own are added.
    """
    for number, rows in enumerate(tables, start=1):
        name = f"{title} {number} of {len(tables)}" if len(tables) > 1 else title
        if number > 1:
            name += ", where it differs"
            rows = _differences(rows, tables[0])
        yield section(name, [(row[0], "as above") if row in printed else row for row in rows])
        printed.update((label, value) for label, value in rows if "\n" in value)


def _differences(rows: list[Fact], first: list[Fact]) -> list[Fact]:
    """Returns the rows that the first table lacks and, as 'not ...', those that only it has."""
    counts, of_first = (Counter(label for label, _ in table) for table in (rows, first))
    missing = [row for row in first if row not in rows and counts[row[0]] < of_first[row[0]]]
    return [
        *(row for row in rows if row not in first),
        *((label, "not " + value.partition("\n")[0]) for label, value in missing),
    ]


def _cost(experiments: Iterable[Experiment], layout: Layout, rates: Rates) -> list[Fact]:
    """Returns the lines of the plan of a dry run, at rates of seconds a step by Train.program."""
    lines = plan(experiments, layout, rates).summary().splitlines()
    return [(label, rest.strip()) for label, _, rest in (line.partition(" ") for line in lines)]


def _speeds(requests: Iterable[Request], rates: Rates) -> list[Fact]:
    """Returns how long a step takes of each kind of run whose rate is known."""
    facts: dict[Fact, None] = {}
    for key, run in _programs(requests).items():
        if key in rates:
            time = f"{1e3 * rates[key]:.3g} ms" if rates[key] < 0.9995 else f"{rates[key]:.3g} s"
            text = f"{time} a step: {run.model.title}, batch size {run.hparams.batch_size:,}"
            facts["dense" if run.mask.is_dense else "sparse", text] = None
    unknown = "not known; --measure measures it, --store=DIR takes that of earlier runs"
    return list(facts) or [("a step", unknown)]


def _measured(requests: Iterable[Request]) -> dict[str, float]:
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
