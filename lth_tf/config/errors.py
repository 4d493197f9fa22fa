"""Errors about gin files and bindings: one line each, where gin's own messages span several."""

import contextlib
import difflib
import inspect
import re
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

from lth_tf.config.registry import REGISTERED
from lth_tf.config.users_code import plain, raised_in_words, users_modules, users_place
from lth_tf.errors import UserError, shortened
from lth_tf.recipes import Recipe, RecipeError

_GIN_ERRORS = (
    *(ValueError, TypeError, SyntaxError, ImportError, OSError, RuntimeError),
    tokenize.TokenError,
)
_BINDING = "gin_bindings="
_WORDS = {"true": "True", "false": "False", "none": "None", "null": "None"}
# Names that others use for what has another name here.
_ELSEWHERE = {"sgd": "Momentum, which with momentum = 0 is SGD", "adamw": "Adam"}


class ConfigError(UserError):
    """A gin file or binding that cannot be used: one line naming it, and what is allowed."""


@contextlib.contextmanager
def explained(where: str = "") -> Iterator[None]:
    """Turns gin's errors about a user's files and bindings into an error of one line.

    If a user's own code raised the error, which gin imports and calls, its file and line are named.

    Args:
      where: the file or the binding, with which the line begins; '' if it is not known.
    """
    start = f"{where}: " if where else ""
    try:
        yield
    except UserError as error:
        # gin adds lines of its own to the message, and makes the type a new one.
        kind = RecipeError if isinstance(error, RecipeError) else ConfigError
        line = str(error).strip().splitlines()[0]
        place = users_place(error)
        raise kind(f"{place}: {line}" if place else line) from None
    except (Exception, SystemExit) as error:
        if place := users_place(error):
            raise ConfigError(f"{start}{place}: {raised_in_words(error)}") from None
        if not isinstance(error, _GIN_ERRORS):
            raise
        raise ConfigError(start + _explanation(error, where)) from None


def _explanation(error: BaseException, where: str) -> str:
    """Returns an error of gin's as one line."""
    if isinstance(error, RecursionError):  # Values are made once all files are read.
        itself = "a file includes itself" if where else "a value refers to itself"
        return f"{itself}, perhaps by way of another"
    text = str(error)
    if match := re.search(r"No bindings specified for '(.+)/gin\.macro'", text):
        return f"%{match[1]} stands for a value, but {match[1]} is not bound to one"
    if match := re.search(_NOT_BOUND, text):
        names = re.findall(r"'(\w+)'", match[1] or match[2])
        return f"not bound, but needed: {', '.join(f'{match[3]}.{name}' for name in names)}"
    if match := re.search(r"(?s)Failed to parse token '(.+?)' \((?:[^()]*, )?line (\d+)\)", text):
        return _no_value(match[1], match[2], where)
    allowed = _allowed(text)
    # Python's tokenizer gives a pair: what is wrong, and (line, column).
    text = re.sub(r"^\('(.*)', \((\d+), \d+\)\)", r"\1 (line \2)", text).replace("<tokenize>, ", "")
    text = re.sub(r" \(<(?:function|class) [^)]*>\)", "", text)
    lines = (line.strip(" ^.") for line in text.splitlines())
    return plain("; ".join(filter(None, lines))) + allowed


# gin's message about arguments without a value, or Python's, where they are by keyword only.
_NOT_BOUND = (
    r"(?s)(?:No values supplied by Gin or caller for arguments: \[(.*?)\]"
    r"|missing \d+ required keyword-only arguments?: ([^\n]*))"
    r".*In call to configurable '(\w+)'"
)


def _no_value(token: str, line: str, where: str) -> str:
    """Returns advice on a word without quotes, which a shell may have taken."""
    _, is_binding, binding = where.rpartition(_BINDING)
    at = "" if is_binding else f"line {line}: "
    name = binding.partition("=")[0].strip() if is_binding else ""
    token = shortened(token, 100)
    if word := _WORDS.get(token.lower()):
        return f"{at}{token} is no value; it is written {word}"
    if token in REGISTERED:
        return f"{at}{token} is no value; what is made by name is written @{token}()"
    quoted = f"'{token}'"
    example = f'--gin_bindings="{name}={quoted}"' if name else quoted
    return (
        f"{at}{token} is no value: a string takes quotes, {example}, "
        "and what is made by name is written as @Adam()"
    )


def _allowed(text: str) -> str:
    """Returns the names to use in place of one that gin does not know; '' for other errors."""
    if match := re.search(r"Configurable '([\w.]+)' doesn't have a parameter named", text):
        target = REGISTERED.get(match[1].rpartition(".")[2])
        return f"; it has {', '.join(inspect.signature(target).parameters)}" if target else ""
    if match := re.search(r"No configurable matching (reference )?'@?([\w./]+)", text):
        return f"; {_instead(re.split(r'[./]', match[2])[-1], bool(match[1]))}"
    return ""


def _instead(name: str, is_reference: bool) -> str:
    """Returns the likely name in place of one that is not registered, or all names."""
    for module in users_modules():
        if getattr(getattr(module, name, None), "__module__", None) == module.__name__:
            return (
                f"{Path(str(module.__file__)).name} has {name}: write @register above it "
                "(from lth_tf.config import register)"
            )
    if other := _ELSEWHERE.get(name.lower()):
        return f"did you mean {other}?"
    if close := difflib.get_close_matches(name, REGISTERED, n=1):
        return f"did you mean {close[0]}?"
    return f"there are {_names_by_kind() if is_reference else ', '.join(sorted(REGISTERED))}"


def _names_by_kind() -> str:
    """Returns all names that can be referred to, by kind: 'Adam, Momentum (Optimizer); ...'."""
    kinds: dict[str, list[str]] = {}
    for name, target in sorted(REGISTERED.items()):
        kinds.setdefault(_kind(target), []).append(name)
    rest = ", ".join(kinds.pop("", []))
    return "; ".join([*(f"{', '.join(names)} ({kind})" for kind, names in kinds.items()), rest])


def _kind(target: Callable[..., object]) -> str:
    """Returns the name of the class below Recipe that one derives from; '' if there is none."""
    mro = target.__mro__ if isinstance(target, type) else (target, Recipe)
    bases = [base.__name__ for base in mro[1 : mro.index(Recipe)]] if Recipe in mro else []
    return bases[-1] if bases else ""
