"""The store: each thing made once, from the nearest state there is."""

import dataclasses

import numpy as np
import pytest
from store_example import (
    COPY,
    END,
    HPARAMS,
    LINE,
    MODEL,
    ONES,
    PRUNED,
    RUN,
    SPARSE,
    TASK,
    Counter,
    content,
    same,
)

from lth_tf.connectivity import ConnectivityError
from lth_tf.measurements import Evaluate, EvaluateTest, Interpolate
from lth_tf.recipes import At, Init, Passed, Shuffle, at, train
from lth_tf.store import files, reports
from lth_tf.store.inspect import Inventory
from lth_tf.store.plan import make_plan
from lth_tf.store.store import Store
from lth_tf.training import Adam, Constant, Momentum
from lth_tf.training.caching import CACHE_SIZE, cached
from lth_tf.training.engine import Engine


def test_what_is_trained_once_is_read_from_then_on(open_store):
    store, counter = open_store()
    first = store.state(END)
    assert (counter.steps, counter.finishes) == ({RUN: 12}, [(RUN, 12)])
    assert same(store.state(END), first)
    again, unused = open_store()
    assert same(again.state(END), first)
    assert counter.steps == {RUN: 12} and unused.steps == {} and unused.finishes == []


def test_everything_below_a_measurement_is_made_once(open_store):
    store, counter = open_store()
    numbers = store.measure(Evaluate(SPARSE, TASK))
    # The trunk's end is asked for first, by the mask, and its step 5 after that.
    assert counter.steps == {RUN: 12 + 5, SPARSE.run: 7}
    store.measure(Evaluate(END, TASK))
    store.measure(LINE)
    assert counter.steps == {RUN: 12 + 5, SPARSE.run: 7, COPY: 12}
    assert {name: array.shape for name, array in numbers.items()} == {
        f"{split}_{what}": (1,) for split in ("train", "test") for what in ("errors", "losses")
    }
    sparse, dense = (f"evaluating step 12 of run {w.run.short_key}" for w in (SPARSE, END))
    line = f"evaluating 4 networks on the line between step 12 of run {RUN.short_key}"
    for said, begins in zip(counter.done, (sparse, dense, line), strict=True):
        assert said.startswith(begins)


def test_the_nearest_earlier_state_is_gone_on_from(open_store):
    store, counter = open_store()
    store.state(At(RUN, 5))
    later = store.state(END)
    assert counter.steps == {RUN: 12}
    earlier = store.state(At(RUN, 7))
    assert counter.steps == {RUN: 14}
    assert earlier.step == 7 and later.step == 12


def test_states_that_are_passed_are_measured_and_not_kept(open_store):
    """Whoever goes on with the run after a kill takes no step twice; the numbers are the same."""
    passed = [EvaluateTest(Passed(RUN, step), TASK) for step in (3, 6, 9)]
    first, counter = open_store()
    first.measure(passed[0])
    first.state(passed[1].weights)  # It was killed before it had measured this one.
    second, more = open_store()
    assert make_plan([*passed, Evaluate(END, TASK)], second.layout).steps_left == 12
    for measurement in passed[1:]:
        second.measure(measurement)
    assert second.layout.steps(RUN) == [] and second.layout.recovery(RUN).exists()
    second.state(END)
    assert (counter.steps, more.steps) == ({RUN: 6}, {RUN: 6})
    assert second.layout.steps(RUN) == [12] and not second.layout.recovery(RUN).exists()
    for measurement in passed:
        kept = Evaluate(At(RUN, measurement.weights.step), TASK)
        for name, values in second.measure(measurement).items():
            assert values == pytest.approx(second.measure(kept)[name], rel=1e-6)


def test_a_trained_run_is_passed_once_more_for_what_is_to_be_measured_on_its_way(open_store):
    store, counter = open_store()
    whole = store.state(END)
    passed = [EvaluateTest(Passed(RUN, step), TASK) for step in (3, 6, 9)]
    assert make_plan(passed, store.layout).steps_left == 9
    for measurement in passed:
        store.measure(measurement)
    assert counter.steps == {RUN: 12 + 9}
    store.tidy([passed[-1].weights, END])
    assert sorted(p.name for p in store.layout.run(RUN).glob("*.state")) == ["at-000000012.state"]
    assert same(store.state(END), whole)


def test_the_way_to_a_state_does_not_change_it(open_store, engine, tmp_path):
    store, _ = open_store()
    for step in (5, 9, 12, 7):
        store.state(At(RUN, step))
    other = Store(tmp_path / "other", lambda: engine, Counter())
    for step in (12, 9, 7):
        assert same(other.state(At(RUN, step)), store.state(At(RUN, step)))
        paths = [s.layout.artifact(At(RUN, step)) for s in (store, other)]
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_initial_weights_cost_nothing(open_store):
    store, counter = open_store()
    first = store.state(at(RUN, 0))
    assert same(first, store.state(Init(MODEL, 0))) and first.step == 0
    masked = store.state(At(train(Init(MODEL, 0), PRUNED, TASK, HPARAMS, 0), 0))
    assert counter.steps == {RUN: 12}  # for the mask
    for name, mask in store.mask(PRUNED).items():
        np.testing.assert_array_equal(masked.weights[name], first.weights[name] * mask)


