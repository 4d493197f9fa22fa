"""Jobs: artifacts that one worker makes in one go, and the artifacts that they need."""

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lth_tf.experiments.experiment import Request
from lth_tf.measurements import Measurement
from lth_tf.recipes import Mask, Recipe, Train, dag
from lth_tf.store.layout import Layout
from lth_tf.store.remaining import last_steps, missing_recipes

# The share of a training step (forward and backward) that is the forward pass.
_FORWARD_SHARE = 1 / 3


@dataclass(frozen=True)
class Job:
    """A run with the states, masks and measurements made of it, or a measurement of several runs.

    Attributes:
      key: of the run, or of the measurement; followed by a number where a job of it is under way.
      description: one readable line.
      targets: the artifacts it makes: states, rising, and among them the measurements of states
        that are passed and not kept; then masks, then other measurements.
      needs: keys of other jobs' targets that must be there first.
      program: the compiled programs it uses (Train.program); jobs of one belong on one worker.
      threads: Hparams.threads, which a worker has for good.
      steps: training steps, if none of the run is there.
      cost: work in training steps, measuring included.
      masks: the masks that the rows of its measurements need; made on the way, unless damaged.
    """

    key: str
    description: str
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
    under_way: Collection[Job] = (),
    threads: int = 1,
) -> list[Job]:
    """Returns jobs for the recipes missing in the store; each comes after those that it needs.

    Args:
      examples: returns the number of images a task trains on; 0 if it is not known.
      wanted: recipes of others: states that a run passes anyway are kept for them.
      unlogged: requests that are measured, but have no row yet: their mask must be there, too.
      under_way: jobs that are not done; their targets are not made again.
      threads: Hparams.threads of measurements that belong to no run.
    """
    requests = list(requests)
    roots: dict[Recipe, None] = {request.mask: None for request in unlogged}
    roots |= {request.measurement: None for request in requests}
    missing = missing_recipes(roots, layout)
    under_way_targets = {target for job in under_way for target in job.targets}
    homes = _homes(missing, roots)
    sources = _sources(missing, homes)
    targets: dict[Recipe, list[Recipe]] = {}
    for recipe in missing:
        if recipe in homes and recipe not in under_way_targets:
            targets.setdefault(homes[recipe], []).append(recipe)
    _keep_for_others(targets, wanted, layout)
    masks: dict[Recipe, list[Recipe]] = {}
    for request in requests:
        masks.setdefault(request.measurement, []).append(request.mask)
    taken = {job.key for job in under_way}
    return [
        _job(home, of_home, sources, masks, examples, taken, threads)
        for home, of_home in targets.items()
    ]


def _homes(missing: Collection[Recipe], roots: Collection[Recipe]) -> dict[Recipe, Recipe]:
    """Returns each recipe's home: the run whose job makes it, or itself if it is of several runs.

    A recipe is made with a run if that run needs, or is, everything that the recipe is made from.
    A mask without a home is made on the way by every job that needs it.
    """
    homes: dict[Recipe, Recipe] = {}
    # For every recipe without a home, and every one present: the nearest homes below.
    nearest: dict[Recipe, frozenset[Recipe]] = {}
    for recipe in dag(*missing).values():
        below = frozenset().union(*(nearest[child] for child in recipe.children))
        if recipe.made_by:
            home: Recipe | None = recipe.made_by
        elif recipe.place is None or (recipe not in missing and recipe not in roots):
            home = None
        else:
            home = _only_run(below, nearest)
            if home is None and (isinstance(recipe, Measurement) or recipe in roots):
                home = recipe
        if home is not None and recipe in missing and not _is_passed(recipe):
            homes[recipe] = home
        present = recipe not in missing and recipe.place is not None and not recipe.made_by
        nearest[recipe] = frozenset([home]) if home else frozenset() if present else below
    return homes


def _is_passed(recipe: Recipe) -> bool:
    """Returns whether a recipe is a state that is not kept: its measurements make it."""
    return recipe.trained_state is not None and not recipe.trained_state.KEPT


def _only_run(
    below: frozenset[Recipe], nearest: Mapping[Recipe, frozenset[Recipe]]
) -> Recipe | None:
    """Returns the run among some homes that needs all others anyway; None if there is none."""
    for home in below:
        if isinstance(home, Train) and below <= {home, *nearest[home]}:
            return home
    return None


