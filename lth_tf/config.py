"""From gin files to an experiment: the only place that knows gin.

gin fills in recipes. Every class below can be bound by its name in a gin file; `register` adds a
user's own. Whatever is wrong with a file or a binding is one line, a ConfigError.
"""

import contextlib
import functools
import importlib.util
import itertools
import sys
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
Made = TypeVar("Made", bound=Recipe)
# The parameters that took part in making something, by (scope, name with its module).
Used = dict[tuple[str, str], set[str]]

_BINDINGS = "--gin_bindings: "
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
      files: gin files; looked for as given, then among those that come with the package. They
        may import modules that are installed, lie in the current folder, or beside them.
      bindings: such as 'Imp.steps = 100'; they have the last word.
      configure: sets TensorFlow up for Hparams.threads, before a user's own Keras model is built,
        which starts it; lth_tf.training.numerics.configure if None.

    Raises:
      ConfigError: a file is missing; something in it does not parse, does not exist, is not bound
        although needed, or is bound although no experiment of the files uses it; or a binding is
        for another experiment than this one.
      RecipeError: a value of the wrong type or out of range.
    """
    sources = _parse(files, bindings, configure=configure)
    experiment, text, used = _make(kind)
    _check_used(f"the experiment {kind.__name__} never uses", sources, used, _used_by_others(kind))
    return experiment, text


def load_task(files: Sequence[str], bindings: Sequence[str]) -> data.Task:
    """The task that files and bindings describe, those of a whole experiment included.

    Arguments and errors as for `load`; but what has nothing to do with the task may be bound.
    """
    _parse(files, bindings)
    return _make(data.Task)[0]


def load_sweep(
    files: Sequence[str], bindings: Sequence[str], over: Sequence[str]
) -> list[tuple[Experiment, str]]:
    """The experiments of a sweep: at every point of its product, each kind that has a model there.

    Experiments that points have in common are there once.

    Args:
      files, bindings: as for `load`; they may bind Sweep.over.
      over: further axes, as `alternatives` takes them; what they say is over the bindings.

    Raises:
      ConfigError: as `load`; or an axis is not one; or a point has no experiment.
    """
    found: dict[str, tuple[Experiment, str]] = {}
    sources = _parse(files, bindings)
    sweep, _, used = _make(experiments.Sweep)
    axes = {axis: alternatives(axis) for axis in (*sweep.over, *over)}
    sources |= {_axis(axis): statements[0] for axis, statements in axes.items()}
    for point in itertools.product(*axes.values()):
        _parse(files, bindings, point)
        for kind in _kinds(point, sweep.experiments):
            experiment, text, parameters = _make(kind)
            found.setdefault(experiment.key, (experiment, text))
            _join(used, parameters)
    _check_used("no experiment of the sweep uses", sources, used, _used_by_others(None))
    return list(found.values())


def alternatives(axis: str) -> list[str]:
    """The statements that an axis of a sweep stands for, one for each of its values.

    Args:
      axis: such as 'Constant.rate = [12e-4, 6e-4]', 'MODEL = [@Lenet(), @Resnet()]', or
        'include = ["models/lenet.gin", "models/resnet20.gin"]' for whole files.

    Raises:
      ConfigError: it is not of this form.
    """
    name, _, values = (part.strip() for part in axis.partition("="))
    with _explained(_axis(axis)):
        bound = [*config_parser.ConfigParser(f"VALUES = {values or None}", _Names())][0].value
    if not name or not isinstance(bound, (list, tuple)) or not bound:
        raise ConfigError(f"{_axis(axis)}it must be NAME = [VALUE, VALUE, ...], one value or more")
    return [f"{name} {value!r}" if name == "include" else f"{name} = {value!r}" for value in bound]


def _axis(axis: str) -> str:
    return f"axis {axis!r} of the sweep: "


def _parse(
    files: Sequence[str],
    bindings: Sequence[str],
    point: Sequence[str] = (),
    configure: Callable[[int], object] | None = None,
) -> dict[str, str]:
    """Makes gin's configuration anew; returns the texts by what they are, {} for a line's number.

    Args:
      point: further statements; a file that one includes stands before the bindings.
      configure: as for `load`.
    """
    gin.clear_config()
    shipped = shipped_files()
    if shipped and str(shipped) not in gin.config._LOCATION_PREFIXES:
        gin.add_config_file_search_path(str(shipped))
    texts = {f"--gin_file={file}": _find(file, shipped) for file in files}
    _import_from([Path.cwd(), *(path.absolute().parent for path in texts.values())])
    for flag, path in texts.items():
        with _explained(f"{flag}: "):
            gin.parse_config_file(str(path), print_includes_and_imports=False)
    included = [statement for statement in point if statement.startswith("include ")]
    _parse_statements(included)
    with _explained(_BINDINGS):
        gin.parse_config(list(bindings))
    _parse_statements([statement for statement in point if statement not in included])
    with _explained(""):
        gin.finalize()
        if gin.config._IMPORTS:
            _configure_numerics(configure)
    read = {f"{flag}, line {{}}: ": path.read_text() for flag, path in texts.items()}
    return read | {_BINDINGS: "\n".join(bindings)}


def _import_from(folders: Sequence[Path]) -> None:
    """Lets gin files import modules that lie here or beside them, after what is installed.

    An installed command, unlike `python FILE`, has neither place in its path.
    """
    sys.path += [str(folder) for folder in folders if str(folder) not in sys.path]


def _parse_statements(statements: Sequence[str]) -> None:
    for statement in statements:
        with _explained(f"{statement}: "):
            gin.parse_config(statement)


def _make(kind: type[Made]) -> tuple[Made, str, Used]:
    """A recipe from gin's present configuration, its resolved text, and what it made use of."""
    gin.config._OPERATIVE_CONFIG.clear()
    with _explained(""):
        made = gin.get_configurable(kind)()
    return made, gin.operative_config_str(), _used()


