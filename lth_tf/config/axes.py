"""The axes of a sweep: bindings that stand for one of several values."""

from gin import config_parser

from lth_tf.config.errors import ConfigError, explained
from lth_tf.config.syntax import Names


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
        bound = [*config_parser.ConfigParser(f"VALUES = {values or None}", Names())][0].value
    if not name or not isinstance(bound, (list, tuple)) or not bound:
        raise ConfigError(
            f"{axis_label(axis)}it must be NAME = [VALUE, VALUE, ...], one value or more"
        )
    return [f"{name} {value!r}" if name == "include" else f"{name} = {value!r}" for value in bound]


def axis_label(axis: str) -> str:
    """Returns the beginning of messages about an axis."""
    return f"axis {axis!r} of the sweep: "
