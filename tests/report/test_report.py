"""The report on lmc, from invented rows: every figure once, the log's numbers, all in one page."""

import csv
import io
import math
import re
import statistics
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from synthetic import comparison, distance, evaluation, instability, key, settings, study

from lth_tf import papers
from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.selections import of_level
from lth_tf.figures import palette, render
from lth_tf.log.schema import LogError
from lth_tf.papers.costs import COSTS
from lth_tf.report import index, page, report, tables
from lth_tf.report.commands import Command, Commands
from lth_tf.report.comparison import Comparison
from lth_tf.report.costs import ACCELERATORS, hours, total
from lth_tf.report.groups import groups
from lth_tf.report.page_style import CSS
from lth_tf.report.paper import Text
from lth_tf.report.settings_diff import UNKNOWN, Difference, collect, settings_of
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


@pytest.fixture(scope="module")
def made():
    return make(rows())


@pytest.fixture(scope="module")
def read(made):
    return Page(text_of(made))


def test_every_figure_table_and_algorithm_is_there_once(read):
    wanted = [f"Figure {n}" for n in range(1, 33)]
    wanted += ["Table 1", "Table 2", "Algorithm 1", "Algorithm 2"]
    named = [h for h in read.headings if re.match("Figure |Table |Algorithm ", h)]
    assert sorted(named) == sorted(wanted)
    assert [item.name for item in LMC.items] == named


def test_the_page_needs_nothing_from_outside(made, read, tmp_path):
    for link in read.links:
        if link.startswith("#"):
            assert link[1:] in read.ids
        else:
            assert link.startswith("data:image/png;base64,") or re.fullmatch(
                r"lmc/figure_\d\d\.csv", link
            )
    written, *pictures = page.write(made, tmp_path, filler())
    text = written.read_text()
    assert not re.search(r"url\(|@import|https?://|<script|<link", text)
    assert len(pictures) == len(read.images)
    for link in re.findall(r'href="(lmc/[^"]+)"', text):
        assert (tmp_path / link).is_file()
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in pictures)


def test_every_picture_says_in_words_what_it_shows(read):
    assert len(read.images) > 20
    for image in read.images:
        assert re.match(r"Figure \d+, LeNet\. .*: .*\d", image["alt"]), image["alt"]
    assert len({image["alt"] for image in read.images}) == len(read.images)


def test_what_is_missing_names_its_command(made, read):
    for name, section in made.sections.items():
        text = read.text[name]
        assert section.missing  # of the nine networks there is one
        first = section.missing[0]
        study_of = LMC.studies[section.item.study]
        assert f"fill {first.key} {study_of.command} {study_of.files(first.key)[-1]}" in text
    assert "both networks" in read.text["Figure 9"]
    assert "fill resnet20 sweep" in read.text["Figure 4"]


def test_costs_are_counted_of_networks_that_the_log_has_something_of(read):
    assert "For LeNet (7 runs, 70 steps): fill lenet instability" in read.text["Figure 29"]
    assert "For ResNet-20: fill" in read.text["Figure 9"]  # planning it would take its time


def test_a_command_that_fills_figures_of_several_studies_is_listed_once(read):
    figures = ", ".join(f"Fig. {number}" for number in (9, 15, 16, 10))
    command = "fill resnet20 sweep papers/lmc/figures/all_levels.gin"
    assert read.text["Commands"].count(command) == 1
    assert f"ResNet-20{figures}{command}" in read.text["Commands"]


def test_without_a_gin_file_that_is_said(made):
    class Nothing(Commands):
        def __call__(self, network, wanted, counted=True):
            return Command("")

    text = Page(text_of(made, Nothing("", None, None))).text
    assert "No gin file is shipped for these yet." in text["Figure 9"]


def test_what_is_missing_is_data_too(made):
    found = {(each["where"], each["network"]): each for each in tables.missing(made)}
    assert found["Figure 4", "resnet20"]["state"] == "none"
    part = found["Figure 29", "lenet"]
    assert part["state"] == "part" and part["missing"][0]["what"] == "initializations"


