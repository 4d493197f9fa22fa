"""From gin files to an experiment: the only place that knows gin.

gin fills in recipes. Every class below can be bound by its name in a gin file; `register` adds a
user's own. Whatever is wrong with a file or a binding is one line, a ConfigError.
"""

import contextlib
import importlib.util
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import gin
from lth_tf import data, experiments, models, training
from lth_tf.errors import UserError
from lth_tf.experiments.requests import Experiment
from lth_tf.recipes import Recipe, RecipeError

Registered = TypeVar("Registered", bound=Callable[..., Any])


class ConfigError(UserError):
    """A gin file or binding that cannot be used: one line naming it, and what is allowed."""


def register(target: Registered) -> Registered:
    """Makes a recipe class, or a function that returns a recipe, known to gin by its name.

    Calls from Python stay what they are: gin changes only what gin files refer to.
    """
    gin.register(target, module="lth_tf")
    return target


for _module in (data, experiments, models, training):
    for _name in _module.__all__:
        _target = getattr(_module, _name)
        if isinstance(_target, type) and issubclass(_target, Recipe):
            register(_target)


def shipped_files() -> Path | None:
    """The folder of the gin files that come with the package; None if they are not installed."""
    found = importlib.util.find_spec("lth_tf_gin")
    places = list(found.submodule_search_locations or []) if found else []
    return Path(places[0]) if places else None


def load(
    kind: type[Experiment], files: Sequence[str], bindings: Sequence[str]
) -> tuple[Experiment, str]:
    """Returns the experiment that the files and bindings describe, and its resolved gin text.

    The text binds every parameter that plays a part, defaults included, and can be given as a gin
    file again.

    Args:
      kind: the experiment's class.
      files: gin files; looked for as given, then among those that come with the package.
      bindings: such as 'Imp.steps = 100'; they have the last word.

    Raises:
      ConfigError: a file is missing; something in it does not parse, does not exist, is not bound
        although needed, or is bound although the experiment never uses it.
      RecipeError: a value of the wrong type or out of range.
    """
    gin.clear_config()
    shipped = shipped_files()
    if shipped:
        gin.add_config_file_search_path(str(shipped))
    _check_there(files, shipped)
    try:
        gin.parse_config_files_and_bindings(
            list(files), list(bindings), print_includes_and_imports=False
        )
        experiment = gin.get_configurable(kind)()
    except RecipeError as error:
        raise RecipeError(_first_line(error)) from None
    except (ValueError, TypeError, SyntaxError, ImportError, OSError, RuntimeError) as error:
        raise ConfigError(_explain(error)) from None
    _check_used(kind)
    return experiment, gin.operative_config_str()


def _check_there(files: Sequence[str], shipped: Path | None) -> None:
    for file in files:
        if not Path(file).is_file() and not (shipped and (shipped / file).is_file()):
            also = f" nor among the shipped files in {shipped}" if shipped else ""
            raise ConfigError(f"--gin_file={file}: there is no such file here{also}")


def _check_used(kind: type[Experiment]) -> None:
    """Raises ConfigError about the first binding that had no effect. gin has no public call."""
    operative = gin.config._OPERATIVE_CONFIG
    for (scope, selector), parameters in gin.config._CONFIG.items():
        # What is reached through a macro is used under a scope of the macro's name.
        used = {
            parameter
            for (inner, other), values in operative.items()
            if other == selector and f"{inner}/".startswith(f"{scope}/" if scope else "")
            for parameter in values
        }
        unused = [p for p in parameters if p not in used and selector != "gin.macro"]
        if unused:
            name = selector.removeprefix("lth_tf.")
            prefix = f"{scope}/" if scope else ""
            raise ConfigError(
                f"{prefix}{name}.{unused[0]} is bound, but the experiment {kind.__name__} never "
                f"uses {name}"
            )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drops gin's complaints about every place in which it looks for a file in vain."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _explain(error: Exception) -> str:
    """gin's message, which spans lines, as one line; a missing parameter as what to bind."""
    text = str(error)
    missing = re.search(r"No values supplied by Gin or caller for arguments: \[(.*?)\]", text)
    configurable = re.search(r"In call to configurable '(\w+)'", text)
    if missing and configurable:
        names = [n.strip(" '") for n in missing.group(1).split(",")]
        wanted = ", ".join(f"{configurable.group(1)}.{name}" for name in names)
        return f"not bound, but needed: {wanted}"
    lines = [line.strip() for line in text.splitlines() if line.strip(" ^")]
    return "gin: " + "; ".join(lines)
