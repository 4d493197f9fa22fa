"""Filters, and which rows may be averaged."""

import pytest
from synthetic import evaluation, instability, key, study

from lth_tf.analysis.where import comparable, split, where
from lth_tf.log.schema import FIELDS, LogError

ROWS = list(study())


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        (["network=imp"], lambda r: r["network"] == "imp"),
        (["level=3"], lambda r: r["level"] == 3),
        (["density=0.03518"], lambda r: r["level"] == 15),
        (["density=1"], lambda r: r["level"] == 0),
        (["density=1.0e0"], lambda r: r["level"] == 0),
        (["noise=1,2"], lambda r: r["noise"] == [1, 2]),
        (["noise=1"], lambda r: r["noise"] == [1]),
        (["diverged_at=null"], lambda r: True),
        (["barrier=from_mean_of_ends"], lambda r: r["kind"] == "instability"),
        (["model=LeNet 300-100"], lambda r: True),
        (["configuration=" + key("configuration")[:10]], lambda r: True),
        (["kind=evaluation", "initialization=1"], lambda r: (r["kind"], r["initialization"]) ==
         ("evaluation", 1)),
        (["level=3", "level=4"], lambda r: False),
    ],
)  # fmt: skip
def test_filters(filters, holds):
    assert where(ROWS, filters) == [row for row in ROWS if holds(row)]


def test_every_filter_that_should_find_something_does():
    assert where(ROWS, ["density=0.8"]) and where(ROWS, ["noise=2,3"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sparsity=3", "no field 'sparsity'; fields are " + ", ".join(f.name for f in FIELDS)),
        ("level", "it takes field=value"),
        ("level=three", "level takes integer, not 'three'"),
        ("level=3.5", "level takes integer"),
        ("density=x", "density takes fraction"),
        ("noise=a,b", "noise takes list of integers"),
        ("network=IMP", "network is one of dense, imp, "),
        ("software=tensorflow", "cannot be filtered by software"),
        ("alphas=0,1", "cannot be filtered by alphas"),
    ],
)
def test_a_question_that_makes_no_sense_is_one_line(text, message):
    with pytest.raises(LogError) as error:
        where(ROWS, [text])
    assert message in str(error.value) and "\n" not in str(error.value)
    assert f"--where={text}" in str(error.value)


def test_a_measurement_that_two_experiments_asked_for_counts_once():
    twice = [row | {"experiment": name} for name in ("imp", "train") for row in ROWS]
    kept, notes = comparable(twice)
    assert kept == twice[: len(ROWS)] and notes == []


def test_settings_that_rows_do_not_name_are_not_mixed():
    old = [evaluation(initialization=i, configuration="a" * 12) for i in range(3)]
    new = [
        evaluation(
            initialization=i, configuration="b" * 12, key=key("b", i), written="2026" + "-01" * 2 +
            "T00:00:00+00:00",
        )
        for i in range(2)
    ]  # fmt: skip
    other = [instability(configuration="c" * 12)]
    for rows in (old + new + other, new + other + old):
        kept, notes = comparable(rows)
        assert {row["configuration"][0] for row in kept} == {"b", "c"}
        assert notes == [
            "left out 3 rows of configuration aaaaaaaaaa: its settings are not those of "
            "bbbbbbbbbb, which wrote later; --where=configuration=aaaaaaaaaa shows them"
        ]


def test_several_random_masks_of_one_configuration_are_replicates():
    rows = [evaluation("random_pruning", key=key("mask", i)) for i in range(3)]
    assert comparable(rows) == (rows, [])


def test_two_definitions_of_the_barrier_of_one_line_are_both_kept():
    rows = [instability(), instability(barrier="from_line_between_ends")]
    assert comparable(rows) == (rows, [])


def test_split_is_in_order_of_the_values():
    assert list(split(ROWS, "network", "rewind_step"))[:2] == [("dense", 0), ("dense", 500)]