def points_of(made, name):
    return list(csv.DictReader(io.StringIO(tables.tables(made)[name])))


def test_the_numbers_beside_a_picture_are_those_of_the_log(made):
    table = points_of(made, "figure_03.csv")
    assert len(table) == 4  # two steps, test and train
    for line in table:
        field = "test_instability" if line["panel"] == "test set" else "train_instability"
        values = [
            100 * row[field]
            for row in rows()
            if row["kind"] == "instability"
            and (row["network"], row["rewind_step"]) == ("dense", int(line["x"]))
        ]
        assert (line["network"], line["line"], line["samples"]) == ("LeNet", "Dense", "9")
        assert float(line["mean"]) == pytest.approx(statistics.fmean(values))
        assert float(line["std"]) == pytest.approx(statistics.stdev(values))
        assert (line["x_name"], line["y_name"]) == ("step k", "instability (%)")


def test_the_numbers_of_an_interpolation_are_told_apart_by_network_and_step(made):
    table = points_of(made, "figure_20.csv")
    line = next(
        p for p in table if (p["panel"], p["line"], p["x"]) == ("IMP, k = 500", "test error", "0.5")
    )
    chosen = [
        r for r in rows()
        if r["kind"] == "instability" and (r["network"], r["rewind_step"]) == ("imp", 500)
    ]  # fmt: skip
    middle = [100 * r["test_errors"][r["alphas"].index(0.5)] for r in chosen]
    assert float(line["mean"]) == pytest.approx(statistics.fmean(middle))
    assert line["samples"] == "9"


def test_a_printed_number_stands_beside_ours_with_its_deviation(made):
    (full,) = [
        number
        for number in made.comparisons
        if (number.number.printed.where, number.number.printed.what, number.number.network)
        == ("Table 2", "Full", "lenet")
    ]
    by_seed = [
        statistics.fmean(
            100 * (1 - r["test_error"])
            for r in rows()
            if r["kind"] == "evaluation" and r["initialization"] == i
            and (r["network"], r["rewind_step"], r["step"]) == ("dense", 0, 24000)
        )
        for i in range(3)
    ]  # fmt: skip
    assert full.ours[:3] == pytest.approx((statistics.fmean(by_seed), statistics.stdev(by_seed), 3))
    assert full.deviation == pytest.approx(statistics.fmean(by_seed) - 98.3)
    errors = statistics.stdev(by_seed) / 3**0.5
    assert full.standard_errors == pytest.approx(full.deviation / errors)


def test_standard_errors_take_in_the_papers_own_spread():
    printed = next(iter(LMC.printed[0].numbers()))
    number = Comparison(printed, None, Estimate(98.0, 0.3, 9))
    assert number.standard_errors == pytest.approx(-0.3 / (0.1**2 / 3 + 0.3**2 / 9) ** 0.5)


def test_numbers_of_networks_that_are_not_in_the_log_are_open(made):
    assert all((n.group is None) == (n.number.network != "lenet") for n in made.comparisons)
    lines = points_of(made, "printed.csv")
    assert len(lines) == 261
    assert {line["ours"] for line in lines if line["network"] == "VGG-16"} == {""}


def test_what_is_not_at_the_papers_scale_is_said():
    short = [
        row | {"step": 240}
        for row in study()
        if row["initialization"] < 2 and (row["level"] == 0 or row["noise"] == [1, 2])
    ]
    made = make(short)
    text = Page(text_of(made)).text
    assert "240 steps, the paper 24,000; 2 of 3 initializations." in text["Figure 3"]
    few = "2 of 3 initializations; 1 of 3 pairs of an initialization."
    assert few in text["Figure 6"]
    assert made.sections["Figure 3"].mark(LMC.networks["lenet"]) == "part"
    whole = make(list(study()))
    assert whole.sections["Figure 3"].mark(LMC.networks["lenet"]) == "whole"


