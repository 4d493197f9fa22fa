"""Tables and aggregates against numbers worked out by hand."""

import csv
import io
import json
import math
from typing import Any

import pytest
from synthetic import comparison, distance, evaluation, instability, key, study

from lth_tf.analysis.table import Spread, aggregate, as_csv, as_json, as_table, spread, summary
from lth_tf.log.schema import FIELDS


def test_spread_is_the_sample_standard_deviation():
    assert spread([1.0, 2.0, 3.0, 6.0]) == Spread(3.0, math.sqrt(14 / 3), 4)
    assert spread([1.0, None, 3.0]) == Spread(2.0, math.sqrt(2), 2)
    one, none = spread([5.0]), spread([])
    assert one.mean == 5 and math.isnan(one.std) and one.n == 1
    assert none.n == 0 and math.isnan(none.mean)
    assert (one.percent(), none.percent()) == ("500.00", "-")
    assert Spread(0.98166, 0.00061, 3).percent() == "98.17 ± 0.06"


def test_aggregate_by_fields():
    rows = [
        evaluation("imp", 0, test_error=0.25),
        evaluation("imp", 1, test_error=0.75),
        evaluation("dense", 0, level=0, test_error=0.5),
    ]
    found = aggregate(rows, ["network", "level"], "test_error")
    assert list(found) == [("dense", 0), ("imp", 15)]
    assert found["imp", 15] == pytest.approx((0.5, math.sqrt(0.125), 2))


def test_json_gives_back_the_rows():
    rows = list(study())
    assert json.loads(as_json(rows)) == rows
    assert json.loads(as_json([])) == []


def test_csv_has_every_field_and_reads_back():
    rows = [evaluation(), instability()]
    first, second = csv.DictReader(io.StringIO(as_csv(rows)))
    assert list(first) == [field.name for field in FIELDS]
    assert float(first["test_error"]) == rows[0]["test_error"]
    assert first["alphas"] == "" and first["diverged_at"] == ""
    assert json.loads(second["test_errors"]) == rows[1]["test_errors"]
    assert json.loads(second["layer_density"]) == rows[1]["layer_density"]


def test_table_has_one_line_a_row_and_shows_no_empty_column():
    text = as_table([evaluation(), evaluation("dense", level=0)])
    lines = text.splitlines()
    assert len(lines) == 3 and "test_instability" not in text
    assert lines[1].split()[:3] == ["instability", "evaluation", "imp"]
    assert as_table([]) == summary([]) == "no row fits"


def test_summary_of_a_small_study():
    rows = [
        evaluation("dense", 0, 1, level=0, test_error=0.25),
        evaluation("dense", 1, 1, level=0, test_error=0.5),
        evaluation("imp", 0, 1, rewind_step=100, test_error=0.125),
        instability("imp", 0, rewind_step=100, test_instability=0.0625),
        evaluation("imp", 0, 2, rewind_step=100, test_error=0.25),
        evaluation("random_pruning", 0, 1, test_error=0.75),
    ]
    lines = [line.split() for line in summary(rows).splitlines()]
    assert lines[0] == ["LeNet", "300-100", "on", "mnist,", "after", "24000", "steps"]
    assert lines[3] == ["dense", "0", "100%", "2", "62.50", "±", "17.68", "0", "-"]
    assert lines[4] == ["imp", "100", "3.52%", "2", "81.25", "±", "8.84", "1", "6.25"]
    assert lines[5] == ["random_pruning", "0", "3.52%", "1", "25.00", "0", "-"]
    assert len(lines) == 8


def test_summary_counts_no_measurement_twice_and_names_what_diverged():
    rows = [evaluation(initialization=i, experiment=e) for i in range(2) for e in ("imp", "train")]
    nulls: dict[str, Any] = {
        "train_error": None,
        "test_error": None,
        "train_loss": None,
        "test_loss": None,
    }
    rows.append(evaluation(initialization=5, status="diverged", diverged_at=3, **nulls))
    text = summary(rows)
    assert text.splitlines()[3].split()[3] == "2"
    assert "1 measurements diverged and are not counted" in text


def test_summary_keeps_models_datasets_and_steps_apart():
    changes: list[dict[str, Any]] = [
        {},
        {"model": "ResNet-20"},
        {"dataset": "digits"},
        {"step": 100},
    ]
    rows = [evaluation(key=key(i), **change) for i, change in enumerate(changes)]
    assert summary(rows).count(" steps\n") == 4


def test_summary_keeps_clocks_apart():
    rows = [
        instability(rewind_step=100, schedule=schedule, test_instability=height)
        for schedule, height in (("restarted", 0.25), ("absolute", 0.5))
    ]
    lines = summary(rows).splitlines()
    assert lines[3].split() == ["imp", "100", "3.52%", "0", "-", "1", "50.00"]
    assert lines[4].split() == ["imp,", "restarted", "100", "3.52%", "0", "-", "1", "25.00"]


def test_summary_of_distances_and_comparisons_is_of_two_copies_alike():
    rows = [
        *(comparison(noise=n, test_differences=d) for n, d in (((1, 2), 20), ((1, 3), 30))),
        comparison(against="dense", test_differences=90),
        distance(l2_distance=2.5),
        distance("initialization_to_k", noise=(0,), step=50),
        distance("k_to_end", noise=(1,)),
    ]
    heading, line = summary(rows).splitlines()[2:4]
    assert heading.endswith("pairs  differing test examples  pairs  L2 between ends")
    assert line.split() == ["imp", "0", "3.52%", "0", "-", "2", "25", "±", "7.1", "1", "2.5"]
    assert summary(rows).count(" steps\n") == 1
