"""Makes the charts of `Curves` from rows."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lth_tf.analysis.criteria import STABLE
from lth_tf.analysis.estimate import Estimate, estimate, over_initializations, over_rows
from lth_tf.analysis.points import DERIVED, split, unique, where
from lth_tf.analysis.selections import dense_runs, levels
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import looks, panels, words
from lth_tf.figures.chart import Chart, Mark, Panel, Scale, each_once
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.marks.straight import HorizontalLine, Limit
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
    """Makes the charts of a figure.

    Args:
      form: the figure.
      rows: of one model and dataset, done.
      subject: what they are of, in words.
    """

    def __init__(self, form: "Curves", rows: list[Row], subject: str) -> None:
        self._form, self._subject = form, subject
        self._variants = [
            (variant, found)
            for variant in variants(rows, form.x)
            if (found := form.of_variant(variant.rows))
        ]
        self._rows = unique(row for _, found in self._variants for row in found)
        self._estimates: list[Estimate] = []

    def charts(self) -> Iterator[Chart]:
        """Yields the charts: several where there are more rows of panels than fit on a page."""
        form, columns = self._form, self._values(self._form.panels)
        counted = self._values(form.counted)
        if not self._rows or len(counted) < form.fewest:
            return
        lines = self._values(form.rows)
        pages = [lines[i : i + _ON_A_PAGE] for i in range(0, len(lines), _ON_A_PAGE)]
        for number, page in enumerate(pages, start=1):
            self._estimates = []
            if form.rows:
                grid = [[self._panel(each, row) for each in columns] for row in page]
                grid = [
                    [panels.titled(panel, i == 0) for panel in line] for i, line in enumerate(grid)
                ]
            else:
                flat = [self._panel(each, None) for each in columns]
                wide = min(form.columns, len(flat))
                grid = [flat[i : i + wide] for i in range(0, len(flat), wide)]
            if self._estimates:  # A dense network alone has no place where x is the density.
                yield self._chart(grid, f"-page_{number}" if len(pages) > 1 else "")

    def _values(self, name: str) -> list[Any]:
        """Returns the values of the field that tells panels or places apart, in order."""
        if name in ("", "y"):
            return list(self._form.y) if name else [None]
        if name in ("level", "density"):
            return list(levels(self._rows))
        if name == "alphas":
            return self._rows[0]["alphas"] if self._rows else []
        found = [each for (each,) in split(self._rows, name)]
        order = list(network_kinds()) if name == "network" else looks.order(name)
        return sorted(found, key=lambda each: order.index(each) if each in order else len(order))

    def _panel(self, column: Any, row: Any) -> Panel:
        form, marks = self._form, list[tuple[Any, Mark]]()
        names = form.y if form.panels != "y" or form.lines == "y" else (column,)
        for number, (variant, found) in enumerate(self._variants):
            cell = panels.cell(panels.cell(found, form.panels, column), form.rows, row)
            marks += self._band(variant, names[0], number)
            marks += self._lines(cell, names, variant, number)
        if form.limit:
            marks.append(("limit", Limit(f"stable below {100 * STABLE:g}%", 100 * STABLE)))
        title = "" if column is None else looks.panel(form.panels, column)
        side = "" if row is None else looks.panel(form.rows, row)
        return Panel(
            title,
            each_once(marks),
            label=self._label(column, row),
            side=side,
            note=self._note(column, row),
            color=looks.network(column)[1].color if form.panels == "network" else None,
            y_name="" if form.y_name else looks.words(names[0]),
        )

    def _label(self, column: Any, row: Any) -> str:
        """Returns the name of a panel, with all digits, that no other panel has."""
        form, found = self._form, list[str]()
        for name, each in ((form.panels, column), (form.rows, row)):
            if each is not None:
                found.append(f"k = {each}" if name == "rewind_step" else looks.panel(name, each))
        return ", ".join(filter(None, [*found, form.called]))

    def _band(self, variant: Variant, name: str, number: int) -> Iterator[tuple[Any, Mark]]:
        runs = dense_runs(variant.rows) if self._form.band else []
        if not runs:
            return
        found = self._over(runs, name).scaled(scale(name))
        title, look = looks.network("dense")
        look = variation(look._replace(line="-"), number)
        band = HorizontalLine(title + _suffix(variant, runs), found, look, self._form.spread)
        yield ("band", *map(id, runs)), band

    def _band_rows(self) -> list[Row]:
        found = self._variants if self._form.band else []
        return unique(run for variant, _ in found for run in dense_runs(variant.rows))

    def _lines(
        self, rows: list[Row], names: tuple[str, ...], variant: Variant, number: int
    ) -> list[tuple[Any, Mark]]:
        """Returns the lines of a panel, each behind a key that is the same for the same rows."""
        form = self._form
        told = list(names) if form.lines == "y" else self._values(form.lines)
        present = [t for t in told if form.lines == "y" or where(rows, **{form.lines: t})]
        found: list[tuple[Any, Mark]] = []
        for place, each in enumerate(told):
            own = rows if form.lines == "y" else where(rows, **{form.lines: each})
            if not own:
                continue
            name = each if form.lines == "y" else names[0]
            title, look = looks.line(form.lines, each, place, len(told))
            xs, estimates = self._along(own, name, variant)
            middle = (len(present) - 1) / 2 * (self._kind == "steps")
            shift = _SHIFT * (present.index(each) - middle) if middle else 0.0
            dashed = look.line if form.lines == "y" else DASHES[place % len(DASHES)]
            bars = form.spread != "band"
            look = look._replace(line="-") if bars else look._replace(marker="", line=dashed)
            curve = Curve(title + _suffix(variant, own), tuple(xs), tuple(estimates),
                          variation(look, number), form.spread, shift)  # fmt: skip
            found.append(((each, *map(id, own)), curve))
        return found

    def _along(
        self, rows: list[Row], name: str, variant: Variant
    ) -> tuple[list[float], list[Estimate]]:
        """Returns the places of a line on the x axis, and the estimate at each."""
        form, factor = self._form, scale(name)
        if form.x == "alphas":
            same = _same_alphas(rows)
            columns = zip(*(row[name] for row in same), strict=True)
            xs, found = same[0]["alphas"], [estimate(column) for column in columns]
        elif form.x == "density":
            groups = levels(rows)
            xs = [100 * over_rows(group, "density").mean for group in groups.values()]
            found = [self._over(group, name) for group in groups.values()]
            dense = dense_runs(variant.rows)
            if form.from_dense and dense and rows[0]["network"] == "imp":
                xs, found = [100.0, *xs], [self._over(dense, name), *found]
        else:
            by_x = split(rows, form.x)
            xs = [x / form.epoch if form.epoch else x for (x,) in by_x]
            found = [self._over(group, name) for group in by_x.values()]
        self._estimates += found
        return xs, [each.scaled(factor) for each in found]

    def _over(self, rows: list[Row], name: str) -> Estimate:
        average = over_rows if self._form.over == "rows" else over_initializations
        return average(rows, name)

    def _note(self, column: Any, row: Any) -> str:
        """Returns the instability of a line between copies, where a panel shows one; else ''."""
        form = self._form
        if (form.x, form.lines) != ("alphas", "y") or len(self._variants) != 1:
            return ""
        found = self._variants[0][1]
        shown = _same_alphas(panels.cell(panels.cell(found, form.panels, column), form.rows, row))
        return f"test instability {over_rows(shown, 'test_instability').percent()}%" * bool(shown)

    @property
    def _kind(self) -> str:
        if self._form.epoch:
            return "linear"
        return self._form.x_kind or _X.get(self._form.x, ("", "linear"))[1]

    def _chart(self, grid: list[list[Panel]], ending: str) -> Chart:
        form = self._form
        name = _X[form.x][0] if form.x in _X else form.x
        of_start = (form.source, form.x, self._kind) == ("along_training", "step", "steps")
        name = "step k" if of_start else name
        name = "rewinding epoch" if form.epoch else name
        places = self._values(form.x) if self._kind == "steps" else ()
        if self._kind == "density":
            whole = [100.0] if form.from_dense or form.band else []
            places = [*whole, *(100 * row["density"] for row in self._rows if row["level"])]
        return Chart(
            form.title,
            tuple(words.notes(form, self._subject, self._rows, self._estimates)),
            tuple(map(tuple, grid)),
            Scale(name, self._kind, tuple(places)),
            Scale(form.y_name or looks.words(form.y[0]), form.y_kind),
            ending,
            share_y=bool(form.y_name) and scale(form.y[0]) == 100,
            from_zero=form.from_zero,
            size=form.size or panels.size(len(grid[0]), bool(form.rows)),
            rows=(*self._rows, *self._band_rows()),
        )


def scale(name: str) -> float:
    """Returns the factor by which a field is shown: 100 for fractions, in percent."""
    fields = all_fields()
    return 100 if name in DERIVED or (name in fields and fields[name].unit == "of 1") else 1


def _suffix(variant: Variant, rows: list[Row]) -> str:
    named = variant.title_of(rows[0]) if rows else ""
    return f", {named}" if named else ""


def _same_alphas(rows: list[Row]) -> list[Row]:
    """Returns the rows of lines measured at the same alphas as most are."""
    alphas = Counter(tuple(row["alphas"]) for row in rows).most_common(1)
    return [row for row in rows if tuple(row["alphas"]) == alphas[0][0]]
