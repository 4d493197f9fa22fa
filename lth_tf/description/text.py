"""Rows of a label and a value as text, no wider than a terminal of 80 columns."""

import textwrap
from collections.abc import Iterable
from typing import Any

WIDTH = 80
_LABEL = 16

Fact = tuple[str, str]  # a label, and its value


def section(title: str, rows: Iterable[Fact]) -> str:
    """Returns a title with rows below it; long values are wrapped, lines of a value are kept."""
    return "\n".join([title, *(_lines(label, value) for label, value in rows)])


def _lines(label: str, value: str) -> str:
    head, wide = f"  {label:<{_LABEL}}", WIDTH - _LABEL - 2
    if len(label) >= _LABEL:
        head = f"  {label}\n" + " " * (_LABEL + 2)
    lines = [part for line in value.splitlines() for part in _wrapped(line, wide)] or [""]
    return (head + ("\n" + " " * (_LABEL + 2)).join(lines)).rstrip()


def _wrapped(line: str, width: int) -> list[str]:
    """Returns the lines of a value: drawings keep their spaces, long words stay whole."""
    if len(line) <= width:
        return [line]
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]


def shown(value: Any) -> str:
    """Returns a field's value for people: '24,000', '0.1', '0, 250, 500', 'crop_and_flip'."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        # Thousands have no comma here: it is what stands between the values.
        return ", ".join(shown(v).replace(",", "") for v in value) or "none"
    return str(value)


def named(fields: dict[str, Any]) -> str:
    """Returns fields as text: 'depth 20, width 16, shortcut projection'; tuples in brackets."""
    texts = {n: f"({shown(v)})" if isinstance(v, tuple) else shown(v) for n, v in fields.items()}
    return ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in texts.items())
