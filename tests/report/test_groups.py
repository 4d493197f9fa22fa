"""The networks of a log: the paper's, altered ones, a user's own; and the level that is shown."""

import math

import pytest
from lenet_report import LENET, LMC, Page, dense, expected, make, points_of, text_of
from synthetic import evaluation, instability, key, settings

from lth_tf import papers
from lth_tf.analysis.selections import of_level
from lth_tf.report import report
from lth_tf.report.groups import groups
from lth_tf.report.settings_diff import UNKNOWN, Difference, collect, settings_of


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


def pruned(network, fraction, *levels):
    """Rows of IMP of a network of the paper, at levels of a search."""
    names = {"model": network.model, "dataset": network.dataset, "step": network.steps}
    return [
        evaluation(level=level, density=(1 - fraction) ** level, **names)
        | {"settings": settings("imp", **{"MaskSearch.fraction": fraction})}
        | {"key": key(fraction, level)}
        for level in levels
    ]


def test_a_network_pruned_step_by_step_and_at_once_is_two():
    """As ResNet-50 in the last panel of fig. 8 of stabilizing and in those before."""
    paper = papers.load("stabilizing")
    assert paper
    network, iterative = paper.networks["resnet50"], paper.networks["resnet50_iterative"]
    at_once = [row for f in (0.2, 0.5, 0.7) for row in pruned(network, f, 1)]
    (alone,) = groups(at_once, paper)
    assert (alone.network, len({row["level"] for row in alone.rows})) == (network, 3)
    at_once = [row for f in (0.1, 0.5, 0.7) for row in pruned(network, f, 1)]
    found = groups([*at_once, *pruned(network, 0.2, 1, 2, 3)], paper)
    assert [(group.network, len(group.rows)) for group in found] == [(iterative, 3), (network, 3)]
    assert {row["level"]: row["density"] for row in found[1].rows} == pytest.approx(
        {1: 0.9, 2: 0.5, 3: 0.3}
    )
    own = [row | {"model": "mine"} for row in (*at_once, *pruned(network, 0.2, 1, 2, 3))]
    assert [group.title for group in groups(own)] == [
        "mine on imagenet2012",
        "mine on imagenet2012, pruned at once",
    ]


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


def test_of_several_levels_the_papers_is_shown():
    levels = [instability("imp", i, level=level) for i in range(3) for level in (13, 15, 17)]
    made = make(levels)
    (group,) = made.groups
    assert group.level == 15
    picture = made.sections["Figure 6"].parts[0].pictures[0]
    assert [point.samples for point in picture.chart.points()] == [3]