def _used() -> Used:
    return {name: set(values) for name, values in gin.config._OPERATIVE_CONFIG.items()}


def _bound(parameter: str) -> list[type[Recipe]]:
    """The recipes that a parameter of this name is bound for, in order."""
    bound = [name for (_, name), values in gin.config._CONFIG.items() if parameter in values]
    named = [_REGISTERED.get(name.rpartition(".")[2]) for name in bound]
    return list(dict.fromkeys(r for r in named if isinstance(r, type) and issubclass(r, Recipe)))


def _kinds(point: Sequence[str], wanted: Sequence[str]) -> list[type[Experiment]]:
    """The kinds of experiment that a model is bound for, in order; of these, the wanted ones."""
    kinds = [kind for kind in _bound("model") if issubclass(kind, Experiment)]
    if not kinds:
        where = f" at {'; '.join(point)}" if point else ""
        raise ConfigError(f"nothing gives an experiment a model, such as Imp.model{where}")
    names = [kind.__name__ for kind in kinds]
    if unknown := [name for name in wanted if name not in names]:
        raise ConfigError(
            f"Sweep.experiments has {unknown[0]!r}; the files describe {', '.join(names)}"
        )
    return [kind for kind in kinds if not wanted or kind.__name__ in wanted]


def _used_by_others(kind: type[Experiment] | None) -> Callable[[], Used]:
    """Finds, when called, what the other recipes of the same files make use of."""

    def find() -> Used:
        used: Used = {}
        others = [k for k in _bound("model") if issubclass(k, Experiment) and k is not kind]
        for other in (*others, *_bound("over")):
            # It may be out of range, as after a binding that is meant for `kind` alone.
            with contextlib.suppress(UserError):
                _make(other)
            _join(used, _used())
        return used

    return find


def _join(used: Used, more: Used) -> None:
    for name, parameters in more.items():
        used[name] = used.get(name, set()) | parameters


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


class _Text(str):
    """What stands for a reference: it is shown as it was written."""

    __repr__ = str.__str__


class _Names(config_parser.ParserDelegate):
    """Lets gin's parser read bindings without looking up what they refer to."""

    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> _Text:
        """References stand for their text."""
        return _Text(f"@{scoped_configurable_name}" + ("()" if evaluate else ""))

    def macro(self, scoped_name: str) -> _Text:
        """So do macros."""
        return _Text(f"%{scoped_name}")


def _check_used(
    who: str, sources: dict[str, str], used: Used, by_others: Callable[[], Used]
) -> None:
    """Raises ConfigError about the first binding in some texts that had no effect.

    Bindings of included files are not looked at: who includes a file may choose another model,
    say, than the one that it describes.

    Args:
      who: who should have used them, as in 'the experiment Imp never uses'.
      sources: the texts by what they are, with {} for the number of the line.
      by_others: finds what a file may bind too, as it describes more than one experiment; called
        only if something is left.
    """
    by_others = functools.cache(by_others)
    for where, text in sources.items():
        in_file = where != _BINDINGS
        for found in config_parser.ConfigParser(text, _Names()):
            if not isinstance(found, config_parser.BindingStatement) or _is_used(found, used):
                continue
            if not (in_file and _is_used(found, by_others())):
                name = "/".join(filter(None, (found.scope, found.selector)))
                bound = f"{name}.{found.arg_name}" if found.arg_name else name
                at = where.format(found.location.line_num)
                raise ConfigError(f"{at}{bound} is bound, but {who} {name}")


def _is_used(binding: config_parser.BindingStatement, used: Used) -> bool:
    """Whether a binding took part in making an experiment. gin has no public call for this."""
    scope, selector, parameter = binding.scope or "", binding.selector, binding.arg_name
    if not parameter:
        scope, selector, parameter = f"{scope}/{selector}".strip("/"), "gin.macro", "value"
    return any(
        # What is reached through a macro is used under a scope of the macro's name.
        f".{other}".endswith(f".{selector}")
        and f"{inner}/".startswith(f"{scope}/" if scope else "")
        and parameter in parameters
        for (inner, other), parameters in used.items()
    )
