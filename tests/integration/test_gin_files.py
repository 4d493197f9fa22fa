"""Every gin file that is shipped says what it is and costs, and binds what is used."""

import functools
import re

import paper_costs
import pytest
from gin_files import (
    COMMANDS,
    COSTS,
    EXPERIMENTS,
    FIGURES,
    GIN,
    KINDS,
    SHIPPED,
    commands,
    header,
    inlined,
    parts,
)

from lth_tf import config, papers
from lth_tf.experiments import Imp
from lth_tf.experiments.planning import plan as plan_of
from lth_tf.report.paper import Text
from lth_tf.store.layout import Layout

COST = r"Cost: (at most )?[\d,]+ runs, [\d,]+ steps"
every_paper = pytest.mark.parametrize("paper", paper_costs.PAPERS)
every_command = pytest.mark.parametrize("file, name", COMMANDS)
every_experiment = pytest.mark.parametrize("file, name", EXPERIMENTS)


@functools.cache
def loaded(file, name):
    """A file's experiment, and its configuration as text."""
    return config.load(KINDS[name], [file], [])


def test_there_are_experiments_of_every_kind():
    assert {name for _, name in EXPERIMENTS} == set(KINDS)
    assert len(EXPERIMENTS) >= 20


def test_every_file_is_an_experiment_or_part_of_one_or_a_task():
    used = {file for file in SHIPPED if file.startswith("tasks/")}
    pending = [file for file, _ in COMMANDS] + [figure for _, figure, *_ in COSTS]
    while pending:
        file = pending.pop()
        used.add(file)
        pending += [part for part in parts(file) if part not in used]
    assert used == set(SHIPPED)


@pytest.mark.parametrize("file", SHIPPED)
def test_it_begins_with_what_it_is(file):
    assert len(header(file)) > 40


@every_command
def test_its_head_names_source_command_cost_and_what_to_expect(file, name):
    said = commands(file)[name]
    assert f"--gin_file={file} --workdir=" in header(file)
    assert re.search(COST, said), said
    if name != "sweep":
        assert re.search(r"\b(figs?\. \d|table|algorithm|appendix|demo)", header(file))
        assert file.startswith("demo/") or "Expect" in said


@every_command
def test_the_cost_it_states_is_that_of_the_plan(file, name, tmp_path):
    found = config.load_sweep([file], [], []) if name == "sweep" else [loaded(file, name)]
    plan = plan_of([experiment for experiment, _ in found], Layout(tmp_path / "none"))
    stated = re.search(COST, commands(file)[name])
    assert stated is not None
    most = "at most " if plan.choices else ""
    assert stated[0] == f"Cost: {most}{plan.runs:,} runs, {plan.steps:,} steps"


FIRST = {(paper, figure): (paper, figure, *rest) for paper, figure, *rest in reversed(COSTS)}


# Of each figure the first network; the others, which take a minute to plan, by `make faults`.
@pytest.mark.parametrize(
    "paper, figure, command, network",
    [
        pytest.param(*row, marks=() if row in FIRST.values() else pytest.mark.faults)
        for row in COSTS
    ],
)
def test_the_cost_of_a_figure_is_that_of_the_plan(paper, figure, command, network):
    line = paper_costs.written(paper)[figure, command, network]
    assert paper_costs.with_cost(line, paper, figure, command, network) == line


@every_paper
def test_every_figure_that_the_paper_has_of_a_network_has_its_cost(paper):
    name, paper = paper, papers.load(paper)
    shown = {
        (network, item.study)
        for item in paper.items
        if not isinstance(item, Text)
        for network in item.networks
    }
    wanted = {
        (files[1], study.command, file)
        for network, name in shown
        for study, file in [(paper.studies[name], paper.networks[network].file)]
        if len(files := study.files(file)) > 1
    }
    assert wanted <= set(paper_costs.rows(name))  # There are some beyond the paper, of LeNet.


@every_experiment
def test_it_binds_only_what_its_experiments_use(file, name, tmp_path):
    flat = tmp_path / "flat.gin"
    # What figures take of a network is for them.
    names = set(re.findall(r"%([A-Z_0-9]+)", "".join((GIN / f).read_text() for f in FIGURES)))
    names |= {"REWIND_STEPS"} if name == "onset" else set()  # it finds them itself
    binding = rf"(?ms)^(?:{'|'.join(names)}) = (?:\(.*?\)|\S+).*?$"
    flat.write_text(re.sub(binding, "", inlined(file)))
    # Of bindings in the file itself, the first that no experiment uses is an error.
    flattened, _ = config.load(KINDS[name], [str(flat)], [])
    assert flattened == loaded(file, name)[0]


@every_experiment
def test_its_resolved_text_describes_the_same(file, name, tmp_path):
    experiment, text = loaded(file, name)
    resolved = tmp_path / "resolved.gin"
    resolved.write_text(text)
    again, text_again = config.load(KINDS[name], [str(resolved)], [])
    assert (again, text_again) == (experiment, text)


def test_an_importable_folder_of_the_same_name_is_not_in_the_way(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    config.load(Imp, ["demo/imp.gin"], [])  # includes models/lenet.gin
