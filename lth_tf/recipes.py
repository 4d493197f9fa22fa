"""Recipes: frozen descriptions of weights, masks and measurements, each with a key.

    w0    = Init(model, seed=0)
    trunk = train(w0, Dense(model), task, hparams, noise=0)
    wk    = at(trunk, 100)                                    # W_k
    end   = at(train(wk, mask, task, hparams, noise=1), 24000)  # A^{k->T}(m * W_k, u_1)
    mask  = Prune(end, mask, fraction=0.2)

A recipe says everything that decides the numbers and nothing else. Its key is the SHA-256 of the
canonical JSON of all its fields, with each child recipe replaced by that child's key. Two recipes
are equal exactly when their keys are. The store (lth_tf/store) turns a recipe into an artefact.
"""

import dataclasses
import functools
import hashlib
import json
import math
import types
import typing
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.errors import UserError

# Raised whenever the same recipe would give other numbers than before.
NUMERICS = 3

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


class RecipeError(UserError, ValueError):
    """A recipe that makes no sense: one line naming the field, its value and what is allowed."""


class Recipe:
    """Base of every recipe. Subclass with @dataclass(frozen=True, eq=False).

    Field types are checked on construction (an int given for a float becomes a float, a list
    given for a tuple a tuple), so that equal settings have equal keys however they were written.
    Override `check` for ranges; raise RecipeError there.

    Attributes:
      ADDED: fields that a class has gained since it had its first keys, each with the value that
        was implied before. A field with that value is left out of the key.
    """

    ADDED: ClassVar[dict[str, Any]] = {}

    def __post_init__(self) -> None:
        for name, hint in _types(type(self)).items():  # type: ignore[arg-type]
            value = _conform(getattr(self, name), hint, f"{type(self).__name__}.{name}")
            object.__setattr__(self, name, value)
        self.check()
        # Children have theirs already, so that no chain of recipes is too long to be walked.
        self.key  # noqa: B018

    def check(self) -> None:
        """Raises RecipeError if the fields, each of the right type, do not fit together."""

    def fields(self) -> dict[str, Any]:
        """All fields by name; no default is ever left out."""
        return {name: getattr(self, name) for name in _types(type(self))}  # type: ignore[arg-type]

    @functools.cached_property
    def canonical(self) -> str:
        """The canonical JSON that the key is the hash of."""
        fields = {
            name: _encode(value)
            for name, value in self.fields().items()
            if name not in self.ADDED or value != self.ADDED[name]
        }
        document = {"recipe": type(self).__name__, "numerics": NUMERICS, "fields": fields}
        return _JSON.encode(document)

    @functools.cached_property
    def key(self) -> str:
        """SHA-256 of `canonical`, 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def short_key(self) -> str:
        """The first 10 digits of the key, for people."""
        return self.key[:10]

    @functools.cached_property
    def children(self) -> tuple["Recipe", ...]:
        """The recipes among the fields, in order, those inside tuples included."""
        values = self.fields().values()
        items = (item for v in values for item in (v if isinstance(v, tuple) else (v,)))
        return tuple(item for item in items if isinstance(item, Recipe))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        shown = (f"{name}={_show(value)}" for name, value in self.fields().items())
        return f"{type(self).__name__}({', '.join(shown)})"

    __repr__ = __str__


@functools.cache
def _types(kind: type) -> dict[str, Any]:
    """The fields of a recipe class, in order, and their types; found once, as plans are large."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _show(value: Any) -> str:
    if isinstance(value, Recipe):
        return f"{type(value).__name__}:{value.short_key}"
    return repr(value)


def _encode(value: Any) -> Any:
    if isinstance(value, Recipe):
        return {"key": value.key}
    if isinstance(value, tuple):
        return [_encode(v) for v in value]
    return value