def resnet20(**changed):
    names = {"model": "ResNet-20", "dataset": "cifar10", "step": 63000}
    bound = settings("dense", **changed)
    return instability("dense", level=0, settings=bound, **names) | {"key": key(str(changed))}


@pytest.mark.parametrize("network", LMC.networks.values(), ids=lambda network: network.key)
def test_the_level_of_every_network_is_that_of_its_printed_density(network):
    one_shot = network.facts["Style"] == "one-shot"
    level = 1 if one_shot else round(math.log(network.density) / math.log(0.8))
    density = 0.3 if one_shot else 0.8**level  # 1.44 % stands for VGG-16's 1.5 %
    names = {"model": network.model, "dataset": network.dataset, "step": network.steps}
    rows = [
        evaluation(level=at, density=density * 0.8 ** (at - level), **names)
        for at in ([1] if one_shot else [level - 1, level, level + 1])
    ]
    rows = [row | {"settings": row["settings"] | network.settings} for row in rows]
    paper = collect((r["kind"], r["network"], settings_of(r)) for r in rows)
    (group,) = groups(rows, LMC, lambda _: paper)
    assert (group.network, group.level) == (network, level)
    assert group.unlike_paper() == []


def test_densities_of_one_shot_pruning_stand_for_levels():
    """Each density is of a configuration of its own, all at level 1."""
    network = LMC.networks["resnet50"]
    names = {"model": network.model, "dataset": network.dataset, "step": network.steps}
    errors = {0.8: 0.23, 0.5: 0.24, 0.3: 0.25, 0.2: 0.31}
    dense = [evaluation("dense", i, level=0, test_error=0.24 + i / 100, **names) for i in range(3)]
    pruned = [
        evaluation(kind, i, rewind_step=k, level=1, density=density, test_error=error, **names)
        | {"settings": settings(kind, **{"MaskSearch.fraction": 1 - density})}
        | {"key": key(kind, i, k, density)}
        for density, error in errors.items()
        for kind, steps in (("imp", (0, 1251)), ("random_pruning", (0,)))
        for k in steps
        for i in range(3)
    ]
    paper = collect((r["kind"], r["network"], settings_of(r)) for r in (*dense, pruned[20]))
    made = report.make([*dense, *pruned], LMC, lambda _: paper)
    (group,) = made.groups
    assert (group.network, group.density, group.unlike_paper()) == (network, 0.3, [])
    lines = {
        line: [
            (row["x"], row["mean"])
            for row in points_of(made, "figure_10.csv")
            if row["line"] == line
        ]
        for line in ("IMP, k = 0", "Random pruning, k = 0")
    }
    for found in lines.values():
        assert [(float(x), float(mean)) for x, mean in found] == [
            (pytest.approx(100 * density), pytest.approx(100 - 100 * error))
            for density, error in errors.items()
        ]
    # 25 % is as far as the dense network's 25 +- 1 % goes: 30 % of the weights are the extreme.
    (extreme,) = (
        n for n in made.comparisons if n.number.printed.what == "extreme density" and n.ours
    )
    assert (extreme.number.network, extreme.ours.mean) == ("resnet50", pytest.approx(30))


def test_one_shot_densities_of_a_network_of_ones_own_are_not_mixed():
    rows = [
        evaluation(density=density, model="tiny", dataset="mine")
        | {"settings": settings("imp", **{"MaskSearch.fraction": 1 - density})}
        | {"key": key(density, "row"), "level": 1}
        for density in (0.5, 0.25)
    ]
    (group,) = groups(rows, LMC, expected)
    assert {row["level"]: row["density"] for row in group.rows} == {1: 0.5, 2: 0.25}
    assert [row["density"] for row in of_level(group.rows, 2)] == [0.25]


