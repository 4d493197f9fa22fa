"""The base of every recipe: typed fields, a key, settings, and the recipes that it is made from.

A recipe says everything that decides the numbers and nothing else. Its key is the SHA-256 of the
canonical JSON of all its fields, with each child recipe replaced by that child's key. Two recipes
are equal exactly when their keys are. The store (lth_tf/store) turns a recipe into an artifact.
"""

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, ClassVar

from lth_tf.recipes.fields import RANGES, RecipeError, conformed, ranges_of, roles_of, types_of

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


class Recipe:
    """Base of every recipe. Subclass with @dataclass(frozen=True, eq=False, repr=False).

    Field types are checked on construction (an int given for a float becomes a float, a list
    given for a tuple a tuple), so that equal settings have equal keys however they were written.
    A type such as Count says a range, too; override `check` for more; raise RecipeError there.

    Class attributes:
      NAME: the class's name in keys; the name in Python if empty.
      VERSION: raise it by one when the same fields of this class would give other numbers than
        before: only what is made from it gets new keys.
      ADDED: fields that were added later, with the value that was implied before. While a field
        has that value, it is left out of the key.
      RENAMED: fields whose name in keys and settings is not that in Python, with that name.
      SETTINGS: the name that its fields are listed under in a row's settings; NAME if empty.
      UNLISTED: fields and the values at which they are not listed there.
      MADE: whether it has an artifact, as weights, masks and measurements have; other recipes,
        such as hyperparameters, only say how those are made.
    """

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 3
    ADDED: ClassVar[Mapping[str, Any]] = {}
    RENAMED: ClassVar[Mapping[str, str]] = {}
    SETTINGS: ClassVar[str] = ""
    UNLISTED: ClassVar[Mapping[str, Any]] = {}
    MADE: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name, hint in types_of(type(self)).items():  # type: ignore[arg-type]
            value = conformed(getattr(self, name), hint, f"{type(self).__name__}.{name}")
            object.__setattr__(self, name, value)
        for name, allowed in ranges_of(type(self)).items():  # type: ignore[arg-type]
            value = getattr(self, name)
            require(value is None or RANGES[allowed](_items(value)), self, name, allowed)
        self.check()
        # Children have theirs already, so that no chain of recipes is too long to be walked.
        self.key  # noqa: B018

    def check(self) -> None:
        """Raises RecipeError if the fields, each of the right type, do not fit together."""

    def fields(self) -> dict[str, Any]:
        """Returns all fields by name; no default is ever left out."""
        return {name: getattr(self, name) for name in types_of(type(self))}  # type: ignore[arg-type]

    @functools.cached_property
    def canonical(self) -> str:
        """The canonical JSON that the key is the hash of."""
        added = self.ADDED
        fields = {
            self.RENAMED.get(name, name): _encode(value)
            for name, value in self.fields().items()
            if name not in added or value != added[name]
        }
        return _JSON.encode(
            {"recipe": self.recipe_name, "numerics": self.VERSION, "fields": fields}
        )

    @property
    def recipe_name(self) -> str:
        """The name of its class in keys and settings."""
        return self.NAME or type(self).__name__

    @functools.cached_property
    def key(self) -> str:
        """SHA-256 of `canonical`, 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def short_key(self) -> str:
        """The first 10 digits of the key, for people."""
        return self.key[:10]

    @classmethod
    def conformed(cls, value: Any) -> Any:
        """Returns the recipe that a field's value stands for, such as a name; or the value."""
        return value

    def as_field(self) -> Any:
        """Returns the JSON value that stands for this recipe in the key of one made from it."""
        return {"key": self.key}

    @functools.cached_property
    def children(self) -> tuple["Recipe", ...]:
        """The recipes among the fields, in order, those inside tuples included."""
        items = (item for value in self.fields().values() for item in _items(value))
        return tuple(item for item in items if isinstance(item, Recipe))

    @functools.cached_property
    def _depth(self) -> int:
        """The number of recipes on the longest way down to one that is made from no other."""
        return 1 + max((child._depth for child in self.children), default=0)

    @property
    def place(self) -> PurePosixPath | None:
        """The path of its artifact below the root of a store; None if none is kept."""
        return None

    @property
    def schema(self) -> Mapping[str, tuple[str, tuple[int | str, ...]]] | None:
        """The dtype and shape of every array of its artifact, by name; None for any.

        A size that is a letter or a word may be any, the same wherever it stands.
        """
        return None

    @property
    def trained_state(self) -> Any:
        """This recipe if it is an At, a state of a run; None otherwise."""
        return None

    @property
    def made_by(self) -> Any:
        """The run (Train) whose steps leave it behind, if it is a state or a record; or None."""
        return None

    def obtain(self, maker: Any) -> Any:
        """Returns its artifact, made first if it is not in the store; TypeError if it has none."""
        raise TypeError(f"{self} describes nothing that can be made")

    @property
    def settings(self) -> dict[str, Any]:
        """The fields that decide its numbers, but for seeds and coordinates: name -> JSON value.

        A name is that of the class and the field, such as 'Hparams.batch_size'. Where a recipe
        further down has another value of the same name, that one is listed too, behind the fields
        that lead to it: 'mask.Hparams.batch_size' is that of the search for the mask.
        """
        pending: list[Recipe] = [self]
        while pending:  # Children first, as a search may have more levels than Python has frames.
            missing = [c for c in pending[-1].children if "_settings" not in vars(c)]
            if not missing:
                pending[-1]._depth, pending.pop()._settings
            pending += missing
        return self._settings

    @functools.cached_property
    def _settings(self) -> dict[str, Any]:
        """The dictionary that `settings` returns; those of the children are there already."""
        settings: dict[str, Any] = {}
        nested: list[tuple[str, Recipe]] = []
        for name, value in self.fields().items():
            title = self.RENAMED.get(name, name)
            nested += [(title, v) for v in _items(value) if isinstance(v, Recipe)]
            if self._lists(name, value):
                settings[f"{self.SETTINGS or self.recipe_name}.{title}"] = self.setting(name)
        # The nearest recipe keeps the plain name.
        for role, child in sorted(nested, key=lambda pair: pair[1]._depth):
            for name, value in child._settings.items():
                while settings.setdefault(name, value) != value:
                    name = f"{role}.{name}"
        return settings

    def _lists(self, field: str, value: Any) -> bool:
        """Returns whether a field is listed among the settings; what is made lists its own."""
        made = any(isinstance(v, Recipe) and v.MADE for v in _items(value))
        implied = any(field in of and of[field] == value for of in (self.UNLISTED, self.ADDED))
        return not (made or implied or field in roles_of(type(self)))  # type: ignore[arg-type]

    def setting(self, name: str) -> Any:
        """Returns a field's value as the settings list it; override it where that is too long."""
        value = getattr(self, name)
        items = [v.recipe_name if isinstance(v, Recipe) else v for v in _items(value)]
        return items if isinstance(value, tuple) else items[0]

    def describe(self) -> str:
        """Returns one readable line about it."""
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        fields = (f"{name}={_text(value)}" for name, value in self.fields().items())
        return f"{type(self).__name__}({', '.join(fields)})"

    __repr__ = __str__


