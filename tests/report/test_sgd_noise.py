"""The figures and numbers of sgd_noise: the right points at the right places, from rows alone."""

import numpy as np
import pytest
from noisy_tickets import ALPHAS, PAPER, ROWS, evaluation, line, row, tickets, words
from rendered import require_nothing_is_cut_off

from lth_tf.papers.sgd_noise.networks import MAIN
from lth_tf.report import report

FIGURES = {figure.number: figure for figure in PAPER.figures}


@pytest.fixture(scope="module")
def made():
    return report.make(ROWS, PAPER, None)


def charts(made, number):
    return [picture.chart for part in made.sections[f"Figure {number}"].parts
            for picture in part.pictures]  # fmt: skip


def marks(chart, title, label):
    label = label.replace("momentum", "μ =")
    (panel,) = [p for line in chart.panels for p in line if p.title == title]
    (mark,) = [m for m in panel.marks if m.label == label]
    points = list(mark.points())
    return [x for x, _ in points], [each.mean for _, each in points]


def test_every_figure_table_and_setting_is_there():
    assert {*FIGURES} == {str(n) for n in range(1, 24)}
    tables = {item.number for item in PAPER.items if item.name.startswith("Table")}
    assert tables == {str(n) for n in range(1, 24)}
    places = {f"Table {n}" for n in tables} | {"Figure 1", "Figure 3"}
    assert {printed.where for printed in PAPER.printed} == places
    assert len(PAPER.networks) == 4 * 4 + 8 + 3
    assert sum(len(printed.values) for printed in PAPER.printed) > 850


def test_a_figure_shows_all_settings_and_who_had_pretraining(made):
    lines, barriers = charts(made, "3")
    for k in ("without pretraining", "with pretraining"):
        for setting in MAIN:
            x, y = marks(lines, k, words(setting))
            assert x == ALPHAS and y[0] == pytest.approx(5) and y[2] > y[0]
    x, y = marks(barriers, "", words((0.0, 256)))
    assert x == [0, 1] and y[0] == pytest.approx(3.5, abs=0.6) and y[1] < y[0]


def test_accuracies_go_over_all_levels_and_runs_at_chance_are_starred(made):
    (chart,) = charts(made, "13")
    x, y = marks(chart, "without pretraining", words((0.9, 100)))
    assert len(x) == 11 and x[0] == 100
    last = [r["test_error"] for r in ROWS if r["level"] == 20 and not r["axes"]
            and r["settings"] == {"Momentum.momentum": 0.9, "Hparams.batch_size": 100}
            and r["rewind_step"] == 0]  # fmt: skip
    assert y[-1] == pytest.approx(100 * (1 - np.mean(last)))
    starred = [m for line in chart.panels for p in line for m in p.marks if "chance" in m.label]
    ((star,),) = ([(s.xs, s.ys) for s in starred],)
    assert star[1] == (pytest.approx(y[-1]),)


@pytest.mark.parametrize("known", [True, False])
def test_runs_that_diverged_count_as_guessing_and_are_starred(known):
    """Table 2: runs at chance are in the mean. Of a search that diverged there is no density."""
    lost = dict.fromkeys(("train_error", "test_error", "train_loss", "test_loss"))
    rows = list(tickets(0.5, 0.8, 0.9))
    rows[0] |= lost | {"status": "diverged", "layer_density": None}
    rows[0] |= {} if known else {"density": None}
    (chart,) = FIGURES["13"].form.charts(rows, "about")
    _, y = marks(chart, "without pretraining", words((0.9, 100)))
    assert y == [pytest.approx(100 * (0.1 + 0.8 + 0.9) / 3)]
    (star,) = [m for line in chart.panels for p in line for m in p.marks if "chance" in m.label]
    assert star.ys == tuple(y)
    assert report.make(rows, PAPER, None).sections["Figure 13"].parts
    (alone,) = FIGURES["13"].form.charts(rows[1:], "about")
    assert [*alone.points()][0].mean == pytest.approx(85)


def test_forgetting_goes_over_epochs_and_few_shot_over_levels_and_shares(made):
    (course,) = charts(made, "6")
    x, y = marks(course, "", words((0.9, 100)))
    assert (x[0], x[-1]) == (1, 200) and y[0] == pytest.approx(0.8)
    without, having = charts(made, "21")
    assert [p.title for line in without.panels for p in line] == [
        "1% of the images",
        "10% of the images",
    ]
    x, y = marks(having, "10% of the images", words((0.0, 100)))
    assert len(x) == 11 and all(0 < each < 100 for each in y)


def test_probes_are_of_the_setting_of_the_search_and_not_of_their_own(made):
    without, having = charts(made, "18")
    x, y = marks(without, words((0.0, 256)), "level 10")
    assert x == [4, 8] and y == pytest.approx([86, 82])
    assert marks(having, words((0.9, 100)), "level 20")[1] == pytest.approx([26, 22])
    numbers = {(n.number.network, n.number.printed.what): n.ours for n in made.comparisons
               if n.number.printed.where == "Table 17"}  # fmt: skip
    ours = numbers["resnet18_cifar10-m0-b256", "block 8 at 89.26 %, without pretraining"]
    assert ours.mean == pytest.approx(82) and ours.n == 3


