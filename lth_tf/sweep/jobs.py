"""Jobs: what one worker makes in one go, and what has to be there before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lth_tf.experiments.requests import Request
from lth_tf.recipes import (
    At,
    Compare,
    Distance,
    Evaluate,
    Interpolate,
    Mask,
    Measurement,
    Predict,
    Prune,
    Recipe,
    Shuffle,
    Train,
    dag,
)
from lth_tf.store.layout import Layout
from lth_tf.store.plan import missing_recipes
from lth_tf.store.runs import describe, program_key

# Of a training step, forward and backward, the share that is one forward pass.
_FORWARD_SHARE = 1 / 3


@dataclass(frozen=True)
class Job:
    """A run with the states, masks and measurements made of it, or a measurement of several runs.

    Attributes:
      key: of the run, or of the measurement.
      about: one readable line.
      targets: what will be in the store; states first, rising, then masks, then measurements.
      needs: keys of other jobs' targets that must be there first.
      program: what compiled programs it takes; jobs of one program belong on one worker.
      threads: Hparams.threads, which a worker has for good.
      steps: training steps, if none of the run is there.
      cost: work in training steps, measuring included.
      masks: what the rows of its measurements need besides; made on the way, unless damaged.
    """

    key: str
    about: str
    targets: tuple[Recipe, ...]
    needs: frozenset[str]
    program: str
    threads: int
    steps: int
    cost: float
    masks: tuple[Recipe, ...] = ()

    @property
    def measurements(self) -> list[Recipe]:
        """The measurements among the targets."""
        return [target for target in self.targets if isinstance(target, Measurement)]


def make_jobs(
    requests: Iterable[Request],
    layout: Layout,
    examples: Callable[[Recipe], int],
    wanted: Iterable[Recipe] = (),
    unlogged: Iterable[Request] = (),
) -> list[Job]:
    """What is missing in the store, as jobs; each comes after those that it needs.

    Args:
      requests: what is to be measured.
      layout: the store.
      examples: how many images a task trains on; 0 if that is not known.
      wanted: what others want: states that a run passes anyway are kept for them.
      unlogged: what is measured, but has no row yet: for that, its mask must be there, too.
    """
    requests = list(requests)
    ends: dict[Recipe, At] = {request.mask: request.end for request in unlogged}
    ends |= {request.measurement: request.end for request in requests}
    masks: dict[Recipe, list[Recipe]] = {}
    for request in requests:
        masks.setdefault(request.measurement, []).append(request.mask)
    missing = missing_recipes(ends, layout)
    homes = _homes(missing, ends)
    sources = _sources(missing, homes)
    targets: dict[str, list[Recipe]] = {}
    for recipe in missing:
        if recipe in homes:
            targets.setdefault(homes[recipe].key, []).append(recipe)
    _keep_for_others(targets, wanted, layout)
    runs = {home.key: home for home in homes.values()}
    return [_job(runs[key], made, sources, ends, masks, examples) for key, made in targets.items()]


def _homes(missing: Iterable[Recipe], ends: Mapping[Recipe, At]) -> dict[Recipe, Recipe]:
    """What is made of one run is made with it; other measurements are jobs of their own.

    A recipe without a home is made on the way by whoever needs it.
    """
    homes: dict[Recipe, Recipe] = {}
    for recipe in missing:
        if isinstance(recipe, At):
            homes[recipe] = recipe.run
        elif isinstance(recipe, (Evaluate, Predict)) and isinstance(recipe.weights, At):
            homes[recipe] = recipe.weights.run
        elif isinstance(recipe, Prune) and _is_pruned_from_its_own(recipe):
            homes[recipe] = recipe.weights.run  # type: ignore[attr-defined]
        elif isinstance(recipe, Shuffle) and recipe.mask in homes:
            homes[recipe] = homes[recipe.mask]
        elif recipe in ends:
            homes[recipe] = recipe
    return homes


def _is_pruned_from_its_own(recipe: Prune) -> bool:
    """Whether the scores are of the very run that was trained under the mask."""
    return isinstance(recipe.weights, At) and recipe.weights.run.mask == recipe.mask


def _sources(
    missing: Iterable[Recipe], homes: Mapping[Recipe, Recipe]
) -> dict[Recipe, frozenset[str]]:
    """Of every missing recipe: the keys of the nearest ones at a home that it is made from."""
    sources: dict[Recipe, frozenset[str]] = {}
    for recipe in missing:
        if recipe in homes:
            sources[recipe] = frozenset([recipe.key])
        else:
            below = (sources.get(child, frozenset()) for child in recipe.children)
            sources[recipe] = frozenset().union(*below)
    return sources


def _keep_for_others(
    targets: dict[str, list[Recipe]], wanted: Iterable[Recipe], layout: Layout
) -> None:
    """Adds the states before a run's last one that somebody else wants and nobody has."""
    last: dict[str, int] = {}
    for key, made in targets.items():
        last[key] = max((r.step for r in made if isinstance(r, At)), default=0)
    for recipe in wanted:
        if isinstance(recipe, At) and recipe.step < last.get(recipe.run.key, 0):
            made = targets[recipe.run.key]
            if recipe not in made and not layout.artefact(recipe).exists():
                made.append(recipe)


def _job(
    home: Recipe,
    made: list[Recipe],
    sources: Mapping[Recipe, frozenset[str]],
    ends: Mapping[Recipe, At],
    masks: Mapping[Recipe, list[Recipe]],
    examples: Callable[[Recipe], int],
) -> Job:
    run: Any = home if isinstance(home, Train) else ends[home].run
    below = (sources.get(child, frozenset()) for recipe in made for child in recipe.children)
    needs = frozenset().union(*below) - {recipe.key for recipe in made}
    last = max((r.step for r in made if isinstance(r, At)), default=run.first_step)
    measuring = sum(_passes(r) * examples(run.task) for r in made) / run.hparams.batch_size
    return Job(
        key=home.key,
        about=_about(home),
        targets=tuple(sorted(made, key=_order)),
        needs=needs,
        program=program_key(run),
        threads=run.hparams.threads,
        steps=last - run.first_step,
        cost=last - run.first_step + measuring * _FORWARD_SHARE + 1,
        masks=tuple(dict.fromkeys(m for r in made for m in masks.get(r, ()) if m not in made)),
    )


def _about(home: Recipe) -> str:
    if isinstance(home, Train):
        return describe(home)
    if isinstance(home, Interpolate) and isinstance(home.first, At) and isinstance(home.second, At):
        return f"line between {describe(home.first.run)} and {describe(home.second.run)}"
    return str(home)


def _passes(recipe: Recipe) -> int:
    """How often a measurement goes through the images."""
    if isinstance(recipe, Interpolate):
        return recipe.alphas
    if isinstance(recipe, (Compare, Distance)):
        return 0
    return int(isinstance(recipe, Measurement))


def _order(recipe: Recipe) -> tuple[int, int]:
    """States come first, so that who waits for one can begin; a mask waits for the last of them."""
    if isinstance(recipe, At):
        return 0, recipe.step
    return (1, 0) if isinstance(recipe, Mask) else (2, 0)


def all_states(requests: Iterable[Request]) -> list[Recipe]:
    """Every state that some measurements are made from."""
    found = dag(*(request.measurement for request in requests))
    return [recipe for recipe in found.values() if isinstance(recipe, At)]
