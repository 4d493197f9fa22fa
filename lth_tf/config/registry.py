"""The classes and functions that gin files can bind by name: recipes, and what users register."""

import contextlib
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import gin

from lth_tf import data, experiments, models, scores, training
from lth_tf.errors import UserError
from lth_tf.recipes import Magnitude, Recipe

Registered = TypeVar("Registered", bound=Callable[..., Any])
REGISTERED: dict[str, Callable[..., Any]] = {}


def register(target: Registered) -> Registered:
    """Makes a recipe class, or a function that returns a recipe, known to gin by its name.

    Calls from Python stay what they are: gin changes only what gin files refer to.

    Raises:
      UserError: something else is known by this name.
    """
    name = target.__name__
    try:
        with gin.unlock_config(), _replacing(target):
            gin.register(target, module="lth_tf")
    except ValueError:
        raise UserError(f"{name} is registered already, as something else: rename one") from None
    REGISTERED[name] = target
    return target


def _replacing(target: Callable[..., Any]) -> contextlib.AbstractContextManager[None]:
    """Lets gin replace a class that a cell of a notebook registered, when the cell is run again."""
    before = REGISTERED.get(target.__name__)
    in_notebook = not hasattr(sys.modules["__main__"], "__file__")
    again = in_notebook and getattr(before, "__module__", "") == target.__module__ == "__main__"
    return gin.config.interactive_mode() if again else contextlib.nullcontext()


register(Magnitude)
for _module in (data, experiments, models, scores, training):
    for _name in _module.__all__:
        _target = getattr(_module, _name)
        own = isinstance(_target, type) and issubclass(_target, Recipe)
        if own and _target is not experiments.Experiment:
            register(_target)
