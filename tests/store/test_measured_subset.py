"""Training on a subset that another run's measurement chooses: planned, made first, the same."""

import contextlib
import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest
import tensorflow as tf

from lth_tf.data import ForgottenSubset, MeasuredSubset, ScoredSubset, Task, load
from lth_tf.data.order import batches_at
from lth_tf.experiments import Request
from lth_tf.measurements import Evaluate, Forgetting, Measurement
from lth_tf.models import Lenet
from lth_tf.recipes import At, Init, Ones, RecipeError, Recorded, train
from lth_tf.store.layout import Layout
from lth_tf.store.observer import SilentObserver
from lth_tf.store.plan import make_plan
from lth_tf.store.store import Store
from lth_tf.sweep.jobs import make_jobs
from lth_tf.training import Constant, Hparams, Momentum
from lth_tf.training.engine import Engine

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(60, Momentum(), Constant(0.02), xla="off")
RUN = train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, noise=0)


@dataclass(frozen=True, eq=False, repr=False)
class TimesWrong(Measurement):
    """How often each training example was classified wrongly during a run, for these tests."""

    recorded: Recorded
    examples: int

    def make(self, maker):
        record, run = maker.record(self.recorded), self.recorded.run
        size, remainder = run.hparams.batch_size, run.hparams.remainder
        places = batches_at(run.noise, record.steps, self.examples, size, remainder)
        wrong = np.zeros(self.examples)
        np.add.at(wrong, places[~record.correct], 1)
        return {"scores": wrong}


SUBSET = MeasuredSubset(TimesWrong(Recorded(RUN, 46), 1437), "highest", 0.25, balanced=False)
HARDEST = replace(TASK, subset=SUBSET)
TARGET = At(train(Init(MODEL, 1), Ones(MODEL), HARDEST, HPARAMS, noise=1), 5)


@pytest.fixture
def store(engine, tmp_path):
    return Store(tmp_path / "store", lambda: engine, SilentObserver())


def test_the_plan_counts_the_run_that_chooses(store):
    plan = make_plan([TARGET], store.layout)
    assert (plan.runs, plan.steps_left) == (2, 46 + 5)


def test_it_is_measured_before_anything_is_trained_on_it(store, digits_folder):
    state = store.state(TARGET)
    scores = store.measure(SUBSET.scores)["scores"]
    # Two epochs of 23 batches of 60: all but what was dropped was seen twice.
    assert scores.max() == 2 and len(scores) == 1437
    assert make_plan([TARGET], store.layout).steps_left == 0
    whole, hardest = load(TASK, digits_folder), load(HARDEST, digits_folder, store.measure)
    assert len(hardest.train_labels) == round(0.25 * 1437)
    wrong = dict(zip((image.tobytes() for image in whole.train_images), scores, strict=True))
    chosen = sorted(wrong[image.tobytes()] for image in hardest.train_images)
    assert chosen == sorted(scores)[-len(chosen) :]
    assert state.step == 5


class Recorder:
    """A team whose chief's messages are kept, for another worker to receive them."""

    is_alone = False
    together = contextlib.nullcontext

    def __init__(self):
        self.messages = []

    def broadcast(self, message):
        self.messages.append(pickle.dumps(message))

    def receive(self):
        return pickle.loads(self.messages.pop(0))

    def leave(self):
        """Waits for nobody."""


def test_workers_that_follow_train_on_the_chiefs_subset(tmp_path, digits_folder):
    chief, other = (Engine(digits_folder, tf.distribute.get_strategy()) for _ in range(2))
    chief._team = other._team = Recorder()
    Store(tmp_path / "store", lambda: chief, SilentObserver()).state(TARGET)
    chief.dismiss()
    other.follow()
    (first, second) = (list(engine._programs.values())[-1] for engine in (chief, other))
    np.testing.assert_array_equal(first.feed.images, second.feed.images)
    assert second.feed.examples == round(0.25 * 1437)
    ends = (program.read(5, 5).weights for program in (first, second))
    for one, same in zip(*(end.values() for end in ends), strict=True):
        np.testing.assert_array_equal(one, same)


