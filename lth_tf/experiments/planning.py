"""The plan of experiments: choices by the numbers in a store, and the training that is left."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from lth_tf.experiments.choices import (
    Choice,
    Decide,
    Ended,
    ExpectedRequests,
    Option,
    expected_requests,
)
from lth_tf.experiments.experiment import Experiment
from lth_tf.measurements import Measurement
from lth_tf.recipes import Numbers
from lth_tf.store import artifacts, checks
from lth_tf.store.layout import Layout
from lth_tf.store.plan import Plan, Uncertain, make_plan
from lth_tf.store.remaining import missing_recipes


def decide_by(read: Callable[[Measurement], Numbers | None], layout: Layout) -> Decide:
    """Returns a function that decides choices by the numbers in a store.

    Args:
      read: returns the numbers of a measurement that has a file; None if it is damaged.
      layout: the store.
    """

    def read_finite(measurement: Measurement) -> Numbers | None:
        if not layout.holds(measurement):
            if measurement in missing_recipes([measurement], layout):
                return None
            # A worker may have made it just now; else what it is made from diverged.
            if not layout.holds(measurement):
                raise Ended
        numbers = read(measurement)
        if numbers is not None and not measurement.is_finite(numbers):
            raise Ended
        return numbers

    def decide(choice: Choice) -> Option | None:
        numbers = [read_finite(measurement) for measurement in choice.measurements]
        present = [arrays for arrays in numbers if arrays is not None]
        return choice.option(present) if len(present) == len(numbers) else None

    return decide


def decided(layout: Layout) -> Decide:
    """Returns a function that decides choices by the numbers in a store, which it only reads."""

    def read(measurement: Measurement) -> Numbers | None:
        try:
            check = partial(checks.check_numbers, fields=measurement.schema)
            return checks.read(layout.artifact(measurement), check)[1]
        except (FileNotFoundError, artifacts.Damaged):
            return None

    return decide_by(read, layout)


def plan_of(
    expected_by_chain: Iterable[ExpectedRequests],
    layout: Layout,
    measured: Mapping[str, float] | None = None,
) -> Plan:
    """Returns the training that chains still need, at most where choices are open.

    `measured` is as make_plan takes it.
    """
    certain: list[Measurement] = []
    uncertain: list[Uncertain] = []
    for expected in expected_by_chain:
        own = [request.measurement for request in expected.certain]
        certain += own
        if expected.choices:
            more = [request.measurement for request in expected.uncertain]
            uncertain.append(Uncertain(own, more, expected.choices))
    return make_plan(certain, layout, measured, uncertain)


def plan(
    experiments: Iterable[Experiment], layout: Layout, measured: Mapping[str, float] | None = None
) -> Plan:
    """Returns the training that experiments still need; see `plan_of`."""
    decide = decided(layout)
    chains = (chain for experiment in experiments for chain in experiment.chains())
    return plan_of((expected_requests(chain, decide) for chain in chains), layout, measured)
