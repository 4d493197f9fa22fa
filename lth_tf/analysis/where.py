"""Filters of rows: 'network=imp', 'Constant.rate<0.01', 'sigma>=0.5'."""

import difflib
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lth_tf.analysis.points import DERIVED, value
from lth_tf.log.fields import Field
from lth_tf.log.schema import LogError, Row, all_fields

_KEYS = ("key", "configuration")
_SHORTEST_KEY = 6
_Comparison = Callable[[Any, Any], bool]
_COMPARISONS: dict[str, _Comparison] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_FILTER = re.compile(r"(.+?)(<=|>=|!=|=|<|>)(.*)", re.DOTALL)
_CLOSE = 0.75  # likeness of a name to one that was meant


def where(rows: Iterable[Row], filters: Sequence[str]) -> list[Row]:
    """Returns the rows for which every filter holds: a name, one of =, !=, <, <=, >, >=, a value.

    Names are fields, axes and settings. Fractional numbers are compared to 4 significant digits,
    as tables print them; keys by their first digits, 6 or more; lists as '1,2'; null as 'null'.
    A row that lacks the name (`barrier` of an evaluation) does not match.

    Raises:
      LogError: no row has such a name, or a value that it cannot have.
    """
    rows = list(rows)
    tests = [_parse(text, rows) for text in filters]
    return [row for row in rows if all(test(row) for test in tests)]


def _parse(text: str, rows: list[Row]) -> Callable[[Row], bool]:
    flag, parts, fields = f"where={text}", _FILTER.fullmatch(text), all_fields()
    if not parts:
        raise LogError(f"{flag}: it takes NAME=VALUE, or one of {', '.join(_COMPARISONS)}")
    name, sign, wanted = parts.groups()
    further = {n for row in rows for values in (row["axes"], row["settings"]) for n in values}
    names = [*fields, *sorted(further), *DERIVED]
    if name not in names:
        raise LogError(f"{flag}: {_unknown(name, names)}")
    if name in fields:
        _check(fields[name], wanted, flag)
    compare, length = _COMPARISONS[sign], len(wanted)
    is_prefix = name in _KEYS and length >= _SHORTEST_KEY

    def test(row: Row) -> bool:
        if not (name in row or name in row["axes"] or name in row["settings"] or name in DERIVED):
            return False
        content = value(row, name)
        return _holds(content[:length] if is_prefix else content, compare, wanted)

    return test


def _unknown(name: str, names: list[str]) -> str:
    def likeness(known: str) -> float:
        parts = (known.lower(), known.rpartition(".")[2].lower())
        return max(difflib.SequenceMatcher(None, name.lower(), part).ratio() for part in parts)

    close = sorted((known for known in names if likeness(known) >= _CLOSE), key=likeness)[:-4:-1]
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    return f"there is no field, axis or setting {name!r}{hint}"


def _check(field: Field, wanted: str, flag: str) -> None:
    """Raises LogError if a field cannot have a value, given as text."""
    number = int if field.type in ("integer", "list of integers") else float
    if wanted == "null" and field.null != "never":
        return
    if field.type in ("integer", "number", "fraction", "list of integers"):
        try:
            for part in wanted.split(",") if field.type == "list of integers" else [wanted]:
                number(part)
        except ValueError:
            raise LogError(f"{flag}: {field.name} takes {field.type}, not {wanted!r}") from None
    elif field.type not in ("text", "key", "date"):
        raise LogError(f"{flag}: rows cannot be filtered by {field.name}, {field.type}")
    elif field.choices and wanted not in field.choices:
        raise LogError(f"{flag}: {field.name} is one of {', '.join(field.choices)}")


def _holds(content: Any, compare: _Comparison, wanted: str) -> bool:
    """Returns whether a comparison holds with a value that is given as text."""
    if wanted == "null":
        return compare(content is None, True)
    if content is None:
        return False
    try:
        if isinstance(content, int) and not isinstance(content, bool):
            return compare(content, _number(wanted))
        if isinstance(content, float):
            return compare(float(f"{content:.4g}"), float(f"{float(wanted):.4g}"))
        if isinstance(content, list) and not any(isinstance(item, str) for item in content):
            return compare(content, [_number(part) for part in wanted.split(",")])
    except (ValueError, TypeError):  # It is no number, or the list is of lists.
        if not isinstance(content, list):
            return False
    text = ",".join(map(str, content)) if isinstance(content, list) else str(content)
    return compare(text, wanted)


def _number(text: str) -> float:
    """Returns a number, a whole one with all its digits."""
    try:
        return int(text)
    except ValueError:
        return float(text)
