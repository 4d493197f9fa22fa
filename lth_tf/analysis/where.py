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
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_FILTER = re.compile(r"(.+?)(<=|>=|!=|=|<|>)(.*)", re.DOTALL)
_ALIKE = 0.75  # of a name to one that was meant
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
    said, parts, fields = f"where={text}", _FILTER.fullmatch(text), all_fields()
    if not parts:
        raise LogError(f"{said}: it takes NAME=VALUE, or one of {', '.join(_COMPARISONS)}")
    name, sign, wanted = parts.groups()
    own = {n for row in rows for values in (row["axes"], row["settings"]) for n in values}
    if name not in fields and name not in own and name not in DERIVED:
        raise LogError(f"{said}: {_unknown(name, [*fields, *sorted(own), *DERIVED])}")
    test = _test(fields.get(name), name, sign, wanted, said)
    return lambda row: _has(row, name) and test(value(row, name))


def _unknown(name: str, names: list[str]) -> str:
    def likeness(each: str) -> float:
        parts = (each, each.rpartition(".")[2])
        ratios = (
            difflib.SequenceMatcher(None, name.lower(), part.lower()).ratio() for part in parts
        )
        return max(ratios)

    close = sorted((each for each in names if likeness(each) >= _ALIKE), key=likeness)[:-4:-1]
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    return f"there is no field, axis or setting {name!r}{hint}"


def _has(row: Row, name: str) -> bool:
    return name in row or name in row["axes"] or name in row["settings"] or name in DERIVED


def _test(
    field: Field | None, name: str, sign: str, wanted: str, said: str
) -> Callable[[Any], bool]:
    compare = _COMPARISONS[sign]
    if wanted == "null" and (field is None or field.null != "never"):
        return lambda found: compare(found is None, True)
    if field is None:
        return _free_test(compare, wanted)
    if field.type == "list of integers":
        numbers = _number(lambda text: [int(part) for part in text.split(",")], field, wanted, said)
        return lambda found: compare(found, numbers)
    if field.type in _NUMBERS:
        number = _number(int if field.type == "integer" else float, field, wanted, said)
        return lambda found: found is not None and compare(_rounded(found), _rounded(number))
    if field.type not in ("text", "key", "date"):
        raise LogError(f"{said}: rows cannot be filtered by {name}, {field.type}")
    if field.choices and wanted not in field.choices:
        raise LogError(f"{said}: {name} is one of {', '.join(field.choices)}")
    if name in _KEYS and len(wanted) >= _SHORTEST_KEY:
        return lambda found: compare(found[: len(wanted)], wanted)
    return lambda found: compare(found, wanted)


def _free_test(compare: Callable[[Any, Any], bool], wanted: str) -> Callable[[Any], bool]:
    """Returns the test of an axis or setting: a number, a text, a truth value or a list."""
    try:
        number: float | None = float(wanted)
    except ValueError:
        number = None

    def test(found: Any) -> bool:
        if isinstance(found, int | float) and not isinstance(found, bool):
            return number is not None and compare(_rounded(found), _rounded(number))
        text = ",".join(map(str, found)) if isinstance(found, list) else str(found)
        return found is not None and compare(text, wanted)

    return test


def _number(read: Callable[[str], Any], field: Field, wanted: str, said: str) -> Any:
    try:
        return read(wanted)
    except ValueError:
        raise LogError(f"{said}: {field.name} takes {field.type}, not {wanted!r}") from None


def _rounded(number: float) -> float:
    return number if isinstance(number, int) else float(f"{number:.4g}")
