"""gin files as text: statements read without looking up what they name, and recipes written."""

from collections import Counter
from typing import Any

from gin import config_parser
from gin.config_parser import BindingStatement

from lth_tf.config.errors import ConfigError, explained
from lth_tf.config.registry import REGISTERED
from lth_tf.recipes import Recipe, dag

# The name under which gin records macros.
MACRO = "gin.macro"


class _Text(str):
    """A reference in a gin file, shown as it was written."""

    __repr__ = str.__str__


class _Names(config_parser.ParserDelegate):
    """The texts of references and macros, in place of what they refer to."""

    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> _Text:
        return _Text(f"@{scoped_configurable_name}" + ("()" if evaluate else ""))

    def macro(self, scoped_name: str) -> _Text:
        return _Text(f"%{scoped_name}")


def bindings(text: str) -> list[BindingStatement]:
    """Returns the bindings of a gin file's text."""
    statements = config_parser.ConfigParser(text, _Names())
    return [each for each in statements if isinstance(each, BindingStatement)]


def parameter(binding: BindingStatement) -> tuple[str, str, str]:
    """Returns (scope, selector, parameter) of a binding; a macro's scope is its name."""
    scope, selector, name = binding.scope or "", binding.selector, binding.arg_name
    return (scope, selector, name) if name else (f"{scope}/{selector}".strip("/"), MACRO, "value")


def alternatives(axis: str) -> list[str]:
    """Returns the statements that an axis of a sweep stands for, one for each of its values.

    Args:
      axis: such as 'Constant.rate = [12e-4, 6e-4]', 'MODEL = [@Lenet(), @Resnet()]', or
        'include = ["models/lenet.gin", "models/resnet20.gin"]' for whole files.

    Raises:
      ConfigError: it is not of this form.
    """
    name, _, values = (part.strip() for part in axis.partition("="))
    with explained(axis_label(axis)):
        listed = bindings(f"VALUES = {values or None}")[0].value
    if not name or not isinstance(listed, (list, tuple)) or not listed:
        raise ConfigError(
            f"{axis_label(axis)}: it must be NAME = [VALUE, VALUE, ...], one value or more"
        )
    equals = " " if name == "include" else " = "
    return [f"{name}{equals}{value!r}" for value in listed]


def axis_label(axis: str) -> str:
    """Returns the beginning of messages about an axis."""
    return f"axis {axis!r} of the sweep"


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
