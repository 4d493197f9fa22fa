"""gin files as text: statements are read without looking up what they refer to."""

from gin import config_parser
from gin.config_parser import BindingStatement

from lth_tf.config.errors import ConfigError, explained

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
