"""From gin's present configuration to recipes, and which of its parameters took part."""

import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import gin

from lth_tf.config.failures import ConfigError, explained
from lth_tf.config.registry import REGISTERED
from lth_tf.errors import UserError
from lth_tf.experiments.requests import Experiment
from lth_tf.recipes import Recipe

Made = TypeVar("Made", bound=Recipe)
# The parameters that took part in making something, by (scope, name with its module).
Used = dict[tuple[str, str], set[str]]


def make(kind: type[Made]) -> tuple[Made, str, Used]:
    """A recipe from gin's present configuration, its resolved text, and what it made use of."""
    gin.config._OPERATIVE_CONFIG.clear()
    with explained(""):
        made = gin.get_configurable(kind)()
    return made, gin.operative_config_str(), _used()


def _used() -> Used:
    return {name: set(values) for name, values in gin.config._OPERATIVE_CONFIG.items()}


def join(used: Used, more: Used) -> None:
    """Adds to what was used what was used elsewhere."""
    for name, parameters in more.items():
        used[name] = used.get(name, set()) | parameters


def _bound(parameter: str) -> list[type[Recipe]]:
    """The recipes that a parameter of this name is bound for, in order."""
    bound = [name for (_, name), values in gin.config._CONFIG.items() if parameter in values]
    named = [REGISTERED.get(name.rpartition(".")[2]) for name in bound]
    return list(dict.fromkeys(r for r in named if isinstance(r, type) and issubclass(r, Recipe)))


def kinds_at(point: Sequence[str], wanted: Sequence[str]) -> list[type[Experiment]]:
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


def used_by_others(kind: type[Experiment] | None) -> Callable[[], Used]:
    """Finds, when called, what the other recipes of the same files make use of."""

    def find() -> Used:
        used: Used = {}
        others = [k for k in _bound("model") if issubclass(k, Experiment) and k is not kind]
        for other in (*others, *_bound("over")):
            # It may be out of range, as after a binding that is meant for `kind` alone.
            with contextlib.suppress(UserError):
                make(other)
            join(used, _used())
        return used

    return find
