"""The form of sgd_noise's figures: all settings of a network in one picture.

The color of a line says the batch size, its style the momentum; panels say whether there was
pretraining, as the paper's legends do.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from lth_tf.analysis.criteria import STABLE
from lth_tf.analysis.estimate import Estimate, estimate
from lth_tf.analysis.guessing import stayed_at_chance, with_guesses
from lth_tf.analysis.points import split, unique, value, where
from lth_tf.analysis.variants import variants
from lth_tf.figures import words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale
from lth_tf.figures.figure import ExpectedLine, Sample
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.marks.stars import Stars
from lth_tf.figures.marks.straight import Limit, Vertical
from lth_tf.figures.palette import BLUE, GREEN, GREY, ORANGE, VERMILLION, shades, variation
from lth_tf.figures.places import AXES, PLACES
from lth_tf.log.schema import Row

_COLORS = {8: GREY, 32: ORANGE, 100: BLUE, 256: VERMILLION, 1024: GREEN, 2048: "#CC79A7"}
_MARKERS = {8: "v", 32: "^", 100: "o", 256: "s", 1024: "D", 2048: "P"}
_STYLES = {0.0: "-", 0.9: ":"}
_KEPT = {"lowest": "without the hardest", "highest": "without the easiest"}
_STAR = "a run at chance"


def _is_of_own_data(row: Row) -> bool:
    """Returns whether a row is about the dataset that its network was trained on."""
    return bool(row["axes"].get("target", row["dataset"]) == row["dataset"])


def _trained(row: Row) -> tuple[Any, ...]:
    """Returns the setting and axes that rows of the same training have in common."""
    return value(row, "setting"), *sorted(map(str, row["axes"].items()))


# What differs from place to place on an x axis: so many epochs of fewer examples are fewer steps.
_TOLD_BY = {"removed": ("examples", "MeasuredSubset.fraction", "Cosine.end")}


class Line(NamedTuple):
    """A line of all panels: rows that may be averaged."""

    title: str
    look: Look
    rows: list[Row]


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
      x: 'alphas', 'epoch', 'path' through the levels, 'density', the 'pretrained' share of steps,
        'removed' examples, or an axis of the experiment, such as 'block'.
      panels: what tells panels apart: 'pretrained', 'setting', or an axis; '' for one.
      lines: 'setting'; 'level', for a panel of a setting; or 'kept', which examples. Rows that
        differ in anything else that a picture does not show are lines of their own.
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
    panels: str = "pretrained"
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
        found = with_guesses(where(rows, kind=self.kind, **self.only), self.classes)
        found = where(found, status="done")
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
        if self.x == "density":  # Panels of the dense network alone show no tickets.
            panels = {k: v for k, v in panels.items() if any(row["level"] for row in v)} or panels
        whole = self._lines(shown) if self.panels == "pretrained" else []
        drawn = [
            self._panel(self._title(each, len(panels) > 2), members, whole or self._lines(members))
            for (each,), members in panels.items()
        ]
        name, kind = AXES.get(self.x, (self.x, "linear"))
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
        if self.x in PLACES:
            return [(x, y) for x, y in PLACES[self.x](row, self.y) if y is not None]
        found = value(row, self.y)
        return [] if found is None else [(row["axes"][self.x], found)]

    def _title(self, panel: Any, several: bool) -> str:
        """Returns the title of a panel, by what tells it from others; of several with k > 0."""
        if self.panels == "examples":
            return f"{100 * panel:g}% of the images"
        if self.panels != "pretrained":
            return str(panel)
        share = f" for {100 * panel:g}% of the steps" if several else ""
        return f"with pretraining{share}" if panel else "without pretraining"

    def _panel(self, title: str, rows: list[Row], lines: list[Line]) -> Panel:
        marks, own = list[Mark](), set(map(id, rows))
        for name, look, members in lines:
            if shown := [row for row in members if id(row) in own]:
                marks += self._curve(name, look, shown)
        if self.limit:
            marks.append(Limit(f"stable below {100 * STABLE:g}%", 100 * STABLE))
        if self.x == "path":
            levels = sorted({row[name] for row in rows for name in ("level", "to_level")})
            marks += [Vertical("tickets", level, GREY, "-") for level in levels]
        return Panel(title, tuple(marks), label=title)

    def _lines(self, rows: list[Row]) -> list[Line]:
        """Returns the lines of panels, each of rows that may be averaged."""
        names = {"setting": "setting", "level": "level", "kept": "MeasuredSubset.keep"}
        told, found = split(rows, names[self.lines]), list[Line]()
        for place, ((line,), members) in enumerate(told.items()):
            name, look = self._look(line, place, len(told))
            for number, (other, alike) in enumerate(self._apart(members)):
                title = ", ".join(filter(None, (name, *other)))
                found.append(Line(title, variation(look, number), alike))
        return found

    def _apart(self, rows: list[Row]) -> Iterator[tuple[tuple[str, str], list[Row]]]:
        """Yields rows that may be averaged, after what tells them from the other rows."""
        told = "pretrained" in (self.x, self.panels)
        starts = ("schedule",) if told else ("schedule", "rewind_step")
        for variant in variants(rows, self.x, *_TOLD_BY.get(self.x, ())):
            by_start = split(variant.rows, *starts)
            for start, alike in by_start.items():
                named = zip(starts, start, strict=True) if len(by_start) > 1 else ()
                yield (variant.title, ", ".join(f"{n} {v}" for n, v in named)), alike

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
            if stayed_at_chance(row, self.classes, self.tests)
        }
        if at_chance:
            xs = tuple(sorted(at_chance))
            yield Stars(_STAR, xs, tuple(found[x].mean for x in xs), look)

    def wanted(self) -> tuple[ExpectedLine, ...]:
        """Returns a line for each setting that the paper shows, without pretraining."""
        fields = {"kind": self.kind, **self.only}
        return tuple(
            ExpectedLine(each, {**fields, "setting": each}, self.sample, self.x == "pretrained")
            for each in self.settings
        )


def look_of(setting: str) -> Look:
    """Returns the look of a setting: color by batch size, style by momentum."""
    momentum, batch = (float(each.split()[-1]) for each in setting.split(", "))
    style = _STYLES.get(momentum, "--")
    size = int(batch)
    return Look(_COLORS.get(size, GREY), _MARKERS.get(size, "X"), style)
