"""The store: each thing made once, damage noticed and undone, divergence a result."""

import dataclasses
import logging

import numpy as np
import pytest
import tensorflow as tf

from lth_tf.connectivity import ConnectivityError
from lth_tf.data import Task
from lth_tf.measurements import Compare, Distance, Evaluate, EvaluateTest, Interpolate, Predict
from lth_tf.models import Lenet
from lth_tf.recipes import At, Diverged, Init, Magnitude, Ones, Passed, Prune, Shuffle, at, train
from lth_tf.store import artifacts, files, reports
from lth_tf.store.inspect import Inventory
from lth_tf.store.plan import make_plan
from lth_tf.store.store import Store
from lth_tf.training import Adam, Constant, Hparams, Momentum
from lth_tf.training.caching import CACHE_SIZE, cached
from lth_tf.training.engine import Engine

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(60, Momentum(), Constant(0.02), xla="off")
ONES = Ones(MODEL)
RUN = train(Init(MODEL, 0), ONES, TASK, HPARAMS, noise=0)
COPY = train(Init(MODEL, 0), ONES, TASK, HPARAMS, noise=1)
END = At(RUN, 12)
PRUNED = Prune(END, ONES, 0.2, Magnitude(), "global", ())
SPARSE = At(train(at(RUN, 5), PRUNED, TASK, HPARAMS, noise=2), 12)
LINE = Interpolate(END, At(COPY, 12), TASK, 4, "interpolate")


class Counter:
    """How many steps of each run were trained, and which states were finished."""

    def __init__(self):
        self.steps, self.finishes, self.done = {}, [], []

    def trained(self, run, step, losses, seconds):
        self.steps[run] = self.steps.get(run, 0) + len(losses)

    def finished(self, run, step):
        self.finishes.append((run, step))

    def doing(self, about):
        assert not about.startswith("waiting"), "there is nobody to wait for"
        self.done.append(about)


@pytest.fixture(scope="module")
def engine(digits_folder):
    return Engine(digits_folder, tf.distribute.get_strategy())


@pytest.fixture
def open_store(engine, tmp_path):
    """Opens the test's store anew, as another process would, with a counter of its own."""

    def opened():
        counter = Counter()
        return Store(tmp_path / "store", lambda: engine, counter), counter

    return opened


def same(first, second):
    return content(first) == content(second)


def content(state):
    arrays = state.to_arrays()
    return state.step, state.updates, {name: array.tobytes() for name, array in arrays.items()}


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


def flip(path, position):
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("position", [0, 70, -200])
@pytest.mark.parametrize(
    "recipe, ask",
    [
        (END, lambda store: store.state(END)),
        (PRUNED, lambda store: store.mask(PRUNED)),
        (LINE, lambda store: store.measure(LINE)),
    ],
    ids=["state", "mask", "measurement"],
)
def test_a_flipped_byte_is_set_aside_and_made_again(open_store, caplog, recipe, ask, position):
    store, _ = open_store()
    ask(store)
    path = store.layout.artifact(recipe)
    sound = path.read_bytes()
    flip(path, position)
    damaged = path.read_bytes()
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        ask(open_store()[0])
    assert path.read_bytes() == sound
    (kept,) = (store.layout.root / "damaged").iterdir()
    assert kept.read_bytes() == damaged
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert str(path) in record.getMessage() and str(kept) in record.getMessage()


def tampered(path, change):
    """Rewrites an artifact, with a sound checksum, after a change of its arrays."""
    header, arrays = artifacts.read(path)
    artifacts.write(path, header, change(arrays))


def swapped(one, two):
    """Two files change places."""
    between = one.with_name("between")
    one.rename(between)
    two.rename(one)
    between.rename(two)


EVALUATIONS = (Evaluate(END, TASK), Evaluate(At(COPY, 12), TASK))


