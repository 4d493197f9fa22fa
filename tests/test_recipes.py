"""Recipes: every field is in the key, wrong fields are named, and at() shares what is the same."""

import dataclasses
import importlib
import itertools
import json
import pkgutil
import subprocess
import sys
import typing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lth_tf
from lth_tf.data import (
    ForgottenSubset,
    LabelNoise,
    MeasuredSubset,
    Pretext,
    RandomSubset,
    ScoredSubset,
    Task,
)
from lth_tf.experiments import (
    AdaptiveImp,
    GaussianNoise,
    Imp,
    Instability,
    MaskSearch,
    Onset,
    Perturbed,
    Pretraining,
    Probing,
    ShuffledMagnitudes,
    ShuffledWeights,
    SignsAndMagnitudes,
    SparsePretraining,
    SparseTraining,
    Sweep,
    Telemetry,
    Training,
)
from lth_tf.measurements import (
    Compare,
    Convergence,
    Curvature,
    Difference,
    Distance,
    Evaluate,
    EvaluateHead,
    EvaluateHeads,
    EvaluateTest,
    Forgetting,
    Gradient,
    GradientMagnitude,
    HessianGradient,
    Interpolate,
    Plane,
    Predict,
    PruningLosses,
    PruningRatio,
    Segment,
    Stability,
    TrainingLosses,
    WeightStatistics,
)
from lth_tf.models import (
    ImagenetResnet,
    InceptionV3,
    KerasModel,
    Lenet,
    Resnet,
    SqueezeNet,
    Vgg,
    WideResnet,
)
from lth_tf.models.probe import Probes
from lth_tf.recipes import (
    AddNoise,
    At,
    Displace,
    HeadMask,
    Init,
    Magnitude,
    NewHead,
    Ones,
    Passed,
    Permute,
    Project,
    Prune,
    Recipe,
    RecipeError,
    Recombine,
    Recorded,
    Score,
    Seed,
    Shuffle,
    Weights,
    at,
    dag,
    train,
)
from lth_tf.scores import Grasp, Snip, SynFlow
from lth_tf.training import (
    Adam,
    Constant,
    Cosine,
    Exponential,
    Hparams,
    Linear,
    Momentum,
    Rmsprop,
    Steps,
)

MODEL = Lenet(widths=(6,), classes=10, image_shape=(8, 8, 1))
TASK = Task("digits")
HPARAMS = Hparams(20, Adam(), Constant(0.01))
START, ONES = Init(MODEL, 0), Ones(MODEL)
RUN = train(START, ONES, TASK, HPARAMS, noise=0)
OTHER_RUN = train(START, ONES, TASK, HPARAMS, noise=1)
END = At(RUN, 30)
PREDICTED, OTHERS = Predict(END, TASK), Predict(At(OTHER_RUN, 30), TASK)
PRUNED = Prune(END, ONES, 0.2, Magnitude(), "global", ())
SEARCH = MaskSearch(levels=2)
SETTING = (MODEL, TASK, HPARAMS, 30, (0, 1))
NEXT = At(train(START, PRUNED, TASK, HPARAMS, noise=0), 30)
SWEPT = PruningLosses(END, ONES, TASK, (0.25, 0.5), 5, Magnitude(), "global", ())
OTHER_SWEPT = dataclasses.replace(SWEPT, weights=NEXT)
LOSSES = TrainingLosses(Recorded(RUN, 30), 10)
PROBES = Probes(Lenet(widths=(6, 4)), (1, 2), 10, (8, 8, 1))
HEADS = EvaluateHeads(Init(PROBES, 0), TASK)
PLANE = Plane(END, PRUNED, NEXT, TASK, 5, 1, 2)

