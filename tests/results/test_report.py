"""The report on lmc, from invented rows: every figure once, the log's numbers, all in one page."""

import csv
import io
import math
import re
import statistics
from html.parser import HTMLParser

import pytest
from synthetic import comparison, distance, evaluation, instability, key, study

from lth_tf import papers
from lth_tf.analysis.table import Spread
from lth_tf.figures import style
from lth_tf.log.schema import LogError
from lth_tf.report import groups as holdings
from lth_tf.report import page, report
from lth_tf.report.comparison import Compared
from lth_tf.report.page_style import CSS
from lth_tf.report.paper import Text
from lth_tf.report.report import Fill
from lth_tf.report.settings_diff import UNKNOWN, Expected

LMC = papers.load("lmc")
# What the configurations of the study and of others bind, and the paper's file.
PAPERS = {"Instability.steps": "24000", "Instability.alphas": "11", "Adam.beta_1": "0.9"}
SETTINGS = {
    key("configuration"): PAPERS,
    key("coarse"): PAPERS | {"Instability.alphas": "5"},
    key("short"): PAPERS | {"Instability.alphas": "5", "Instability.steps": "240"},
}


def expected(network, experiment):
    return Expected(PAPERS)


def make(rows, settings=SETTINGS):
    return report.make(list(rows), LMC, settings, expected)


def dense(configuration="configuration", **changes):
    """The dense networks of the study, as another configuration has them."""
    changes["configuration"] = key(configuration)
    rows = (row for row in study() if row["network"] == "dense")
    return [row | changes | {"key": key(configuration, row["key"])} for row in rows]


def filler(network, wanted):
    """Commands of another make, so that nothing of them can come from elsewhere."""
    file = wanted.files(network.key)[-1]
    return Fill(f"fill {network.key} {wanted.command} {file}", "7 runs, 70 steps")


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
    return Page(page.page(made, filler))


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
    written, *pictures = page.write(made, tmp_path, filler)
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


def test_what_is_missing_names_its_command_and_its_cost(made, read):
    for name, section in made.sections.items():
        text = read.text[name]
        assert section.missing  # of the nine networks there is one
        first = section.missing[0]
        study_of = LMC.studies[section.item.study]
        assert f"fill {first.key} {study_of.command} {study_of.files(first.key)[-1]}" in text
        assert "7 runs, 70 steps" in text
    assert "both networks" in read.text["Figure 9"]
    assert "fill resnet20 sweep" in read.text["Figure 4"]


def test_a_command_that_fills_figures_of_several_studies_is_listed_once(read):
    figures = ", ".join(f"Fig. {number}" for number in (9, 10, 15, 16))
    command = "fill resnet20 sweep papers/lmc/figures/all_levels.gin"
    assert read.text["Commands"].count(command) == 1
    assert f"ResNet-20{figures}7 runs, 70 steps{command}" in read.text["Commands"]


def test_without_a_gin_file_that_is_said(made):
    text = Page(page.page(made, lambda network, wanted: Fill(""))).text
    assert "No gin file is shipped for these yet." in text["Figure 9"]


def points_of(made, name):
    return list(csv.DictReader(io.StringIO(report.files(made)[name].decode())))


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
        for number in made.compared
        if (number.printed.where, number.printed.what, number.printed.network)
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
    assert full.ours == pytest.approx((statistics.fmean(by_seed), statistics.stdev(by_seed), 3))
    assert full.deviation == pytest.approx(statistics.fmean(by_seed) - 98.3)
    errors = statistics.stdev(by_seed) / 3**0.5
    assert full.standard_errors == pytest.approx(full.deviation / errors)


def test_standard_errors_take_in_the_papers_own_spread():
    printed = next(n for n in LMC.printed if n.where == "Table 1")
    number = Compared(printed, None, Spread(98.0, 0.3, 9))
    assert number.standard_errors == pytest.approx(-0.3 / (0.1**2 / 3 + 0.3**2 / 9) ** 0.5)


def test_numbers_of_networks_that_are_not_in_the_log_are_open(made):
    assert all((n.group is None) == (n.printed.network != "lenet") for n in made.compared)
    lines = points_of(made, "printed.csv")
    assert len(lines) == len(LMC.printed)
    assert {line["ours"] for line in lines if line["network"] == "VGG-16"} == {""}


def test_what_is_not_at_the_papers_scale_is_said():
    short = [
        row | {"step": 240}
        for row in study()
        if row["initialization"] < 2 and (row["level"] == 0 or row["noise"] == [1, 2])
    ]
    made = make(short)
    text = Page(page.page(made, filler)).text
    assert "240 steps, the paper 24,000; 2 of 3 initialisations." in text["Figure 3"]
    few = "2 of 3 initialisations; 1 of 3 pairs of an initialisation."
    assert few in text["Figure 6"]
    assert made.sections["Figure 3"].mark(LMC.networks["lenet"]) == "part"
    whole = make(list(study()))
    assert whole.sections["Figure 3"].mark(LMC.networks["lenet"]) == "whole"


