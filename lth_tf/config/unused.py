"""Bindings without effect, which are errors, so that no typo goes unseen."""

import contextlib
import difflib
import functools

from gin.config_parser import BindingStatement

from lth_tf.config.errors import ConfigError
from lth_tf.config.instantiation import Used, described, used_by
from lth_tf.config.parsing import BINDINGS, Sources, parse, shipped_files
from lth_tf.config.registry import REGISTERED
from lth_tf.config.syntax import MACRO, bindings, parameter
from lth_tf.errors import UserError
from lth_tf.experiments import Sweep
from lth_tf.experiments.experiment import Experiment


def check_used(who: str, sources: Sources, used: Used) -> None:
    """Raises ConfigError about the first binding in some texts that had no effect.

    Bindings of included files are not looked at: a file that includes another one may choose, say,
    another model. A file may be meant for other commands, too. It may bind fields of experiments,
    parameters that other experiments of the files use, and macros that an included file binds;
    if it describes no experiment, also parameters that an experiment of the package uses.

    Args:
      who: the subject and verb of the complaint, as in 'the experiment Imp never uses'.
      sources: the texts that gin's present configuration was parsed from.
      used: the parameters that took part.
    """

    @functools.cache
    def by_others() -> Used:
        return used_by([*described(), Sweep])

    of_setting = functools.cache(_used_of_setting)
    known = [parameter(each) for text in sources.included for each in bindings(text)]
    for source in sources.given:
        for binding in bindings(source.text):
            if (
                _has(used, binding)
                or (source.label != BINDINGS and _has(by_others(), binding))
                or (source.file and _is_of_an_experiment(binding))
                or (source.file and not binding.arg_name and parameter(binding) in known)
                or (source.file and _has(of_setting(source.file), binding))
            ):
                continue
            line = f", line {binding.location.line_num}" if source.file else ""
            raise ConfigError(f"{source.label}{line}: {_complaint(binding, who, used)}")


def _has(used: Used, binding: BindingStatement) -> bool:
    """Returns whether a binding is among those that took part."""
    scope, selector, name = parameter(binding)
    return any(
        (inner, other_name) == (scope, name) and _names(selector, other)
        for inner, other, other_name in used
    )


def _names(selector: str, other: str) -> bool:
    """Returns whether a selector is the end of a name with its module."""
    return f".{other}".endswith(f".{selector}")


def _is_of_an_experiment(binding: BindingStatement) -> bool:
    kind = REGISTERED.get(binding.selector.rpartition(".")[2]) if binding.arg_name else None
    return isinstance(kind, type) and issubclass(kind, Experiment | Sweep)


def _used_of_setting(file: str) -> Used:
    """Returns the parameters of a file that experiments of the package use.

    There are none for a file that describes an experiment. gin's configuration is another one
    afterwards.
    """
    used: Used = set()
    shipped = shipped_files()
    experiments = sorted(map(str, (shipped / "experiments").glob("*.gin"))) if shipped else []
    with contextlib.suppress(UserError):
        parse([file], [])
        if described():
            return used
        for experiment in experiments:
            # A file may lack what an experiment needs.
            with contextlib.suppress(UserError):
                parse([experiment, file], [])
                used |= used_by(described())
    return used


def _complaint(binding: BindingStatement, who: str, used: Used) -> str:
    """Returns the message that a binding has no effect, with the one that was meant perhaps."""
    scope, selector, name = parameter(binding)
    if selector == MACRO:
        macros = sorted({inner for inner, other, _ in used if other == MACRO})
        close = difflib.get_close_matches(scope, macros, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        return f"{scope} is bound, but {who} {scope}{hint}"
    owner = f"{scope}/{selector}".strip("/")
    winners = sorted(
        f"{inner}/{selector}.{name}".strip("/")
        for inner, other, other_name in used
        if other_name == name and _names(selector, other)
    )
    if not winners:
        return f"{owner}.{name} is bound, but {who} {owner}"
    verb = "decides: bind that" if len(winners) == 1 else "decide: bind these"
    return f"{owner}.{name} is bound, but {' and '.join(winners)} {verb}"
