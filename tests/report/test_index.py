"""The page on all papers."""

import re
from dataclasses import replace

import pytest
from lenet_report import LMC, make, rows

from lth_tf import papers
from lth_tf.papers.costs import COSTS
from lth_tf.report import index, report
from lth_tf.report.commands import Commands
from lth_tf.report.costs import ACCELERATORS, hours, total


@pytest.fixture(scope="module")
def made():
    return make(rows())


def test_the_index_says_how_much_of_each_paper_there_is(made, tmp_path):
    (tmp_path / "lmc.html").touch()
    others = [report.make([], papers.load(other), None) for other in ("unmasking", "sgd_noise")]
    commands = Commands("runs/mine", tmp_path / "store", None)
    text = index.write([made, *others], tmp_path, commands, COSTS).read_text()
    first, *rest = re.findall(r"<tr><th scope=.row.>(.*?)</tr>", text)
    counts = [int(n.replace(",", "")) for n in re.findall(r"<td>([\d,]+)</td>", first)][:3]
    marks = [section.mark(n) for section in made.sections.values() for n in LMC.networks.values()]
    assert counts == [marks.count(mark) for mark in ("whole", "part", "none")]
    there = sum(each.ours is not None for each in made.comparisons)
    assert there and f"<td>{there} of {len(made.comparisons)}</td>" in first
    assert LMC.title in first and '<a href="lmc.html">' in first
    for line, other in zip(rest, ("unmasking", "sgd_noise"), strict=True):
        assert line.count("<td>0</td>") == 2 and f"--paper={other}" in line and "href" not in line
        whole = total(COSTS[other].values())
        assert f"<td>{whole.runs:,} runs, {whole.steps:,} steps</td>" in line
        assert f"<td>{len(COSTS[other])} networks not yet timed</td>" in line
        for each in ACCELERATORS:
            assert f"<td>{hours(each.hours(whole.operations))}</td>" in line


def test_the_index_counts_what_is_left_of_networks_that_are_in_the_log(made, tmp_path):
    """The report is told to be whole but for one figure, whose study alone is then left."""
    lenet = LMC.networks["lenet"]
    name, lacking = next((n, s) for n, s in made.sections.items() if lenet in s.missing)
    one = replace(made, sections={name: replace(lacking, missing=[lenet])})
    commands = Commands("runs/mine", tmp_path / "store", None)
    text = index.write([one], tmp_path, commands, COSTS).read_text()
    plan = commands(lenet, LMC.studies[lacking.item.study]).plan
    assert plan and f"<td>{plan.runs:,} runs, {plan.steps:,} steps</td>" in text
    share = COSTS["lmc"]["lenet"].operations * plan.steps / COSTS["lmc"]["lenet"].steps
    assert all(f"<td>{hours(each.hours(share))}</td>" in text for each in ACCELERATORS)
    whole = replace(made, sections={name: replace(lacking, missing=[])})
    assert "<td>nothing</td>" in index.write([whole], tmp_path, commands, COSTS).read_text()
