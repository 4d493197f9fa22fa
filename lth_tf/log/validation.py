"""Holds a row to the schema before it is written and after it is read."""

import datetime
import itertools
import math
import reprlib
from collections.abc import Callable, Mapping
from typing import Any

from lth_tf.log import fields
from lth_tf.log.fields import Axis, Field, NetworkKind, RowKind
from lth_tf.log.schema import COMMON, LogError, Row, fields_of, kinds

_COMMON = {field.name: field for field in COMMON}
_DECLARED = {cls.__name__ for cls in (Axis, Field, NetworkKind, RowKind)}


def validate(row: Row) -> None:
    """Raises LogError, one line naming the field, unless the row is as the schema has it.

    Beyond each field's own type: a row that diverged has null for everything measured and a row
    that is done for nothing of it; as many noise seeds as its kind has samples; lists as long as
    `alphas`; axes with names of their own. A kind that the row describes becomes known.
    """
    for name in ("kind", "status", "described"):
        _check_field(_COMMON[name], row)
    for item in row["described"]:
        try:
            _learn(item)
        except (KeyError, TypeError) as error:
            problem = f"described has no {item['class']} that can be used: {item['name']!r}"
            raise LogError(f"results row: {problem}") from error
    expected = fields_of(row["kind"])
    names = [field.name for field in expected]
    if unknown := [name for name in row if name not in names]:
        raise LogError(
            f"results row: {unknown[0]!r} is no field of kind {row['kind']!r}; "
            f"there are {', '.join(names)}"
        )
    for field in expected:
        _check_field(field, row)
    _check_together(row)


def _learn(item: Mapping[str, Any]) -> None:
    """Makes a kind known that a row describes and no module that is loaded has declared."""
    values = {name: value for name, value in item.items() if name != "class"}
    if item["class"] == "RowKind" and values["name"] not in kinds():
        for name in ("labels", "values"):
            values[name] = tuple(map(_field, values[name]))
        kind = RowKind(**values)
        if not _integer(kind.samples):
            raise TypeError(f"no number of samples: {kind.samples}")
        fields.register_kind(kind)
    if item["class"] == "NetworkKind" and values["name"] not in fields.network_kinds():
        fields.register_network(NetworkKind(**values))


def _field(item: Mapping[str, Any]) -> Field:
    """Returns a field that a row describes."""
    field = Field(**{**item, "choices": tuple(item["choices"])})
    if not (_text(field.name) and field.type in _TYPES and isinstance(field.null, str)):
        raise TypeError(f"no field: {item}")
    return field


def _check_field(field: Field, row: Row) -> None:
    if field.name not in row:
        raise LogError(f"results row: the field {field.name!r} is missing ({field.type})")
    value = row[field.name]
    if value is None and field.null in ("allowed", row.get("status")):
        return
    if not _TYPES[field.type](value) or (field.choices and value not in field.choices):
        raise LogError(
            f"results row: {field.name} is {reprlib.repr(value)}; it takes {_allowed(field)}"
        )


def _allowed(field: Field) -> str:
    if field.choices:
        return " or ".join(map(str, field.choices))
    details = {
        "integer": "an integer, 0 or more",
        "number": "a finite number",
        "fraction": "a number from 0 to 1",
        "text": "a text that is not empty",
        "key": "64 hexadecimal digits",
        "date": "a date and time in UTC, ISO 8601",
    }
    also = {"never": "", "diverged": ", and null only in a row that diverged"}
    return details.get(field.type, f"a {field.type}") + also.get(field.null, ", or null")


def _check_together(row: Row) -> None:
    samples, count = kinds()[row["kind"]].samples, len(row["noise"])
    seeds = f"{samples} seed{'s' * (samples > 1)}"
    _require(samples in (0, count), f"noise is {row['noise']}; kind {row['kind']!r} has {seeds}")
    taken = sorted(set(row["axes"]) & set(row))
    _require(not taken, f"axes has {', '.join(taken)}, which is the name of a field")
    if row["status"] == "diverged":
        for field in fields_of(row["kind"]):
            unmeasured = field.null != "diverged" or row[field.name] is None
            _require(unmeasured, f"{field.name} is not null in a row that diverged")
        return
    _require(row["diverged_at"] is None, "diverged_at is not null in a row that is done")
    if "alphas" in row:
        _check_line(row)


def _check_line(row: Row) -> None:
    alphas = row["alphas"]
    shown = "null" if alphas is None else reprlib.repr(alphas)
    _require(isinstance(alphas, list), f"alphas is {shown} in a row that is done")
    rising = all(map(_number, alphas)) and all(a < b for a, b in itertools.pairwise(alphas))
    ends = alphas[0] == 0 and alphas[-1] == 1
    _require(rising and ends, f"alphas is {shown}; it must rise from 0 to 1")
    for field in kinds()[row["kind"]].values:
        if field.type.startswith("list of") and row[field.name] is not None:
            count = len(row[field.name])
            problem = f"{field.name} has {count} values for {len(alphas)} alphas"
            _require(count == len(alphas), problem)


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise LogError(f"results row: {problem}")


def _integer(value: Any) -> bool:
    return type(value) is int and value >= 0


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and type(value) is not bool and math.isfinite(value)


def _fraction(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _key(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def _date(value: Any) -> bool:
    try:
        return datetime.datetime.fromisoformat(value).utcoffset() == datetime.timedelta(0)
    except (TypeError, ValueError):
        return False


def _list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) > 0 and all(map(check, value))


def _by_name(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, dict)
        and all(isinstance(name, str) and check(item) for name, item in value.items())
    )


def _setting(value: Any) -> bool:
    if type(value) is list:
        return all(map(_setting, value))
    return isinstance(value, (str, bool, type(None))) or _number(value)


def _declaration(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(_text(value.get(name)) for name in ("class", "name"))
        and value["class"] in _DECLARED
    )


_TYPES: dict[str, Callable[[Any], bool]] = {
    "integer": _integer,
    "number": _number,
    "fraction": _fraction,
    "text": _text,
    "key": _key,
    "date": _date,
    "list of integers": _list_of(_integer),
    "list of fractions": _list_of(_fraction),
    "list of numbers or null": _list_of(lambda value: value is None or _number(value)),
    "rows of fractions": lambda value: (
        _list_of(_list_of(_fraction))(value) and len({len(row) for row in value}) == 1
    ),
    "fractions by name": _by_name(_fraction),
    "texts by name": _by_name(_text),
    "values by name": _by_name(_setting),
    "declarations": lambda value: isinstance(value, list) and all(map(_declaration, value)),
}
