"""What a report looks like."""

import json

import reports


def test_a_report_is_one_json_object_or_a_line_per_item(capsys):
    reports.show({"model": "lenet", "seconds": 1234.5678, "traces": 1}, "json")
    assert json.loads(capsys.readouterr().out) == {
        "model": "lenet", "seconds": 1234.5678, "traces": 1
    }  # fmt: skip
    reports.show({"model": "lenet", "seconds": 1234.5678, "traces": 1}, "text")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["model", "lenet"], ["seconds", "1,234.568"], ["traces", "1"]]
