"""Rows as a table, as CSV and as JSON."""

import csv
import io
import json

from synthetic import (
    evaluation,
    instability,
    study,
)

from lth_tf.analysis.summary import summary
from lth_tf.analysis.table import as_csv, as_json, as_table
from lth_tf.log.schema import all_fields


def test_json_gives_back_the_rows():
    rows = list(study())
    assert json.loads(as_json(rows)) == rows
    assert json.loads(as_json([])) == []


def test_csv_has_every_field_and_reads_back():
    rows = [evaluation(), instability()]
    first, second = csv.DictReader(io.StringIO(as_csv(rows)))
    fields = [n for n in all_fields() if n not in ("axes", "settings", "described")]
    assert list(first) == [*fields, "Hparams.batch_size", "Constant.rate", "MaskSearch.fraction"]
    assert float(first["Constant.rate"]) == 0.0012
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
