"""Keys of recipes: every field is in them, and they are the same for ever."""

import dataclasses
import importlib
import json
import pkgutil
import subprocess
import sys
import typing
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipe_examples import CHILDREN, END, EXAMPLES, HPARAMS, MODEL, ONES, RUN, SEARCH, START, TASK

import lth_tf
from lth_tf.experiments import (
    MaskSearch,
)
from lth_tf.measurements import (
    Evaluate,
)
from lth_tf.models import (
    Lenet,
)
from lth_tf.recipes import (
    At,
    Init,
    Recipe,
    RecipeError,
    Score,
    train,
)
from lth_tf.training import (
    Adam,
    Constant,
    Hparams,
    Steps,
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
    "DerivedByMask",
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


def test_a_field_added_later_is_in_the_key_only_where_it_says_something():
    assert Later(0.1).key == Later(0.1, 0.0).key == Before(0.1).key
    assert Later(0.1, 0.5).key != Later(0.1).key


def test_keys_do_not_depend_on_the_process():
    code = "from lth_tf.training import Steps; print(Steps(0.1, 2, (3, 4)).key)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == Steps(0.1, 2, (3, 4)).key
