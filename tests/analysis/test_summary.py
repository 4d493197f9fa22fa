"""A summary of a log, and table 2, against numbers worked out by hand."""

import re
from typing import Any

from synthetic import (
    comparison,
    connectivity,
    distance,
    evaluation,
    instability,
    key,
    stability,
)

from lth_tf.analysis.summary import summary, table_2
from lth_tf.analysis.table import as_table


def test_summary_of_a_small_study():
    rows = [
        evaluation("dense", 0, 1, level=0, test_error=0.25),
        evaluation("dense", 1, 1, level=0, test_error=0.5),
        evaluation("imp", 0, 1, rewind_step=100, test_error=0.125),
        instability("imp", 0, rewind_step=100, test_instability=0.0625),
        evaluation("imp", 0, 2, rewind_step=100, test_error=0.25),
        evaluation("random_pruning", 0, 1, test_error=0.75),
    ]
    lines = [line.split() for line in summary(rows).splitlines()]
    assert lines[0] == ["LeNet", "300-100", "on", "mnist,", "after", "24000", "steps"]
    assert lines[3] == ["dense", "0", "100%", "2", "62.50", "±", "17.68", "0", "-", "-"]
    assert lines[4] == ["imp", "100", "3.52%", "2", "81.25", "±", "8.84", "1", "6.25", "0.03"]
    assert lines[5] == ["random_pruning", "0", "3.52%", "1", "25.00", "0", "-", "-"]


def test_summary_counts_no_measurement_twice_and_names_what_diverged():
    rows = [evaluation(initialization=i, experiment=e) for i in range(2) for e in ("imp", "train")]
    nulls: dict[str, Any] = {
        "train_error": None,
        "test_error": None,
        "train_loss": None,
        "test_loss": None,
    }
    rows.append(evaluation(initialization=5, status="diverged", diverged_at=3, **nulls))
    text = summary(rows)
    assert text.splitlines()[3].split()[3] == "2"
    assert "1 measurements diverged and are not counted" in text


def test_summary_keeps_models_datasets_and_steps_apart():
    changes: list[dict[str, Any]] = [
        {},
        {"model": "ResNet-20"},
        {"dataset": "digits"},
        {"step": 100},
    ]
    rows = [evaluation(key=key(i), **change) for i, change in enumerate(changes)]
    *blocks, _ = summary(rows).split("\n\n")
    tables = dict(zip(blocks[::2], blocks[1::2], strict=True))
    title = "LeNet 300-100 on mnist"
    others = {
        f"{name}, after 24000 steps" for name in ("ResNet-20 on mnist", "LeNet 300-100 on digits")
    }
    assert set(tables) == {title, *others}
    heading, *lines = tables[title].splitlines()
    assert heading.split()[5] == "step"
    assert [line.split()[3] for line in lines] == ["100", "24000"]


def test_summary_keeps_clocks_apart():
    rows = [
        instability(rewind_step=100, schedule=schedule, test_instability=height)
        for schedule, height in (("restarted", 0.25), ("absolute", 0.5))
    ]
    lines = summary(rows).splitlines()
    assert lines[3].split() == ["imp", "100", "3.52%", "1", "50.00", "0.03"]
    assert lines[4].split() == ["imp,", "restarted", "100", "3.52%", "1", "25.00", "0.03"]


def test_summary_of_distances_and_comparisons_is_of_two_copies_alike():
    rows = [
        *(comparison(noise=n, test_differences=d) for n, d in (((1, 2), 20), ((1, 3), 30))),
        comparison(against="dense", test_differences=90),
        distance(l2_distance=2.5),
        distance("initialization_to_k", noise=(0,), step=50),
        distance("k_to_end", noise=(1,)),
    ]
    heading, line = summary(rows).splitlines()[2:4]
    assert heading.endswith("pairs  differing test examples  pairs  L2 between ends")
    assert line.split() == ["imp", "0", "3.52%", "2", "25", "±", "7.1", "1", "2.5"]
    assert summary(rows).count(" steps\n") == 1