def test_networks_of_one_architecture_are_told_apart_by_their_settings():
    found = groups(
        [
            resnet20(**{"Steps.rate": 0.1, "Steps.warmup_steps": 0}),
            resnet20(**{"Steps.rate": 0.03, "Steps.warmup_steps": 30000}),
            resnet20(**{"Steps.rate": 0.7, "Steps.warmup_steps": 0}),
        ],
        LMC,
        lambda network: collect([("instability", "dense", settings("dense", **network.settings))]),
    )
    assert [group.title.partition(",")[0] for group in found] == [
        *("ResNet-20", "ResNet-20 Warmup", "ResNet-20 on cifar10")
    ]
    assert found[2].title == "ResNet-20 on cifar10, Steps.rate 0.7, Steps.warmup_steps 0"


def test_rows_that_differ_alike_are_a_group_of_their_own():
    """Whole ones first, then those of fewer differences; the paper's numbers stand by the first."""
    coarse, other = {"Hparams.batch_size": 5}, {"Hparams.batch_size": 5, "Constant.rate": 1}
    made = make([*dense("b", **other), *dense(), *dense("a", **coarse)])
    assert [group.title for group in made.groups] == [
        *("LeNet", "LeNet, altered 1", "LeNet, altered 2")
    ]
    batch = Difference("Hparams.batch_size", "5", "60")
    assert [group.differences for group in made.groups] == [
        (),
        (batch,),
        (Difference("Constant.rate", "1", "0.0012"), batch),
    ]
    assert {len(group.rows) for group in made.groups} == {len(dense())}
    assert {n.group.title for n in made.comparisons if n.group} == {"LeNet"}
    assert made.sections["Figure 3"].mark(LENET) == "whole"
    assert LENET not in made.sections["Figure 3"].missing
    whole, altered, _ = (part.unlike for part in made.sections["Figure 3"].parts)
    assert (whole, altered) == ([], [batch])
    text = Page(text_of(made)).text
    assert "LeNet, altered 2: not as in the paper:\nConstant.rate = 1" in text["In this log"]
    assert "LeNet, altered 10 (9)†" in text["Figure 3"]  # stable from step 0, of 9 samples
    assert "LeNet, altered 2" in text["Table 2"]


def test_numbers_and_pictures_of_altered_runs_are_marked():
    marked, plain = make(dense(**{"Hparams.batch_size": 5})), make(dense())
    (group,) = marked.groups
    assert (group.title, group.name) == ("LeNet, altered", "lenet_altered")
    assert "24,000 steps, altered" in group.subject and "altered" not in plain.groups[0].subject
    assert "98.30 ± 0.03% (3)†" in Page(text_of(marked)).text["Table 2"]
    assert "(3)†" not in Page(text_of(plain)).text["Table 2"]
    assert all("lenet_altered" in name for name, _ in marked.pictures)
    (line, *_) = [p for p in points_of(marked, "printed.csv") if p["ours"]]
    assert line["unlike_paper"] == "Hparams.batch_size = 5, the paper's file has 60"


def test_many_differences_are_counted_where_numbers_stand():
    made = make(dense(**{f"Other.field_{n}": 1 for n in range(4)}))
    text = Page(text_of(made)).text
    assert "Not as in the paper: 4 differences, listed at the top." in text["Figure 3"]
    for n in range(4):
        assert f"Other.field_{n} = 1, the paper's file has -" in text["In this log"]


def test_settings_that_nobody_knows_are_not_taken_for_the_papers():
    made = make(row | {"schema": 2, "settings": {}} for row in dense())
    assert made.groups[0].unlike_paper() == [UNKNOWN]
    assert made.sections["Figure 3"].mark(LENET) == "part"


def test_a_network_of_ones_own_is_shown_where_the_paper_has_others():
    own = [row | {"model": "tiny", "dataset": "mine"} for row in study()]
    made = make(own)
    assert [part.group.title for part in made.sections["Figure 3"].parts] == ["tiny on mine"]
    text = Page(text_of(made)).text
    assert "tiny on mine" in text["Table 2"] and "all 9 networks" in text["Table 2"]
    assert "tiny on mine0 (9)" in text["Figure 6"]  # stable from step 0, of 9 samples
    # Figures 16 and 18 differ in nothing but their networks.
    assert made.sections["Figure 16"].parts and not made.sections["Figure 18"].parts


