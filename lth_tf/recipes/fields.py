"""The fields of recipes: their types, which values fit them, and the roles they play."""

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal

from lth_tf.errors import UserError

# The role of a field, which its type says. Seeds tell replicates apart; coordinates are where on a
# curve a row lies. All other fields are settings.
SEED, COORDINATE = "seed", "coordinate"
Seed = Annotated[int, SEED, "0 or more"]
Seeds = Annotated[tuple[int, ...], SEED, "different integers, each 0 or more"]
Step = Annotated[int, COORDINATE]
# Numbers in a range, which their types say, too.
Natural = Annotated[int, "0 or more"]
Count = Annotated[int, "1 or more"]
Positive = Annotated[float, "greater than 0"]
RANGES: dict[str, Callable[[tuple[Any, ...]], bool]] = {
    "0 or more": lambda numbers: all(number >= 0 for number in numbers),
    "1 or more": lambda numbers: all(number >= 1 for number in numbers),
    "greater than 0": lambda numbers: all(number > 0 for number in numbers),
    "different integers, each 0 or more": (
        lambda numbers: len({*numbers}) == len(numbers) and all(number >= 0 for number in numbers)
    ),
}
_UNIONS = (types.UnionType, typing.Union)  # int | None; Optional[int], and Seed | None


class RecipeError(UserError, ValueError):
    """A recipe is not valid: one line naming the field, its value and the allowed values."""


@functools.cache
def types_of(kind: type) -> dict[str, Any]:
    """Returns the fields of a recipe class, in order, and their types."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


@functools.cache
def roles_of(kind: type) -> frozenset[str]:
    """Returns the fields of a recipe class that are seeds or coordinates."""
    return frozenset(
        name for name, hint in _annotated(kind) if {SEED, COORDINATE} & {*_annotations(hint)}
    )


@functools.cache
def ranges_of(kind: type) -> dict[str, str]:
    """Returns the fields of a recipe class whose types say a range, and that range, in words."""
    ranges = {name: [*RANGES.keys() & {*_annotations(hint)}] for name, hint in _annotated(kind)}
    return {name: words[0] for name, words in ranges.items() if words}


def _annotated(kind: type) -> list[tuple[str, Any]]:
    """Returns the fields of a recipe class and their types with what annotates them."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return [(field.name, hints[field.name]) for field in dataclasses.fields(kind)]


def _annotations(hint: Any) -> list[Any]:
    """Returns what annotates a type, the elements of a tuple, or all that a union may be."""
    nests = typing.get_origin(hint) in (tuple, *_UNIONS)
    inner = [a for part in typing.get_args(hint) for a in _annotations(part)] if nests else []
    return [*getattr(hint, "__metadata__", ()), *inner]


def conformed(value: Any, hint: Any, where: str) -> Any:
    """Returns the value as the type hint has it; or raises RecipeError naming the field."""
    if type(value) is hint and hint is not float:
        return value
    conform, origin, args = _parts(hint)
    if conform is not None:
        try:
            value = conform(value)
        except RecipeError as error:
            raise RecipeError(f"{where}: {error}") from None
    if origin is Literal:
        if value in args and type(value) in {type(a) for a in args}:
            return value
        raise RecipeError(f"{where} is {value!r}; allowed: {', '.join(map(repr, args))}")
    if origin in _UNIONS:
        if value is None and type(None) in args:
            return None
        return conformed(value, next(a for a in args if a is not type(None)), where)
    if origin is tuple and isinstance(value, (tuple, list)):
        return tuple(conformed(v, args[0], where) for v in value)
    # A float of NumPy is one, too; gin cannot read what it is as text.
    if hint is float and (type(value) is int or isinstance(value, float)):
        value = float(value)
    expected = origin or hint
    wrong_bool = isinstance(value, bool) and expected is not bool
    if not isinstance(value, expected) or wrong_bool:
        raise RecipeError(f"{where} is {value!r}; it takes {_name(hint)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise RecipeError(f"{where} is {value!r}; it takes a finite number")
    return value


@functools.cache
def _parts(hint: Any) -> tuple[Callable[[Any], Any] | None, Any, tuple[Any, ...]]:
    """Returns a type's own way to conform values, its origin and its arguments.

    It is cached, as a plan makes tens of thousands of recipes.
    """
    return getattr(hint, "conformed", None), typing.get_origin(hint), typing.get_args(hint)


def _name(hint: Any) -> str:
    if hint in (int, float, str, bool):
        return {int: "an integer", float: "a number", str: "a string", bool: "True or False"}[hint]
    if typing.get_origin(hint) is tuple:
        return f"a tuple, each element {_name(typing.get_args(hint)[0])}"
    name = str(getattr(hint, "__name__", hint))
    return f"an {name}" if name[0] in "AEIOU" else f"a {name}"
