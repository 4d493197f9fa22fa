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


def in_words(value: Any) -> str:
    """Returns a field's value for people: '24,000', '0.1', '0, 250, 500', 'crop_and_flip'."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        # Thousands have no comma here: it is what stands between the values.
        return ", ".join(in_words(item).replace(",", "") for item in value) or "none"
    return str(value)


def fields_in_words(fields: dict[str, Any]) -> str:
    """Returns fields as text: 'depth 20, width 16, shortcut projection'; tuples in brackets."""
    texts = []
    for name, value in fields.items():
        text = f"({in_words(value)})" if isinstance(value, tuple) else in_words(value)
        texts.append(f"{name.replace('_', ' ')} {text}")
    return ", ".join(texts)
