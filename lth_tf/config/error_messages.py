"""Explains gin's errors, which span lines, in one line: what is wrong and what is allowed."""

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lth_tf.config.users_code import plain, users_modules
from lth_tf.errors import shortened
from lth_tf.recipes import Recipe

Registered = Mapping[str, Callable[..., Any]]

_BINDING = "gin_bindings="
_WORDS = {"true": "True", "false": "False", "none": "None", "null": "None"}
# What others call what we have under another name.
_ELSEWHERE = {"sgd": "Momentum, which with momentum = 0 is SGD", "adamw": "Adam"}


def explain(error: BaseException, where: str, registered: Registered) -> str:
    """Returns an error of gin's as one line.

    Args:
      error: what parsing gin files, or making what they describe, raised.
      where: what the line begins with: the file, or the binding.
      registered: what gin files can bind, by name.
    """
    if isinstance(error, RecursionError):
        return "a file includes itself, perhaps by way of another"
    text = str(error)
    for pattern, explanation in _EXPLANATIONS:
        if found := re.search(pattern, text):
            return explanation(*found.groups())
    if found := re.search(r"(?s)Failed to parse token '(.+?)' \((?:[^()]*, )?line (\d+)\)", text):
        return _no_value(found[1], found[2], where, registered)
    allowed = _allowed(text, registered)
    # Python's tokenizer gives a pair: what is wrong, and (line, column).
    text = re.sub(r"^\('(.*)', \((\d+), \d+\)\)", r"\1 (line \2)", text).replace("<tokenize>, ", "")
    text = re.sub(r" \(<(?:function|class) [^)]*>\)", "", text)
    lines = (line.strip(" ^.") for line in text.splitlines())
    return plain("; ".join(filter(None, lines))) + allowed


def _not_bound(names: str, configurable: str) -> str:
    wanted = ", ".join(f"{configurable}.{name.strip(' ' + chr(39))}" for name in names.split(","))
    return f"not bound, but needed: {wanted}"


def _no_macro(name: str) -> str:
    return f"%{name} stands for a value, but {name} is not bound to one"


_EXPLANATIONS: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"No bindings specified for '(.+)/gin\.macro'", _no_macro),
    (
        r"(?s)No values supplied by Gin or caller for arguments: \[(.*?)\]"
        r".*In call to configurable '(\w+)'",
        _not_bound,
    ),
)


def _no_value(token: str, line: str, where: str, registered: Registered) -> str:
    """Returns advice on a word without quotes, which a shell may have taken."""
    _, is_binding, binding = where.rpartition(_BINDING)
    at = "" if is_binding else f"line {line}: "
    name = binding.partition("=")[0].strip() if is_binding else ""
    token = shortened(token, 100)
    if word := _WORDS.get(token.lower()):
        return f"{at}{token} is no value; it is written {word}"
    if token in registered:
        return f"{at}{token} is no value; what is made by name is written @{token}()"
    quoted = f"'{token}'"
    example = f'--gin_bindings="{name}={quoted}"' if name else quoted
    return (
        f"{at}{token} is no value: a string takes quotes, {example}, "
        "and what is made by name is written as @Adam()"
    )


def _allowed(text: str, registered: Registered) -> str:
    """Returns the names to use in place of one that gin did not find; '' for other errors."""
    if found := re.search(r"Configurable '([\w.]+)' doesn't have a parameter named", text):
        target = registered.get(found[1].rpartition(".")[2])
        return f"; it has {', '.join(inspect.signature(target).parameters)}" if target else ""
    if found := re.search(r"No configurable matching (reference )?'@?([\w./]+)", text):
        return f"; {_instead(re.split(r'[./]', found[2])[-1], bool(found[1]), registered)}"
    return ""


def _instead(name: str, is_reference: bool, registered: Registered) -> str:
    """Returns the likely name in place of one that is not registered, or all names."""
    for module in users_modules():
        if getattr(getattr(module, name, None), "__module__", None) == module.__name__:
            return (
                f"{Path(str(module.__file__)).name} has {name}: write @register above it "
                "(from lth_tf.config import register)"
            )
    if other := _ELSEWHERE.get(name.lower()):
        return f"did you mean {other}?"
    if close := difflib.get_close_matches(name, registered, n=1):
        return f"did you mean {close[0]}?"
    return f"there are {_by_kind(registered) if is_reference else ', '.join(sorted(registered))}"


def _by_kind(registered: Registered) -> str:
    """Returns all names that can be referred to, by kind: 'Adam, Momentum (Optimizer); ...'."""
    kinds: dict[str, list[str]] = {}
    for name, target in sorted(registered.items()):
        kinds.setdefault(_kind(target), []).append(name)
    last = ", ".join(kinds.pop("", []))
    named = [f"{', '.join(names)} ({kind})" for kind, names in kinds.items()]
    return "; ".join([*named, last])


def _kind(target: Callable[..., Any]) -> str:
    """Returns the name of the class below Recipe that one derives from; '' if there is none."""
    mro = target.__mro__ if isinstance(target, type) else (target, Recipe)
    bases = [each.__name__ for each in mro[1 : mro.index(Recipe)]] if Recipe in mro else []
    return bases[-1] if bases else ""
