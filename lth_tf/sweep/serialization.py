"""Serialization of recipes for other processes: flat, as chains may be too deep to be nested."""

import pickle
from collections.abc import Sequence
from typing import Any, NamedTuple

from lth_tf.recipes import Recipe, RecipeError, dag


class Reference(NamedTuple):
    """A recipe among the fields of another."""

    key: str


def pack(roots: Sequence[Recipe]) -> bytes:
    """Packs recipes of any depth as bytes, which import nothing before they are unpacked."""

    def packed(value: Any) -> Any:
        if isinstance(value, Recipe):
            return Reference(value.key)
        return tuple(map(packed, value)) if isinstance(value, tuple) else value

    # Children first: class and fields.
    recipes = {
        key: (type(recipe), {name: packed(value) for name, value in recipe.fields().items()})
        for key, recipe in dag(*roots).items()
    }
    return pickle.dumps((recipes, [root.key for root in roots]))


def unpack(data: bytes) -> list[Recipe]:
    """Returns the recipes that were packed, by a process that is trusted.

    Raises:
      RecipeError: their keys differ here, so this is another version of the package.
    """
    packed, roots = pickle.loads(data)
    recipes: dict[str, Recipe] = {}

    def unpacked(value: Any) -> Any:
        if isinstance(value, Reference):
            return recipes[value.key]
        return tuple(map(unpacked, value)) if isinstance(value, tuple) else value

    for key, (kind, fields) in packed.items():
        recipes[key] = kind(**{name: unpacked(value) for name, value in fields.items()})
    for key in roots:
        if recipes[key].key != key:
            raise RecipeError(
                f"recipe {key[:10]} is {recipes[key].short_key} here: this worker runs another "
                "version of lth_tf"
            )
    return [recipes[key] for key in roots]
