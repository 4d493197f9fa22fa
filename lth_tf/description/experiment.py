"""The description of an experiment: its runs, masks and measurements."""

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

from lth_tf.description.text import Fact, fields_in_words, in_words
from lth_tf.experiments import MaskSearch
from lth_tf.experiments.choices import requests_at_most
from lth_tf.experiments.experiment import Experiment
from lth_tf.experiments.tickets import setting_in_words

_SETTING = {field.name for field in dataclasses.fields(Experiment)} - {"initializations"}


def rows(experiment: Any) -> Iterator[Fact]:
    """Yields each field beyond the setting under its name; a search with its densities."""
    for name, value in experiment.fields().items():
        if isinstance(value, MaskSearch):
            yield from _search(experiment, value)
        elif name == "initializations":
            yield name, f"{in_words(value)} (replicates: {len(value)})"
        elif name not in _SETTING:
            yield name.replace("_", " "), in_words(value)


def _search(experiment: Any, search: MaskSearch) -> Iterator[Fact]:
    """Yields how masks are searched for, and how much is left at each level."""
    from lth_tf.models.network import network

    decided = {name for request in requests_at_most(experiment) for name in request.decided}
    adaptive = "MaskSearch.fraction" in decided
    anew = f", {'fresh' if search.levels_noise == 'fresh' else 'the same'} at each level"
    how = f"by {search.score}, {search.scope}, noise {search.noise}{anew}"
    excluded = f", without {', '.join(search.exclude)}" if search.exclude else ""
    levels = "1 level, which" if search.levels == 1 else f"{search.levels} levels, each"
    fraction = f"{'at least ' if adaptive else ''}{search.fraction:g}"
    yield "mask search", f"{levels} prunes {fraction} {how}{excluded}"
    if own := ", ".join(_own_training(search)):
        yield "search's own", own
    built = network(experiment.model)
    sizes = {name: math.prod(built.shapes[name]) for name in built.prunable}
    table = _table(densities(sizes, search))
    yield "density", f"at most\n{table}" if adaptive else table


def _own_training(search: MaskSearch) -> Iterator[str]:
    """Yields the settings of a search that differ from those of its tickets."""
    if search.task is not None:
        yield getattr(search.task, "title", str(search.task))
    if search.hparams is not None:
        schedule = search.hparams.schedule
        rates = f"{type(schedule).__name__} ({fields_in_words(schedule.fields())})"
        yield f"{setting_in_words(search.hparams)}, {rates}"
    if search.steps:
        yield f"{search.steps:,} steps"


def densities(sizes: Mapping[str, int], search: MaskSearch) -> list[tuple[int, int, float]]:
    """Returns each level's number, how many prunable weights are left, and their share.

    Args:
      sizes: entries of every prunable kernel.
      search: which of them are pruned: exactly round(fraction * remaining) at each level.
    """
    pruned = [size for name, size in sizes.items() if name not in search.exclude]
    groups = pruned if search.scope == "layerwise" else [sum(pruned)]
    total, kept = sum(sizes.values()), sum(sizes.values()) - sum(pruned)
    levels = [(0, total, 1.0)]
    for level in range(1, search.levels + 1):
        groups = [left - round(search.fraction * left) for left in groups]
        levels.append((level, kept + sum(groups), (kept + sum(groups)) / total))
    return levels


def _table(levels: list[tuple[int, int, float]]) -> str:
    """Returns the densities under a head, in two columns if there are many."""
    head = "level  density  weights left"
    cells = [f"{level:>5}  {100 * share:>6.2f} %  {left:>12,}" for level, left, share in levels]
    if len(cells) < 6:
        return "\n".join([head, *cells])
    half = (len(cells) + 1) // 2
    pairs = itertools.zip_longest(cells[:half], cells[half:], fillvalue="")
    return "\n".join(f"{left}   {right}".rstrip() for left, right in [(head, head), *pairs])
