"""Plans against counts by hand, before, half-way and after."""

import dataclasses
import re

import pytest

from lth_tf.data import Task
from lth_tf.experiments import Imp, MaskSearch
from lth_tf.measurements import Evaluate
from lth_tf.models import Lenet
from lth_tf.recipes import At, Diverged
from lth_tf.store import journal
from lth_tf.store.layout import Layout
from lth_tf.store.observer import SilentObserver
from lth_tf.store.plan import duration, make_plan
from lth_tf.store.remaining import seconds_per_step
from lth_tf.store.store import Store
from lth_tf.training import Adam, Constant, Hparams

HPARAMS = Hparams(60, Adam(), Constant(0.01))
EXPERIMENT = Imp(
    *(Lenet(widths=(5,), image_shape=(8, 8, 1)), Task("digits"), HPARAMS, 30, (0,)),
    MaskSearch(levels=2, noise=1),
    rewind_steps=(0, 10),
)
REQUESTS = list(EXPERIMENT.requests())
MEASUREMENTS = [request.measurement for request in REQUESTS]


@pytest.fixture
def store(engine, tmp_path):
    return Store(tmp_path / "store", lambda: engine, SilentObserver())


def counts(measurements, layout):
    plan = make_plan(measurements, layout)
    return {
        "measurements": (plan.measurements, plan.measured),
        "runs": (plan.runs, plan.present),
        "steps": (plan.steps, plan.steps_left, plan.steps_unshared),
        "lines": len(plan.lines),
    }


# From step 0: three levels of 30. From step 10: a trunk of 10 (its noise is not the search's), and
# three levels of 20. Alone, level n of the first needs 30 (n + 1) steps, of the second
# 10 + 20 (n + 1).
TOTAL, ALONE = 90 + 10 + 60, 30 + 60 + 90 + 30 + 50 + 70


def test_counts_by_hand(store):
    assert counts(MEASUREMENTS, store.layout) == {
        "measurements": (6, 0),
        "runs": (7, 0),
        "steps": (TOTAL, TOTAL, ALONE),
        "lines": 7,
    }
    for measurement in MEASUREMENTS[:3]:
        store.measure(measurement)
    assert counts(MEASUREMENTS, store.layout) == {
        "measurements": (6, 3),
        "runs": (7, 3),
        "steps": (TOTAL, 70, ALONE),
        "lines": 4,
    }
    # The trunk, and the dense network of step 10 up to step 15.
    store.state(At(REQUESTS[3].end.run, 15))
    half = counts(MEASUREMENTS, store.layout)
    assert (half["runs"], half["steps"]) == ((7, 4), (TOTAL, 55, ALONE))
    for measurement in MEASUREMENTS:
        store.measure(measurement)
    assert counts(MEASUREMENTS, store.layout) == {
        "measurements": (6, 6),
        "runs": (7, 7),
        "steps": (TOTAL, 0, ALONE),
        "lines": 0,
    }
    # What was measured needs nothing that it was made of.
    for path in store.layout.root.glob("runs/*/*/*.state"):
        path.unlink()
    assert make_plan(MEASUREMENTS, store.layout).steps_left == 0
    # A measurement that is gone needs its run, and the masks that are kept.
    store.layout.artifact(MEASUREMENTS[2]).unlink()
    assert make_plan(MEASUREMENTS, store.layout).steps_left == 30


def test_the_same_measurement_twice_counts_once(tmp_path):
    layout = Layout(tmp_path)
    assert counts(MEASUREMENTS * 2, layout) == counts(MEASUREMENTS, layout)


def test_a_plan_makes_nothing(tmp_path):
    make_plan(MEASUREMENTS, Layout(tmp_path / "store"))
    assert not (tmp_path / "store").exists()


def test_a_plan_is_what_is_then_trained(store):
    planned = make_plan(MEASUREMENTS, store.layout)
    for measurement in MEASUREMENTS:
        store.measure(measurement)
    trunk = REQUESTS[3].end.run.start
    assert isinstance(trunk, At)
    runs = {request.end.run for request in REQUESTS} | {trunk.run}
    entries = [entry for run in runs for entry in store.journal(run)]
    assert len(runs) == planned.runs
    assert sum(e["last_step"] - e["first_step"] for e in entries) == planned.steps_left


def test_what_lies_in_the_place_of_another_is_still_to_be_made(store):
    """Two runs that changed places, as after a backup that was restored to wrong folders."""
    for measurement in MEASUREMENTS:
        store.measure(measurement)
    one, two = (store.layout.run(REQUESTS[n].end.run) for n in (1, 2))
    between = store.layout.root / "between"
    one.rename(between)
    two.rename(one)
    between.rename(two)
    assert make_plan(MEASUREMENTS, store.layout).steps_left == 0  # What was measured is there.
    for request in REQUESTS[1:3]:
        store.layout.artifact(request.measurement).unlink()
    planned = make_plan(MEASUREMENTS, store.layout)
    assert (planned.steps_left, planned.runs - planned.present) == (60, 2)
    for measurement in MEASUREMENTS:
        store.measure(measurement)
    entries = [e for n in (1, 2) for e in store.journal(REQUESTS[n].end.run)]
    assert sum(e["last_step"] - e["first_step"] for e in entries) == 2 * planned.steps_left
    assert make_plan(MEASUREMENTS, store.layout).steps_left == 0


def test_time_is_estimated_from_what_was_trained(store):
    assert make_plan(MEASUREMENTS, store.layout).seconds_left is None
    plan = make_plan(MEASUREMENTS, store.layout)
    unknown = (
        "training      unknown until the first run of its kind; lth-describe --measure measures"
    )
    assert f"{unknown} it" in plan.summary().splitlines()
    assert f"{unknown} it" in dataclasses.replace(plan, choices=2).summary().splitlines()
    store.state(REQUESTS[0].end)
    plan = make_plan(MEASUREMENTS, store.layout)
    (rate,) = seconds_per_step(store.layout).values()
    # Dense: the trunk of 10 and 20 from there. The four sparse runs are of a kind not yet timed.
    assert plan.seconds_left == pytest.approx(30 * rate)
    assert plan.unknown_rates == 4
    assert "and 4 runs of kinds not yet timed" in plan.summary()
    assert re.search(r"training +about \d+ s of one worker, and 4", plan.summary(" of one worker"))


def test_the_latest_segments_of_a_program_decide_its_speed(store):
    journal_path = store.layout.root / "runs" / "aa" / "aa" / "journal.jsonl"
    for segment in range(25):
        journal.append(
            journal_path,
            {
                "first_step": 10 * segment,
                "last_step": 10 * segment + 10,
                "seconds": 1000.0 if segment < 5 else 1.0 + segment % 2,
                "program": "p",
                "utc": f"2026-01-01T00:{segment:02}:00+00:00",
            },
        )
    assert seconds_per_step(store.layout) == {"p": pytest.approx(0.15)}


def test_a_diverged_run_is_not_left_to_train(store):
    huge = Hparams(60, Adam(), Constant(1e36))
    run = Imp(*(EXPERIMENT.model, EXPERIMENT.task, huge, 30, (0,)), MaskSearch(1)).requests()
    end = next(iter(run)).end
    measurement = Evaluate(end, EXPERIMENT.task)
    with pytest.raises(Diverged):
        store.measure(measurement)
    assert counts([measurement], store.layout)["steps"] == (30, 0, 30)


@pytest.mark.parametrize(
    "seconds, text",
    [(0.4, "0 s"), (59, "59 s"), (60, "1 min"), (5300, "88 min"), (5400, "1.5 h"), (1e5, "27.8 h")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text
