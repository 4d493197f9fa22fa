"""Writes a recipe that was made in Python as a gin file."""

from typing import Any

from lth_tf.config.errors import ConfigError
from lth_tf.config.registry import REGISTERED
from lth_tf.recipes import Recipe


def as_gin(experiment: Recipe) -> str:
    """Returns the text of a gin file from which `load` makes an experiment of the same key.

    Modules of a user's own that its classes come from are imported, unless it is the program that
    runs or a notebook: these know their classes already.

    Raises:
      ConfigError: a class of it is not registered, so that no gin file can name it.
    """
    writer = _Writer()
    writer.reference(experiment)
    imports = sorted(f"import {module}" for module in writer.modules)
    return "\n".join([*imports, *([""] if imports else []), *writer.lines, ""])


class _Writer:
    """Collects the bindings of a recipe and of all that are in it.

    Attributes:
      lines: the bindings.
      modules: what has to be imported.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.modules: set[str] = set()
        self._references: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def reference(self, recipe: Recipe) -> str:
        """Returns the text for a recipe in a binding; adds the recipe's own bindings."""
        if recipe.key not in self._references:
            self._references[recipe.key] = self._bound(recipe)
        return self._references[recipe.key]

    def _bound(self, recipe: Recipe) -> str:
        kind = type(recipe)
        name, module = kind.__name__, kind.__module__
        if REGISTERED.get(name) is not kind:
            raise ConfigError(
                f"{name} is not known to gin files: put @lth_tf.register above the class"
            )
        if not module.startswith("lth_tf.") and module != "__main__":
            self.modules.add(module)
        # The second recipe of a class, with other values, has a scope of its own.
        number = self._counts[name] = self._counts.get(name, 0) + 1
        named = name if number == 1 else f"{name.lower()}_{number}/{name}"
        own = [f"{named}.{field} = {self._value(v)}" for field, v in recipe.fields().items()]
        self.lines += own
        return f"@{named}()"

    def _value(self, value: Any) -> str:
        if isinstance(value, Recipe):
            return self.reference(value)
        if isinstance(value, tuple):
            return "(" + "".join(f"{self._value(item)}, " for item in value).rstrip() + ")"
        return repr(value)
