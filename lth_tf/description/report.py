"""The description of gin files: settings, the experiments on them, and their cost."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lth_tf import config, data, messages
from lth_tf.description import cost, experiment
from lth_tf.description.setting import Setting
from lth_tf.description.text import Fact, section
from lth_tf.experiments import study
from lth_tf.experiments.choices import requests_at_most
from lth_tf.store.layout import Layout
from lth_tf.store.remaining import seconds_per_step
from lth_tf.training import processor


def describe(
    gin_files: Sequence[str],
    bindings: Sequence[str],
    over: Sequence[str],
    data_dir: str | None,
    store: str | None,
    measure: bool,
) -> str:
    """Returns the meaning of gin files, experiment by experiment, as tables of two columns.

    What they have in common is said once: of further settings, and of further experiments of a
    kind, only what differs from the first.

    Args:
      gin_files, bindings, over: as lth_tf.config.load_sweep takes them.
      data_dir: folder of the TFDS datasets, which need not be prepared; None for TFDS's own.
      store: what is there is taken off the cost, and its rates are used; None for an empty one.
      measure: whether to measure how fast training is here.

    Raises:
      UserError: something in files or bindings is not as it must be, an experiment does not fit
        its data, or cannot be measured.
    """
    with messages.without_chatter():
        found = config.load_sweep(gin_files, bindings, over)
    bound = [_bound(each, text, data_dir) for each, text in found]
    _configure(bound[0][1])
    for each, _ in bound:
        processor.warn_if_slow(each.hparams.precision)
    with tempfile.TemporaryDirectory() as empty:
        layout = Layout(Path(store or empty))
        return "\n\n".join(_sections(bound, layout, measure))


def _sections(bound: Sequence[tuple[Any, Setting]], layout: Layout, measure: bool) -> Iterator[str]:
    experiments = [each for each, _ in bound]
    requests = [request for each in experiments for request in requests_at_most(each)]
    rates = seconds_per_step(layout) | (cost.measured(requests) if measure else {})
    settings = dict.fromkeys(setting for _, setting in bound)
    said: set[Fact] = set()
    yield from _numbered("Setting", [setting.rows() for setting in settings], said)
    kinds: dict[str, list[list[Fact]]] = {}
    for each in experiments:
        rows = experiment.rows(each) + cost.rows([each], layout, rates)
        kinds.setdefault(type(each).__name__, []).append(rows)
    for kind, described in kinds.items():
        yield from _numbered(kind, described, said)
    if len(experiments) > 1:
        yield section("All together", cost.rows(experiments, layout, rates))
    yield section(_speed_of(measure), cost.speeds(requests, rates))


def _speed_of(measured: bool) -> str:
    if not measured:
        return "Speed"
    from lth_tf.training import numerics

    return f"Speed, measured just now, on random images, on {numerics.device()}"


def _bound(each: Any, text: str, data_dir: str | None) -> tuple[Any, Setting]:
    """Returns an experiment, bound to its data if they are prepared, and its setting."""
    facts, missing = None, ""
    try:
        each = study.bind(each, text, data_dir).experiment
        facts = data.facts(each.task, data_dir)
    except data.NotPrepared as error:
        missing = str(error)
    return each, Setting(each.model, each.task, each.hparams, each.steps, facts, missing)


def _configure(setting: Setting) -> None:
    """Sets TensorFlow up, which networks are built with."""
    with messages.without_chatter():
        from lth_tf.training import numerics

        numerics.configure(setting.hparams.threads)


def _numbered(title: str, described: Sequence[list[Fact]], said: set[Fact]) -> Iterator[str]:
    """Yields a section for each table; after the first, only the rows that differ from it.

    Args:
      said: the tables that were printed before and are not again; what is printed is added.
    """
    first, total = described[0], len(described)
    for number, rows in enumerate(described, start=1):
        name = f"{title} {number} of {total}" if total > 1 else title
        if number > 1:
            name += ", where it differs"
            rows = [row for row in rows if row not in first]
        yield section(
            name, [(label, "as above") if (label, v) in said else (label, v) for label, v in rows]
        )
        said.update((label, value) for label, value in rows if "\n" in value)
