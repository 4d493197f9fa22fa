"""Plans: the training that experiments need, estimated before any of it."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lth_tf.recipes import At, Recipe, Train, dag
from lth_tf.store.layout import Layout
from lth_tf.store.remaining import (
    last_steps,
    missing_recipes,
    seconds_per_step,
    steps_between,
    steps_of_runs,
)


@dataclass
class Plan:
    """The training that a set of measurements needs; as text, the output of a dry run.

    Attributes:
      title: of the plan, for people.
      measurements: the number of measurements; `measured` of them are in the store.
      runs: the number of different runs they are made from; `present` of them are in the store.
      steps: training steps of those runs in all; `steps_left` are still to be taken.
      choices: the number of values that are still to be decided on the way; if there are any, all
        numbers are of the costliest decisions, and nothing that depends on them counts as present.
      seconds_left: an estimate at the rates measured by the store; None if there are none.
      unknown_rates: the number of runs whose rates are not known.
      lines: a line for each run that needs training.
      certain: the measurements that depend on no open choice.
    """

    measurements: int = 0
    measured: int = 0
    runs: int = 0
    present: int = 0
    steps: int = 0
    steps_left: int = 0
    choices: int = 0
    seconds_left: float | None = None
    unknown_rates: int = 0
    lines: list[str] = field(default_factory=list)
    certain: Sequence[Recipe] = field(default=(), repr=False)
    title: str = ""

    @functools.cached_property
    def steps_unshared(self) -> int:
        """Training steps if every certain measurement trained all it needs for itself."""
        runs = (last_steps(dag(measurement).values()) for measurement in self.certain)
        return sum(end - run.first_step for ends in runs for run, end in ends.items())

    def __str__(self) -> str:
        return "\n".join((*self.lines, self.short()))

    def short(self) -> str:
        """Returns title and summary, without a line for each run."""
        return f"{self.title}\n{self.summary(by=' of one worker')}"

    def summary(self, by: str = "") -> str:
        """Returns the plan in a few lines; `by` is text behind the estimated time."""
        shared = self.steps_unshared / self.steps if self.steps else 1.0
        unshared = f"{self.steps_unshared:,} steps, {shared:.1f} times as many"
        most = "at most " if self.choices else ""
        time = "unknown until the first run of its kind; lth-describe --measure measures it"
        if self.steps_left == 0:
            time = "none"
        elif self.seconds_left is not None:
            time = f"{most}about {duration(self.seconds_left)}{by}"
            if self.unknown_rates:
                time += f", and {self.unknown_rates} runs of kinds not yet timed"
        open_choices = f"{self.choices} values are" if self.choices > 1 else "1 value is"
        return "\n".join(
            (
                f"measurements  {most}{self.measurements}, {self.measured} already there",
                f"runs          {most}{self.runs}, {self.present} already there",
                f"steps         {most}{self.steps:,}, {self.steps_left:,} left to train",
                *([] if self.choices else [f"unshared      {unshared}"]),
                *([f"choices       {open_choices} decided on the way"] if self.choices else []),
                f"training      {time}",
            )
        )


def duration(seconds: float) -> str:
    """Returns a time for people: '8 s', '3 min', '2.5 h'."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@dataclass(frozen=True)
class Uncertain:
    """The measurements that a chain of decisions needs at most, after its first open choice.

    Attributes:
      certain: the measurements of the same chain before that choice.
      measurements: all of its measurements, after the choice in the costliest way.
      choices: the number of open choices.
    """

    certain: Sequence[Recipe]
    measurements: Sequence[Recipe]
    choices: int


