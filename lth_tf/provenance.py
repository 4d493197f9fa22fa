"""Provenance of numbers: the device, software and settings of libraries that computed them.

The same recipe gives the same bytes on one kind of machine. On another, or with other settings,
the last digits of a sum differ, and after some steps of training everything does. So commands that
mix such numbers warn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

# The fields of a journal's entry that decide rounding: a text, and two tables of values.
_FIELDS = ("device", "software", "settings")
_NAMES = {"onednn": "oneDNN", "xla_flags": "XLA_FLAGS"}


def values(document: Mapping[str, Any]) -> dict[str, str]:
    """Returns the provenance in a document: name -> value, both as text."""
    texts: dict[str, str] = {}
    for field in _FIELDS:
        value = document.get(field)
        items = value.items() if isinstance(value, dict) else [(field, value)] if value else []
        texts |= {_NAMES.get(name, name): _text(item) for name, item in items}
    return texts


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) or "none"


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Returns the differences between two documents, such as 'oneDNN was off, is on'.

    Names that only one of them has do not count.
    """
    old, new = values(before), values(now)
    changed = (name for name in new if old.get(name, new[name]) != new[name])
    return [f"{name} was {old[name]}, is {new[name]}" for name in changed]


def kinds(documents: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Counts documents by the values that vary, such as 'device Intel Xeon, oneDNN on'.

    A value that a document lacks (an older one) is 'unknown'. If nothing varies there is at most
    one kind, ''.
    """
    tables = [values(document) for document in documents]
    names = dict.fromkeys(name for table in tables for name in table)
    varied = [name for name in names if len({t[name] for t in tables if name in t}) > 1]
    kinds_of_tables = (
        ", ".join(f"{name} {table.get(name, 'unknown')}" for name in varied) for table in tables
    )
    return Counter(kinds_of_tables)


def mixture(documents: Iterable[Mapping[str, Any]], noun: str) -> str | None:
    """Returns a line saying that documents of several kinds meet; None if they are of one kind.

    Args:
      noun: a plural for the documents, such as 'rows'.
    """
    counts = kinds(documents)
    if len(counts) < 2:
        return None
    listed = "; ".join(f"{kind} ({count:,})" for kind, count in counts.most_common())
    return (
        f"{noun} of {len(counts)} kinds of machine or setting meet here, on which the same recipe "
        f"gives other numbers: {listed}"
    )
