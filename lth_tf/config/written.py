"""Writes a recipe that was made in Python as a gin file."""

from collections import Counter
from typing import Any

from lth_tf.config.errors import ConfigError
from lth_tf.config.registry import REGISTERED
from lth_tf.recipes import Recipe, dag


def as_gin(experiment: Recipe) -> str:
    """Returns the text of a gin file from which `load` makes an experiment of the same key.

    Modules of a user's own that its classes come from are imported, unless it is the program that
    runs or a notebook: these know their classes already.

    Raises:
      ConfigError: a class of it is not registered, so that no gin file can name it.
    """
    lines: list[str] = []
    modules: set[str] = set()
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for key, recipe in dag(experiment).items():
        kind = type(recipe)
        name = kind.__name__
        if REGISTERED.get(name) is not kind:
            raise ConfigError(
                f"{name} is not known to gin files: put @lth_tf.register above the class"
            )
        if not kind.__module__.startswith("lth_tf.") and kind.__module__ != "__main__":
            modules.add(f"import {kind.__module__}")
        counts[name] += 1
        # The second recipe of a class, with other values, has a scope of its own.
        names[key] = name if counts[name] == 1 else f"{name.lower()}_{counts[name]}/{name}"
        fields = recipe.fields().items()
        lines += [f"{names[key]}.{field} = {_text(value, names)}" for field, value in fields]
    return "\n".join([*sorted(modules), *([""] if modules else []), *lines, ""])


def _text(value: Any, names: dict[str, str]) -> str:
    """Returns a field's value as it is written; recipes by their names, which have their keys."""
    if isinstance(value, Recipe):
        return f"@{names[value.key]}()"
    if isinstance(value, tuple):
        return "(" + "".join(f"{_text(item, names)}, " for item in value).rstrip() + ")"
    return repr(value)
