"""From gin files to an experiment: the only place that knows gin.

gin fills in recipes. Every class below can be bound by its name in a gin file; `register` adds a
user's own. Whatever is wrong with a file or a binding is one line, a ConfigError.
"""

import contextlib
import importlib.util
import tokenize
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import gin
from gin import config_parser
from gin.resource_reader import system_path_reader

from lth_tf import data, experiments, models, training
from lth_tf.errors import UserError
from lth_tf.experiments.requests import Experiment
from lth_tf.explanations import explain
from lth_tf.recipes import Recipe, RecipeError

Registered = TypeVar("Registered", bound=Callable[..., Any])

_REGISTERED: dict[str, Callable[..., Any]] = {}
_GIN_ERRORS = (
    *(ValueError, TypeError, SyntaxError, ImportError, OSError, RuntimeError),
    tokenize.TokenError,
)


class ConfigError(UserError):
    """A gin file or binding that cannot be used: one line naming it, and what is allowed."""


def register(target: Registered) -> Registered:
    """Makes a recipe class, or a function that returns a recipe, known to gin by its name.

    Calls from Python stay what they are: gin changes only what gin files refer to.
    """
    gin.register(target, module="lth_tf")
    _REGISTERED[target.__name__] = target
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
    kind: type[Experiment],
    files: Sequence[str],
    bindings: Sequence[str],
    configure: Callable[[int], object] | None = None,
) -> tuple[Experiment, str]:
    """Returns the experiment that the files and bindings describe, and its resolved gin text.

    The text binds every parameter that plays a part, defaults included, and can be given as a gin
    file again.

    Args:
      kind: the experiment's class.
      files: gin files; looked for as given, then among those that come with the package.
      bindings: such as 'Imp.steps = 100'; they have the last word.
      configure: sets TensorFlow up for Hparams.threads, before a user's own Keras model is built,
        which starts it; lth_tf.training.numerics.configure if None.

    Raises:
      ConfigError: a file is missing; something in it does not parse, does not exist, is not bound
        although needed, or is bound although the experiment never uses it.
      RecipeError: a value of the wrong type or out of range.
    """
    gin.clear_config()
    shipped = shipped_files()
    if shipped:
        gin.add_config_file_search_path(str(shipped))
    texts = {f"--gin_file={file}": _find(file, shipped) for file in files}
    for flag, path in texts.items():
        with _explained(f"{flag}: "):
            gin.parse_config_file(str(path), print_includes_and_imports=False)
    with _explained("--gin_bindings: "):
        gin.parse_config(list(bindings))
    with _explained(""):
        gin.finalize()
        if gin.config._IMPORTS:
            _configure_numerics(configure)
        experiment = gin.get_configurable(kind)()
    for flag, path in texts.items():
        _check_used(kind, path.read_text(), f"{flag}, line {{}}: ")
    _check_used(kind, "\n".join(bindings), "--gin_bindings: ")
    return experiment, gin.operative_config_str()


@contextlib.contextmanager
def _explained(where: str) -> Iterator[None]:
    """Turns what gin raises about what a user wrote into an error of one line."""
    try:
        with _plain_files():
            yield
    except UserError as error:
        # gin adds lines of its own to the message, and makes the type a new one.
        kind = RecipeError if isinstance(error, RecipeError) else ConfigError
        raise kind(str(error).strip().splitlines()[0]) from None
    except _GIN_ERRORS as error:
        raise ConfigError(where + explain(error, _REGISTERED)) from None


@contextlib.contextmanager
def _plain_files() -> Iterator[None]:
    """Keeps gin from looking for files in packages meanwhile: it logs an error for each that is
    not there, and fails at a folder that happens to be importable, such as 'models' in PYTHONPATH.
    """
    readers = gin.config._FILE_READERS[:]
    gin.config._FILE_READERS[:] = [r for r in readers if r[0] is not system_path_reader]
    try:
        yield
    finally:
        gin.config._FILE_READERS[:] = readers


def _find(file: str, shipped: Path | None) -> Path:
    """The path of a gin file, given by a user as one from here or among the shipped ones."""
    for path in (Path(file), *([shipped / file] if shipped else [])):
        if path.is_file():
            return path
    also = f" nor among the shipped files in {shipped}" if shipped else ""
    raise ConfigError(f"--gin_file={file}: there is no such file here{also}")


def _configure_numerics(configure: Callable[[int], object] | None) -> None:
    """Sets TensorFlow up as Hparams have it: to build a user's own Keras model starts it.

    Raises:
      ConfigError: it has started already.
    """
    from lth_tf.training import numerics

    try:
        (configure or numerics.configure)(gin.get_configurable(training.Hparams)().threads)
    except numerics.StartedAlready as error:
        raise ConfigError(
            "a module that a gin file imports builds a model while it is imported: let a "
            f"function build it, and register that ({error})"
        ) from None


class _Names(config_parser.ParserDelegate):
    """Lets gin's parser read bindings for their names alone."""

    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> None:
        """References stand for nothing."""

    def macro(self, scoped_name: str) -> None:
        """So do macros."""


def _check_used(kind: type[Experiment], text: str, where: str) -> None:
    """Raises ConfigError about the first binding in a text that had no effect.

    Bindings of included files are not looked at: who includes a file may choose another model,
    say, than the one that it describes.

    Args:
      where: what the text is, with {} for the number of the line.
    """
    for found in config_parser.ConfigParser(text, _Names()):
        if isinstance(found, config_parser.BindingStatement) and not _is_used(found):
            name = "/".join(filter(None, (found.scope, found.selector)))
            bound = f"{name}.{found.arg_name}" if found.arg_name else name
            raise ConfigError(
                f"{where.format(found.location.line_num)}{bound} is bound, but the experiment "
                f"{kind.__name__} never uses {name}"
            )


def _is_used(binding: config_parser.BindingStatement) -> bool:
    """Whether a binding took part in making the experiment. gin has no public call for this."""
    scope, selector, parameter = binding.scope or "", binding.selector, binding.arg_name
    if not parameter:
        scope, selector, parameter = f"{scope}/{selector}".strip("/"), "gin.macro", "value"
    return any(
        # What is reached through a macro is used under a scope of the macro's name.
        f".{other}".endswith(f".{selector}")
        and f"{inner}/".startswith(f"{scope}/" if scope else "")
        and parameter in values
        for (inner, other), values in gin.config._OPERATIVE_CONFIG.items()
    )
