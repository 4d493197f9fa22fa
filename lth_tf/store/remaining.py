"""Remaining work: the recipes that a store lacks, and the speed of the runs that it trained."""

import contextlib
import operator
from collections.abc import Iterable
from typing import Any

from lth_tf.recipes import Diverged, Mask, Recipe, Train, dag
from lth_tf.state import State
from lth_tf.store import artifacts, checks, journal
from lth_tf.store.layout import Layout

# The segments of a program whose time counts: few enough to follow the machine as it is now.
_TIMED_SEGMENTS = 20


def last_steps(recipes: Iterable[Recipe]) -> dict[Train, int]:
    """Returns the last step of every run among the states and records of some recipes."""
    return {run: max(steps) for run, steps in steps_of_runs(recipes).items()}


def steps_of_runs(recipes: Iterable[Recipe]) -> dict[Train, set[int]]:
    """Returns the steps after its first of every run, among states and records of some recipes."""
    steps: dict[Train, set[int]] = {}
    of_runs: list[Any] = [recipe for recipe in recipes if recipe.made_by]
    for recipe in of_runs:
        if recipe.step > recipe.run.first_step:
            steps.setdefault(recipe.run, set()).add(recipe.step)
    return steps


def steps_between(wanted: Iterable[int], kept: Iterable[int], first: int) -> int:
    """Returns how many steps a run takes to reach some, one after the other.

    Args:
      wanted: the steps to be reached.
      kept: the steps whose states are there; the run goes on from the last one before.
      first: the run's first step.
    """
    total, position = 0, first
    kept = list(kept)
    for step in sorted(wanted):
        position = max([position, *(s for s in kept if s <= step)])
        total, position = total + step - position, step
    return total


def missing_recipes(roots: Iterable[Recipe], layout: Layout) -> dict[Recipe, None]:
    """Returns the recipes that have to be made, children first.

    A recipe in the store needs nothing that it was made from. A recipe that can never be made, as
    it is made from a run which diverged before it, or a mask from weights that are not finite, is
    left out.
    """
    absent = _absent_recipes(roots, layout)
    return dict.fromkeys(recipe for recipe, diverged in absent.items() if not diverged)


def divergence(recipe: Recipe, layout: Layout) -> Diverged | None:
    """Returns the divergence because of which a recipe can never be made; None if there is none."""
    return _absent_recipes([recipe], layout).get(recipe)


def _absent_recipes(roots: Iterable[Recipe], layout: Layout) -> dict[Recipe, Diverged | None]:
    """Returns the recipes to be made, children first, and why each can never be, if it cannot."""
    absent: dict[Recipe, None] = {}
    pending = list(roots)
    while pending:
        recipe = pending.pop()
        if recipe not in absent and not layout.holds(recipe):
            absent[recipe] = None
            pending.extend(recipe.children)
    found: dict[Recipe, Diverged | None] = {}
    for recipe in (recipe for recipe in dag(*absent).values() if recipe in absent):
        below = [found[child] for child in recipe.children if child in found]
        found[recipe] = next(filter(None, below), None) or _cut_off(recipe, layout)
    return found


def _cut_off(recipe: Any, layout: Layout) -> Diverged | None:
    """Returns the divergence before a state or a record of a run, or in the state of a mask."""
    if run := recipe.made_by:
        step = layout.diverged_before(run, recipe.step)
        return None if step is None else Diverged(run, step)
    if isinstance(recipe, Mask):
        for state in filter(None, (child.trained_state for child in recipe.children)):
            with contextlib.suppress(FileNotFoundError, artifacts.Damaged):
                arrays = checks.read(layout.artifact(state))[1]
                # The run's very last update did it: no loss has seen these weights.
                if not State.from_arrays(arrays, state.step, 0).is_finite:
                    return Diverged(state.run, state.step)
    return None


def seconds_per_step(layout: Layout) -> dict[str, float]:
    """Returns the seconds a step of every program (Train.program), over its latest segments.

    Those of other machines, or of times when others used this one, are soon forgotten.
    """
    segments: dict[str, list[dict[str, Any]]] = {}
    for path in layout.root.glob("runs/*/*/journal.jsonl"):
        for entry in journal.read(path):
            if entry["last_step"] > entry["first_step"]:
                segments.setdefault(entry["program"], []).append(entry)
    return {program: _rate(entries) for program, entries in segments.items()}


def _rate(entries: list[dict[str, Any]]) -> float:
    latest = sorted(entries, key=operator.itemgetter("utc"))[-_TIMED_SEGMENTS:]
    steps = sum(entry["last_step"] - entry["first_step"] for entry in latest)
    return float(sum(entry["seconds"] for entry in latest) / steps)