# One of every class, with values at which each field may change alone.
EXAMPLES: tuple[Recipe, ...] = (
    *(MODEL, Resnet(depth=14), Vgg(depth=13), KerasModel("mine", "{}", (8, 8, 1), 10)),
    *(ImagenetResnet(), WideResnet(), InceptionV3(), SqueezeNet()),
    *(TASK, HPARAMS, LabelNoise(0.5), RandomSubset(0.5), ScoredSubset("s.npy", "lowest", 0.5)),
    *(Adam(), Momentum(), Rmsprop(), Constant(0.01, 3), Steps(0.01, 3, (10,), 0.5)),
    *(
        Linear(0.01, 3, 10, 0.001),
        Cosine(0.01, 3, 10, 0.001),
        Exponential(0.01, 3, 10, 0.9, True, 0.001),
    ),
    *(START, ONES, RUN, END, PRUNED, Shuffle(PRUNED, 0), Magnitude(), HeadMask(PRUNED, MODEL)),
    *(Project(END, PRUNED), AddNoise(END, PRUNED, 0.5, 0), NewHead(END, MODEL, 0)),
    Recorded(RUN, 30),
    *(Evaluate(END, TASK), Interpolate(END, At(OTHER_RUN, 30), TASK, 5, "interpolate")),
    *(PREDICTED, Compare(PREDICTED, OTHERS), Distance(START, END, ONES)),
    *(SEARCH, Training(*SETTING), Imp(*SETTING, SEARCH), Instability(*SETTING, SEARCH, (1,))),
    Sweep(("STEPS = [10, 20]",)),
    Onset(*SETTING),
    MeasuredSubset(PREDICTED, "lowest", 0.5),
    Stability(START, END, ONES),
    *(Gradient(END), HessianGradient(END), Snip(), Grasp(), SynFlow()),
    *(Displace(END, PRUNED, 0), Segment(END, At(OTHER_RUN, 30), TASK, 5, "interpolate")),
    AdaptiveImp(*SETTING, SEARCH, epoch=10),
    *(PLANE, PLANE.rows[1], SWEPT, LOSSES, PruningRatio(SWEPT, SWEPT, LOSSES)),
    *(WeightStatistics(END, START, END, ONES, 10, 0), Difference(START, END, ONES)),
    Telemetry(*SETTING, SEARCH, at=(0, 30)),
    *(Recombine(END, START, END), Permute(END, PRUNED, "layers", False, 0)),
    *(GaussianNoise(0.5), ShuffledWeights("layers"), ShuffledMagnitudes()),
    *(SignsAndMagnitudes("k", "initial"), Perturbed(*SETTING, SEARCH, levels=(1,))),
    *(Pretext(blur=4), Pretraining(*SETTING, SEARCH, (1,), 5)),
    SparsePretraining(*SETTING, SEARCH, levels=(1,), length=1, epoch=5),
    *(Curvature(END, PRUNED, TASK), GradientMagnitude(END, PRUNED)),
    *(Forgetting(Recorded(RUN, 30)), Convergence((Evaluate(START, TASK), Evaluate(END, TASK)))),
    *(ForgottenSubset("lowest", 0.5), PROBES, HEADS, EvaluateHead(HEADS, 0)),
    *(Passed(RUN, 20), EvaluateTest(END, TASK)),
    *(Probing(*SETTING, SEARCH, HPARAMS, 10, (1,)), SparseTraining(*SETTING, SEARCH)),
)
# What a field that holds a recipe may be changed to.
CHILDREN = (
    *EXAMPLES,
    OTHER_RUN,
    OTHERS,
    OTHER_SWEPT,
    dataclasses.replace(LOSSES, steps=12),
    Recorded(OTHER_RUN, 30),
    Predict(At(RUN, 20), TASK),
    Recorded(RUN, 20),
    Evaluate(At(OTHER_RUN, 30), TASK),
    dataclasses.replace(HPARAMS, batch_size=21),
    EvaluateHeads(Init(PROBES, 1), TASK),
    MaskSearch(3),
)
# Fields that can only change together with others.
TOGETHER: dict[str, dict[str, object]] = {
    "sync_batch_norm": {"batch_norm_groups": 2},
    "batch_norm_groups": {"sync_batch_norm": False},
}
BASES = {
    "Evaluation",
    "Optimizer",
    "Schedule",
    "_Towards",
    "Experiment",
    "Rewinding",
    "Tickets",
    "RewindingAtLevels",
    "DerivedWeights",
    "MaskedChange",
}


