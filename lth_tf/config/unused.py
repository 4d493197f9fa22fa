"""Bindings without effect, which are errors, so that no typo goes unseen."""

import difflib
import functools
from collections.abc import Callable

from gin import config_parser

from lth_tf.config.errors import ConfigError
from lth_tf.config.instantiation import MACRO, Used
from lth_tf.config.parsing import BINDINGS, IN_FILE, Sources
from lth_tf.config.registry import REGISTERED
from lth_tf.config.syntax import Names
from lth_tf.experiments import Sweep
from lth_tf.experiments.requests import Experiment


def check_used(who: str, sources: Sources, used: Used, by_others: Callable[[], Used]) -> None:
    """Raises ConfigError about the first binding in some texts that had no effect.

    Bindings of included files are not looked at: who includes a file may choose another model,
    say, than the one that it describes. A file may be meant for other commands, too: what it
    binds of experiments, for experiments that it describes, or anew of what it includes, is fine.

    Args:
      who: who should have used them, as in 'the experiment Imp never uses'.
      sources: the texts, and what they include.
      used: what took part.
      by_others: finds what a file may bind too, as it describes more than one experiment; called
        only if something is left.
    """
    by_others = functools.cache(by_others)
    known = [_parameter(each) for text in sources.included for each in _bindings(text)]
    for where, text in sources.texts.items():
        for found in _bindings(text):
            scope, name, parameter = _parameter(found)
            if _has(used, found):
                continue
            if where != BINDINGS and _has(by_others(), found):
                continue
            if where.startswith(IN_FILE) and _may_be_of_others(
                name, (scope, name, parameter), known
            ):
                continue
            at = where.format(found.location.line_num)
            raise ConfigError(f"{at}{_complaint(found, who, used)}")


def _bindings(text: str) -> list[config_parser.BindingStatement]:
    statements = config_parser.ConfigParser(text, Names())
    return [each for each in statements if isinstance(each, config_parser.BindingStatement)]


def _parameter(binding: config_parser.BindingStatement) -> tuple[str, str, str]:
    """Returns (scope, selector, parameter) of a binding; a macro's scope is its name."""
    scope, selector, parameter = binding.scope or "", binding.selector, binding.arg_name
    if parameter:
        return scope, selector, parameter
    return f"{scope}/{selector}".strip("/"), MACRO, "value"


def _has(used: Used, binding: config_parser.BindingStatement) -> bool:
    """Returns whether a binding is among those that took part."""
    scope, selector, parameter = _parameter(binding)
    return any(
        inner == scope and _names(selector, other) and parameter in parameters
        for (inner, other), parameters in used.items()
    )


def _names(selector: str, other: str) -> bool:
    """Returns whether a selector is the end of a name with its module."""
    return f".{other}".endswith(f".{selector}")


def _may_be_of_others(
    selector: str, parameter: tuple[str, str, str], known: list[tuple[str, str, str]]
) -> bool:
    """Returns whether a file may bind a parameter for other commands than this, or other files."""
    if selector == MACRO:
        return parameter in known
    kind = REGISTERED.get(selector.rpartition(".")[2])
    return isinstance(kind, type) and issubclass(kind, Experiment | Sweep)


def _complaint(binding: config_parser.BindingStatement, who: str, used: Used) -> str:
    """Returns the message that a binding has no effect, with the one that was meant perhaps."""
    scope, selector, parameter = _parameter(binding)
    name = scope if selector == MACRO else f"{scope}/{selector}".strip("/")
    bound = name if selector == MACRO else f"{name}.{parameter}"
    winners = [
        f"{inner}/{selector}.{parameter}".strip("/")
        for (inner, other), parameters in used.items()
        if selector != MACRO and _names(selector, other) and parameter in parameters
    ]
    if winners:
        verb = "decides: bind that" if len(winners) == 1 else "decide: bind these"
        return f"{bound} is bound, but {' and '.join(winners)} {verb}"
    macros = [inner for inner, other in used if other == MACRO]
    close = difflib.get_close_matches(scope, macros, n=1) if selector == MACRO else []
    return f"{bound} is bound, but {who} {name}" + (f"; did you mean {close[0]}?" if close else "")
