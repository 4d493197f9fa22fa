"""Bindings without effect, which are errors: what was meant by them does not happen."""

import functools
from collections.abc import Callable

from gin import config_parser

from lth_tf.config.failures import ConfigError
from lth_tf.config.making import Used
from lth_tf.config.parsing import BINDINGS
from lth_tf.config.syntax import Names


def check_used(
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
        in_file = where != BINDINGS
        for found in config_parser.ConfigParser(text, Names()):
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
