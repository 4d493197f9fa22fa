"""The form of sgd_noise's figures: all settings of a network in one picture.

The color of a line says the batch size, its style the momentum; panels say whether there was
pretraining, as the paper's legends do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lth_tf.analysis.criteria import STABLE, is_at_chance
from lth_tf.analysis.estimate import Estimate, estimate
from lth_tf.analysis.points import split, unique, value, where
from lth_tf.figures import words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale
from lth_tf.figures.figure import ExpectedLine, Sample
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.marks.stars import Stars
from lth_tf.figures.marks.straight import Limit, Vertical
from lth_tf.figures.palette import BLUE, GREEN, GREY, ORANGE, VERMILLION, shades
from lth_tf.log.schema import Row

_COLORS = {8: GREY, 32: ORANGE, 100: BLUE, 256: VERMILLION, 1024: GREEN, 2048: "#CC79A7"}
_MARKERS = {8: "v", 32: "^", 100: "o", 256: "s", 1024: "D", 2048: "P"}
_STYLES = {0.0: "-", 0.9: ":"}
_PRETRAINED = {"reset": "without pretraining", "rewound": "with pretraining"}
_KEPT = {"lowest": "without the hardest", "highest": "without the easiest"}
_STAR = "a run at chance"


def _line(row: Row, y: str) -> list[tuple[float, float]]:
    return list(zip(row["alphas"], row[y], strict=True))


def _path(row: Row, y: str) -> list[tuple[float, float]]:
    """Returns the line from a level to the next; no points of a line to any other level."""
    following = row["to_level"] == row["level"] + 1
    return [(row["level"] + a, v) for a, v in _line(row, y)] if following else []


def _is_of_own_data(row: Row) -> bool:
    """Returns whether a row is about the dataset that its network was trained on."""
    return bool(row["axes"].get("target", row["dataset"]) == row["dataset"])


def _with_guesses(rows: list[Row], classes: Mapping[str, int]) -> list[Row]:
    """Returns rows, those that diverged with the error of guessing, as the paper counts them.

    Of a search that diverged there is no mask: such tickets have the density of their level.
    """
    densities = {row["level"]: row["density"] for row in rows if row["density"] is not None}
    return [_guessing(row, classes, densities) if row["status"] == "diverged" else row
            for row in rows]  # fmt: skip


def _guessing(row: Row, classes: Mapping[str, int], densities: Mapping[int, float]) -> Row:
    count, density = classes.get(_dataset(row)), densities.get(row["level"])
    if count is None or density is None:
        return row
    return row | {"status": "done", "test_error": 1 - 1 / count, "density": density}


def _dataset(row: Row) -> str:
    return str(row["dataset"]).partition(",")[0]


def _trained(row: Row) -> tuple[Any, ...]:
    """Returns the setting and axes that rows of the same training have in common."""
    return value(row, "setting"), *sorted(map(str, row["axes"].items()))


# Where the values of a row lie on the x axis, and what they are.
Places = Callable[[Row, str], list[tuple[float, float]]]
_PLACES: dict[str, Places] = {
    "alphas": lambda row, y: _line(row, y),
    "epoch": lambda row, y: list(enumerate(row[y], start=1)),
    # Along the lines from each level to the next, one after the other.
    "path": lambda row, y: _path(row, y),
    "density": lambda row, y: [(round(100 * row["density"], 4), value(row, y))],
    "pretraining": lambda row, y: [(float(row["rewind_step"] > 0), value(row, y))],
    "removed": lambda row, y: [(round(100 * (1 - row["axes"]["examples"]), 4), value(row, y))],
}  # fmt: skip
_X = {
    "alphas": ("interpolation α", "alpha"),
    "epoch": ("epoch", "linear"),
    "path": ("level of the search", "whole"),
    "density": ("weights left (%)", "density"),
    "pretraining": ("pretraining: 0 without, 1 with", "steps"),
    "removed": ("examples removed (%)", "linear"),
    "block": ("block", "whole"),
}


@dataclass(frozen=True)
class Several:
    """Several forms as the parts of one figure, (a), (b) and so on."""

    title: str
    parts: tuple["BySetting", ...]
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        return unique(row for part in self.parts for row in part.select(rows))

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for part in self.parts:
            yield from part.charts(rows, subject)

    def wanted(self) -> tuple[ExpectedLine, ...]:
        """Returns the lines of the first, of which the others show the same rows."""
        return self.parts[0].wanted()


@dataclass(frozen=True)
class BySetting:
    """Numbers of all settings of a network against x.

    Attributes:
      title: above the panels.
      kind, y, y_name: of rows, the field, and the name of its axis.
      x: 'alphas', 'epoch', 'path' through the levels, 'density', 'pretraining', 'removed' examples,
        or an axis of the experiment, such as 'block'.
      panels: what tells panels apart: 'rewinding', 'setting', or an axis; '' for one.
      lines: 'setting'; 'level', for a panel of a setting; or 'kept', which examples.
      only: fields that rows must have, and their values.
      axes: those that rows lie on; all others are left out, and so is what was transferred to
        another dataset.
      settings: those that the paper shows, in words.
      scale: what y is multiplied by.
      limit: whether the limit of stability is marked.
      classes: of a dataset by its name, so that runs at chance are marked, and those that diverged
        counted as such; none for neither.
      tests: how many images these are tested on.
      ending: of the name of its file.
    """

    title: str
    kind: str
    y: str
    y_name: str
    x: str
    panels: str = "rewinding"
    lines: Literal["setting", "level", "kept"] = "setting"
    only: Mapping[str, Any] = field(default_factory=dict, hash=False)
    axes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    scale: float = 100
    limit: bool = False
    classes: Mapping[str, int] = field(default_factory=dict, hash=False)
    tests: int = 0
    sample: Sample = "one"
    ending: str = ""
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        found = where(rows, kind=self.kind, **self.only)
        found = where(_with_guesses(found, self.classes), status="done")
        found = [row for row in found if {*row["axes"]} == {*self.axes} and _is_of_own_data(row)]
        if self.settings:
            found = where(found, setting=self.settings)
        # Of each setting, whose epochs have as many steps, what is at the end.
        last: dict[Any, int] = defaultdict(int)
        for row in found:
            last[_trained(row)] = max(last[_trained(row)], row["step"])
        return [row for row in found if row["step"] == last[_trained(row)]]

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        shown = self.select(rows)
        if not shown:
            return
        panels = split(shown, self.panels) if self.panels else {("",): shown}
        drawn = [self._panel(each, members) for (each,), members in panels.items()]
        name, kind = _X.get(self.x, (self.x, "linear"))
        places = {x for row in shown for x, _ in self._places(row)}
        count = len({row["initialization"] for row in shown})
        yield Chart(
            self.title,
            (words.shortened(subject), words.across(count)),
            tuple(tuple(drawn[i : i + 4]) for i in range(0, len(drawn), 4)),
            Scale(name, kind, tuple(sorted(places))),
            Scale(self.y_name),
            self.ending,
            size=(4.2, 3.0) if len(drawn) < 3 else (2.9, 2.6),
            rows=tuple(shown),
        )

    def _places(self, row: Row) -> list[tuple[float, float]]:
        if self.x in _PLACES:
            return [(x, y) for x, y in _PLACES[self.x](row, self.y) if y is not None]
        found = value(row, self.y)
        return [] if found is None else [(row["axes"][self.x], found)]

    def _panel(self, each: Any, rows: list[Row]) -> Panel:
        marks: list[Mark] = []
        names = {"setting": "setting", "level": "level", "kept": "MeasuredSubset.keep"}
        told = split(rows, names[self.lines])
        for place, ((line,), members) in enumerate(told.items()):
            marks += self._curve(*self._look(line, place, len(told)), members)
        if self.limit:
            marks.append(Limit(f"stable below {100 * STABLE:g}%", 100 * STABLE))
        if self.x == "path":
            levels = sorted({row[name] for row in rows for name in ("level", "to_level")})
            marks += [Vertical("tickets", level, GREY, "-") for level in levels]
        title = _PRETRAINED.get(each, f"{100 * each:g}% of the images" if self.panels == "examples"
                                else str(each))  # fmt: skip
        return Panel(title, tuple(marks), label=title)

    def _look(self, line: Any, place: int, count: int) -> tuple[str, Look]:
        if self.lines == "setting":
            return line.replace("momentum", "μ ="), look_of(line)
        title = f"level {line}" if self.lines == "level" else _KEPT.get(line, str(line))
        return title, shades(count)[place]

    def _curve(self, title: str, look: Look, rows: list[Row]) -> Iterator[Mark]:
        """Yields a line, each sample an initialization, and stars on it."""
        samples: dict[float, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            for x, y in self._places(row):
                samples[x][row["initialization"]].append(self.scale * y)
        xs = sorted(samples, reverse=self.x == "density")
        found = [estimate(sum(v) / len(v) for v in samples[x].values()) for x in xs]
        dense = len(xs) > 12
        yield Curve(title, tuple(xs), tuple(found), look._replace(marker="") if dense else look,
                    "band" if dense else "bars")  # fmt: skip
        yield from self._stars(rows, dict(zip(xs, found, strict=True)), look)

    def _stars(
        self, rows: list[Row], found: Mapping[float, Estimate], look: Look
    ) -> Iterator[Mark]:
        at_chance = {
            self._places(row)[0][0]
            for row in rows
            if (classes := self.classes.get(_dataset(row)))
            and is_at_chance(row["test_error"], classes, self.tests)
        }
        if at_chance:
            xs = tuple(sorted(at_chance))
            yield Stars(_STAR, xs, tuple(found[x].mean for x in xs), look)

    def wanted(self) -> tuple[ExpectedLine, ...]:
        """Returns a line for each setting that the paper shows, without pretraining."""
        fields = {"kind": self.kind, **self.only}
        return tuple(
            ExpectedLine(each, {**fields, "setting": each}, self.sample, self.x == "pretraining")
            for each in self.settings
        )


def look_of(setting: str) -> Look:
    """Returns the look of a setting: color by batch size, style by momentum."""
    momentum, batch = (float(each.split()[-1]) for each in setting.split(", "))
    style = _STYLES.get(momentum, "--")
    size = int(batch)
    return Look(_COLORS.get(size, GREY), _MARKERS.get(size, "X"), style)
