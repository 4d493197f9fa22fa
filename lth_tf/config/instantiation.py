"""Makes recipes of gin's present configuration, and says which parameters took part."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import gin

from lth_tf.config.errors import explained
from lth_tf.config.registry import REGISTERED
from lth_tf.config.syntax import MACRO
from lth_tf.errors import UserError
from lth_tf.experiments.experiment import Experiment
from lth_tf.recipes import Recipe

Made = TypeVar("Made", bound=Recipe)
# Parameters that took part in making something: (scope as bound, name with its module, parameter).
Used = set[tuple[str, str, str]]
# The values that took part, by (scope, name with its module), as gin records them.
_Operative = Mapping[tuple[str, str], Mapping[str, Any]]


def make(kind: type[Made]) -> tuple[Made, str, Used]:
    """Returns a recipe of gin's present configuration, its resolved text, and what it used.

    The text is a gin file's, defaults included. Scopes that make no difference are left out, so
    that a binding without scope has its effect: gin records a recipe that is made by way of a
    macro, HPARAMS = @Hparams(), under a scope of the macro's name.
    """
    gin.config._OPERATIVE_CONFIG.clear()
    with explained():
        made = gin.get_configurable(kind)()
    operative = gin.config._OPERATIVE_CONFIG
    return made, gin.config._config_str(without_scopes(operative)), _used()


def without_scopes(operative: _Operative) -> dict[tuple[str, str], dict[str, Any]]:
    """Returns values by name, without their scopes where the values of all scopes agree."""
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for (scope, name), values in operative.items():
        variants = [each for (_, other), each in operative.items() if other == name]
        for parameter, value in values.items():
            same = all(repr(each.get(parameter, value)) == repr(value) for each in variants)
            place = "" if same and name != MACRO else scope
            merged.setdefault((place, name), {})[parameter] = value
        if not values:
            merged.setdefault(("", name), {})
    return merged


def _used() -> Used:
    return {
        (_bound_scope(scope, name, parameter), name, parameter)
        for (scope, name), values in gin.config._OPERATIVE_CONFIG.items()
        for parameter in values
    }


def _bound_scope(scope: str, name: str, parameter: str) -> str:
    """Returns the scope of the binding that gave a parameter its value: the innermost one."""
    parts = scope.split("/") if scope else []
    scopes = ("/".join(parts[:number]) for number in range(len(parts), -1, -1))
    bound = gin.config._CONFIG
    return next((each for each in scopes if parameter in bound.get((each, name), {})), scope)


def described() -> list[type[Experiment]]:
    """Returns the kinds of experiment that a model is bound for, in order."""
    bound = [name for (_, name), values in gin.config._CONFIG.items() if "model" in values]
    named = dict.fromkeys(REGISTERED.get(name.rpartition(".")[2]) for name in bound)
    return [kind for kind in named if isinstance(kind, type) and issubclass(kind, Experiment)]


def used_by(kinds: Iterable[type[Recipe]]) -> Used:
    """Returns the parameters that some kinds of recipe use; of one that is not valid, too."""
    used: Used = set()
    for kind in kinds:
        # It may be out of range, as after a binding that is meant for another kind alone.
        with contextlib.suppress(UserError):
            make(kind)
        used |= _used()
    return used
