"""The figures and numbers of sgd_noise: the right points at the right places, from rows alone."""

import math
import re

import numpy as np
import pytest
from rendered import require_nothing_is_cut_off
from synthetic import base, key

from lth_tf import papers
from lth_tf.analysis.criteria import is_at_chance
from lth_tf.analysis.points import value
from lth_tf.analysis.sparse_training import Accuracy, Onset, Rows, Value, with_guesses
from lth_tf.analysis.variants import densities_as_levels
from lth_tf.papers.sgd_noise.networks import CLASSES, MAIN, TESTS
from lth_tf.report import report
from lth_tf.report.commands import Commands
from lth_tf.report.comparison import columns
from lth_tf.report.page_tables import Missing

PAPER = papers.load("sgd_noise")
assert PAPER
FIGURES = {figure.number: figure for figure in PAPER.figures}
TABLE_7 = next(item for item in PAPER.items if item.name == "Table 7")
ALPHAS = [0.0, 0.25, 0.5, 0.75, 1.0]
STEPS = {100: 100_000, 256: 39_000}
MODEL, DATASET = "ResNet-18, CIFAR stem", "cifar10"
FLAT = {"searched_with": "momentum 0, batch 256", "search_share": 1.0, "examples": 1.0}


def row(kind, setting, network="imp", level=0, seed=0, k=0, axes=None, more=None, **values):
    """A row of a setting; `more` are further settings, `values` what was measured."""
    momentum, batch = setting
    own = {"Momentum.momentum": momentum, "Hparams.batch_size": batch, **(more or {})}
    made = {
        **base(network if network != "trained_dense" else "dense", seed, k, level),
        "key": key(kind, setting, network, level, seed, k, axes, more, values.get("noise")),
        "kind": kind,
        "network": network,
        "model": MODEL,
        "dataset": DATASET,
        "noise": [0],
        "step": STEPS.get(batch, 4800),
        "settings": own,
        "axes": axes or {},
        **values,
    }
    return made


def evaluation(setting, accuracy, **how):
    values = {f"{s}_{what}": 1 - accuracy for s in ("train", "test") for what in ("error", "loss")}
    return row("evaluation", setting, **how, **values)


def line(setting, height, noise=(1, 2), network="dense", **how):
    hill = [4 * a * (1 - a) * height + 0.05 for a in ALPHAS]
    curves = {f"{s}_{w}": hill for s in ("train", "test") for w in ("errors", "losses")}
    distances = {"l2_distance": 20.0, "cosine_distance": 0.1}
    return row(
        "instability", setting, network, noise=list(noise), alphas=ALPHAS, **curves,
        barrier="from_mean_of_ends", statistics="interpolate", train_instability=height,
        test_instability=height, **distances, **how,
    )  # fmt: skip


