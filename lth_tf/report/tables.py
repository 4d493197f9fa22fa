"""A report as tables and data: CSV, JSON, a line for each network."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lth_tf.figures import chart as charts
from lth_tf.figures.chart import Point
from lth_tf.figures.figure import Figure
from lth_tf.report.comparison import as_csv
from lth_tf.report.paper import PaperNetwork
from lth_tf.report.part import Part
from lth_tf.report.report import Report


def tables(report: Report) -> dict[str, str]:
    """Returns the tables behind a report, by the names of their files."""
    found: dict[str, str] = {}
    for section in report.sections.values():
        shown: list[tuple[str, Point]] = []
        for part in section.parts:
            for picture in part.pictures:
                shown += [(part.group.title, point) for point in picture.chart.points()]
        if shown and isinstance(section.item, Figure):
            found[csv_name(report, section.item)] = charts.as_csv(shown)
    if report.paper:
        found["printed.csv"] = as_csv(report.paper, report.comparisons)
        found["missing.json"] = json.dumps(missing(report), indent=1, ensure_ascii=False)
    return found


def csv_name(report: Report, figure: Figure) -> str:
    """Returns the name of the file of a figure's numbers."""
    return f"{figure.file if report.paper else figure.number}.csv"


def missing(report: Report) -> list[dict[str, Any]]:
    """Returns what of the paper is not there as data: an entry a figure or table and network."""
    return [
        {
            "where": name,
            "network": network.key,
            "state": section.mark(network),
            "unlike": [d._asdict() for p in _of(section.parts, network) for d in p.unlike],
            "missing": [s._asdict() for p in _of(section.parts, network) for s in p.missing],
        }
        for name, section in report.sections.items()
        for network in section.missing
    ]


def _of(parts: Iterable[Part], network: PaperNetwork) -> list[Part]:
    return [part for part in parts if part.group.network == network]


def in_short(report: Report) -> Iterator[str]:
    """Yields a line for each network: how much of the paper there is of it."""
    for group in report.groups if report.paper else ():
        marks = [section.mark(group.network) for section in report.sections.values()
                 if group.network]  # fmt: skip
        ours = [each for each in report.comparisons if each.group is group]
        if ours:
            there = sum(each.ours is not None for each in ours)
            yield (
                f"{group.title}: {marks.count('whole')} of {len(marks) - marks.count('')} figures "
                f"and tables whole, {marks.count('part')} in part; {there} of {len(ours)} numbers"
            )
