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
_NUMBERS = ("integer", "number", "fraction")


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
    test = _test(fields.get(name), name, _COMPARISONS[sign], wanted, flag)
    return lambda row: _has(row, name) and test(value(row, name))


def _unknown(name: str, names: list[str]) -> str:
    def likeness(known: str) -> float:
        parts = (known.lower(), known.rpartition(".")[2].lower())
        return max(difflib.SequenceMatcher(None, name.lower(), part).ratio() for part in parts)

    close = sorted((known for known in names if likeness(known) >= _CLOSE), key=likeness)[:-4:-1]
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    return f"there is no field, axis or setting {name!r}{hint}"


def _has(row: Row, name: str) -> bool:
    return name in row or name in row["axes"] or name in row["settings"] or name in DERIVED


def _test(
    field: Field | None, name: str, compare: _Comparison, wanted: str, flag: str
) -> Callable[[Any], bool]:
    if wanted == "null" and (field is None or field.null != "never"):
        return lambda content: compare(content is None, True)
    if field is None:
        return _free_test(compare, wanted)
    if field.type == "list of integers":
        numbers = _number(lambda text: [int(part) for part in text.split(",")], field, wanted, flag)
        return lambda content: compare(content, numbers)
    if field.type in _NUMBERS:
        number = _number(int if field.type == "integer" else float, field, wanted, flag)
        return lambda content: content is not None and compare(_rounded(content), _rounded(number))
    if field.type not in ("text", "key", "date"):
        raise LogError(f"{flag}: rows cannot be filtered by {name}, {field.type}")
    if field.choices and wanted not in field.choices:
        raise LogError(f"{flag}: {name} is one of {', '.join(field.choices)}")
    if name in _KEYS and len(wanted) >= _SHORTEST_KEY:
        return lambda content: compare(content[: len(wanted)], wanted)
    return lambda content: compare(content, wanted)


def _free_test(compare: _Comparison, wanted: str) -> Callable[[Any], bool]:
    """Returns the test of an axis or setting: a number, a text, a truth value or a list."""
    try:
        number: float | None = float(wanted)
    except ValueError:
        number = None

    def test(content: Any) -> bool:
        if isinstance(content, int | float) and not isinstance(content, bool):
            return number is not None and compare(_rounded(content), _rounded(number))
        text = ",".join(map(str, content)) if isinstance(content, list) else str(content)
        return content is not None and compare(text, wanted)

    return test


def _number(read: Callable[[str], Any], field: Field, wanted: str, flag: str) -> Any:
    try:
        return read(wanted)
    except ValueError:
        raise LogError(f"{flag}: {field.name} takes {field.type}, not {wanted!r}") from None


def _rounded(number: float) -> float:
    return number if isinstance(number, int) else float(f"{number:.4g}")
