"""Fields of recipes: a value that does not fit is named in one line, with those that do."""

import dataclasses
import typing
from dataclasses import dataclass

import numpy as np
import pytest
from recipe_examples import (
    END,
    HPARAMS,
    MODEL,
    ONES,
    OTHER_RUN,
    OTHERS,
    PREDICTED,
    PRUNED,
    RUN,
    START,
    TASK,
)

from lth_tf.data import (
    Task,
)
from lth_tf.measurements import (
    Compare,
    Curvature,
    Interpolate,
    Predict,
)
from lth_tf.models import (
    InceptionV3,
    Lenet,
    SqueezeNet,
)
from lth_tf.recipes import (
    AddNoise,
    At,
    Displace,
    Ones,
    Permute,
    Project,
    Recipe,
    RecipeError,
    Seed,
)
from lth_tf.training import (
    Adam,
    Constant,
    Exponential,
    Linear,
    Momentum,
    Rmsprop,
    Steps,
)


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
