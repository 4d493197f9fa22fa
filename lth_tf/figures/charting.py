"""Makes the charts of `Curves` from rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lth_tf.analysis.criteria import STABLE
from lth_tf.analysis.estimate import Estimate, estimate, over_initializations, over_rows
from lth_tf.analysis.points import DERIVED, split, unique, where
from lth_tf.analysis.selections import dense_runs, levels
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Mark, Panel, Scale, each_once, in_rows
from lth_tf.figures.marks import Curve, HorizontalLine, Limit
from lth_tf.figures.palette import DASHES, variation
from lth_tf.log.fields import network_kinds
from lth_tf.log.schema import Row, all_fields

if TYPE_CHECKING:
    from lth_tf.figures.curves import Curves

_SHIFT = 0.06  # between lines at one step, so that no bar covers another
_ON_A_PAGE = 5  # rows of panels
_X = {
    "rewind_step": ("step k", "steps"),
    "step": ("step of training", "step"),
    "density": ("weights left (%)", "density"),
    "alphas": ("interpolation α", "alpha"),
    "level": ("level", "whole"),
}


class Charting:
    """Makes the charts of a form, from done rows of one model and dataset.

    Args:
      subject: model and dataset in words.
    """

    def __init__(self, form: "Curves", rows: list[Row], subject: str) -> None:
        self._form, self._subject = form, subject
        self._variants = [
            (variant, own)
            for variant in variants(rows, form.x)
            if (own := form.of_variant(variant.rows))
        ]
        self._rows = unique(row for _, own in self._variants for row in own)
        self._x = self._x_axis()

    def charts(self) -> Iterator[Chart]:
        """Yields the charts: several where there are more rows of panels than fit on a page."""
        form, columns = self._form, self._values(self._form.panels)
        counted = form.panels if form.every_level else form.x
        counted = "schedule" if form.lines == "schedule" else counted
        if not self._rows or len(self._values(counted)) < form.fewest:
            return
        rows = self._values(form.rows)
        pages = [rows[i : i + _ON_A_PAGE] for i in range(0, len(rows), _ON_A_PAGE)]
        for number, page in enumerate(pages, start=1):
            panels = [self._panel(column, row) for row in page for column in columns]
            wide = len(columns) if form.rows else min(form.columns, len(columns))
            if form.rows:  # Titles stand above the first row only.
                panels = [*panels[:wide], *(replace(panel, title="") for panel in panels[wide:])]
            marks = [mark for panel in panels for mark in panel.marks]
            estimates = [e for mark in marks if isinstance(mark, Curve) for e in mark.estimates]
            if estimates:  # A dense network alone has no place where x is the density.
                ending = f"-page_{number}" if len(pages) > 1 else ""
                yield self._chart(in_rows(panels, wide), estimates, ending)

    def _values(self, name: str) -> list[Any]:
        """Returns the values of the field that tells panels or places apart, in order."""
        if name in ("", "y"):
            return list(self._form.y) if name else [None]
        if name in ("level", "density"):
            return list(levels(self._rows))
        if name == "alphas":
            return self._rows[0]["alphas"] if self._rows else []
        values = [each for (each,) in split(self._rows, name)]
        order = list(network_kinds()) if name == "network" else looks.order(name)
        return sorted(values, key=lambda each: order.index(each) if each in order else len(order))

    def _x_axis(self) -> Scale:
        form = self._form
        name, kind = _X.get(form.x, (form.x, "linear"))
        kind = form.x_kind or kind
        if form.epoch:
            return Scale("rewinding epoch", "linear")
        if kind == "density":
            dense = [100.0] if form.band else []
            pruned = (100 * row["density"] for row in self._rows if row["level"])
            return Scale(name, kind, (*dense, *pruned))
        if kind != "steps":
            return Scale(name, kind)
        of_start = (form.source, form.x) == ("along_training", "step")
        return Scale("step k" if of_start else name, kind, tuple(self._values(form.x)))

    def _panel(self, column: Any, row: Any) -> Panel:
        form, marks, note = self._form, list[Mark](), ""
        names = form.y if form.panels != "y" or form.lines == "y" else (column,)
        for number, (variant, own) in enumerate(self._variants):
            members = _cell(_cell(own, form.panels, column), form.rows, row)
            marks += self._band(variant, names[0], number)
            marks += self._lines(members, names, variant, number)
            if members and (form.x, form.lines, len(self._variants)) == ("alphas", "y", 1):
                between = over_rows(_same_alphas(members), "test_instability")
                note = f"test instability {between.percent()}%"
        if form.limit:
            marks.append(Limit(f"stable below {100 * STABLE:g}%", 100 * STABLE))
        return Panel(
            "" if column is None else looks.panel(form.panels, column),
            each_once(marks),
            label=self._label(column, row),
            side="" if row is None else looks.panel(form.rows, row),
            note=note,
            color=looks.network(column)[1].color if form.panels == "network" else None,
            y_name="" if form.y_name else looks.words(names[0]),
        )

    def _label(self, column: Any, row: Any) -> str:
        """Returns the name of a panel, with all digits, that no other panel has."""
        form, parts = self._form, list[str]()
        for name, each in ((form.panels, column), (form.rows, row)):
            if each is not None:
                parts.append(f"k = {each}" if name == "rewind_step" else looks.panel(name, each))
        return ", ".join(filter(None, [*parts, form.called]))

    def _band(self, variant: Variant, name: str, number: int) -> Iterator[Mark]:
        if runs := dense_runs(variant.rows) if self._form.band else []:
            mean = self._over(runs, name).scaled(scale(name))
            title, look = looks.network("dense")
            label = title + variant.suffix_of(*runs)
            look = variation(look._replace(line="-"), number)
            yield HorizontalLine(label, mean, look, self._form.spread)

    def _lines(
        self, rows: list[Row], names: tuple[str, ...], variant: Variant, number: int
    ) -> Iterator[Mark]:
        form, of_y = self._form, self._form.lines == "y"
        lines = {each: rows if of_y else where(rows, **{form.lines: each})
                 for each in (names if of_y else self._values(form.lines))}  # fmt: skip
        present = [each for each, own in lines.items() if own]
        for place, (each, own) in enumerate(lines.items()):
            if not own:
                continue
            title, look = looks.line(form.lines, each, place, len(lines))
            xs, estimates = self._along(own, each if of_y else names[0], variant)
            middle = (len(present) - 1) / 2
            shift = _SHIFT * (present.index(each) - middle) if self._x.kind == "steps" else 0.0
            if form.spread == "band":
                dashes = look.line if of_y else DASHES[place % len(DASHES)]
                look = look._replace(marker="", line=dashes)
            else:
                look = look._replace(line="-")
            label, look = title + variant.suffix_of(*own), variation(look, number)
            yield Curve(label, tuple(xs), tuple(estimates), look, form.spread, shift)

    def _along(
        self, rows: list[Row], name: str, variant: Variant
    ) -> tuple[list[float], list[Estimate]]:
        """Returns the places of a line on the x axis, and the estimate at each."""
        form = self._form
        if form.x == "alphas":
            same = _same_alphas(rows)
            columns = zip(*(row[name] for row in same), strict=True)
            xs, estimates = same[0]["alphas"], [estimate(column) for column in columns]
        elif form.x == "density":
            groups = levels(rows).values()
            xs = [100 * over_rows(group, "density").mean for group in groups]
            estimates = [self._over(group, name) for group in groups]
            dense = dense_runs(variant.rows) if form.band else []
            if dense and rows[0]["network"] == "imp":
                xs, estimates = [100.0, *xs], [self._over(dense, name), *estimates]
        else:
            by_x = split(rows, form.x)
            xs = [x / form.epoch if form.epoch else x for (x,) in by_x]
            estimates = [self._over(group, name) for group in by_x.values()]
        return xs, [each.scaled(scale(name)) for each in estimates]

    def _over(self, rows: list[Row], name: str) -> Estimate:
        average = over_rows if self._form.over == "rows" else over_initializations
        return average(rows, name)

    def _chart(
        self, grid: tuple[tuple[Panel, ...], ...], estimates: list[Estimate], ending: str
    ) -> Chart:
        form, with_band = self._form, [variant for variant, _ in self._variants if self._form.band]
        band = unique(run for variant in with_band for run in dense_runs(variant.rows))
        return Chart(
            form.title,
            tuple(words.notes(form, self._subject, self._rows, estimates)),
            grid,
            self._x,
            Scale(form.y_name or looks.words(form.y[0]), form.y_kind),
            ending,
            share_y=bool(form.y_name) and scale(form.y[0]) == 100,
            from_zero=form.from_zero,
            size=form.size or _size(len(grid[0]), bool(form.rows)),
            rows=(*self._rows, *band),
        )


def scale(name: str) -> float:
    """Returns the factor by which a field is shown: 100 for fractions, in percent."""
    fields = all_fields()
    return 100 if name in DERIVED or (name in fields and fields[name].unit == "of 1") else 1


def _cell(rows: list[Row], name: str, each: Any) -> list[Row]:
    """Returns the rows of a panel, told from others by a field; all of them where it is none."""
    if name in ("", "y"):
        return rows
    return levels(rows).get(each, []) if name == "level" else where(rows, **{name: each})


def _size(columns: int, several_rows: bool) -> tuple[float, float]:
    """Returns width and height of a panel, inches, that suit so many beside each other."""
    if several_rows:
        return 2.7, 2.1
    return (4.6 if columns == 1 else 3.4 if columns == 2 else 2.7), 2.7


def _same_alphas(rows: list[Row]) -> list[Row]:
    """Returns the rows of lines measured at the same alphas as most are."""
    ((alphas, _),) = Counter(tuple(row["alphas"]) for row in rows).most_common(1)
    return [row for row in rows if tuple(row["alphas"]) == alphas]