def resnet20(configuration, **changes):
    names = {"model": "ResNet-20", "dataset": "cifar10", "step": 63000, **changes}
    return instability("dense", level=0, configuration=key(configuration), **names)


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
    bound = {name: str(value) for name, value in network.settings.items()}
    settings = {key("configuration"): bound}
    (group,) = holdings.groups(rows, LMC, settings, lambda *_: Expected(bound))
    assert (group.network, group.level) == (network, level)
    assert group.departures() == []


def test_densities_of_one_shot_pruning_stand_for_levels():
    """Each density is of a configuration of its own, all at level 1."""
    network = LMC.networks["resnet50"]
    names = {"model": network.model, "dataset": network.dataset, "step": network.steps}
    errors = {0.8: 0.23, 0.5: 0.24, 0.3: 0.25, 0.2: 0.31}
    settings = {
        key(density): {"MaskSearch.levels": "1", "MaskSearch.fraction": str(1 - density)}
        for density in errors
    }
    paper = Expected({"MaskSearch.levels": "1", "MaskSearch.fraction": "0.7"})
    dense = [evaluation("dense", i, level=0, test_error=0.24 + i / 100, **names) for i in range(3)]
    for row in dense:
        row["configuration"] = key(0.3)
    pruned = [
        evaluation(kind, i, rewind_step=k, level=1, density=density, test_error=error, **names)
        | {"configuration": key(density), "key": key(kind, i, k, density)}
        for density, error in errors.items()
        for kind, steps in (("imp", (0, 1251)), ("random_pruning", (0,)))
        for k in steps
        for i in range(3)
    ]
    made = report.make([*dense, *pruned], LMC, settings, lambda *_: paper)
    (group,) = made.groups
    assert (group.network, group.density, group.departures()) == (network, 0.3, [])
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
    (extreme,) = (n for n in made.compared if n.printed.what == "extreme density" and n.ours)
    assert (extreme.printed.network, extreme.ours.mean) == ("resnet50", pytest.approx(30))


def test_one_shot_densities_of_a_network_of_ones_own_are_not_mixed():
    rows = [
        evaluation(density=density, model="tiny", dataset="mine")
        | {"configuration": key(density), "key": key(density, "row"), "level": 1}
        for density in (0.5, 0.25)
    ]
    settings = {
        key(density): {"MaskSearch.levels": "1", "MaskSearch.fraction": str(1 - density)}
        for density in (0.5, 0.25)
    }
    (group,) = holdings.groups(rows, LMC, settings, expected)
    assert {row["level"]: row["density"] for row in group.rows} == {1: 0.5, 2: 0.25}
    assert [row["density"] for row in holdings.of_level(group.rows, 2)] == [0.25]


def test_networks_of_one_architecture_are_told_apart_by_their_settings():
    standard = {"Steps.rate": "0.1", "Steps.warmup_steps": "0"}
    settings = {
        key("a"): standard,
        key("b"): {"Steps.rate": "0.03", "Steps.warmup_steps": "30000"},
        key("c"): {"Steps.rate": "0.7", "Steps.warmup_steps": "0"},
    }
    found = holdings.groups([resnet20(name) for name in "abcd"], LMC, settings, expected)
    assert [group.title for group in found] == [
        *("ResNet-20", "ResNet-20 Warmup"),
        "ResNet-20 on cifar10",  # of other settings, or of settings that nobody knows
    ]


def test_rows_that_depart_alike_are_a_group_of_their_own():
    """Whole ones first, then those of fewer departures; numbers of the paper stand by the first."""
    made = make([*dense("short", step=240), *dense(), *dense("coarse")])
    assert [group.title for group in made.groups] == [
        "LeNet",
        "LeNet, altered 1",
        "LeNet, altered 2",
    ]
    assert [group.altered for group in made.groups] == [
        (),
        ("alphas = 5, the paper's file has 11",),
        ("alphas = 5, the paper's file has 11", "steps = 240, the paper's file has 24000"),
    ]
    assert {len(group.rows) for group in made.groups} == {len(dense())}
    assert {n.group.title for n in made.compared if n.group} == {"LeNet"}
    assert made.sections["Figure 3"].mark(LMC.networks["lenet"]) == "whole"
    assert LMC.networks["lenet"] not in made.sections["Figure 3"].missing
    whole, altered_1, altered_2 = (part.lacking for part in made.sections["Figure 3"].parts)
    assert (whole, altered_1) == ([], ["alphas = 5, the paper's file has 11"])
    # Its length is said once, as a setting.
    assert altered_2 == [*altered_1, "steps = 240, the paper's file has 24000"]
    text = Page(page.page(made, filler)).text
    assert "LeNet, altered 2: not as in the paper:\nalphas = 5," in text["In this log"]
    assert "LeNet, altered 10 (9)†" in text["Figure 3"]  # stable from step 0, of 9 samples
    assert "LeNet, altered 2" in text["Table 2"]


