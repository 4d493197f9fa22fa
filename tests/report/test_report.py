"""The report on lmc, from invented rows: every figure once in one page, and what is missing."""

import re
import subprocess
import sys

import pytest
from lenet_report import LMC, Page, filler, make, rows, text_of
from synthetic import study

from lth_tf import papers
from lth_tf.figures import palette, render
from lth_tf.log.schema import LogError
from lth_tf.report import page, tables
from lth_tf.report.commands import Command, Commands
from lth_tf.report.page_parts import _CSS
from lth_tf.report.paper import Text


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


def test_a_network_of_ones_own_is_shown_where_the_paper_has_others():
    own = [row | {"model": "tiny", "dataset": "mine"} for row in study()]
    made = make(own)
    assert [part.group.title for part in made.sections["Figure 3"].parts] == ["tiny on mine"]
    text = Page(text_of(made)).text
    assert "tiny on mine" in text["Table 2"] and "all 9 networks" in text["Table 2"]
    assert "tiny on mine0 (9)" in text["Figure 6"]  # stable from step 0, of 9 samples
    # Figures 16 and 18 differ in nothing but their networks.
    assert made.sections["Figure 16"].parts and not made.sections["Figure 18"].parts


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
    light = _CSS.split("prefers-color-scheme: dark")[0]
    colors = set(re.findall(r"--(?:whole|part|none): (#\w{6})", light))
    assert colors == {palette.GREEN, palette.BLUE, palette.VERMILLION}


def test_another_paper_is_refused():
    with pytest.raises(LogError, match="^paper=other: there is no such paper; allowed: .*none"):
        papers.load("other")


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