def test_rows_of_two_settings_are_two_lines_named_by_what_differs():
    """The two definitions of one pair, and learning rates with seeds of their own."""
    lines = [
        instability("dense", level=0, test_instability=0.55),
        instability("dense", level=0, statistics="reestimate", test_instability=0.0785),
    ]
    text = summary(lines).splitlines()
    assert text[2].split()[5:7] == ["statistics", "pairs"]
    assert [line.split()[3:6] for line in text[3:5]] == [
        ["interpolate", "1", "55.00"],
        ["reestimate", "1", "7.85"],
    ]
    rows = [
        evaluation("dense", i, level=0, test_error=error, settings={"Constant.rate": rate})
        for i, error, rate in ((0, 0.25, 0.1), (1, 0.25, 0.1), (2, 0.5, 0.3), (3, 0.5, 0.3))
    ]
    text = summary(rows).splitlines()
    assert [line.split()[3:6] for line in text[3:5]] == [
        ["0.1", "2", "75.00"],
        ["0.3", "2", "50.00"],
    ]
    assert "Constant.rate" in as_table(rows).splitlines()[0]


def test_both_barriers_are_there_whichever_was_asked_for():
    errors = [0.1, 0.35, 0.2]
    row = {"alphas": [0, 0.5, 1], "test_errors": errors}
    rows = [
        instability(initialization=0, test_instability=0.2, **row),
        instability(barrier="from_line_between_ends", test_instability=0.2, **row),
    ]
    for one in rows:
        cells = summary([one]).splitlines()[3].split()
        assert cells[-2:] == ["20.00", "20.00"]  # 0.35 - 0.15, both of it in the middle
    pairs, line = summary(rows).splitlines()[2:4]  # which are the same pair
    assert "pairs" in pairs and line.split()[-3:] == ["1", "20.00", "20.00"]
    above = [0.1, 0.2, 0.3]
    tilted = instability(alphas=[0, 0.5, 1], test_errors=above, test_instability=0.1)
    assert summary([tilted]).splitlines()[3].split()[-2:] == ["10.00", "0.00"]


def test_barriers_to_the_next_level_by_two_definitions_are_two_columns():
    hill = {"ends": (0.1, 0.3), "height": 0.1}
    from_mean = {"barrier": "from_mean_of_ends", "test_barrier": 0.12}
    rows = [connectivity(**hill), connectivity(**hill, **from_mean)]
    for row, cell in zip(rows, ("10.00", "12.00"), strict=True):
        assert summary([row]).splitlines()[3].split()[-2:] == ["1", cell]
    assert summary(rows).splitlines()[3].split()[-4:] == ["1", "10.00", "1", "12.00"]


def test_a_name_in_several_lines_is_one_line():
    text = summary([evaluation(model="a\nb $x$ <b>")])
    assert text.startswith("a b $x$ <b> on mnist")


def test_table_2():
    """The numbers of lmc table 2, row LeNet, as means of three initializations of two runs."""
    means = {"dense": 1.7, "imp": 1.8, "random_pruning": 3.3, "random_reinitialization": 2.5}
    rows = [
        evaluation(
            net, i, n, 0, 0 if net == "dense" else 15, test_error=(m + 0.1 * (i - 1) + d) / 100
        )
        for net, m in means.items()
        for i in range(3)
        for n, d in ((1, -0.5), (2, 0.5))
    ]
    other = [evaluation("imp", rewind_step=9, test_error=0.9), evaluation("imp", level=3)]
    restarted = [evaluation("imp", noise=7, schedule="restarted", test_error=0.9)]
    heading, text = table_2(rows + other + restarted).splitlines()
    assert heading.split()[-1] == "matching?"
    # Over initializations: the spread of runs within one is no part of it.
    percents = ["98.30 ± 0.10", "98.20 ± 0.10", "96.70 ± 0.10", "97.50 ± 0.10", "0.10", "yes"]
    assert re.split(r"  +", text)[2:] == ["3.52%", "3", *percents]
    assert "no level" in table_2([evaluation("imp")])


def test_a_summary_keeps_stabilities_to_data_order_and_to_pruning_apart():
    rows = [stability(noise=(1, 2)), stability(noise=(1, 3), l2_distance=22.7)]
    rows += [stability("pruning", noise=(1,), l2_distance=48.1, angle=53.1)]
    heading, line = summary(rows).splitlines()[2:4]
    names = ["stability rows", "l2_distance (data_order)", "angle (data_order)"]
    names += ["stability rows", "l2_distance (pruning)", "angle (pruning)"]
    assert re.split("  +", heading)[3:] == names
    assert re.split("  +", line)[3:] == ["2", "21.7 ± 1.4", "22.7 ± 0", "1", "48.1", "53.1"]