def test_of_several_levels_the_papers_is_shown():
    levels = [instability("imp", i, level=level) for i in range(3) for level in (13, 15, 17)]
    made = make(levels)
    (group,) = made.groups
    assert group.level == 15
    picture = made.sections["Figure 6"].parts[0].pictures[0]
    assert [point.samples for point in picture.chart.points()] == [3]


def test_what_an_earlier_report_left_goes(made, tmp_path):
    stale = tmp_path / "lmc" / "figure_99-gone.png"
    stale.parent.mkdir()
    stale.write_bytes(b"")
    page.write(made, tmp_path, filler())
    assert not stale.exists()
    assert {path.name for path in (tmp_path / "lmc").iterdir()} == {
        *(f"{name}.png" for name, _ in made.pictures),
        *tables.tables(made),
    }


def test_the_diagram_and_the_algorithms_are_what_they_are(read):
    texts = [item for item in LMC.items if isinstance(item, Text)]
    assert [item.name for item in texts] == ["Figure 1", "Algorithm 1", "Algorithm 2"]
    assert "Return Wk, m." in read.text["Algorithm 2"]
    for part in ("From step 0", "From step k"):
        assert part in read.text["Figure 1"]


def test_what_was_measured_and_never_found_is_not_shown_as_missing(read):
    """From no step k are LeNet's subnetworks of the study as good as its dense network."""
    text = read.text["Figure 7"]
    assert "LeNet ('matching when rewinding to step 0')0at no k (3)not reached" in text
    assert "ResNet-20at no k–" in text  # random pruning, of which the log has nothing


def test_marks_differ_in_form_and_their_colors_are_those_of_the_figures():
    assert len(set(page._MARKS.values())) == len(page._MARKS)
    light = CSS.split("prefers-color-scheme: dark")[0]
    colors = set(re.findall(r"--(?:whole|part|none): (#\w{6})", light))
    assert colors == {palette.GREEN, palette.BLUE, palette.VERMILLION}


def test_another_paper_is_refused():
    with pytest.raises(LogError, match="^paper=other: there is no such paper; allowed: .*none"):
        papers.load("other")


def test_every_printed_number_belongs_to_a_figure_and_a_network_of_it():
    items = {item.name: item for item in LMC.items if not isinstance(item, Text)}
    for printed in LMC.printed:
        assert set(printed.values) <= set(items[printed.where].networks), printed


def test_a_report_of_networks_of_ones_own_has_their_figures_and_answers(tmp_path):
    own = [row | {"model": "größer $x$ <b>", "dataset": "mine"} for row in study()]
    made = report.make_own(own)
    written, *pictures = page.write(made, tmp_path, filler())
    text = written.read_text()
    read = Page(text)
    assert written.name == "own.html" and len(pictures) == len(made.pictures) == len(read.images)
    told = re.sub(r'src="[^"]*"', "", text)
    assert "Missing" not in told and "lmc" not in told and "<b> on mine" not in told
    assert "dense: stable from 0" in read.text["Stable and matching"]
    assert "größer $x$ <b> on mine" in read.text["In this log"]
    assert all((tmp_path / "own" / f"{name}.png").is_file() for name, _ in made.pictures)
    assert made.paper is None and list(tables.in_short(made)) == []


def test_a_log_from_which_nothing_can_be_drawn_has_a_page(tmp_path):
    one = evaluation("dense", 0, 0, 0, 0)
    for rows in ([one], [one | {"status": "diverged"}]):
        made = report.make_own(rows)
        assert made.pictures == [] and len(made.groups) == (rows == [one])
        assert page.write(made, tmp_path, filler()) == [tmp_path / "own.html"]


