"""Tables that papers print, written as text: each cell at its column and network."""

import math

import pytest

from lth_tf.papers.rows import Column, accuracy, table
from lth_tf.report.paper import Value

FULL, IMP = accuracy("dense"), accuracy("imp")
COLUMNS = [Column("Full", "%", FULL, 3), Column("IMP", "yes or no", IMP, remark="of two")]


def read(text, *parts, **more):
    found = {}
    for printed in table("Table 9", text, *parts, **more):
        for number in printed.numbers():
            assert (number.printed.where, number.printed.statistic) in (
                ("Table 9", FULL), ("Table 9", IMP),
            )  # fmt: skip
            found[number.network, printed.what] = number
    return found


def test_cells_are_read_row_by_row_one_part_below_the_other():
    found = read("98.0+.2 Y 7 N  -0.5*", (COLUMNS, ["a", "b"]), (COLUMNS[:1], ["c"]),
                 notes={"*": "misprinted"})  # fmt: skip
    assert {place: number.value for place, number in found.items()} == {
        ("a", "Full"): 98.0, ("b", "Full"): 7, ("a", "IMP"): 1.0, ("b", "IMP"): 0.0,
        ("c", "Full"): -0.5,
    }  # fmt: skip
    full, imp = found["a", "Full"], found["a", "IMP"]
    assert (full.std, full.printed.samples, full.remark) == (0.2, 3, "")
    assert math.isnan(imp.std) and imp.remark == "of two"
    assert found["c", "Full"].remark == "misprinted"


def test_half_ranges_are_no_deviations():
    (printed,) = table("Table 9", "285~34", (COLUMNS[:1], ["a"]))
    value = printed.values["a"]
    assert isinstance(value, Value) and math.isnan(value.std)
    assert (value.value, value.half_range) == (285, 34)


@pytest.mark.parametrize("text", ["98.0", "98.0 Y 7", "98.0 ?", "98.0 Y*", "98.0+ Y"])
def test_a_table_with_cells_too_many_too_few_or_of_no_form_is_refused(text):
    with pytest.raises((AssertionError, ValueError, KeyError)):
        list(table("Table 9", text, (COLUMNS, ["a"])))