def _items(value: Any) -> tuple[Any, ...]:
    """Returns the elements of a tuple, or the value as the only one."""
    return value if isinstance(value, tuple) else (value,)


def _text(value: Any) -> str:
    if isinstance(value, Recipe):
        return f"{type(value).__name__}:{value.short_key}"
    return repr(value)


def _encode(value: Any) -> Any:
    if isinstance(value, Recipe):
        return value.as_field()
    if isinstance(value, tuple):
        return [_encode(v) for v in value]
    return value


def require(condition: bool, recipe: Recipe, field: str, allowed: str) -> None:
    """Raises RecipeError about one field unless the condition holds.

    Args:
      allowed: the allowed values, as the rest of the sentence "it must be ...".
    """
    if not condition:
        value = getattr(recipe, field)
        raise RecipeError(f"{type(recipe).__name__}.{field} is {value!r}; it must be {allowed}")


def dag(*roots: Recipe) -> dict[str, Recipe]:
    """Returns the roots and every recipe that they are made from, by key; children come first."""
    recipes: dict[str, Recipe] = {}
    pending = [(root, False) for root in reversed(roots)]
    while pending:
        recipe, expanded = pending.pop()
        if recipe.key in recipes:
            continue
        if expanded:
            recipes[recipe.key] = recipe
            continue
        pending.append((recipe, True))
        pending += [(child, False) for child in reversed(recipe.children)]
    return recipes
