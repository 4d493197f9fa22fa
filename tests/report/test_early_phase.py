"""The figures and numbers of early_phase, from invented rows of a ResNet-20."""

import csv
import io
import math

import pytest
from synthetic import curvature, difference, evaluation, gradient, weights

from lth_tf import config, papers
from lth_tf.analysis.course import LowestStep, Rate, ShortestPretraining
from lth_tf.analysis.statistics import NEVER, RowFilter
from lth_tf.data import Pretext
from lth_tf.experiments import Perturbed, Pretraining, SparsePretraining, Telemetry, perturbed
from lth_tf.figures import render
from lth_tf.log.fields import network_kinds
from lth_tf.log.validation import validate
from lth_tf.papers.early_phase import kinds
from lth_tf.report import comparison, report

PAPER = papers.load("early_phase")
assert PAPER
OURS = {"model": "ResNet-20", "dataset": "cifar10", "settings": {}}
T, SEEDS, LEVELS = 62_400, (0, 1), (0, 1, 6, 8)
NAMES = {kind.name: kind.title for kind in network_kinds().values()}
# Accuracy lost at level 6, of 1: twice that at level 8, nothing of it where nothing is pruned.
LOST = {0: 0.04, 100: 0.04, 250: 0.03, 500: 0.01, 1000: 0.01, 2000: 0.01}
PERTURBED = (*kinds.FOURTEEN, "signs_initial_magnitudes_initial")


def end(network, i, k, level, lost):
    """A network at the end, of 91.5% where nothing is lost; replicates are 0.2 points apart."""
    error = 0.084 + 0.002 * i + lost * {0: 0, 1: 0, 6: 1, 8: 2}[level]
    return evaluation(network, i, 0, k, level, step=T, test_error=error, **OURS)


def lost(name, k):
    """What a perturbed network loses: more, the further it was moved."""
    return 0.01 + 0.2 * deviation(name) * (0.5 if k == 2000 else 1)


def deviation(name):
    return 0.03 + 0.01 * PERTURBED.index(name)


def pretrained(name):
    epochs = int(name.split("_")[-2])
    return 0.04 - 0.03 * (epochs == 40) * (name.split("_")[0] == "blur")


def log():
    for i in SEEDS:
        for k, value in LOST.items():
            for level in LEVELS:
                yield end("imp" if level else "dense", i, k, level, value)
        for k in (500, 2000):
            for name in PERTURBED:
                moved = {"effective_deviation": deviation(name) + 0.001 * i, "step": k, **OURS}
                for level in LEVELS[1:]:
                    yield end(name, i, k, level, lost(name, k))
                    yield difference(name, i, rewind_step=k, level=level, **moved)
        for pretext in kinds.PRETEXTS:
            for epochs in kinds.LENGTHS:
                name = kinds.pretrained(pretext, epochs)
                for level in LEVELS:
                    yield end(name, i, 0, level, pretrained(name))
        for name in ("imp", "initial_weights", "random_reinitialization", "random_pruning"):
            for level in LEVELS[1:]:
                yield end(f"{name}_after_rotation", i, 500, level, 0.045)
        yield from course(i)


def course(i):
    """Telemetry of the dense network."""
    for t in (0, 5, 10, 100, 200, 300, 400, 500, 1000, 2000, 4000):
        yield evaluation("dense", i, 0, 0, 0, step=t, test_error=0.9 - 0.8 * t / (t + 300), **OURS)
        yield weights(initialization=i, step=t, **OURS)
        size = 0.01 + 0.05 * math.exp(-t / 5) - 0.005 * math.exp(-(((t - 200) / 90) ** 2))
        yield gradient(i, t, mean_gradient=size, **OURS)
    yield from (curvature(i, t, **OURS) for t in (0, 500))
    later = {"between": "k_to_later", "differing_signs": 0.09}
    yield difference("dense", i, rewind_step=500, step=2000, **later, **OURS)


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


def test_names_are_those_of_the_experiments():
    assert kinds.FOURTEEN == perturbed.FOURTEEN
    assert tuple(kinds.PRETEXTS) == tuple(Pretext.NAMES)
    names = {kinds.pretrained(p, n) for p in kinds.PRETEXTS for n in kinds.LENGTHS}
    assert {*kinds.FOURTEEN, *names} <= set(NAMES)


def test_files_ask_for_what_figures_show():
    network = "papers/early_phase/vgg13.gin"

    def asked(kind, name):
        file = f"papers/early_phase/figures/{name}.gin"
        return config.load(kind, [network, file], [])[0]

    perturbed = asked(Perturbed, "perturbations")
    assert {*PERTURBED} <= {kind.name for kind in perturbed.kinds}
    assert perturbed.rewind_steps == (500, 2000) and perturbed.levels == tuple(range(1, 15))
    pretraining = asked(Pretraining, "pretraining")
    assert (pretraining.epoch, pretraining.lengths) == (781, kinds.LENGTHS)
    assert pretraining.search.noise == 1 and pretraining.schedule == "restarted"
    assert [p.name for p in pretraining.pretexts] == list(kinds.PRETEXTS)
    sparse = asked(SparsePretraining, "sparse_pretraining")
    assert (sparse.length, sparse.rewind_steps, sparse.search.noise) == (40, (500,), 0)
    telemetry = asked(Telemetry, "telemetry")
    assert len(telemetry.at) == 80 and telemetry.levels == (0,) and not telemetry.hessian_at
    assert telemetry.model.norm_scale == "uniform"
    experiments = (perturbed, pretraining, sparse, telemetry)
    assert {each.replicates for each in experiments} == {"own_noise"}


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


def test_statistics_of_the_course():
    found = [weights(initialization=i, step=t) for i in SEEDS for t in (0, 10, 500)]
    rate = Rate(RowFilter("weight", "dense", 0, (), "all"), "signs_changed", 0, 10)
    assert rate.estimate(found, None).mean == pytest.approx(0.2 * 10 / 510 / 10)
    assert Rate(rate.rows, "signs_changed", 0, 400).estimate(found, None) is None
    sizes = [gradient(0, t, mean_gradient=g) for t, g in ((0, 1), (1, 9), (2, 2), (3, 3), (4, 9))]
    lowest = LowestStep(RowFilter("gradient", "dense", 0, (), "all"), "mean_gradient", 1, 3)
    assert lowest.estimate(sizes, None).mean == 1  # (1 + 9 + 2) / 3
    assert LowestStep(lowest.rows, "mean_gradient", 2, 3).estimate(sizes, None).mean == 2
    assert lowest.estimate(sizes[:2], None) is None


def test_the_shortest_pretraining_that_serves():
    rewound = [end("imp", i, 500, 6, 0.01) for i in SEEDS]
    shorter, longer = (
        [end(f"rotation_{n}_epochs", i, 0, 6, each) for i in SEEDS]
        for n, each in ((2, 0.03), (40, 0.011))
    )
    asked = ShortestPretraining(((1000, "rotation_2_epochs"), (16000, "rotation_40_epochs")), 500)
    assert (
        asked.estimate([*rewound, *shorter, *longer], 6).mean == 32
    )  # within one std of 0.14 points
    assert asked.estimate([*rewound, *shorter], 6).mean == NEVER
    assert asked.estimate(shorter, 6) is None and asked.estimate(rewound, 6) is None
