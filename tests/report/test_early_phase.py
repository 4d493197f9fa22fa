"""The figures and numbers of early_phase, from invented rows of a ResNet-20."""

import csv
import io
import math

import pytest
from early_phase_rows import (
    LEVELS,
    LOST,
    NAMES,
    SEEDS,
    deviation,
    end,
    log,
    lost,
)

from lth_tf import papers
from lth_tf.figures import render
from lth_tf.log.validation import validate
from lth_tf.report import comparison, report

PAPER = papers.load("early_phase")
assert PAPER


@pytest.fixture(scope="module")
def rows():
    found = list(log())
    for row in found:
        validate(row)
    return found


@pytest.fixture(scope="module")
def made(rows):
    return report.make(rows, PAPER, None)


def chart(made, number, place=0):
    """The chart of a figure; at a later place, one beyond the paper."""
    (part,) = made.sections[f"Figure {number}"].parts
    return part.pictures[place].chart


def lines(made, number, place=0):
    """Panel and label of every line -> its points."""
    return {
        (panel.title, mark.label): [(x, y.mean) for x, y in mark.points()]
        for row in chart(made, number, place).panels
        for panel in row
        for mark in panel.marks
    }


def test_every_figure_and_table_of_the_paper_is_there():
    numbers = [item.name for item in PAPER.items]
    assert numbers[:10] == [f"Figure {n}" for n in range(1, 11)]
    assert sorted(numbers[10:]) == sorted(["Table A1", *(f"Figure A{n}" for n in range(1, 13))])


def test_figure_1_has_a_line_for_every_k_from_the_dense_network(made):
    found = lines(made, 1)
    assert [label for _, label in found] == [f"Rewind to {k:,}" for k in LOST]
    for k, value in LOST.items():
        points = found["", f"Rewind to {k:,}"]
        assert [x for x, _ in points] == pytest.approx([100, 80, 100 * 0.8**6, 100 * 0.8**8])
        assert [y for _, y in points] == pytest.approx(
            [91.5, 91.5, 91.5 - 100 * value, 91.5 - 200 * value]
        )


def test_figure_3_shows_the_beginning_alone(made):
    found = lines(made, 3)
    steps = [x for x, _ in found["Gradient magnitude", "mean"]]
    assert (steps[0], steps[-1]) == (0, 4000) and len(found) == 5 + 10 + 4
    assert dict(found["Accuracy", "mean"])[4000] == pytest.approx(10 + 80 * 4000 / 4300)


def test_beside_figure_3_is_the_curvature(made):
    found = lines(made, 3, place=1)
    assert found["", "largest eigenvalue"] == [(0, 9), (500, 9)]
    assert found["", "smallest eigenvalue"] == [(0, -3), (500, -0.5)]


@pytest.mark.parametrize("number, count", [("4", 5), ("5", 5), ("6", 6), ("7", 6)])
def test_figures_4_to_7_have_their_lines_at_both_k(made, number, count):
    found = lines(made, number)
    for title in ("k = 500", "k = 2,000"):
        own = {label: points for (panel, label), points in found.items() if panel == title}
        assert len(own) == count
        k = int(title[4:].replace(",", ""))
        assert own["Rewound to k"][2][1] == pytest.approx(91.5 - 100 * LOST[k])
        if number != "4":
            assert own["Rewound to 0"][2][1] == pytest.approx(91.5 - 4)
    if number == "7":
        assert found["k = 500", "2 σ"][1][1] == pytest.approx(91.5 - 100 * lost("noise_2", 500))


def test_figure_8_has_fourteen_points_of_the_level_that_is_shown(made):
    assert "pruned to 26.2%" in chart(made, 8).notes[0]
    found = lines(made, 8)
    for title, k in (("k = 500", 500), ("k = 2K", 2000)):
        own = {label: point for (panel, label), (point,) in found.items() if panel == title}
        assert len(own) == 14
        x, y = own[NAMES["shuffled_layers"]]
        assert x == pytest.approx(deviation("shuffled_layers") + 0.0005)
        assert y == pytest.approx(91.5 - 100 * lost("shuffled_layers", k))
    notes = [panel.note for row in chart(made, 8).panels for panel in row]
    assert all(note.startswith("r = -1.000, p = ") and "n = 14" in note for note in notes)
    looks = {
        (mark.look.color, mark.look.marker)
        for row in chart(made, 8).panels
        for panel in row
        for mark in panel.marks
    }
    assert len(looks) == 14


def test_figures_9_and_10_stand_beside_rewinding(made):
    found = lines(made, 9)
    assert len({panel for panel, _ in found}) == 4 and len(found) == 4 * 7
    assert found["4x blurring", "Pre-trained for 40 epochs"][2][1] == pytest.approx(90.5)
    assert found["Random labels", "Pre-trained for 40 epochs"][2][1] == pytest.approx(87.5)
    sparse = lines(made, 10)
    assert len(sparse) == 6
    assert sparse["", "IMP, pre-trained"][1][1] == pytest.approx(91.5 - 4.5)


def test_of_rewound_tickets_alone_there_is_figure_1_and_none_that_they_stand_beside():
    rows = [end("imp" if n else "dense", i, k, n, LOST[k]) for i in SEEDS for k in LOST
            for n in LEVELS]  # fmt: skip
    sections = report.make(rows, PAPER, None).sections
    assert [name for name, section in sections.items() if section.parts] == ["Figure 1", "Table A1"]


def test_curvature_is_against_the_step_of_training(made):
    assert chart(made, 3, 1).x.name == "step of training"


def ours(made):
    found = csv.DictReader(io.StringIO(comparison.as_csv(PAPER, made.comparisons)))
    return {line["what"]: line for line in found if line["network"] == "ResNet-20"}


@pytest.mark.parametrize(
    "what, expected",
    [
        ("Eval Accuracy", 91.5),
        ("accuracy of IMP from k = 0 less the dense network's, 16.8% left", -8),
        ("accuracy of IMP from k = 500 less the dense network's, 16.8% left", -2),
        ("accuracy at step 400", 10 + 80 * 4 / 7),
        ("step at which the gradient magnitude is lowest", 200),
        ("signs that change between iterations 500 and 2,000", 9),
        ("effective standard deviation of signs 500 and magnitudes 0, k = 500", 0.0305),
        ("r of accuracy and effective standard deviation, k = 500", -1),
        ("accuracy of 40 epochs on 4x blurring less that of IMP rewound to 500", 0),
        ("shortest pre-training on 4x blurring that serves as well as 500 steps, over these", 31.2),
        ("shortest pre-training on self-supervised rotation that serves as well as 500 steps, over "
         "these", math.inf),
        ("accuracy of IMP rewound to 500, pre-trained, less that without", -3.5),
    ],
)  # fmt: skip
def test_numbers_are_those_of_the_rows(made, what, expected):
    assert float(ours(made)[what]["ours"]) == pytest.approx(expected, abs=1e-6)


def test_every_number_of_the_networks_rows_is_known(made):
    # But of the shuffles that the paper leaves out of its figures, of which no row is invented; and
    # the distances from a line on which all points are, up to rounding.
    unknown = [what for what, line in ours(made).items() if not line["ours"]]
    unknown = [what for what in unknown if "distance of mixes" not in what]
    assert len(unknown) == 4 and all("of each neuron" in what for what in unknown)
    assert len(PAPER.printed) > 80


def test_pictures_are_drawn(made):
    for number in ("3", "8", "9"):
        assert render.png(chart(made, number)).startswith(b"\x89PNG")
