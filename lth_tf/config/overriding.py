"""Bindings on the command line: they win over those of files, scoped or not."""

from collections.abc import Iterable, Sequence

import gin
from gin import config_parser

from lth_tf.config.errors import ConfigError, explained
from lth_tf.config.instantiation import Used, join
from lth_tf.config.syntax import Names

# Scope, name with its module, parameter.
_Parameter = tuple[str, str, str]


def bind(statements: Sequence[tuple[str, str]]) -> Used:
    """Parses statements over those parsed before; returns the bindings that they replace.

    A binding without scope replaces those with one, too: gin would let the scoped ones win.

    Args:
      statements: pairs of what messages begin with, and the statement.

    Raises:
      ConfigError: a statement cannot be parsed; or the scoped bindings of its parameter differ,
        so that it is not known which of them is meant.
    """
    named = [(where, _parameters(where, statement)) for where, statement in statements]
    given = {parameter for _, parameters in named for parameter in parameters}
    replaced: Used = {}
    for where, parameters in named:
        for parameter in parameters:
            join(replaced, _replaced(where, parameter, given))
    for (scope, name), fields in replaced.items():
        for each in fields:
            del gin.config._CONFIG[scope, name][each]
    for where, statement in statements:
        with explained(where):
            gin.parse_config(statement)
    return replaced


def _parameters(where: str, statement: str) -> list[_Parameter]:
    """Returns the parameters that a statement binds; macros, which have no scopes, are left out."""
    with explained(where):
        found = [*config_parser.ConfigParser(statement, Names())]
    bound = (each for each in found if isinstance(each, config_parser.BindingStatement))
    return [
        (each.scope or "", name, each.arg_name)
        for each in bound
        for name in gin.config._REGISTRY.matching_selectors(each.selector)
        if each.arg_name
    ]


def _replaced(where: str, parameter: _Parameter, given: Iterable[_Parameter]) -> Used:
    """Returns the bindings within the scope of a parameter that would win over it."""
    own, name, field = parameter
    bound = {
        scope: values[field]
        for (scope, other), values in gin.config._CONFIG.items()
        if other == name and field in values and f"{scope}/".startswith(f"{own}/" if own else "")
    }
    inner = [s for s in bound if s != own and (s, name, field) not in given]
    if len({repr(bound[scope]) for scope in inner}) > 1:
        short = f"{name.rpartition('.')[2]}.{field}"
        scoped = ", ".join(f"{scope}/{short} = {bound[scope]!r}" for scope in inner)
        raise ConfigError(f"{where}the files bind {scoped} as well: bind each by this name")
    return {(scope, name): {field} for scope in inner}
