"""A report on lmc from invented rows of LeNet, and what its page is made of."""

import csv
import io
from html.parser import HTMLParser

from synthetic import comparison, distance, evaluation, key, settings, study

from lth_tf import papers
from lth_tf.report import page, report, tables
from lth_tf.report.commands import Command, Commands
from lth_tf.report.settings_diff import collect, settings_of
from lth_tf.store.plan import Plan

LMC = papers.load("lmc")
assert LMC
LENET = LMC.networks["lenet"]


def expected(network):
    """What the paper's file has: the settings of the study."""
    known = [row for row in study() if row["rewind_step"] == 0 and row["level"] in (0, 15)]
    return collect((r["kind"], r["network"], settings_of(r)) for r in known)


def make(rows):
    return report.make(list(rows), LMC, expected)


def dense(name="", **changed):
    """The dense networks of the study, with settings of their own."""
    rows = (row for row in study() if row["network"] == "dense")
    own = {"settings": settings("dense", **changed)}
    return [row | own | {"key": key(name, row["key"])} for row in rows]


class Filler(Commands):
    """Commands of another make, so that nothing of them can come from elsewhere."""

    def __call__(self, network, wanted, counted=True):
        plan = Plan(runs=7, steps=70, steps_left=70) if counted and self.data_dir else None
        file = wanted.files(network.key)[-1]
        return Command(f"fill {network.key} {wanted.command} {file}", plan)


def filler(known="yes"):
    return Filler("runs/here", None, known)


def text_of(made, commands=None):
    drawn = {picture.name: b"\x89PNG" + bytes(20) for picture in made.pictures}
    return page.Page(made, commands or filler(), drawn).text()


def rows():
    """A study with distances and comparisons; no figure 4, 9, 14 or 15."""
    return [
        *study(),
        *(distance(b, noise=n) for b, n in (("initialization_to_k", (0,)), ("k_to_end", (1,)))),
        *(comparison(network, level=15) for network in ("imp", "random_pruning")),
        comparison("imp", against="dense"),
        *(
            evaluation("dense", i, 0, level=0, step=s, key=key(i, s))
            for i in (0, 1)
            for s in (0, 9)
        ),
    ]


class Page(HTMLParser):
    """What a page is made of."""

    EMPTY = {"meta", "img", "br", "path", "circle"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.images: list[dict] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.text: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        assert tag != "script"
        if tag not in self.EMPTY:
            self.open.append(tag)
        if "id" in values:
            self.ids.add(values["id"])
        if tag == "img":
            self.images.append(values)
        self.links += [values[name] for name in ("href", "src") if name in values]

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ["h2"]:
            self.headings.append(data)
        if self.headings:
            self.text[self.headings[-1]] = self.text.get(self.headings[-1], "") + data


def points_of(made, name):
    return list(csv.DictReader(io.StringIO(tables.tables(made)[name])))