@pytest.mark.parametrize("what", ["runs", "states of a run", "masks", "numbers"])
def test_sound_artifacts_that_changed_places_are_set_aside_and_made_again(open_store, caplog, what):
    store, _ = open_store()
    store.state(At(RUN, 5))
    measure = (*EVALUATIONS, LINE, Evaluate(SPARSE, TASK))
    expected = [store.measure(recipe) for recipe in measure]
    shuffled = Shuffle(PRUNED, 0)
    mask = store.mask(shuffled)
    layout, folder = store.layout, store.layout.root
    places = {
        "runs": (layout.run(RUN), layout.run(COPY)),
        "states of a run": (layout.artifact(END), layout.artifact(At(RUN, 5))),
        "masks": (layout.artifact(PRUNED), layout.artifact(shuffled)),
        "numbers": tuple(map(layout.artifact, EVALUATIONS)),
    }
    swapped(*places[what])
    if what != "numbers":
        for path in folder.glob("measurements/*/*"):
            path.unlink()
    caplog.clear()
    again, _ = open_store()
    for recipe, numbers in zip(measure, expected, strict=True):
        found = again.measure(recipe)
        assert all(found[name].tobytes() == numbers[name].tobytes() for name in numbers)
    assert again.mask(shuffled).keys() == mask.keys()
    for name, array in again.mask(shuffled).items():
        np.testing.assert_array_equal(array, mask[name])
    said = [m for m in caplog.messages if "in the place of" in m and "made again" in m]
    assert len(said) >= 2 and len(list((folder / "damaged").iterdir())) == len(said)


def renamed(arrays):
    return {name.replace("bias", "bios"): array for name, array in arrays.items()}


def transposed(arrays):
    return {name: array.T for name, array in arrays.items()}


def doubled(arrays):
    return {name: array.astype(np.float64) for name, array in arrays.items()}


@pytest.mark.parametrize("change", [renamed, transposed, doubled, lambda arrays: {}])
@pytest.mark.parametrize("place", ["end", "recovery"])
def test_a_state_of_another_network_is_set_aside_and_made_again(open_store, caplog, change, place):
    store, _ = open_store()
    expected = store.state(END)
    path = store.layout.artifact(END)
    sound = path.read_bytes()
    if place == "recovery":
        store.state(At(RUN, 9))
        store.layout.artifact(At(RUN, 9)).rename(store.layout.recovery(RUN))
        path.unlink()
        path = store.layout.recovery(RUN)
    tampered(path, change)
    again, counter = open_store()
    assert same(again.state(END), expected) and counter.steps == {RUN: 12}
    assert store.layout.artifact(END).read_bytes() == sound
    assert len([m for m in caplog.messages if str(path) in m and "made again" in m]) == 1


@pytest.mark.parametrize("change", [transposed, lambda a: dict(list(a.items())[:-1]), lambda a: {}])
def test_a_mask_of_another_network_is_set_aside_and_made_again(open_store, caplog, change):
    store, _ = open_store()
    store.state(SPARSE)
    sound = store.layout.artifact(PRUNED).read_bytes()
    tampered(store.layout.artifact(PRUNED), change)
    store.layout.artifact(SPARSE).unlink()
    open_store()[0].state(SPARSE)
    assert store.layout.artifact(PRUNED).read_bytes() == sound
    assert "made again" in caplog.text


MEASUREMENTS = (
    LINE,
    Evaluate(END, TASK),
    Compare(Predict(END, TASK), Predict(At(COPY, 12), TASK)),
    Predict(END, TASK),
    Distance(END, At(COPY, 12), ONES),
)


@pytest.mark.parametrize("recipe", MEASUREMENTS, ids=lambda recipe: type(recipe).__name__)
def test_numbers_of_another_shape_are_set_aside_and_made_again(open_store, caplog, recipe):
    store, _ = open_store()
    expected = store.measure(recipe)
    assert open_store()[0].measure(recipe).keys() == expected.keys() and not caplog.messages
    path = store.layout.artifact(recipe)
    sound = path.read_bytes()
    for change in (
        lambda arrays: {name: array[None] for name, array in arrays.items()},
        lambda arrays: {name: array.astype(np.complex64) for name, array in arrays.items()},
        lambda arrays: dict(list(arrays.items())[1:]),
        lambda arrays: arrays | {"more": np.zeros(1)},
    ):
        tampered(path, change)
        open_store()[0].measure(recipe)
        assert path.read_bytes() == sound
    assert len(list((store.layout.root / "damaged").iterdir())) == 4


