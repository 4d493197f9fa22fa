"""Recipes: their settings, children and clocks, and at() shares what is the same."""

import dataclasses
import itertools

import pytest
from recipe_examples import END, HPARAMS, MODEL, ONES, OTHER_RUN, PRUNED, RUN, START, TASK

from lth_tf.measurements import (
    Evaluate,
    Interpolate,
)
from lth_tf.recipes import (
    At,
    Init,
    Magnitude,
    Project,
    Prune,
    Recipe,
    Weights,
    at,
    dag,
    train,
)


def test_settings_are_all_that_decides_the_number_but_seeds_and_coordinates():
    second = At(train(START, PRUNED, TASK, dataclasses.replace(HPARAMS, batch_size=7), 3), 30)
    settings = Evaluate(second, TASK).settings
    assert settings["Lenet.widths"] == [6] and settings["Task.dataset"] == "digits"
    assert settings["MaskSearch.fraction"] == 0.2 and settings["Hparams.optimizer"] == "Adam"
    assert settings["Hparams.batch_size"] == 7
    assert settings["mask.Hparams.batch_size"] == 20  # that of the search
    words = {word for name in settings for word in name.split(".")}
    assert words.isdisjoint({"seed", "noise", "step", "first_step", "run", "start", "weights"})


def test_settings_are_the_same_for_all_replicates_levels_and_steps():
    def ticket(seed, noise, levels, step):
        mask = start = None
        start, mask = Init(MODEL, seed), ONES
        for _ in range(levels):
            end = At(train(start, mask, TASK, HPARAMS, noise), 30)
            mask = Prune(end, mask, 0.2, Magnitude(), "global", ())
        return Evaluate(At(train(start, mask, TASK, HPARAMS, noise + 1), step), TASK)

    (first, *others) = (ticket(*a) for a in ((0, 0, 1, 30), (1, 4, 1, 30), (0, 0, 3, 20)))
    assert all(other.settings == first.settings for other in others)
    assert len({first.key, *(other.key for other in others)}) == 3
    other = dataclasses.replace(TASK, train_split="train[:50%]")
    assert Evaluate(first.weights, other).settings != first.settings
    assert Project(END, ONES).settings != END.settings


def test_text_of_a_recipe_names_its_children_by_key():
    assert str(Init(MODEL, 3)) == f"Init(model=Lenet:{MODEL.short_key}, seed=3)"
    assert MODEL.short_key == MODEL.key[:10]


def test_at_the_first_step_of_a_dense_run_is_its_start():
    assert at(RUN, 0) == START
    assert at(OTHER_RUN, 0) == START
    assert isinstance(at(RUN, 1), At)
    continued = train(END, ONES, TASK, HPARAMS, 1, slots="carried")
    assert at(continued, 30) == END


@pytest.mark.parametrize(
    "run",
    [
        train(START, PRUNED, TASK, HPARAMS, 0),  # masked: not the start's weights
        train(END, ONES, TASK, HPARAMS, 0),  # slots reset: not the start's slots
        train(END, ONES, TASK, HPARAMS, 0, first_step=0),  # another clock
        train(START, ONES, TASK, HPARAMS, 0, first_step=7),
        train(END, ONES, TASK, HPARAMS, 0, first_step=0, slots="carried"),
    ],
)
def test_at_the_first_step_of_other_runs_is_a_state_of_its_own(run):
    state = at(run, run.first_step)
    assert state == At(run, run.first_step)
    assert state != run.start


def test_the_clock_goes_on_from_the_start_unless_it_is_set():
    assert RUN.first_step == 0
    assert train(END, ONES, TASK, HPARAMS, 0).first_step == 30
    assert train(END, ONES, TASK, HPARAMS, 0, first_step=0).first_step == 0
    assert [w.step for w in (START, END, at(RUN, 7))] == [0, 30, 7]


def test_dag_holds_everything_once_children_first():
    second = At(train(START, PRUNED, TASK, HPARAMS, 0), 30)
    whole = dag(Interpolate(second, At(OTHER_RUN, 30), TASK, 5, "interpolate"))
    order = list(whole.values())
    assert [whole[r.key] for r in order] == order
    for recipe, child in ((r, c) for r in order for c in r.children):
        assert order.index(child) < order.index(recipe)
    wanted = (MODEL, START, ONES, TASK, HPARAMS, RUN, END, PRUNED, OTHER_RUN, second)
    assert set(wanted) < set(order)
    assert len(order) == 16  # with Adam, Constant, Magnitude, the sparse run, two ends and the line


def test_children_include_those_inside_tuples():
    @dataclasses.dataclass(frozen=True, eq=False, repr=False)
    class Ensemble(Recipe):
        members: tuple[Weights, ...]

    both = Ensemble((START, END))
    assert list(both.children) == [START, END]
    keys = [Ensemble(m).key for m in itertools.permutations((START, END))]
    assert len({*keys, Ensemble((START,)).key}) == 3


def test_a_search_may_have_hundreds_of_levels():
    mask = ONES
    for _ in range(500):
        end = At(train(START, mask, TASK, HPARAMS, 0), 30)
        mask = Prune(end, mask, 0.2, Magnitude(), "global", ())
    assert mask.settings["MaskSearch.fraction"] == 0.2
    assert len(dag(mask)) == 3 * 500 + len(dag(ONES)) + len({START, TASK, HPARAMS}) + 3