def test_numbers_and_pictures_of_altered_runs_are_marked():
    marked, plain = make(dense("coarse")), make(dense())
    (group,) = marked.groups
    assert (group.title, group.name) == ("LeNet, altered", "lenet_altered")
    assert "24,000 steps, altered" in group.about and "altered" not in plain.groups[0].about
    assert "98.30 ± 0.03% (3)†" in Page(page.page(marked, filler)).text["Table 2"]
    assert "(3)†" not in Page(page.page(plain, filler)).text["Table 2"]
    assert all("lenet_altered" in name for name in report.files(marked) if name.endswith(".png"))
    (line, *_) = [p for p in points_of(marked, "printed.csv") if p["ours"]]
    assert line["departures"] == "alphas = 5, the paper's file has 11"


def test_many_departures_are_counted_where_numbers_stand():
    bound = PAPERS | {f"Instability.alphas_{n}": "1" for n in range(4)}
    made = make(dense(), {key("configuration"): bound})
    text = Page(page.page(made, filler)).text
    assert "Not as in the paper: 4 departures, listed at the top." in text["Figure 3"]
    for n in range(4):
        assert f"alphas_{n} = 1, which the paper's file does not have" in text["In this log"]


def test_settings_that_nobody_knows_are_not_taken_for_the_papers():
    made = make(dense(), {})
    assert made.groups[0].departures() == [UNKNOWN]
    assert made.sections["Figure 3"].mark(LMC.networks["lenet"]) == "part"


def test_of_other_networks_it_is_said_in_what_their_configurations_differ():
    settings = {key("a"): {"Steps.rate": "0.05"}, key("b"): {"Steps.rate": "0.07"}}
    rows = [resnet20("a"), resnet20("b", initialization=1)]
    (group,) = holdings.groups(rows, LMC, settings, expected)
    assert group.title == "ResNet-20 on cifar10" and len(group.rows) == 2
    note = "its rows are of configurations that differ: Steps.rate is 0.05 or 0.07"
    assert group.notes == (note,)


def test_a_network_of_ones_own_is_shown_where_the_paper_has_others():
    own = [row | {"model": "tiny", "dataset": "mine"} for row in study()]
    made = make(own)
    assert [part.group.title for part in made.sections["Figure 3"].parts] == ["tiny on mine"]
    text = Page(page.page(made, filler)).text
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
    assert [point.samples for point in picture.points] == [3]


def test_what_an_earlier_report_left_goes(made, tmp_path):
    page.write(made, tmp_path, filler)
    stale = tmp_path / "lmc" / "figure_99-gone.png"
    stale.write_bytes(b"")
    page.write(made, tmp_path, filler)
    assert not stale.exists()
    assert {path.name for path in (tmp_path / "lmc").iterdir()} == set(report.files(made))


def test_the_diagram_and_the_algorithms_are_what_they_are(read):
    texts = [item for item in LMC.items if isinstance(item, Text)]
    assert [item.name for item in texts] == ["Figure 1", "Algorithm 1", "Algorithm 2"]
    assert "Return W_k, m." in read.text["Algorithm 2"]
    for part in ("From step 0", "From step k"):
        assert part in read.text["Figure 1"]


def test_what_was_measured_and_never_found_is_not_shown_as_missing(read):
    """From no step k are LeNet's subnetworks of the study as good as its dense network."""
    text = read.text["Figure 7"]
    assert "LeNet ('matching when rewinding to step 0')0at no k (3)not reached" in text
    assert "ResNet-20at no k–" in text  # random pruning, of which the log has nothing


def test_marks_differ_in_form_and_their_colours_are_those_of_the_figures():
    assert len(set(page._MARKS.values())) == len(page._MARKS)
    light = CSS.split("prefers-color-scheme: dark")[0]
    colours = set(re.findall(r"--(?:whole|part|none): (#\w{6})", light))
    assert colours == {style.GREEN, style.BLUE, style.VERMILLION}


def test_another_paper_is_refused():
    with pytest.raises(LogError, match="--paper=other: there is no such paper; allowed: lmc"):
        papers.load("other")


def test_every_printed_number_belongs_to_a_figure_and_a_network_of_it():
    items = {item.name: item for item in LMC.items if not isinstance(item, Text)}
    for number in LMC.printed:
        assert number.network in items[number.where].networks, number