def test_a_sweep_makes_the_scores_with_the_run_that_they_are_of(tmp_path):
    labels = {"network": "dense", "initialization": 1, "noise": [1], "rewind_step": 0, "level": 0}
    request = Request(Evaluate(TARGET, HARDEST), Ones(MODEL), TARGET, labels)
    first, second = make_jobs([request], Layout(tmp_path), lambda task: 0)
    assert SUBSET.scores in first.targets and first.key == RUN.key
    assert second.needs == {SUBSET.scores.key}


def test_scores_come_from_a_store(digits_folder):
    with pytest.raises(RecipeError, match="MeasuredSubset.scores is .*; it must be measured in a"):
        load(HARDEST, digits_folder)
    with pytest.raises(RecipeError, match="MeasuredSubset.scores is .*; it must be a measurement"):
        MeasuredSubset(HPARAMS, "lowest", 0.5)
    with pytest.raises(RecipeError, match="it must be 1,437 numbers, one for each training exam"):
        load(HARDEST, digits_folder, lambda recipe: {"scores": np.zeros(3)})


def forgotten(keep, fraction=0.3, balanced=False):
    """The task of the least or the most forgotten examples of a run of five epochs."""
    scores = Forgetting(Recorded(RUN, 115))
    return replace(TASK, subset=ForgottenSubset(keep, fraction, balanced, 4).measured(scores))


@pytest.mark.parametrize("balanced", [False, True], ids=["unbalanced", "balanced"])
@pytest.mark.parametrize("keep", ["lowest", "highest"])
def test_scores_that_are_measured_are_scores_of_a_file(
    store, digits_folder, tmp_path, keep, balanced
):
    """The same examples are chosen, and the same batches of them are trained on."""
    measured = forgotten(keep, balanced=balanced)
    numbers = store.measure(measured.subset.scores)
    assert 2 < len({*numbers["scores"]}) < 10  # so that ties are broken alike
    np.save(tmp_path / "events.npy", numbers["scores"])
    file = ScoredSubset(str(tmp_path / "events.npy"), keep, 0.3, balanced, seed=4)
    from_file = replace(TASK, subset=file)
    one, other = load(measured, digits_folder, store.measure), load(from_file, digits_folder)
    np.testing.assert_array_equal(one.train_images, other.train_images)
    np.testing.assert_array_equal(one.train_labels, other.train_labels)
    runs = [replace(TARGET.run, task=task) for task in (measured, from_file)]
    ends = [store.state(At(run, 10)) for run in runs]
    records = [store.record(Recorded(run, 10)) for run in runs]
    for name, array in ends[0].weights.items():
        np.testing.assert_array_equal(array, ends[1].weights[name])
    np.testing.assert_array_equal(records[0].losses, records[1].losses)
    np.testing.assert_array_equal(records[0].correct, records[1].correct)


@pytest.mark.parametrize("fraction", [0.1, 0.3])
def test_easiest_and_hardest_are_apart_and_together_everything(store, digits_folder, fraction):
    """And no example of the one was forgotten more often than any of the other."""
    tasks = forgotten("lowest", fraction), forgotten("highest", 1 - fraction)
    whole = [image.tobytes() for image in load(TASK, digits_folder).train_images]
    assert len({*whole}) == 1437  # an image is known by its pixels
    easiest, hardest = (
        [
            whole.index(image.tobytes())
            for image in load(t, digits_folder, store.measure).train_images
        ]
        for t in tasks
    )
    assert len(easiest) == round(fraction * 1437)
    assert sorted(easiest + hardest) == [*range(1437)]
    counted = store.measure(tasks[0].subset.scores)
    # What was never learned is hardest, however rarely it was forgotten.
    forgotten_times = np.where(counted["learned"] == 1, counted["events"].astype(float), np.inf)
    assert forgotten_times[easiest].max() <= forgotten_times[hardest].min()


@pytest.mark.parametrize("channels, title", [(3, "digits, in color"), (0, "digits")])
def test_gray_images_in_three_channels(digits_folder, channels, title):
    task = replace(TASK, channels=channels)
    gray, colored = load(TASK, digits_folder), load(task, digits_folder)
    assert task.title == title and colored.train_images.shape[1:] == (8, 8, channels or 1)
    for channel in range(channels):
        np.testing.assert_array_equal(colored.train_images[..., channel], gray.train_images[..., 0])
    assert (task.key == TASK.key) == (channels == 0)