def recipe_classes():
    for module in pkgutil.walk_packages(lth_tf.__path__, "lth_tf."):
        importlib.import_module(module.name)
    found, pending = [], [Recipe]
    while pending:
        subclasses = pending.pop().__subclasses__()
        found += [c for c in subclasses if c.__module__.startswith("lth_tf.")]
        pending += subclasses
    # Those with fields of their own; gin derives others, of the same names, when it registers them.
    with_fields = {c for c in found if "__dataclass_params__" in vars(c)}
    return sorted(with_fields, key=lambda c: c.__name__)


def candidates(hint, value):
    """Other values of the hint's type, some of which are within the field's range."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return [a for a in args if a != value]
    if origin is tuple:
        longer = [(*value, v) for v in candidates(args[0], value[-1] if value else None)]
        changed = [(*value[:-1], v) for v in candidates(args[0], value[-1])] if value else []
        return [*longer, *changed, *([value[:-1]] if value else [])]
    if hint is bool:
        return [not value]
    if hint is int:
        return [(value or 0) + n for n in (1, 6, -1, -6, 2, 5)]
    if hint is float:
        return [(value or 1.0) * n for n in (0.5, 0.25, 0.9)] + [0.25, 0.125]
    if hint is str:
        return [f"{value or ''}2", "0123456789abcdef", "train[:9]", "x", "x.csv"]
    return [e for e in CHILDREN if isinstance(e, hint) and e != value]


def variants(recipe, field):
    """The recipe with one field changed, in as many ways as its class allows of those tried."""
    hint = typing.get_type_hints(type(recipe))[field]
    for value in candidates(hint, getattr(recipe, field)):
        try:
            yield dataclasses.replace(recipe, **{field: value}, **TOGETHER.get(field, {}))
        except RecipeError:
            continue


def has_one_value(recipe, field):
    hint = typing.get_type_hints(type(recipe))[field]
    return (
        hint is Score
        or typing.get_origin(hint) is typing.Literal
        and len(typing.get_args(hint)) == 1
    )


def test_there_is_an_example_of_every_recipe_class():
    concrete = {c for c in recipe_classes() if c.__name__ not in BASES}
    assert concrete == {type(e) for e in EXAMPLES}


def test_no_two_recipe_classes_share_a_name():
    names = [c.__name__ for c in recipe_classes()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("recipe", EXAMPLES, ids=lambda r: type(r).__name__)
def test_every_field_changes_the_key(recipe):
    for field in recipe.fields():
        changed = list(variants(recipe, field))
        assert changed or has_one_value(recipe, field), field
        for other in changed:
            assert other.key != recipe.key and other != recipe, (field, other)


def test_no_two_fields_of_any_recipe_collide_in_the_key():
    by_key: dict[str, Recipe] = {}
    described = set()
    for recipe in EXAMPLES:
        for field in recipe.fields():
            for one in (recipe, *variants(recipe, field)):
                by_key[one.key] = one
                described.add((type(one), tuple(one.fields().items())))
    assert len(by_key) == len(described) > 150


def test_every_change_reaches_the_keys_of_what_is_made_from_it():
    for field in HPARAMS.fields():
        for hparams in variants(HPARAMS, field):
            measured = Evaluate(At(train(START, ONES, TASK, hparams, 0), 30), TASK)
            assert measured.key != Evaluate(END, TASK).key


NUMBERS = st.floats(1e-6, 1, allow_subnormal=False)
STEPS = st.tuples(NUMBERS, st.integers(0, 3), st.sets(st.integers(1, 20), max_size=2))


@given(STEPS, STEPS)
def test_keys_are_equal_exactly_when_the_fields_are(first, second):
    one, other = (Steps(r, w, tuple(sorted(drops))) for r, w, drops in (first, second))
    assert (one.key == other.key) == (first == second) == (one == other)
    assert Steps(*one.fields().values()).key == one.key


def test_a_key_of_today_is_a_key_of_tomorrow():
    """If this fails on purpose, every store in the world has to be trained again."""
    model = Lenet((300, 100), 10, (28, 28, 1), "glorot_normal")
    assert json.loads(model.canonical) == {
        "recipe": "Lenet",
        "numerics": 3,
        "fields": {
            "widths": [300, 100],
            "classes": 10,
            "image_shape": [28, 28, 1],
            "kernel_initializer": "glorot_normal",
        },
    }
    assert model.key == "9bef72c063092b3e84d60db2d0a5793b3e8ec59228c7ffb1d61882f7715364f6"
    assert Init(model, 0).canonical == (
        '{"fields":{"model":{"key":"' + model.key + '"},"seed":0},"numerics":3,"recipe":"Init"}'
    )
    assert Init(model, 0).key == "7432831e47f21192997d0f11e45878d46d2a9b3d5c44e38637f42a33c487376e"
    assert Constant(0.1).key == "a518e84e1c020290b26ba1a1ac62ab64582f2fe1c7ceb876b38446f13b47467d"


def test_a_raised_version_changes_what_is_made_from_the_class_and_nothing_else(monkeypatch):
    search, tied = (dataclasses.replace(MaskSearch(2)), Evaluate(END, TASK))
    assert (search.key, tied.key) == (SEARCH.key, Evaluate(END, TASK).key)
    monkeypatch.setattr(Adam, "VERSION", Adam.VERSION + 1)
    hparams = Hparams(20, Adam(), Constant(0.01))
    assert hparams.key != HPARAMS.key and Constant(0.01).key == HPARAMS.schedule.key
    assert train(START, ONES, TASK, hparams, noise=0).key != RUN.key
    assert Lenet(widths=(6,), classes=10, image_shape=(8, 8, 1)).key == MODEL.key


def test_keys_are_those_of_the_first_release_for_ever():
    """A key that changes orphans everything that was ever trained by it."""
    table = Path(__file__).with_name("keys_of_recipes.txt").read_text().splitlines()
    assert [f"{e.recipe_name} {e.key}" for e in EXAMPLES] == table


@dataclass(frozen=True, eq=False, repr=False)
class Before(Recipe):
    NAME = "Later"
    rate: float


@dataclass(frozen=True, eq=False, repr=False)
class Later(Recipe):
    ADDED: typing.ClassVar = {"decay": 0.0}
    rate: float
    decay: float = 0.0


@dataclass(frozen=True, eq=False, repr=False)
class Perhaps(Recipe):
    count: typing.Optional[int] = None  # noqa: UP045  as a user may write it
    seed: Seed | None = None


def test_a_field_may_be_none_however_its_type_says_so():
    assert (Perhaps().count, Perhaps(2, 3).count, Perhaps(2, 3).seed) == (None, 2, 3)
    assert Perhaps(2, 3).settings == {"Perhaps.count": 2}
    with pytest.raises(RecipeError, match="Perhaps.count is 'a'; it takes an integer"):
        Perhaps("a")
    with pytest.raises(RecipeError, match="Perhaps.seed is -1; it must be 0 or more"):
        Perhaps(seed=-1)


def test_a_field_added_later_is_in_the_key_only_where_it_says_something():
    assert Later(0.1).key == Later(0.1, 0.0).key == Before(0.1).key
    assert Later(0.1, 0.5).key != Later(0.1).key


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


def test_keys_do_not_depend_on_the_process():
    code = "from lth_tf.training import Steps; print(Steps(0.1, 2, (3, 4)).key)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == Steps(0.1, 2, (3, 4)).key


def test_the_way_a_value_is_written_does_not_matter():
    assert Constant(1).key == Constant(1.0).key == Constant(rate=1, warmup_steps=0).key
    assert Constant(np.float64(0.1)).key == Constant(0.1).key
    assert type(Constant(1).rate) is type(Constant(np.float64(0.1)).rate) is float
    assert type(Task("mnist", mean=(np.float64(0.1),)).mean[0]) is float
    listed: dict[str, typing.Any] = {"drops": [2, 3]}
    assert Steps(1, **listed).key == Steps(1.0, 0, (2, 3)).key
    assert Task("mnist", mean=(0, 1)).key == Task("mnist", mean=(0.0, 1.0)).key
    assert len({Constant(1), Constant(1.0), Constant(2)}) == 2


STEPPED, FALLING = Steps(0.1, 0, (3, 4)), Linear(0.1, 3, 10, 0.01)
COMPARED = Compare(PREDICTED, OTHERS)
DECAYING = Exponential(0.1, 0, 5)
LINE = Interpolate(END, At(OTHER_RUN, 30), TASK, 5, "interpolate")


@pytest.mark.parametrize(
    "recipe, changes, message",
    [
        (STEPPED, {"rate": "0.1"}, "Steps.rate is '0.1'; it takes a number"),
        (STEPPED, {"rate": None}, "Steps.rate is None; it takes a number"),
        (STEPPED, {"rate": True}, "Steps.rate is True; it takes a number"),
        (STEPPED, {"rate": float("nan")}, "Steps.rate is nan; it takes a finite number"),
        (STEPPED, {"rate": float("inf")}, "Steps.rate is inf; it takes a finite number"),
        (STEPPED, {"rate": 0}, "Steps.rate is 0.0; it must be greater than 0"),
        (STEPPED, {"warmup_steps": 1.0}, "Steps.warmup_steps is 1.0; it takes an integer"),
        (STEPPED, {"warmup_steps": True}, "Steps.warmup_steps is True; it takes an integer"),
        (STEPPED, {"drops": 3}, "Steps.drops is 3; it takes a tuple, each element an integer"),
        (STEPPED, {"drops": (3, "4")}, "Steps.drops is '4'; it takes an integer"),
        (STEPPED, {"drops": (4, 3)}, r"Steps.drops is \(4, 3\); it must be in rising order"),
        (STEPPED, {"drops": (3, 3)}, r"Steps.drops is \(3, 3\); it must be in rising order"),
        (FALLING, {"end": 3}, "Linear.end is 3; it must be more than 3"),
        (FALLING, {"floor": 1}, "Linear.floor is 1.0; it must be from 0 to the rate, 0.1"),
        (DECAYING, {"every": 0}, "Exponential.every is 0; it must be 1 or more"),
        (DECAYING, {"factor": 1}, "Exponential.factor is 1.0; it must be greater than 0 and less"),
        (DECAYING, {"floor": 1}, "Exponential.floor is 1.0; it must be from 0 to the rate, 0.1"),
        (HPARAMS, {"label_smoothing": 1}, "label_smoothing is 1.0; it must be at least 0 and less"),
        (HPARAMS, {"auxiliary_weight": -1}, "auxiliary_weight is -1.0; it must be 0 or more"),
        (Rmsprop(), {"decay": 1}, "Rmsprop.decay is 1.0; it must be at least 0 and less than 1"),
        (Rmsprop(), {"epsilon": 0}, "Rmsprop.epsilon is 0.0; it must be greater than 0"),
        (Rmsprop(), {"initial_square": -1}, "initial_square is -1.0; it must be 0 or more"),
        (Momentum(), {"velocity": "sum"}, "velocity is 'sum'; allowed: 'updates', 'gradients'"),
        (InceptionV3(), {"image_shape": (74, 99, 3)}, "height and width 75 or more"),
        (InceptionV3(), {"width_multiplier": 0}, "width_multiplier is 0.0; it must be greater"),
        (InceptionV3(), {"norm_momentum": 1}, "norm_momentum is 1.0; it must be at least 0 and"),
        (SqueezeNet(), {"image_shape": (28, 32, 3)}, "height and width 29 or more"),
        (HPARAMS, {"optimizer": STEPPED}, "Hparams.optimizer is Steps.*; it takes an? Optimizer"),
        (HPARAMS, {"xla": True}, "Hparams.xla is True; allowed: 'auto', 'on', 'off'"),
        (
            HPARAMS,
            {"sync_batch_norm": False},
            "Hparams.batch_norm_groups is 1; .*sync_batch_norm is",
        ),
        (
            HPARAMS,
            {"batch_norm_groups": 2},
            "Hparams.batch_norm_groups is 2; it must be 1, as sync",
        ),
        (HPARAMS, {"batch_size": 0}, "Hparams.batch_size is 0; it must be 1 or more"),
        (HPARAMS, {"decay": "none"}, "decay is 'none'; allowed: 'coupled', 'decoupled'"),
        (Momentum(), {"momentum": 1}, "momentum is 1.0; it must be at least 0 and less than 1"),
        (Adam(), {"epsilon": 0}, "Adam.epsilon is 0.0; it must be greater than 0"),
        (START, {"model": "lenet"}, "Init.model is 'lenet'; it takes a Model"),
        (START, {"model": TASK}, "Init.model is Task.*; it takes a Model"),
        (START, {"seed": -1}, "Init.seed is -1; it must be 0 or more"),
        (Curvature(END, ONES, TASK), {"seed": -1}, "Curvature.seed is -1; it must be 0 or more"),
        (RUN, {"noise": -1}, "Train.noise is -1; it must be 0 or more"),
        (RUN, {"first_step": -1}, "Train.first_step is -1; it must be 0 or more"),
        (RUN, {"slots": True}, "Train.slots is True; allowed: 'reset', 'carried'"),
        (END, {"step": -1}, "At.step is -1; it must be at least the run's first step, 0"),
        (PRUNED, {"fraction": 1}, "Prune.fraction is 1.0; it must be greater than 0 and less"),
        (PRUNED, {"fraction": 0}, "Prune.fraction is 0.0; it must be greater than 0 and less"),
        (LINE, {"second": END}, "Interpolate: both ends are the same recipe"),
        (COMPARED, {"second": PREDICTED}, "Compare: both are the same recipe"),
        (
            COMPARED,
            {"second": Predict(END, Task("mnist"))},
            "Compare.second is Predict.*; it must be predictions of the same task",
        ),
        (LINE, {"alphas": 2}, "Interpolate.alphas is 2; it must be 3 or more"),
    ],
)
def test_wrong_fields_are_named_in_one_line(recipe, changes, message):
    with pytest.raises(RecipeError, match=message) as caught:
        dataclasses.replace(recipe, **changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "recipe",
    [RUN, PRUNED, Project(END, ONES), AddNoise(END, ONES, 0.5, 0), Displace(END, ONES, 0),
     Permute(END, ONES, "layers", False, 0)],
    ids=lambda recipe: type(recipe).__name__,
)  # fmt: skip
def test_a_mask_is_of_the_network_whose_weights_it_masks(recipe):
    other = Ones(Lenet(widths=(7,), classes=10, image_shape=(8, 8, 1)))
    with pytest.raises(RecipeError, match=r"\.mask is of LeNet 7; it must be of the network of"):
        dataclasses.replace(recipe, mask=other)


def test_recipes_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(MODEL, "classes", 3)  # noqa: B010  mypy knows that it is read-only


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
