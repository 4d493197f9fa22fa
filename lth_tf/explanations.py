"""From gin's errors, which span lines, to one line that says what is wrong and what is allowed."""

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any


def explain(error: Exception, registered: Mapping[str, Callable[..., Any]]) -> str:
    """Returns an error of gin's as one line.

    Args:
      error: what parsing gin files, or making what they describe, raised.
      registered: what gin files can bind, by name.
    """
    if isinstance(error, RecursionError):
        return "a file includes itself, perhaps by way of another"
    text = str(error)
    for pattern, explanation in _EXPLANATIONS:
        if found := re.search(pattern, text):
            return explanation(*found.groups())
    # Python's tokenizer gives a pair: what is wrong, and (line, column).
    text = re.sub(r"^\('(.*)', \((\d+), \d+\)\)", r"\1 (line \2)", text).replace("<tokenize>, ", "")
    lines = (line.strip(" ^.") for line in text.splitlines())
    return "; ".join(filter(None, lines)) + _allowed(text, registered)


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


def _allowed(text: str, registered: Mapping[str, Callable[..., Any]]) -> str:
    """What there is in place of the name that gin did not find, if that was the matter."""
    if found := re.search(r"Configurable '([\w.]+)' doesn't have a parameter named", text):
        target = registered.get(found[1].rpartition(".")[2])
        return f"; it has {', '.join(inspect.signature(target).parameters)}" if target else ""
    if found := re.search(r"No configurable matching (?:reference )?'@?([\w./]+)", text):
        name = re.split(r"[./]", found[1])[-1]
        close = difflib.get_close_matches(name, registered, n=1)
        return (
            f"; did you mean {close[0]}?"
            if close
            else f"; there are {', '.join(sorted(registered))}"
        )
    return ""