def _sources(
    missing: Iterable[Recipe], homes: Mapping[Recipe, Recipe]
) -> dict[Recipe, frozenset[str]]:
    """Returns, for every missing recipe, the keys of the nearest ones at a home it is made from."""
    sources: dict[Recipe, frozenset[str]] = {}
    for recipe in missing:
        if recipe in homes:
            sources[recipe] = frozenset([recipe.key])
        else:
            below = (sources.get(child, frozenset()) for child in recipe.children)
            sources[recipe] = frozenset().union(*below)
    return sources


def _keep_for_others(
    targets: dict[Recipe, list[Recipe]], wanted: Iterable[Recipe], layout: Layout
) -> None:
    """Adds the states before a run's last one that others want and the store lacks."""
    last = {home: _last_step(of_home) for home, of_home in targets.items()}
    for recipe in wanted:
        state = recipe.trained_state
        if state and state.step < last.get(state.run, 0):
            of_run = targets[state.run]
            if recipe not in of_run and not layout.holds(recipe):
                of_run.append(recipe)


def _last_step(targets: Collection[Recipe]) -> int:
    """Returns the last step that is trained for some targets; 0 if none is."""
    passed = (child for target in targets for child in target.children if _is_passed(child))
    return max(last_steps([*targets, *passed]).values(), default=0)


def _job(
    home: Recipe,
    targets: list[Recipe],
    sources: Mapping[Recipe, frozenset[str]],
    masks: Mapping[Recipe, list[Recipe]],
    examples: Callable[[Recipe], int],
    taken: Collection[str],
    threads: int,
) -> Job:
    run = home if isinstance(home, Train) else _first_run(home)
    below = (sources.get(child, frozenset()) for target in targets for child in target.children)
    needs = frozenset().union(*below) - {target.key for target in targets}
    hparams: Any = run.hparams if run else None
    steps = max(_last_step(targets) - run.first_step, 0) if run else 0
    passes = sum(t.passes() for t in targets if isinstance(t, Measurement))
    measuring = passes * examples(run.task) / hparams.batch_size if run else passes
    return Job(
        key=_free_key(home.key, taken),
        description=home.describe(),
        targets=tuple(sorted(targets, key=_order)),
        needs=needs,
        program=run.program if run else "",
        threads=hparams.threads if run else threads,
        steps=steps,
        cost=steps + measuring * _FORWARD_SHARE + 1,
        masks=tuple(
            dict.fromkeys(m for t in targets for m in masks.get(t, ()) if m not in targets)
        ),
    )


def _first_run(recipe: Recipe) -> Train | None:
    """Returns the run of a measurement's weights, or any run that a mask is made from."""
    if isinstance(recipe, Measurement):
        return next((w.run for w in recipe.weights_measured if w.run), None)
    states = (r.trained_state for r in reversed(dag(recipe).values()))
    return next((state.run for state in states if state), None)


def _free_key(key: str, taken: Collection[str]) -> str:
    """Returns a key, or one followed by the first number from 2 that is not taken."""
    numbered = (f"{key}.{number}" for number in itertools.count(2))
    return next(free for free in itertools.chain([key], numbered) if free not in taken)


def _order(recipe: Recipe) -> tuple[int, int, int]:
    """Returns a sort key: states first, so that jobs waiting for one can begin, then masks.

    What is measured of a state that is not kept is made when the run has got there. The other
    measurements come in the order of their steps, as TensorBoard forgets what it has of a curve
    from the step of a later event on.
    """
    if state := recipe.trained_state:
        return 0, state.step, 0
    if passed := [child.trained_state.step for child in recipe.children if _is_passed(child)]:
        return 0, max(passed), 1
    if isinstance(recipe, Measurement):
        return 2, max((weights.step for weights in recipe.weights_measured), default=0), 0
    return (1, 0, 0) if isinstance(recipe, Mask) else (2, 0, 0)


def all_states(requests: Iterable[Request]) -> list[Recipe]:
    """Returns every state that some measurements are made from and that is kept."""
    recipes = dag(*(request.measurement for request in requests)).values()
    return [recipe for recipe in recipes if recipe.trained_state and not _is_passed(recipe)]
