"""What an experiment would train, before it trains anything."""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from lth_tf.recipes import At, Recipe, Train, dag
from lth_tf.store import artefacts, checks, journal
from lth_tf.store.layout import Layout
from lth_tf.store.runs import describe, program_key


@dataclass
class Plan:
    """The training that a set of measurements needs.

    Attributes:
      measurements: how many measurements there are; `measured` of them are in the store.
      runs: how many different runs they are made from; `present` of them are in the store.
      steps: training steps those runs have in all; `steps_left` are still to be taken.
      seconds_left: estimate at the rates that the store has seen; None where it has seen none.
    """

    measurements: int = 0
    measured: int = 0
    runs: int = 0
    present: int = 0
    steps: int = 0
    steps_left: int = 0
    seconds_left: float | None = None
    unknown_rates: int = 0
    lines: list[str] = field(default_factory=list)
    count_unshared: Callable[[], int] = field(default=int, repr=False)

    @functools.cached_property
    def steps_unshared(self) -> int:
        """Training steps if every measurement trained all it needs for itself."""
        return self.count_unshared()

    def summary(self, by: str = "") -> str:
        """The plan in a few lines for people.

        Args:
          by: whose time the estimate is, where several train at a time.
        """
        shared = self.steps_unshared / self.steps if self.steps else 1.0
        time = "unknown until the first run of its kind"
        if self.steps_left == 0:
            time = "none"
        elif self.seconds_left is not None:
            time = f"about {duration(self.seconds_left)}{by}"
            if self.unknown_rates:
                time += f", and {self.unknown_rates} runs of kinds not yet timed"
        return "\n".join(
            (
                f"measurements  {self.measurements}, {self.measured} already there",
                f"runs          {self.runs}, {self.present} already there",
                f"steps         {self.steps:,}, {self.steps_left:,} left to train",
                f"unshared      {self.steps_unshared:,} steps, {shared:.1f} times as many",
                f"training      {time}",
            )
        )


def duration(seconds: float) -> str:
    """A time for people: '8 s', '3 min', '2.5 h'."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def make_plan(
    measurements: Iterable[Recipe], layout: Layout, measured: Mapping[str, float] | None = None
) -> Plan:
    """Walks what the measurements are made from and looks up what is already in the store.

    Args:
      measured: seconds a step by program_key, in place of those that the store has seen.
    """
    measurements = list(dict.fromkeys(measurements))
    recipes = dag(*measurements)
    missing = missing_recipes(measurements, layout)
    plan = Plan(len(measurements), sum(m not in missing for m in measurements))
    plan.count_unshared = lambda: _steps_unshared(measurements, recipes)
    left = _ends(missing)
    rates = seconds_per_step(layout) | dict(measured or {})
    for run, end in _ends(recipes.values()).items():
        plan.runs += 1
        plan.steps += end - run.first_step
        _count_left(plan, run, left.get(run), layout, rates)
    return plan


def _steps_unshared(measurements: Iterable[Recipe], recipes: dict[str, Recipe]) -> int:
    """Training steps if every measurement trained all it is made from for itself.

    Args:
      recipes: what the measurements are made from, children first.
    """
    # Of every recipe that needs training: its children that do.
    trained: dict[str, list[str]] = {}
    for key, recipe in recipes.items():
        below = [child.key for child in recipe.children if child.key in trained]
        if below or isinstance(recipe, At):
            trained[key] = below
    return sum(_steps_alone(m.key, trained, recipes) for m in measurements)


def _steps_alone(root: str, children: dict[str, list[str]], recipes: dict[str, Recipe]) -> int:
    seen, pending = {root}, [root]
    while pending:
        new = [key for key in children.get(pending.pop(), ()) if key not in seen]
        seen.update(new)
        pending += new
    ends = _ends(recipes[key] for key in seen)
    return sum(end - run.first_step for run, end in ends.items())


def _count_left(
    plan: Plan, run: Train, end: int | None, layout: Layout, rates: dict[str, float]
) -> None:
    """Adds to a plan what one run still has to train, to reach `end` (None: nothing)."""
    if end is None:
        plan.present += 1
        return
    nearest = max([s for s in layout.steps(run) if s < end], default=run.first_step)
    steps = end - nearest
    plan.steps_left += steps
    rate = rates.get(program_key(run))
    if rate is None:
        plan.unknown_rates += 1
    else:
        plan.seconds_left = (plan.seconds_left or 0.0) + steps * rate
    plan.lines.append(f"{describe(run)}: {steps:,} steps, from {nearest:,} to {end:,}")


def _ends(recipes: Iterable[Recipe]) -> dict[Train, int]:
    """The last step asked of every run among some recipes."""
    ends: dict[Train, int] = {}
    for recipe in recipes:
        if isinstance(recipe, At) and recipe.step > recipe.run.first_step:
            ends[recipe.run] = max(recipe.step, ends.get(recipe.run, 0))
    return ends


def missing_recipes(roots: Iterable[Recipe], layout: Layout) -> dict[Recipe, None]:
    """The recipes that have to be made, children first.

    What is in the store needs nothing that it was made of, and what is made from a run that
    diverged on the way there can never be.
    """
    absent = _absent_recipes(roots, layout)
    missing: dict[Recipe, None] = {}
    hopeless: set[Recipe] = set()
    for recipe in dag(*absent).values():
        if recipe not in absent:
            continue
        if hopeless.isdisjoint(recipe.children) and not _is_cut_off(recipe, layout):
            missing[recipe] = None
        else:
            hopeless.add(recipe)
    return missing


def _absent_recipes(roots: Iterable[Recipe], layout: Layout) -> dict[Recipe, None]:
    absent: dict[Recipe, None] = {}
    pending = list(roots)
    while pending:
        recipe = pending.pop()
        if recipe not in absent and not _present(recipe, layout):
            absent[recipe] = None
            pending.extend(recipe.children)
    return absent


def _is_cut_off(recipe: Recipe, layout: Layout) -> bool:
    """Whether a recipe is a state of a run that diverged before it."""
    if not isinstance(recipe, At):
        return False
    try:
        return checks.read_header(layout.diverged(recipe.run))["step"] < recipe.step
    except (FileNotFoundError, artefacts.Damaged):
        return False


def _present(recipe: Recipe, layout: Layout) -> bool:
    if isinstance(recipe, Train):
        return False
    try:
        return layout.artefact(recipe).exists()
    except AssertionError:
        return False


def seconds_per_step(layout: Layout) -> dict[str, float]:
    """The measured pace of every kind of program that the store has trained."""
    totals: dict[str, tuple[int, float]] = {}
    for path in layout.root.glob("runs/*/*/journal.jsonl"):
        for entry in journal.read(path):
            steps, seconds = totals.get(entry["program"], (0, 0.0))
            taken = entry["last_step"] - entry["first_step"]
            totals[entry["program"]] = (steps + taken, seconds + entry["seconds"])
    return {key: seconds / steps for key, (steps, seconds) in totals.items() if steps}