def _conform(value: Any, hint: Any, where: str) -> Any:
    """Returns the value as the type hint has it; or raises RecipeError naming the field."""
    if type(value) is hint and hint is not float:
        return value
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        if value in args and type(value) in {type(a) for a in args}:
            return value
        raise RecipeError(f"{where} is {value!r}; allowed: {', '.join(map(repr, args))}")
    if origin is types.UnionType:
        if value is None and type(None) in args:
            return None
        return _conform(value, next(a for a in args if a is not type(None)), where)
    if origin is tuple and isinstance(value, (tuple, list)):
        return tuple(_conform(v, args[0], where) for v in value)
    if hint is float and type(value) is int:
        value = float(value)
    expected = origin or hint
    wrong_bool = isinstance(value, bool) and expected is not bool
    if not isinstance(value, expected) or wrong_bool:
        raise RecipeError(f"{where} is {value!r}; it takes {_name(hint)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise RecipeError(f"{where} is {value!r}; it takes a finite number")
    return value


def _name(hint: Any) -> str:
    if hint in (int, float, str, bool):
        return {int: "an integer", float: "a number", str: "a string", bool: "True or False"}[hint]
    if typing.get_origin(hint) is tuple:
        return f"a tuple, each element {_name(typing.get_args(hint)[0])}"
    name = str(getattr(hint, "__name__", hint))
    return f"an {name}" if name[0] in "AEIOU" else f"a {name}"


def require(condition: bool, recipe: Recipe, field: str, allowed: str) -> None:
    """Raises RecipeError about one field unless the condition holds.

    Args:
      allowed: what the field may be, as the rest of the sentence "it must be ...".
    """
    if not condition:
        value = getattr(recipe, field)
        raise RecipeError(f"{type(recipe).__name__}.{field} is {value!r}; it must be {allowed}")


class Model(Recipe):
    """Base of every network architecture; see lth_tf/models.

    Attributes:
      classes: how many logits it has.
      image_shape: height, width, channels of an image.
    """

    classes: int
    image_shape: tuple[int, ...]

    def check_sizes(self, pixels: int = 1) -> None:
        """Raises RecipeError unless it has classes, and images of so many pixels each way."""
        require(self.classes > 1, self, "classes", "2 or more")
        shape = self.image_shape
        fits = len(shape) == 3 and min(shape[:2]) >= pixels and shape[2] >= 1
        allowed = f"height, width, channels; height and width {pixels} or more"
        require(fits, self, "image_shape", allowed)

    @property
    def title(self) -> str:
        """What people call it, such as 'ResNet-20'; for tables and figures."""
        return str(self)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The layers whose outputs end a block, in order, for probes; () where none are named."""
        return ()

    @property
    def prunable(self) -> tuple[str, ...]:
        """The weights that have masks, by name; () for every kernel (lth_tf.models.naming)."""
        return ()

    @property
    def has_auxiliary_head(self) -> bool:
        """Whether it has a second output, logits that serve nothing but the loss of training."""
        return False


class Weights(Recipe):
    """Base of recipes whose artefact is a state: weights, statistics, optimizer slots, step."""


class Mask(Recipe):
    """Base of recipes whose artefact is a mask: kernel name -> array of 0 and 1."""


class Measurement(Recipe):
    """Base of recipes whose artefact is numbers measured on weights."""


@dataclass(frozen=True, eq=False, repr=False)
class Init(Weights):
    """W_0: the initial weights of a model, drawn from a seed. Its step is 0."""

    model: Model
    seed: int

    def check(self) -> None:
        require(self.seed >= 0, self, "seed", "0 or more")


@dataclass(frozen=True, eq=False, repr=False)
class Dense(Mask):
    """The mask of ones: nothing pruned."""

    model: Model


@dataclass(frozen=True, eq=False, repr=False)
class Train(Recipe):
    """The trajectory A^{s->.}(mask * start, noise). It has no end: `at` names a state on it.

    Attributes:
      start: the weights it starts from, multiplied by the mask.
      mask: what stays zero throughout.
      task: data, labels and augmentation (lth_tf.data.Task).
      hparams: batch size, optimizer, schedule, decay, precision (lth_tf.training.Hparams).
      noise: seed of the SGD noise u: data order and augmentation.
      first_step: s, the step the clock shows at the start. It addresses the schedule and the
        noise. W_k trained with the schedule restarted (lmc fig. 4) has 0 here; a random
        reinitialisation trained for T-k steps (lmc fig. 22) has k.
      slots: optimizer slots at the start: 'reset', as before any update (A maps weights alone), or
        'carried' over from the start state.
    """

    start: Weights
    mask: Mask
    task: Recipe
    hparams: Recipe
    noise: int
    first_step: int
    slots: Literal["reset", "carried"]

    def check(self) -> None:
        require(self.noise >= 0, self, "noise", "0 or more")
        require(self.first_step >= 0, self, "first_step", "0 or more")


@dataclass(frozen=True, eq=False, repr=False)
class At(Weights):
    """W_t: the state of a trajectory when its clock shows `step`."""

    run: Train
    step: int

    def check(self) -> None:
        first = self.run.first_step
        require(self.step >= first, self, "step", f"at least the run's first step, {first}")


@dataclass(frozen=True, eq=False, repr=False)
class Prune(Mask):
    """The mask after removing the lowest-scored weights that remain (lmc algorithm 2, line 6).

    Attributes:
      weights: trained weights W_T that the scores come from.
      mask: the mask so far; removed weights stay removed.
      fraction: of the remaining prunable weights, the fraction to remove, in (0, 1). Exactly
        round(fraction * remaining) go.
      score: 'magnitude', the absolute value.
      scope: 'global' ranks all layers together, 'layerwise' takes the fraction from each layer.
      exclude: kernels that are never pruned, by name, such as 'dense_2/kernel'.
    """

    weights: Weights
    mask: Mask
    fraction: float
    score: Literal["magnitude"]
    scope: Literal["global", "layerwise"]
    exclude: tuple[str, ...]

    def check(self) -> None:
        require(0 < self.fraction < 1, self, "fraction", "greater than 0 and less than 1")


@dataclass(frozen=True, eq=False, repr=False)
class Shuffle(Mask):
    """Random pruning in a mask's layerwise proportions: each layer's entries permuted by seed."""

    mask: Mask
    seed: int

    def check(self) -> None:
        require(self.seed >= 0, self, "seed", "0 or more")


@dataclass(frozen=True, eq=False, repr=False)
class Evaluate(Measurement):
    """Error and loss of one state on the train and the test split of a task."""

    weights: Weights
    task: Recipe


@dataclass(frozen=True, eq=False, repr=False)
class Interpolate(Measurement):
    """Error and loss along the line between two states, and their distances.

    Attributes:
      first, second: the ends, at alpha = 1 and 0 of E(alpha W_1 + (1 - alpha) W_2) (lmc sec. 2).
      alphas: how many evenly spaced values from 0 to 1, both ends included; at least 3.
      statistics: batch-norm statistics between the ends: 'interpolate' them like the weights, or
        'reestimate' them, those of the ends too, with a pass over the training data: the mean of
        each layer's mean and variance of a batch, every layer normalising by the batch, over
        batches of 1,000 inputs (250 of a streamed task; all of a smaller one) in the order of
        the files. What does not fill a batch is left out. Other sizes would give other numbers.
    """

    first: Weights
    second: Weights
    task: Recipe
    alphas: int
    statistics: Literal["interpolate", "reestimate"]

    def check(self) -> None:
        require(self.alphas >= 3, self, "alphas", "3 or more")
        if self.first == self.second:
            raise RecipeError(
                f"Interpolate: both ends are the same recipe ({self.first.short_key}); "
                "two copies must differ in their noise"
            )


@dataclass(frozen=True, eq=False, repr=False)
class Predict(Measurement):
    """What one state makes of every example of both splits: the class it gives, and its loss.

    It takes the pass over the data; any number of comparisons of the state then take none.
    """

    weights: Weights
    task: Recipe


@dataclass(frozen=True, eq=False, repr=False)
class Compare(Measurement):
    """How differently two states behave: classifications and losses by example (lmc app. G)."""

    first: Predict
    second: Predict

    def check(self) -> None:
        require(self.second.task == self.first.task, self, "second", "predictions of the same task")
        if self.first == self.second:
            raise RecipeError(
                f"Compare: both are the same recipe ({self.first.short_key}); "
                "two copies must differ in their noise"
            )


@dataclass(frozen=True, eq=False, repr=False)
class Distance(Measurement):
    """How far mask * first and mask * second lie apart, L2 and cosine (lmc app. B and G).

    A state may be compared with itself: W_k has gone no way from W_0 at k = 0.
    """

    first: Weights
    second: Weights
    mask: Mask


def step_of(weights: Weights) -> int:
    """The step on the clock of some weights: 0 for initial weights."""
    return weights.step if isinstance(weights, At) else 0


def train(
    start: Weights,
    mask: Mask,
    task: Recipe,
    hparams: Recipe,
    noise: int,
    first_step: int | None = None,
    slots: Literal["reset", "carried"] = "reset",
) -> Train:
    """The trajectory from `start` under `mask`; its clock goes on from the start's step."""
    first = step_of(start) if first_step is None else first_step
    return Train(start, mask, task, hparams, noise, first, slots)


def at(run: Train, step: int) -> Weights:
    """The state of a run at a step; a dense run's very first state is the start itself.

    Naming that state by its simplest recipe is what lets copies from k = 0 share the trunk.
    """
    same_slots = run.slots == "carried" or isinstance(run.start, Init)
    same_clock = step == run.first_step == step_of(run.start)
    if same_clock and same_slots and isinstance(run.mask, Dense):
        return run.start
    return At(run, step)


def dag(*roots: Recipe) -> dict[str, Recipe]:
    """Every recipe that some recipes are made from, they included, by key; children come first."""
    found: dict[str, Recipe] = {}
    pending = [(root, False) for root in reversed(roots)]
    while pending:
        recipe, expanded = pending.pop()
        if recipe.key in found:
            continue
        if expanded:
            found[recipe.key] = recipe
            continue
        pending.append((recipe, True))
        pending += [(child, False) for child in reversed(recipe.children)]
    return found