def study():
    """A whole study, numbers made up: less noise, more stable, and tickets that lose less."""
    for place, setting in enumerate(MAIN):
        noisy = {(0.0, 256): 0, (0.0, 100): 1, (0.9, 256): 2, (0.9, 100): 3}[setting]
        for seed in range(3):
            draw = np.random.default_rng([place, seed])
            for k in (0, 2 * STEPS[setting[1]] // 200):
                for level in range(0, 21, 2):
                    lost = 0.02 * noisy * (level / 20) ** 2 * (1 if k == 0 else 0.5)
                    accuracy = 0.93 + 0.005 * noisy - lost + 0.001 * draw.standard_normal()
                    if (setting, k, level, seed) == ((0.9, 100), 0, 20, 0):
                        accuracy = 0.1
                    network = "imp" if level else "dense"
                    yield evaluation(
                        setting, accuracy, network=network, level=level, seed=seed, k=k
                    )
                    for share in (0.01, 0.1):
                        few = {"searched_with": words(setting), "search_share": 100.0,
                               "examples": share}  # fmt: skip
                        more = {"Task.subset": "RandomSubset", "RandomSubset.fraction": share}
                        yield evaluation(setting, accuracy - 0.3 + share - 0.05 * noisy, axes=few,
                                         network=network, level=level, seed=seed, k=k, more=more,
                                         schedule="restarted")  # fmt: skip
                    for block in (4, 8) if level in (10, 20) else ():
                        probed = {"searched_with": words(setting), "block": block,
                                  "target": DATASET}  # fmt: skip
                        yield evaluation((0.9, 256), 0.9 - 0.2 * noisy - block / 100, axes=probed,
                                         level=level, seed=seed, k=k)  # fmt: skip
                        transferred = probed | {"target": "mnist, in color"}
                        yield evaluation((0.9, 256), 0.5, axes=transferred, level=level, seed=seed,
                                         k=k)  # fmt: skip
                for noise in ((1, 2), (1, 3), (2, 3)):
                    height = (0.03 + 0.2 * noisy) * (0.3 if k else 1) + 0.01 * draw.random()
                    yield line(setting, height, noise, seed=seed, k=k)
            events = [0.2 * (1 + noisy) * math.exp(-epoch / 60) for epoch in range(200)]
            yield row(
                "forgetting", setting, "dense", seed=seed, forgetting_events=sum(events),
                forgetting_deviation=4.0, unforgettable=0.4, never_learned=0.01,
                events_by_epoch=events,
            )  # fmt: skip


def words(setting):
    return f"momentum {setting[0]:g}, batch {setting[1]}"


ROWS = list(study())


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


def test_stars_are_where_the_paper_has_them():
    """Table 7's 8.36 ± 13.61 has none, though one run of it converged and two did not."""
    starred = {printed.where for printed in PAPER.printed for cell in printed.values.values()
               if "did not converge" in (getattr(cell, "remark", None) or "")}  # fmt: skip
    assert starred == {"Table 2", "Table 4"}


# The underlines that the text of tables 2 and 11 to 14 has kept: network, pretraining, level.
UNDERLINED = """
2 resnet34_tiny_imagenet-m0-b100 v 5 10 | 2 resnet34_tiny_imagenet-m0-b256 v 5 10
11 resnet18_cifar10-m0-b100 v 10 15     | 11 resnet18_cifar100-m0-b256 x 10
11 resnet18_cifar100-m0-b100 v 5        | 11 resnet18_cifar100-m0-b256 v 5
12 vgg16_cifar100-m0-b256 x 5           | 12 vgg16_cifar100-m0-b100 v 5 10
12 vgg16_cifar100-m0-b256 v 5           | 12 vgg16_cifar100-m0.9-b256 v 5
13 resnet18_cifar10-m0.9-b2048 x 5      | 13 resnet18_cifar10-m0-b2048 v 5 10 15
13 resnet18_cifar10-m0.9-b2048 v 5 10   | 14 resnet18_cifar10-m0.3-b256 v 5 10 15
"""


def test_winning_tickets_are_derived_and_are_those_that_the_paper_underlines():
    underlined = {
        (f"Table {table}", network, {"x": "reset", "v": "rewound"}[pretrained], int(level))
        for line in UNDERLINED.strip().replace("|", "\n").splitlines()
        for table, network, pretrained, *levels in [line.split()]
        for level in levels
    }
    found = {
        (p.where, network, p.statistic.ticket.rows.rewinding, p.statistic.ticket.rows.level)
        for p in PAPER.printed
        if p.unit == "yes or no"
        for network, value in p.values.items()
        if value
    }
    assert underlined <= found
    # Section 4.2: of ResNet-34 without pretraining in one setting, and with momentum in none.
    ours = {(each, start) for where, each, start, _ in found if where == "Table 2"}
    assert {each for each, start in ours if start == "reset"} == {"resnet34_tiny_imagenet-m0-b256"}
    assert not any("-m0.9-" in each for each, _ in ours)


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


def test_a_run_that_diverged_keeps_its_own_density():
    """Another setting may have pruned otherwise at the same level."""
    lost, other = (evaluation((0.9, 100), 0.8, level=1) | {"density": d} for d in (0.5, 0.4))
    (found, _) = with_guesses([lost | {"status": "diverged", "test_error": None}, other], CLASSES)
    assert (found["density"], found["test_error"], found["status"]) == (0.5, 0.9, "done")


@pytest.mark.parametrize("by", ["level", "fraction"])
def test_a_search_that_diverged_gets_the_density_of_its_own_fraction(by):
    """Of one-shot pruning every density is of level 1: the rows differ in MaskSearch.fraction."""
    lost = {"status": "diverged", "test_error": None, "density": None}
    rows = [
        evaluation((0.9, 100), 0.8, level=1, seed=seed, more={"MaskSearch.fraction": 1 - density})
        | {"density": density}
        for density in (0.5, 0.2, 0.05)
        for seed in (0, 1)
    ]
    rows[3] |= lost
    if by == "level":
        rows = densities_as_levels(rows)
        assert [row["level"] for row in rows] == [1, 1, 2, 2, 3, 3]
    found = with_guesses(rows, CLASSES)[3]
    assert (found["density"], found["test_error"], found["status"]) == (0.2, 0.9, "done")


def test_a_search_that_diverged_where_others_have_several_densities_has_none():
    """As a ratio that is decided on the way leaves them."""
    rows = [evaluation((0.9, 100), 0.8, level=1, seed=seed) | {"density": density}
            for seed, density in enumerate((0.5, 0.4, None))]  # fmt: skip
    rows[2] |= {"status": "diverged", "test_error": None}
    assert with_guesses(rows, CLASSES) == rows


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


def test_each_row_of_a_table_is_held_beside_its_own_setting(made):
    found = {(n.number.printed.where, n.number.network, n.number.printed.what): n
             for n in made.comparisons}  # fmt: skip
    name = "resnet18_cifar10-m0.9-b100"
    starred = found["Table 11", name, "98.85 % sparsity, without pretraining"]
    assert starred.number.value == 91.41 and starred.ours.mean < 80
    few = found["Table 21", "resnet18_cifar10-m0-b256", "1 % of the images, without pretraining"]
    assert few.number.value == 85.43 and 60 < few.ours.mean < 70
    events = found["Table 8", name, "forgetting events"]
    assert (events.number.std, events.ours.std) == (15.79, 4.0)
    short = found["Table 16", name, "89.26 %, 20 epochs a level"]
    assert short.ours is None
    assert made.groups[0].network.key.startswith("resnet18_cifar10")
    assert len([g for g in made.groups if g.network]) == 4


def tickets(*accuracies, statuses=("done",) * 3):
    for seed, (accuracy, status) in enumerate(zip(accuracies, statuses, strict=False)):
        yield evaluation((0.9, 100), accuracy, level=5, seed=seed) | {"status": status}


def test_runs_that_did_not_converge_are_in_the_mean():
    statistic = Accuracy(Rows(level=5), CLASSES, TESTS)
    found = statistic.estimate(list(tickets(0.537, 0.537, 0.1)), None)
    assert found.mean == pytest.approx((0.537 + 0.537 + 0.1) / 3) and found.n == 3
    diverged = list(tickets(0.537, 0.537, 0.9, statuses=("done", "done", "diverged")))
    assert statistic.estimate(diverged, None).mean == pytest.approx(found.mean)
    assert statistic.is_starred(list(tickets(0.537, 0.537, 0.1))) and statistic.is_starred(diverged)
    assert not statistic.is_starred(list(tickets(0.537, 0.537, 0.12)))
    sigma = math.sqrt(0.1 * 0.9 / 10_000)
    assert is_at_chance(0.9, 10, 10_000) and not is_at_chance(0.9 - 4 * sigma, 10, 10_000)


def test_chance_is_of_as_many_images_as_a_dataset_has():
    """A fifth of EuroSAT's 27,000, of which guessing may have 11.2 %, not the 10.9 % of 10,000."""
    rows = list(tickets(0.11, 0.112, 0.5))
    assert not Accuracy(Rows(level=5), CLASSES, TESTS).is_starred(rows)
    rows = [row | {"dataset": "eurosat/rgb, 32 x 32"} for row in rows]
    assert Accuracy(Rows(level=5), CLASSES, TESTS).is_starred(rows)


def test_what_diverged_on_a_dataset_of_ones_own_is_left_out():
    """What guessing has there is not known."""
    rows = list(tickets(0.5, 0.7, 0.9, statuses=("done", "done", "diverged")))
    rows = [row | {"dataset": "mine"} for row in rows]
    found = Accuracy(Rows(level=5), CLASSES, TESTS).estimate(rows, None)
    assert (found.mean, found.n) == (pytest.approx(0.6), 2)
    assert Accuracy(Rows(level=5), CLASSES, TESTS).estimate(rows[2:], None) is None
    assert report.make(rows, PAPER, None).comparisons


def test_searches_in_another_setting_are_told_apart_and_unlike_rows_are_not_averaged():
    plain = [evaluation((0.0, 100), 0.6, level=5)]
    other = [evaluation((0.0, 100), 0.7, level=5, axes=FLAT | {"search_share": 0.39})]
    short = [evaluation((0.0, 100), 0.8, level=5, axes=FLAT | {
        "searched_with": "momentum 0, batch 100", "search_share": 0.1})]  # fmt: skip
    rows = [*plain, *other, *short]

    def mean(**how):
        return Accuracy(Rows(level=5, **how), CLASSES, TESTS).estimate(rows, None).mean

    assert mean() == pytest.approx(0.6)
    assert mean(searched_with="momentum 0, batch 256", search_share=None) == pytest.approx(0.7)
    assert mean(search_share=0.1) == pytest.approx(0.8)
    unlike = [*plain, evaluation((0.0, 100), 0.9, level=5, seed=1, more={"Cosine.end": 7})]
    assert Accuracy(Rows(level=5), CLASSES, TESTS).estimate(unlike, None) is None


def test_pretraining_is_of_two_epochs_where_copies_start_from_other_steps_too():
    statistic = Value(Rows("instability", "dense", rewinding="rewound"), "test_instability")
    rows = [line((0.9, 100), height, k=k, seed=seed) for seed in range(3)
            for k, height in ((1000, 0.4), (50_000, 0.1))]  # fmt: skip
    assert statistic.estimate(rows, None).mean == pytest.approx(0.4)
    assert statistic.estimate(rows[1::2], None).mean == pytest.approx(0.1)
    others = [line((0.9, 100), 0.1, k=k) for k in (2000, 50_000)]
    assert statistic.estimate(others, None) is None


def test_the_first_stable_epoch_is_between_one_that_is_not_and_one_that_is():
    heights = {0: {500 * 17: 0.03, 500 * 18: 0.01, 500 * 50: 0.0}, 1: {0: 0.01},
               2: {500 * 19: 0.05, 500 * 20: 0.01, 500 * 100: 0.0}}  # fmt: skip
    rows = [line((0.9, 100), height, seed=seed, k=k)
            for seed, by_step in heights.items() for k, height in by_step.items()]  # fmt: skip
    found = Onset().estimate(rows, None)
    assert (found.mean, found.n) == (pytest.approx((18 + 0 + 20) / 3), 3)
    assert found.std == pytest.approx(np.std([18, 0, 20]))  # n in the denominator
    gap = [line((0.9, 100), h, k=k) for k, h in ((500 * 10, 0.03), (500 * 18, 0.01))]
    assert Onset().estimate(gap, None) is None


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


def test_a_table_of_a_network_of_ones_own_has_what_each_setting_has_on_the_axes():
    """As few-shot accuracy, table 7: its rows are of the group that was trained in that setting."""
    more = {"Task.subset": "RandomSubset", "RandomSubset.fraction": 0.01}
    rows = []
    for place, setting in enumerate(MAIN):
        few = {"searched_with": words(setting), "search_share": 100.0, "examples": 0.01}
        rows += [evaluation(setting, 0.9), evaluation(setting, 0.95, level=10, network="imp"),
                 evaluation(setting, 0.5 + place / 10, level=10, axes=few, more=more)]  # fmt: skip
    found = report.make([row | {"model": "mine"} for row in rows], PAPER, None)
    shown = {}
    for part in found.sections["Table 7"].parts:
        numbers = columns(TABLE_7, part.group, found.comparisons)
        ours = numbers["1 % of the images, without pretraining"].ours
        shown[value(part.group.rows[0], "setting")] = ours.mean
    assert shown == {words(each): pytest.approx(50 + 10 * n) for n, each in enumerate(MAIN)}


def test_settings_have_their_commands_in_common(tmp_path):
    """A gin file is of all settings of a network: its command fills each table once, for all."""
    missing = Missing(report.make([], PAPER, None), Commands("w", tmp_path, None))
    lines = re.findall(r"<tr><th.*?</tr>", "".join(missing.all_commands()))
    (filled,) = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)[:2] for line in lines
                 if "resnet34_tiny_imagenet.gin" in line and "forgetting.gin" in line]  # fmt: skip
    title = "ResNet-34, TinyImageNet, μ = 0, batch 100, and 3 others"
    assert filled == [title, "Tab. 1, Fig. 6"]


@pytest.mark.parametrize("number", sorted(FIGURES, key=int))
def test_without_rows_there_is_no_figure(number):
    assert list(FIGURES[number].form.charts([], "about")) == []


@pytest.mark.parametrize("number", ["3", "13", "18"])
def test_nothing_is_cut_off(made, number):
    for chart in charts(made, number):
        require_nothing_is_cut_off(chart)