def test_the_mean_of_barriers_is_not_the_barrier_of_the_mean():
    """Of two lines with peaks at other places, fig. (b) has the mean of their barriers."""
    rows = [line((0.0, 256), 0.1, noise, seed=0) for noise in ((1, 2), (1, 3))]
    rows[0] |= {"test_errors": [0, 0.4, 0, 0, 0]}
    rows[1] |= {"test_errors": [0, 0, 0, 0.4, 0]}
    for each in rows:
        each["test_instability"] = max(each["test_errors"])
    lines, barriers = FIGURES["3"].form.charts(rows, "about")
    assert marks(barriers, "", words((0.0, 256)))[1] == pytest.approx([40])
    assert max(marks(lines, "without pretraining", words((0.0, 256)))[1]) == pytest.approx(20)


def test_rows_that_differ_in_a_setting_or_in_k_are_never_averaged():
    setting, seeds = (0.0, 256), range(3)
    rows = [
        evaluation(setting, accuracy, level=level, seed=seed, more={"Hparams.weight_decay": d})
        for d, accuracy in ((5e-4, 0.9), (1e-2, 0.6))
        for level in (1, 2)
        for seed in seeds
    ]
    (chart,) = FIGURES["13"].form.charts(rows, "about")
    for decay, accuracy in (("0.0005", 90), ("0.01", 60)):
        name = f"{words(setting)}, Hparams.weight_decay {decay}"
        assert marks(chart, "without pretraining", name)[1] == pytest.approx([accuracy] * 2)

    rows = [line(setting, height, seed=seed, k=k) for seed in seeds
            for k, height in ((0, 0.4), (390, 0.2), (3900, 0.0))]  # fmt: skip
    lines, barriers = FIGURES["3"].form.charts(rows, "about")
    assert marks(barriers, "", words(setting)) == ([0, 1, 10], pytest.approx([40, 20, 0]))
    for share, height in (("1", 25), ("10", 5)):
        panel = f"with pretraining for {share}% of the steps"
        assert max(marks(lines, panel, words(setting))[1]) == pytest.approx(height)


def test_a_path_goes_through_the_tickets_of_all_levels():
    rows = [
        row("connectivity", (0.0, 256), level=level, to="solution", to_level=level + 1,
            barrier="from_mean_of_ends", statistics="interpolate", alphas=ALPHAS,
            test_errors=[0.1 * level, 0.3, 0.3, 0.3, 0.1 * (level + 1)])
        for level in (0, 1)
    ]  # fmt: skip
    (chart,) = FIGURES["10"].form.charts(rows, "about")
    x, y = marks(chart, "without pretraining", words((0.0, 256)))
    assert x == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    assert (y[0], y[4], y[8]) == tuple(pytest.approx(each) for each in (0, 10, 20))
    tickets = [m.x for line in chart.panels for p in line for m in p.marks if m.label == "tickets"]
    assert tickets == [0, 1, 2]


def test_a_network_of_ones_own_is_shown_in_the_papers_forms_once():
    """All settings together, probes on the paper's axes included; other figures are not made."""
    own = {"model": "LeNet 300-100", "dataset": "mnist"}
    axes = {"block": 1, "target": "mnist", "searched_with": "momentum 0, batch 256"}
    rows = [evaluation(setting, 0.98 - 0.01 * level, level=level, network=network)
            for setting in MAIN for level, network in ((0, "dense"), (1, "imp"))]  # fmt: skip
    rows += [line(setting, 0.001, noise) for setting in MAIN for noise in ((1, 2), (1, 3))]
    rows += [evaluation((0.0, 256), 0.9, level=1, axes=axes)]
    found = report.make([row | own for row in rows], PAPER, None)
    drawn = {name: [picture.name for part in section.parts for picture in part.pictures]
             for name, section in found.sections.items()}  # fmt: skip
    name = "lenet_300_100_on_mnist"
    assert {where: each for where, each in drawn.items() if each} == {
        "Figure 1": [f"figure_01-{name}", f"figure_01-{name}-b"],
        "Figure 13": [f"figure_13-{name}"],
        "Figure 18": [f"figure_18-{name}"],
    }
    (part,) = found.sections["Figure 1"].parts
    assert part.whole and {row["model"] for row in part.rows} == {"LeNet 300-100"}
    assert part.group.title == "LeNet 300-100 on mnist"
    tables = found.sections["Table 2"].parts  # without pretraining, and of one level
    assert len(tables) == 4 and not any(each.whole for each in tables)


@pytest.mark.parametrize("number", sorted(FIGURES, key=int))
def test_without_rows_there_is_no_figure(number):
    assert list(FIGURES[number].form.charts([], "about")) == []


@pytest.mark.parametrize("number", ["3", "13", "18"])
def test_nothing_is_cut_off(made, number):
    for chart in charts(made, number):
        require_nothing_is_cut_off(chart)
