"""What is loaded, and done, before any process of forked.py is forked.

AutoGraph rewrites every function of the package that TensorFlow compiles, in each process anew,
which takes longer than tracing a small network. It is done here once, without running anything.
"""

import contextlib
import importlib
import inspect
from collections.abc import Iterator
from types import FunctionType, ModuleType

from tensorflow.python.autograph.core import converter
from tensorflow.python.autograph.impl import api
from tensorflow.python.eager import context

import lth_tf.cli.sweep
import lth_tf.figures.draw
import lth_tf.lab.lab
import lth_tf.training.engine  # noqa: F401

# Of the package, where functions are that are part of training and of evaluating.
COMPILED = (
    *("data.metadata", "data.preprocess", "models.functional", "models.naming"),
    *("training.evaluation", "training.optimizers", "training.program", "training.replicas"),
    "training.variables",
)


def functions(module: ModuleType) -> Iterator[FunctionType]:
    """The functions of a module and the methods of its classes."""
    own = [each for each in vars(module).values() if module.__name__ == _module(each)]
    for each in [*own, *(part for c in own if inspect.isclass(c) for part in vars(c).values())]:
        each = getattr(each, "python_function", each)  # what tf.function wraps
        # Of a list in an annotation AutoGraph would make a tensor, right away.
        if isinstance(each, FunctionType) and "[[" not in str(each.__annotations__):
            yield each


def _module(entity: object) -> str | None:
    return getattr(entity, "__module__", None)


def rewrite() -> None:
    """Has AutoGraph rewrite what it would when the first network is trained."""
    # As tf.function has what is called by the function that it is given rewritten.
    options = converter.ConversionOptions(recursive=True, optional_features=None)
    rewriting = converter.ProgramContext(options)
    for name in COMPILED:
        for function in functions(importlib.import_module(f"lth_tf.{name}")):
            with contextlib.suppress(Exception):  # It cannot rewrite all of Python, nor has to.
                api._convert_actual(function, rewriting)
    assert not context.context()._initialized, "a fork would not survive what ran on TensorFlow"


rewrite()
