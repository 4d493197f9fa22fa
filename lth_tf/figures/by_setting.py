"""The form of sgd_noise's figures: all settings of a network in one picture.

The color of a line says the batch size, its style the momentum, as the paper's legends do.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lth_tf.analysis.criteria import STABLE
from lth_tf.analysis.estimate import estimate
from lth_tf.analysis.points import split, unique, where
from lth_tf.analysis.selections import at_the_last_step
from lth_tf.analysis.sparse_training import stayed_at_chance, with_guesses
from lth_tf.analysis.variants import variants
from lth_tf.figures import words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale, in_rows
from lth_tf.figures.figure import ExpectedLine, Sample
from lth_tf.figures.marks import Curve, Limit, Stars, Vertical
from lth_tf.figures.palette import BLUE, GREEN, GREY, ORANGE, VERMILLION, shades, variation
from lth_tf.figures.places import AXES, Places, following, of_one
from lth_tf.log.schema import Row

_BATCHES = {8: (GREY, "v"), 32: (ORANGE, "^"), 100: (BLUE, "o"), 256: (VERMILLION, "s"),
            1024: (GREEN, "D"), 2048: ("#CC79A7", "P")}  # fmt: skip
_STYLES = {0.0: "-", 0.9: ":"}
_KEPT = {"lowest": "without the hardest", "highest": "without the easiest"}
_MANY = 12  # places, beyond which a line has a band and no markers

# Title, look and rows that may be averaged.
Line = tuple[str, Look, list[Row]]


@dataclass(frozen=True)
class Several:
    """Several forms as the parts of one figure, (a), (b) and so on."""

    title: str
    parts: tuple["BySetting", ...]

    every_level = True

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
      kind, y, y_name: of rows, the field, and the name of its axis.
      x: a name of places.AXES, or an axis of the experiment, such as 'block'.
      panels: the coordinate that tells panels apart: 'pretrained', 'setting', or an axis; '' for
        one panel.
      lines: 'setting'; 'level', for a panel of a setting; or 'kept', which examples. Rows that
        differ in anything else that a picture does not show are lines of their own.
      only: values that rows must have, by name.
      axes: all that rows lie on; rows of networks that were transferred to another dataset are
        left out.
      settings: those that the paper shows, in words.
      scale: a factor of y.
      limit: whether the limit of stability is marked.
      classes, tests: numbers of classes and of test images by dataset, by which runs at chance are
        marked, and those that diverged count as such; none for neither.
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
    tests: Mapping[str, int] = field(default_factory=dict, hash=False)
    sample: Sample = "one"
    ending: str = ""

    every_level = True

    @property
    def _axis(self) -> tuple[str, str, Places]:
        x, kind = self.x, "whole" if self.x == "block" else "linear"
        return AXES.get(x, (x, kind, of_one(lambda row: row["axes"][x])))

    def select(self, rows: list[Row]) -> list[Row]:
        chosen = with_guesses(where(rows, kind=self.kind, **self.only), self.classes)
        chosen = [
            row
            for row in where(chosen, status="done")
            if {*row["axes"]} == {*self.axes}
            and row["axes"].get("target", row["dataset"]) == row["dataset"]
        ]
        if self.settings:
            chosen = where(chosen, setting=self.settings)
        # Each training at its end: epochs have as many steps as its setting says.
        trainings = variants(chosen)
        last = {id(row) for training in trainings for row in at_the_last_step(training.rows)}
        return [row for row in chosen if id(row) in last]

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        if not rows:
            return
        groups = split(rows, self.panels) if self.panels else {("",): rows}
        if self.x == "density":  # Panels of the dense network alone show no tickets.
            groups = {k: v for k, v in groups.items() if any(row["level"] for row in v)} or groups
        several = sum(bool(name) for (name,) in groups) > 1
        common = self._lines(rows) if self.panels == "pretrained" else []
        panels = [
            self._panel(self._title(name, several), own, common or self._lines(own))
            for (name,), own in groups.items()
        ]
        name, kind, _ = self._axis
        places = {x for row in rows for x, _ in self._places(row)}
        yield Chart(
            self.title,
            (words.shortened(subject), words.across(rows)),
            in_rows(panels, 4),
            Scale(name, kind, tuple(sorted(places))),
            Scale(self.y_name),
            self.ending,
            size=(4.2, 3.0) if len(panels) < 3 else (2.9, 2.6),
            rows=tuple(rows),
        )

    def _places(self, row: Row) -> list[tuple[float, float]]:
        *_, places = self._axis
        return [(x, y) for x, y in places(row, self.y) if y is not None]

    def _title(self, panel: Any, several: bool) -> str:
        """Returns the title of a panel, which names k where `several` panels have k > 0."""
        if self.panels == "examples":
            return f"{100 * panel:g}% of the images"
        if self.panels != "pretrained":
            return str(panel)
        share = f" for {100 * panel:g}% of the steps" if several else ""
        return f"with pretraining{share}" if panel else "without pretraining"

    def _panel(self, title: str, rows: list[Row], lines: list[Line]) -> Panel:
        marks, own = list[Mark](), set(map(id, rows))
        for name, look, members in lines:
            marks += self._curve(name, look, [row for row in members if id(row) in own])
        if self.limit:
            marks.append(Limit(f"stable below {100 * STABLE:g}%", 100 * STABLE))
        if self.x == "path":
            levels = sorted({row[name] for row in rows for name in ("level", "to_level")})
            marks += [Vertical("tickets", level, GREY, "-") for level in levels]
        return Panel(title, tuple(marks))

    def _lines(self, rows: list[Row]) -> list[Line]:
        """Returns the lines of panels, each of rows that may be averaged."""
        names = {"setting": "setting", "level": "level", "kept": "MeasuredSubset.keep"}
        groups, lines = split(rows, names[self.lines]), list[Line]()
        for place, ((line,), members) in enumerate(groups.items()):
            name, look = self._look(line, place, len(groups))
            for number, (suffix, own) in enumerate(self._replicates(members)):
                title = ", ".join(filter(None, (name, *suffix)))
                lines.append((title, variation(look, number), own))
        return lines

    def _replicates(self, rows: list[Row]) -> Iterator[tuple[tuple[str, str], list[Row]]]:
        """Yields rows that may be averaged, after the settings and start that only they have."""
        shown = "pretrained" in (self.x, self.panels)
        names = ("schedule",) if shown else ("schedule", "rewind_step")
        for variant in variants(rows, self.x, *following(rows, self.x, self._places)):
            by_start = split(variant.rows, *names)
            for start, own in by_start.items():
                named = zip(names, start, strict=True) if len(by_start) > 1 else ()
                yield (variant.title, ", ".join(f"{n} {v}" for n, v in named)), own

    def _look(self, line: Any, place: int, count: int) -> tuple[str, Look]:
        if self.lines == "setting":
            momentum, batch = (float(part.split()[-1]) for part in line.split(", "))
            look = Look(*_BATCHES.get(int(batch), (GREY, "X")), _STYLES.get(momentum, "--"))
            return line.replace("momentum", "μ ="), look
        title = f"level {line}" if self.lines == "level" else _KEPT.get(line, str(line))
        return title, shades(count)[place]

    def _curve(self, title: str, look: Look, rows: list[Row]) -> Iterator[Mark]:
        """Yields a line, each sample an initialization, and stars on it; nothing of no rows."""
        samples: dict[float, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            for x, y in self._places(row):
                samples[x][row["initialization"]].append(self.scale * y)
        estimates = {
            x: estimate(sum(v) / len(v) for v in samples[x].values())
            for x in sorted(samples, reverse=self.x == "density")
        }
        if rows:
            many, heights = len(estimates) > _MANY, tuple(estimates.values())
            marked = look._replace(marker="") if many else look
            yield Curve(title, tuple(estimates), heights, marked, "band" if many else "bars")
        at_chance = [row for row in rows if stayed_at_chance(row, self.classes, self.tests)]
        if xs := tuple(sorted({self._places(row)[0][0] for row in at_chance})):
            yield Stars("a run at chance", xs, tuple(estimates[x].mean for x in xs), look)

    def wanted(self) -> tuple[ExpectedLine, ...]:
        """Returns a line for each setting that the paper shows, without pretraining."""
        of, several_k = {"kind": self.kind, **self.only}, self.x == "pretrained"
        return tuple(ExpectedLine(each, {**of, "setting": each}, self.sample, several_k)
                     for each in self.settings)  # fmt: skip