def make_plan(
    measurements: Iterable[Recipe],
    layout: Layout,
    measured: Mapping[str, float] | None = None,
    uncertain: Iterable[Uncertain] = (),
) -> Plan:
    """Returns the plan of some measurements: what they are made from, and how much is in the store.

    Args:
      measurements: the certain measurements.
      measured: seconds a step by Train.program, in place of those that the store measured.
      uncertain: measurements that depend on decisions. They are counted in full, once a chain, as
        if nothing of them were in the store or shared: the recipes of the costliest way may be
        there, or be another chain's, and still not be those that are requested in the end.
    """
    measurements = list(dict.fromkeys(measurements))
    missing = missing_recipes(measurements, layout)
    plan = Plan(len(measurements), sum(m not in missing for m in measurements))
    plan.certain = measurements
    left = steps_of_runs(missing)
    rates = seconds_per_step(layout) | dict(measured or {})
    unrecorded = {r.made_by for r in missing if r.made_by and not r.trained_state}
    for run, end in last_steps(dag(*measurements).values()).items():
        plan.runs += 1
        plan.steps += end - run.first_step
        _count_left(plan, run, left.get(run, set()), run in unrecorded, layout, rates)
    for chain in uncertain:
        _count_uncertain(plan, chain, layout, rates)
    return plan


def _count_uncertain(
    plan: Plan, chain: Uncertain, layout: Layout, rates: Mapping[str, float]
) -> None:
    """Adds to a plan the training that one chain may need beyond its certain measurements."""
    plan.choices += chain.choices
    plan.measurements += len(set(chain.measurements) - set(chain.certain))
    certain = last_steps(dag(*chain.certain).values())
    missing = last_steps(missing_recipes(chain.certain, layout))
    recipes = dag(*chain.measurements).values()
    for run, end in last_steps(recipes).items():
        first = max(certain.get(run, 0), run.first_step)
        steps = max(end - first, 0)
        if run in certain:
            states = (r.trained_state for r in recipes if not layout.holds(r))
            wanted = [s.step for s in states if s and s.run == run and s.step < first]
            steps += _steps_again(run, wanted, missing.get(run, 0), layout)
        if steps:
            plan.runs += run not in certain
            # The certain part of the run may be there.
            plan.present = max(plan.present - (run in certain and run not in missing), 0)
            plan.steps += steps
            _add_steps(plan, run, steps, rates)
            plan.lines.append(f"at most {run.describe()}: {steps:,} steps")


def _steps_again(run: Train, wanted: Iterable[int], end: int, layout: Layout) -> int:
    """Returns the steps to take again to states that a run has passed without keeping them.

    Args:
      wanted: the steps of the states.
      end: the step to which the run is still to be trained, keeping wanted states; or 0.
    """
    nearest = max([s for s in _kept_steps(run, layout) if s < end], default=run.first_step)
    passed = [step for step in wanted if not nearest < step < end]
    return max(passed, default=run.first_step) - run.first_step


def _kept_steps(run: Train, layout: Layout) -> list[int]:
    """Returns the steps whose states are there, by their headers."""
    return [step for step in layout.steps(run) if layout.holds(At(run, step))]


def _count_left(
    plan: Plan,
    run: Train,
    wanted: set[int],
    unrecorded: bool,
    layout: Layout,
    rates: Mapping[str, float],
) -> None:
    """Adds to a plan the training that one run still needs to reach some steps, if any.

    Args:
      unrecorded: whether its record is needed and lacks steps, which are then taken again.
    """
    if not wanted:
        plan.present += 1
        return
    until = layout.recorded_until(run) if unrecorded else max(wanted)
    kept = [step for step in _kept_steps(run, layout) if step <= until]
    steps = steps_between(wanted, kept, run.first_step)
    _add_steps(plan, run, steps, rates)
    plan.lines.append(f"{run.describe()}: {steps:,} steps, to {max(wanted):,}")


def _add_steps(plan: Plan, run: Train, steps: int, rates: Mapping[str, float]) -> None:
    plan.steps_left += steps
    rate = rates.get(run.program)
    if rate is None:
        plan.unknown_rates += 1
    else:
        plan.seconds_left = (plan.seconds_left or 0.0) + steps * rate
