"""A report as tables and data: CSV, JSON, a line for each network."""

import json
from collections.abc import Iterator
from typing import Any

from lth_tf.figures import chart as charts
from lth_tf.figures.figure import Figure
from lth_tf.report.comparison import as_csv
from lth_tf.report.report import Report


def tables(report: Report) -> dict[str, str]:
    """Returns the tables behind a report, by the names of their files."""
    texts: dict[str, str] = {}
    for section in report.sections.values():
        points = [
            (part.group.title, point)
            for part in section.parts
            for picture in part.pictures
            for point in picture.chart.points()
        ]
        if points and isinstance(section.item, Figure):
            texts[csv_name(report, section.item)] = charts.as_csv(points)
    if report.paper:
        texts["printed.csv"] = as_csv(report.paper, report.comparisons)
        texts["missing.json"] = json.dumps(missing(report), indent=1, ensure_ascii=False)
    return texts


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
            "unlike": [difference._asdict() for part in parts for difference in part.unlike],
            "missing": [shortfall._asdict() for part in parts for shortfall in part.missing],
        }
        for name, section in report.sections.items()
        for network in section.missing
        for parts in [[part for part in section.parts if part.group.network == network]]
    ]


def in_short(report: Report) -> Iterator[str]:
    """Yields a line for each network: how much of the paper there is of it."""
    for group in report.groups if report.paper else ():
        numbers = [number for number in report.comparisons if number.group is group]
        if numbers and group.network:
            marks = [section.mark(group.network) for section in report.sections.values()]
            ours = sum(number.ours is not None for number in numbers)
            yield (
                f"{group.title}: {marks.count('whole')} of {len(marks) - marks.count('')} figures "
                f"and tables whole, {marks.count('part')} in part; {ours} of {len(numbers)} numbers"
            )
