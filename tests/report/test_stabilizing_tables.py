"""The tables of stabilizing, figs 2, 3, 6 and 10, and what is said in words."""

import csv
import io
import itertools
import math
import statistics

import pytest
from stabilizing_report import (
    MADE,
    PAPER,
    ROWS,
    SHAPES,
    far,
    ours,
    part,
)

from lth_tf.papers.stabilizing.networks import SMALL
from lth_tf.report import report, tables


def test_fewer_copies_than_the_paper_has_are_said():
    assert part(4).missing == []
    few = [row for row in ROWS if 3 not in row["noise"]]
    made = report.make(few, PAPER, lambda network: None)
    (found,) = made.sections["Figure 4"].parts
    assert "3 of 6 pairs of an initialization" in "; ".join(map(str, found.missing))


def test_comp_is_the_ratio_of_the_means_and_has_no_spread():
    pairs = list(itertools.combinations(range(4), 2))
    means = [
        statistics.fmean(far(network, i, 0, pair) for i in range(3) for pair in pairs)
        for network in ("random_pruning", "imp")
    ]
    found = ours("Figure 3", "Data order Comp")
    assert found.mean == pytest.approx(means[0] / means[1])
    assert math.isnan(found.std) and found.n == 18
    assert ours("Figure 3", "Pruning Comp").mean == pytest.approx(73 / 49)
    assert ours("Figure 10", "Pruning Comp").mean == pytest.approx(74 / 50)


def test_what_is_said_of_other_steps_is_measured_there():
    said = "stability to data order"
    last = ours("Figure 4", f"{said} of IMP, from the latest k over that from k = 0")
    assert last.mean == pytest.approx(1 / (1 + 2000 / 500))
    gap = 3 * (1 + 2000 / 500) / (1 + 2000 / 1000)
    found = ours("Figure 4", f"{said}, random pruning over IMP, at the latest k over that at k = 0")
    assert found.mean == pytest.approx(gap / 3)
    found = ours("Figure 4", f"{said}, random pruning over IMP, at the k where it is least")
    assert found.mean == pytest.approx(3)  # at k = 0
    what = "accuracy of random pruning less that of IMP, at the k where it is highest"
    assert 100 * SHAPES["random_pruning"][2] - 98.3 == pytest.approx(ours("Figure 4", what).mean)


def test_with_k_0_alone_there_is_no_later_step_to_compare():
    made = report.make([r for r in ROWS if not r["rewind_step"]], PAPER, lambda network: None)
    found = [each for each in made.comparisons if "latest k" in each.number.printed.what]
    assert found and all(each.ours is None for each in found)


def printed(made):
    return list(csv.DictReader(io.StringIO(tables.tables(made)["printed.csv"])))


def test_a_half_range_is_no_deviation():
    (line,) = [
        line
        for line in printed(MADE)
        if (line["where"], line["network"], line["what"]) == ("Figure 3", "Lenet", "Data order IMP")
    ]
    assert float(line["paper_half_range"]) == 0.6
    assert line["paper_std"] == line["standard_errors"] == ""
    assert float(line["deviation"]) == pytest.approx(float(line["ours"]) - 20.7)
    assert float(line["ours_low"]) < float(line["ours"]) < float(line["ours_high"])
    by_what = {
        each.number.printed.what: each
        for each in MADE.comparisons
        if each.number.network == "lenet" and each.number.printed.where == "Figure 3"
    }
    assert by_what["Data order Random"].within is True  # 60.2 is 58.6 +- 4.0
    assert by_what["Pruning Random"].within is False  # 73.0 is not 75.7 +- 0.5
    assert by_what["Data order Comp"].within is None


def test_every_comp_that_is_printed_agrees_with_its_cells_or_is_remarked():
    unlike, remarked = set(), set()
    for figure in ("Figure 3", "Figure 10"):
        cells = {(number.network, number.printed.what): number for printed in PAPER.printed
                 if printed.where == figure for number in printed.numbers()}  # fmt: skip
        remarked |= {(figure, *place) for place, number in cells.items() if number.remark}
        for network in SMALL:
            for title in ("Data order", "Pruning"):
                imp, random, comp = (
                    cells[network, f"{title} {which}"].value for which in ("IMP", "Random", "Comp")
                )
                if abs(random / imp - comp) > 0.055:
                    unlike.add((figure, network, f"{title} Comp"))
    assert len(unlike) == 2
    assert unlike == {place for place in remarked if place[2].endswith("Comp")}