def test_a_folder_in_the_place_of_a_state_is_set_aside(open_store):
    store, _ = open_store()
    path = store.layout.artifact(END)
    (path / "somebody's").mkdir(parents=True)
    store.state(END)
    assert path.is_file()
    (kept,) = (store.layout.root / "damaged").iterdir()
    assert [inner.name for inner in kept.iterdir()] == ["somebody's"]


def test_strays_in_a_runs_folder_are_no_obstacle(open_store):
    store, _ = open_store()
    store.state(At(RUN, 5))
    path = store.layout.artifact(At(RUN, 5))
    for name in ("at-abc.state", "at-000000005 (copy).state", "at-5.state"):
        path.with_name(name).write_bytes(path.read_bytes())
    assert store.layout.steps(RUN) == [5]
    store.state(END)
    make_plan([Evaluate(At(RUN, 20), TASK)], store.layout)


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


def test_a_damaged_state_is_made_again_from_the_nearest_sound_one(open_store):
    store, _ = open_store()
    for step in (5, 9, 12):
        store.state(At(RUN, step))
    for step in (9, 12):
        flip(store.layout.artifact(At(RUN, step)), -1)
    again, counter = open_store()
    again.state(END)
    assert counter.steps == {RUN: 7}


def test_a_damaged_recovery_state_is_no_obstacle(open_store):
    store, _ = open_store()
    expected = store.state(END)
    path = store.layout.artifact(END)
    store.layout.recovery(RUN).write_bytes(path.read_bytes()[:-1])
    path.unlink()
    again, counter = open_store()
    assert same(again.state(END), expected) and counter.steps == {RUN: 12}
    assert not store.layout.recovery(RUN).exists()


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


HUGE = dataclasses.replace(
    RUN, hparams=dataclasses.replace(HPARAMS, schedule=Constant(0.01), weight_decay=1e5)
)


def first_step_not_finite(store):
    with pytest.raises(Diverged) as caught:
        store.state(At(HUGE, 100))
    assert caught.value.run == HUGE
    assert f"run {HUGE.short_key} diverged at step {caught.value.step}" in str(caught.value)
    return caught.value.step


def test_a_diverged_run_is_a_result_and_is_not_trained_again(open_store):
    store, counter = open_store()
    step = first_step_not_finite(store)
    assert 2 < step < 50 and counter.steps[HUGE] > step
    again, unused = open_store()
    mask = Prune(At(HUGE, 90), ONES, 0.5, Magnitude(), "global", ())
    for recipe in (
        Evaluate(At(HUGE, 60), TASK),
        Evaluate(At(train(Init(MODEL, 0), mask, TASK, HPARAMS, 0), 5), TASK),
        Interpolate(At(COPY, 12), At(HUGE, step + 1), TASK, 3, "interpolate"),
    ):
        with pytest.raises(Diverged) as caught:
            again.measure(recipe)
        assert caught.value.step == step
    assert HUGE not in unused.steps
    assert not store.layout.recovery(HUGE).exists()


def test_states_before_a_divergence_can_be_had(open_store):
    store, _ = open_store()
    step = first_step_not_finite(store)
    before = store.state(At(HUGE, step - 1))
    assert all(np.isfinite(array).all() for array in before.weights.values())
    assert first_step_not_finite(open_store()[0]) == step


def test_a_damaged_mark_of_divergence_is_made_again(open_store):
    store, _ = open_store()
    step = first_step_not_finite(store)
    flip(store.layout.diverged(HUGE), -1)
    again, counter = open_store()
    assert first_step_not_finite(again) == step
    assert HUGE in counter.steps


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
