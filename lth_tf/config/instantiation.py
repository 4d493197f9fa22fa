"""Makes recipes of gin's present configuration, and says which parameters took part."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import gin

from lth_tf import experiments
from lth_tf.config.errors import ConfigError, explained
from lth_tf.config.registry import REGISTERED
from lth_tf.errors import UserError
from lth_tf.experiments.requests import Experiment
from lth_tf.recipes import Recipe

Made = TypeVar("Made", bound=Recipe)
# Bound parameters that took part in making something, by (scope, name with its module) as bound.
Used = dict[tuple[str, str], set[str]]
# The values that took part, by (scope, name with its module), as gin records them.
_Operative = Mapping[tuple[str, str], Mapping[str, Any]]
# The name under which gin records macros.
MACRO = "gin.macro"


def make(kind: type[Made]) -> tuple[Made, str, Used]:
    """Returns a recipe of gin's present configuration, its resolved text, and what it used."""
    gin.config._OPERATIVE_CONFIG.clear()
    with explained(""):
        made = gin.get_configurable(kind)()
    return made, _resolved_text(), _used()


def _resolved_text() -> str:
    """Returns the last configuration that gin made as a gin file's text, defaults included.

    Scopes that say nothing are left out, so that a binding without scope has its effect: what is
    made by way of a macro, HPARAMS = @Hparams(), is recorded under a scope of the macro's name.
    """
    return gin.config._config_str(without_scopes(gin.config._OPERATIVE_CONFIG))


def without_scopes(operative: _Operative) -> dict[tuple[str, str], dict[str, Any]]:
    """Returns values by plain name where those of all scopes agree."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (scope, name), values in operative.items():
        others = [each for (_, other), each in operative.items() if other == name]
        for parameter, value in values.items():
            same = all(repr(each.get(parameter, value)) == repr(value) for each in others)
            place = "" if same and name != MACRO else scope
            found.setdefault((place, name), {})[parameter] = value
        if not values:
            found.setdefault(("", name), {})
    return found


def _used() -> Used:
    used: Used = {}
    for (scope, name), values in gin.config._OPERATIVE_CONFIG.items():
        for parameter in values:
            used.setdefault((_bound_scope(scope, name, parameter), name), set()).add(parameter)
    return used


def _bound_scope(scope: str, name: str, parameter: str) -> str:
    """Returns the scope of the binding that gave a parameter its value: the innermost one."""
    parts = scope.split("/") if scope else []
    scopes = ("/".join(parts[:number]) for number in range(len(parts), -1, -1))
    bound = gin.config._CONFIG
    return next((each for each in scopes if parameter in bound.get((each, name), {})), scope)


def join(used: Used, more: Used) -> None:
    """Adds the bindings that were used elsewhere to these."""
    for name, parameters in more.items():
        used[name] = used.get(name, set()) | parameters


def _described() -> list[type[Experiment]]:
    """Returns the kinds of experiment that a model is bound for, in order."""
    bound = [name for (_, name), values in gin.config._CONFIG.items() if "model" in values]
    named = [REGISTERED.get(name.rpartition(".")[2]) for name in bound]
    return list(
        dict.fromkeys(k for k in named if isinstance(k, type) and issubclass(k, Experiment))
    )


def check_given(files: Sequence[str]) -> None:
    """Raises ConfigError if there is no file."""
    if not files:
        raise ConfigError(
            "gin_file is missing: the file that describes the experiment, such as demo/imp.gin"
        )


def check_described(kind: type[Experiment], files: Sequence[str]) -> None:
    """Raises ConfigError if the files describe other experiments than this, or there are none."""
    check_given(files)
    others = [other.__name__ for other in _described()]
    swept = any(name == "lth_tf.Sweep" for _, name in gin.config._CONFIG)
    if kind.__name__ in others or not (others or swept):
        return
    commands = [f"lth-{name.lower()}" for name in others if name in experiments.__all__]
    if swept or len(commands) != len(others):
        commands += ["lth-sweep"]
    said = f"describe {', '.join(others)}" if others else "describe a sweep"
    given = " ".join(f"gin_file={file}" for file in files)
    raise ConfigError(
        f"{given}: the files {said}, and no {kind.__name__}; their commands: {', '.join(commands)}"
    )


def kinds_at(point: Sequence[str], wanted: Sequence[str]) -> list[type[Experiment]]:
    """Returns the wanted ones of the kinds of experiment that a model is bound for, in order."""
    kinds = _described()
    if not kinds:
        where = f" at {'; '.join(point)}" if point else ""
        raise ConfigError(f"nothing gives an experiment a model, such as Imp.model{where}")
    names = [kind.__name__ for kind in kinds]
    if unknown := [name for name in wanted if name not in names]:
        raise ConfigError(
            f"Sweep.experiments has {unknown[0]!r}; the files describe {', '.join(names)}"
        )
    return [kind for kind in kinds if not wanted or kind.__name__ in wanted]


def used_by_others(kind: type[Experiment] | None) -> Callable[[], Used]:
    """Finds, when called, the bindings that other recipes of the same files use."""

    def find() -> Used:
        used: Used = {}
        others = [other for other in _described() if other is not kind]
        for other in (*others, experiments.Sweep):
            # It may be out of range, as after a binding that is meant for `kind` alone.
            with contextlib.suppress(UserError):
                make(other)
            join(used, _used())
        return used

    return find