def test_a_report_of_ones_own_has_figures_along_an_axis_of_ones_own():
    own = [
        evaluation(
            axes={"sigma": sigma},
            settings=settings("imp", **{"Jitter.sigma": sigma}),
            key=f"{sigma}",
        )
        for sigma in (0.0, 0.5, 1.0)
    ]
    made = report.make_own(own)
    assert len(made.groups) == 1
    (section,) = [s for name, s in made.sections.items() if name == "test_error_against_sigma"]
    ((picture,),) = [part.pictures for part in section.parts]
    assert [point.x for point in picture.chart.points()] == [0.0, 0.5, 1.0]


def test_the_index_says_how_much_of_each_paper_there_is(made, tmp_path):
    (tmp_path / "lmc.html").touch()
    others = [report.make([], papers.load(other), None) for other in ("unmasking", "sgd_noise")]
    commands = Commands("runs/mine", tmp_path / "store", None)
    text = index.write([made, *others], tmp_path, commands, COSTS).read_text()
    first, *rest = re.findall(r"<tr><th scope=.row.>(.*?)</tr>", text)
    counts = [int(n.replace(",", "")) for n in re.findall(r"<td>([\d,]+)</td>", first)][:3]
    marks = [section.mark(n) for section in made.sections.values() for n in LMC.networks.values()]
    assert counts == [marks.count(mark) for mark in ("whole", "part", "none")]
    there = sum(each.ours is not None for each in made.comparisons)
    assert there and f"<td>{there} of {len(made.comparisons)}</td>" in first
    assert LMC.title in first and '<a href="lmc.html">' in first
    for line, other in zip(rest, ("unmasking", "sgd_noise"), strict=True):
        assert line.count("<td>0</td>") == 2 and f"--paper={other}" in line and "href" not in line
        whole = total(COSTS[other].values())
        assert f"<td>{whole.runs:,} runs, {whole.steps:,} steps</td>" in line
        assert f"<td>{len(COSTS[other])} networks not yet timed</td>" in line
        for each in ACCELERATORS:
            assert f"<td>{hours(each.hours(whole.operations))}</td>" in line


def test_the_index_counts_what_is_left_of_networks_that_are_in_the_log(made, tmp_path):
    """The report is told to be whole but for one figure, whose study alone is then left."""
    lenet = LMC.networks["lenet"]
    name, lacking = next((n, s) for n, s in made.sections.items() if lenet in s.missing)
    one = replace(made, sections={name: replace(lacking, missing=[lenet])})
    commands = Commands("runs/mine", tmp_path / "store", None)
    text = index.write([one], tmp_path, commands, COSTS).read_text()
    plan = commands(lenet, LMC.studies[lacking.item.study]).plan
    assert plan and f"<td>{plan.runs:,} runs, {plan.steps:,} steps</td>" in text
    share = COSTS["lmc"]["lenet"].operations * plan.steps / COSTS["lmc"]["lenet"].steps
    assert all(f"<td>{hours(each.hours(share))}</td>" in text for each in ACCELERATORS)
    whole = replace(made, sections={name: replace(lacking, missing=[])})
    assert "<td>nothing</td>" in index.write([whole], tmp_path, commands, COSTS).read_text()


def test_settings_of_networks_of_ones_own_are_networks_of_their_own():
    rows = [row | {"model": "tiny"} for row in (*dense(), *dense("b", **{"Constant.rate": 1.0}))]
    made = report.make_own(rows)
    assert [group.title for group in made.groups] == [
        "tiny on mnist, Constant.rate 0.0012",
        "tiny on mnist, Constant.rate 1",
    ]


def test_pictures_of_a_report_are_those_of_the_figures(made):
    picture = made.sections["Figure 3"].parts[0].pictures[0]
    assert picture.name == "figure_03-lenet"
    assert render.png(picture.chart) == render.png(picture.chart)


@pytest.mark.parametrize("paper", papers.PAPERS)
def test_a_paper_is_literals_that_load_no_plot(paper):
    script = (
        f"import sys, lth_tf.papers.{paper}\n"
        "assert not {'matplotlib', 'tensorflow'} & {n.partition('.')[0] for n in sys.modules}\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
