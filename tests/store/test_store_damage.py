"""What is damaged, or lies in the place of another, is set aside, reported and made again."""

import logging

import numpy as np
import pytest
from store_example import COPY, END, LINE, ONES, PRUNED, RUN, SPARSE, TASK, flip, same

from lth_tf.measurements import Compare, Distance, Evaluate, Predict
from lth_tf.recipes import At, Shuffle
from lth_tf.store import artifacts
from lth_tf.store.plan import make_plan


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
