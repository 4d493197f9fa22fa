"""Serialization of recipes for other processes: flat, as chains may be too deep to be nested."""

import pickle
from collections.abc import Sequence
from typing import Any, NamedTuple

from lth_tf.recipes import Recipe, RecipeError, dag


class Reference(NamedTuple):
    """A reference to a recipe among the fields of another: its place in the list."""

    place: int


class Packed(NamedTuple):
    """Recipes and all that they are made from, children first; places and keys of the roots."""

    recipes: list[tuple[type[Recipe], dict[str, Any]]]
    roots: list[tuple[int, str]]


def pack(roots: Sequence[Recipe]) -> bytes:
    """Packs recipes of any depth as bytes, which import nothing before they are unpacked."""
    by_key = dag(*roots)
    places = {key: index for index, key in enumerate(by_key)}

    def packed(value: Any) -> Any:
        if isinstance(value, Recipe):
            return Reference(places[value.key])
        return tuple(map(packed, value)) if isinstance(value, tuple) else value

    recipes = [
        (type(r), {name: packed(value) for name, value in r.fields().items()})
        for r in by_key.values()
    ]
    return pickle.dumps(Packed(recipes, [(places[root.key], root.key) for root in roots]))


def unpack(data: bytes) -> list[Recipe]:
    """Returns the recipes that were packed, by a process that is trusted.

    Raises:
      RecipeError: their keys differ here, so this is another version of the package.
    """
    packed, recipes = pickle.loads(data), list[Recipe]()

    def unpacked(value: Any) -> Any:
        if isinstance(value, Reference):
            return recipes[value.place]
        return tuple(map(unpacked, value)) if isinstance(value, tuple) else value

    for kind, fields in packed.recipes:
        recipes.append(kind(**{name: unpacked(value) for name, value in fields.items()}))
    for index, key in packed.roots:
        if recipes[index].key != key:
            raise RecipeError(
                f"recipe {key[:10]} is {recipes[index].short_key} here: this worker runs another "
                "version of lth_tf"
            )
    return [recipes[index] for index, _ in packed.roots]
