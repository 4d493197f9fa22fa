"""The report on networks of one's own, of no paper."""

import re

from lenet_report import Page, dense, filler
from synthetic import evaluation, settings, study

from lth_tf.report import page, report, tables


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


def test_settings_of_networks_of_ones_own_are_networks_of_their_own():
    rows = [row | {"model": "tiny"} for row in (*dense(), *dense("b", **{"Constant.rate": 1.0}))]
    made = report.make_own(rows)
    assert [group.title for group in made.groups] == [
        "tiny on mnist, Constant.rate 0.0012",
        "tiny on mnist, Constant.rate 1",
    ]