@pytest.mark.parametrize("first_step, slots", [(5, "reset"), (5, "carried"), (0, "reset")])
def test_what_a_rewound_run_starts_from(open_store, first_step, slots):
    store, _ = open_store()
    run = train(At(RUN, 5), ONES, TASK, HPARAMS, 0, first_step, slots)
    before, after = store.state(At(RUN, 5)), store.state(At(run, first_step))
    assert after.step == first_step
    assert (
        content(after)[2].items()
        >= {f"weights/{name}": array.tobytes() for name, array in before.weights.items()}.items()
    )
    assert after.updates == (5 if slots == "carried" else 0)
    assert dict(after.slots) == {} or slots == "carried"
    # With the trunk's noise, clock and slots it is the trunk; with anything else it is not.
    ends = store.state(At(run, first_step + 3)), store.state(At(RUN, 8))
    assert same(*ends) == (slots == "carried")


ANOTHER = {
    "noise": dataclasses.replace(RUN, noise=1),
    "seed": dataclasses.replace(RUN, start=Init(MODEL, 1)),
    "first_step": dataclasses.replace(RUN, first_step=3),
    "mask": dataclasses.replace(RUN, mask=Shuffle(PRUNED, 0)),
    "batch_size": dataclasses.replace(RUN, hparams=dataclasses.replace(HPARAMS, batch_size=59)),
    "rate": dataclasses.replace(
        RUN, hparams=dataclasses.replace(HPARAMS, schedule=Constant(0.021))
    ),
    "momentum": dataclasses.replace(
        RUN, hparams=dataclasses.replace(HPARAMS, optimizer=Momentum(0.91))
    ),
    "decay": dataclasses.replace(RUN, hparams=dataclasses.replace(HPARAMS, weight_decay=1e-3)),
    "mean": dataclasses.replace(RUN, task=dataclasses.replace(TASK, mean=(0.1,))),
}


def test_another_ingredient_gives_other_weights(open_store):
    store, _ = open_store()
    states = [store.state(At(run, run.first_step + 4)) for run in (RUN, *ANOTHER.values())]
    for name in states[0].weights:
        assert len({state.weights[name].tobytes() for state in states}) == len(states), name


def test_a_run_that_goes_on_under_other_settings_says_so(open_store, engine, monkeypatch, caplog):
    store, _ = open_store()
    here = engine.environment | {"settings": {"onednn": True, "xla_flags": ""}}
    monkeypatch.setattr(Engine, "environment", here)
    store.state(At(RUN, 5))
    store.state(At(RUN, 9))
    assert caplog.messages == []
    monkeypatch.setattr(
        Engine, "environment", here | {"settings": {"onednn": False, "xla_flags": ""}}
    )
    store.state(END)
    (line,) = caplog.messages
    assert line.startswith(f"run {RUN.short_key} goes on under other settings than before")
    assert line.endswith(": oneDNN was on, is off")
    assert [e["settings"]["onednn"] for e in store.journal(RUN)] == [True, True, False]
    (note,) = reports.notes(Inventory(store.layout.root))
    assert note.endswith("oneDNN on (2); oneDNN off (1)")
    (_, line) = reports.runs(Inventory(store.layout.root))
    assert line[1].endswith(", under several settings")


def test_an_earlier_state_costs_a_run_under_way_none_of_its_steps(open_store):
    store, _ = open_store()
    expected = store.state(END)
    store.state(At(RUN, 9))
    store.layout.artifact(At(RUN, 9)).rename(store.layout.recovery(RUN))
    store.layout.artifact(END).unlink()
    again, counter = open_store()
    again.state(At(RUN, 5))
    assert same(again.state(END), expected) and counter.steps == {RUN: 5 + 3}
    assert not store.layout.recovery(RUN).exists()


def test_what_a_killed_process_left_behind_is_removed_unless_it_is_of_use(open_store, monkeypatch):
    store, _ = open_store()
    store.state(END)
    early, recovery = store.layout.artifact(At(RUN, 5)), store.layout.recovery(RUN)
    recovery.write_bytes(store.layout.artifact(END).read_bytes())
    half = files.temporary_name(early)
    half.write_bytes(b"half")
    monkeypatch.setattr(files, "start_time", lambda pid: None)
    store.tidy([END, TASK])
    assert not recovery.exists() and not half.exists()
    recovery.write_bytes(store.layout.artifact(END).read_bytes())
    store.layout.artifact(END).unlink()
    store.tidy([END])
    assert recovery.exists()


def test_two_copies_that_are_one_are_an_error(open_store):
    """Other recipes, the same weights: Shuffle of a mask of ones prunes nothing."""
    store, _ = open_store()
    adam = dataclasses.replace(HPARAMS, optimizer=Adam())
    one, other = (
        At(train(Init(MODEL, 0), Shuffle(ONES, seed), TASK, adam, 0), 3) for seed in (0, 1)
    )
    with pytest.raises(ConnectivityError, match="exactly the same weights"):
        store.measure(Interpolate(one, other, TASK, 3, "interpolate"))


def test_the_journal_says_what_was_trained(open_store):
    store, _ = open_store()
    store.state(At(RUN, 5))
    store.state(END)
    entries = store.journal(RUN)
    assert [(e["first_step"], e["last_step"]) for e in entries] == [(0, 5), (5, 12)]
    assert all(e["seconds"] >= 0 and e["software"]["tensorflow"] for e in entries)
    assert store.journal(COPY) == []


def test_an_engine_keeps_what_was_asked_for_last():
    things: dict[int, object] = {}
    first = [cached(things, key, object) for key in range(CACHE_SIZE)]
    assert cached(things, 0, object) is first[0]
    cached(things, CACHE_SIZE, object)  # takes the place of 1
    assert list(things) == [*range(2, CACHE_SIZE), 0, CACHE_SIZE]
    assert cached(things, 1, object) is not first[1]
