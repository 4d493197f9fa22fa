"""Every gin file that is shipped: it says what it is and costs, binds what is used, and runs."""

import functools
import re

import paper_costs
import pytest
from binaries import REPOSITORY, bind, in_one_process

from lth_tf import config, papers
from lth_tf.experiments import Imp, Instability, Onset, Training
from lth_tf.experiments.planning import plan as plan_of
from lth_tf.log import log
from lth_tf.report.paper import Text
from lth_tf.store.layout import Layout

GIN = REPOSITORY / "gin"
KINDS = {"train": Training, "imp": Imp, "instability": Instability, "onset": Onset}
COST = r"Cost: (at most )?[\d,]+ runs, [\d,]+ steps"
# (paper, file of a figure, command, network) of each cost in docs/papers.
COSTS = [(paper, *row) for paper in paper_costs.PAPERS for row in paper_costs.rows(paper)]
every_paper = pytest.mark.parametrize("paper", paper_costs.PAPERS)
SHIPPED = sorted(str(path.relative_to(GIN)) for path in GIN.rglob("*.gin"))
FIGURES = [file for file in SHIPPED if "/figures/" in file]


def parts(file: str) -> list[str]:
    """The files that a file includes, or names as the values of an axis of a sweep."""
    text = re.sub(r"(?m)^#.*", "", (GIN / file).read_text())
    return re.findall(r"""["']([\w/]+\.gin)["']""", text)


def inlined(file: str) -> str:
    """A file's text with what it includes in place of the include lines."""
    text = (GIN / file).read_text()
    return re.sub(r"(?m)^include '(.*)'$", lambda found: inlined(found[1]), text)


def header(file: str) -> str:
    """The comment that a file begins with, as one line; commands of two lines, too."""
    lines = []
    for line in (GIN / file).read_text().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.strip("# \\"))
    return " ".join(filter(None, lines))


def commands(file: str) -> dict[str, str]:
    """What the head of a file says about each command that it is for, by the binary's name.

    Files of figures go with those of networks: docs/papers has the commands and costs of both.
    """
    if file in FIGURES:
        return {}
    pieces = re.split(r"lth-(train|imp|instability|onset|sweep)(?=:| --gin_file=)", header(file))
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


COMMANDS = [(file, name) for file in SHIPPED for name in commands(file)]
EXPERIMENTS = [(file, name) for file, name in COMMANDS if name in KINDS]
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


# What is run, shrunk. All others differ from these in values only, which loading checks, and in
# networks, which have tests of their own.
RUN = [
    (file, name)
    for file, name in EXPERIMENTS
    if file.startswith("demo/")
    or file == "papers/lmc/lenet.gin"
    or (file, name) == ("papers/lmc/resnet20.gin", "instability")
]
# A network and a figure, as one name.
RUN += [
    (f"papers/lmc/lenet.gin+{figure}", command)
    for paper, figure, command, network in COSTS
    if (paper, network, command) == ("lmc", "lenet", "instability")
]
# Run by `make faults`: the demo's files, which test_commands.py and test_onset.py run every time,
# and those of which figures/functions.gin and figures/epochs.gin have all measurements.
RARE = [
    row
    for row in RUN
    if row[0].startswith("demo/") or row[0].endswith(("extreme.gin", "state.gin"))
]
RARE.append(("papers/lmc/lenet.gin", "instability"))


def shrunk(file: str, name: str) -> list[str]:
    """Bindings that make of a paper's experiment, or the demo's, one of a second."""
    bindings = ["Task.dataset='digits'", "INITIALIZATIONS=(0,)", "Hparams.threads=1"]
    bindings += ["Hparams.xla='off'"]
    text = "".join(map(inlined, file.split("+")))
    if "Resnet.depth" in text:
        bindings += ["Resnet.depth=8", "Resnet.width=2", "Resnet.image_shape=(8,8,1)"]
        bindings += ["Task.mean=(0.5,)", "Task.std=(0.5,)", "Task.padding=1"]
        bindings += ["STEPS=6", "Hparams.batch_size=32"]
    else:
        bindings += ["Lenet.image_shape=(8,8,1)", "Lenet.widths=(8,)", "STEPS=20"]
    if name == "train":
        return [*bindings, "Training.noises=(0,)"]
    if name == "onset":
        return [*bindings, "Onset.unit=20", "Onset.alphas=3"]
    bindings += ["MaskSearch.levels=2"]
    if "Instability.rewind_steps = %MORE_REWIND_STEPS" in text:
        bindings += ["MORE_REWIND_STEPS=(0,5)"]
    elif "Instability.rewind_steps = (0,)" not in text:
        bindings += ["REWIND_STEPS=(0,5)"]
    if "%EPOCH" in text:
        bindings += ["EPOCH=10"]
    if name == "instability":
        bindings += ["Instability.levels=(2,)", "Instability.copies=(1,2)", "Instability.alphas=3"]
    return bindings


@pytest.fixture(scope="module")
def done(tmp_path_factory, digits_folder):
    """Returns the folder in which experiments have run, shrunk: those of RARE, or the others.

    An experiment's workdir there is named for it. They share a store, so that what a network's
    files have in common is trained once.
    """

    @functools.cache
    def folder(rare):
        folder = tmp_path_factory.mktemp("shrunk")
        shared = [f"--store={folder / 'store'}", f"--data_dir={digits_folder}"]
        runs = [
            [name, *(f"--gin_file={each}" for each in file.split("+"))]
            + [f"--workdir={folder / file / name}", *shared]
            + bind(*shrunk(file, name))
            for file, name in RUN
            if ((file, name) in RARE) == rare
        ]
        in_one_process(runs)
        return folder

    return folder


# Rows of a shrunk experiment: with k in (0, 5), levels 0 to 2; and each of the dense network, the
# ticket, random pruning and random reinitialization with two copies and the line between them.
ROWS = {"train": 1, "imp": 2 * 3, "instability": 2 * 4 * 3, "onset": 3}
# Of those that choose networks and functions: what each gives from one k, twice.
ROWS_OF_FILE = {
    "extreme": 4 * 2,  # the error of two copies, from k = 0
    "state": 2 * (4 + 3),  # the error at k of the dense network, three distances
    "epochs": 2 * 2 * 2,  # steps 10 and 20
    # The same; no distance to k of new initial weights; comparisons of all, and against dense.
    "functions": 2 * (4 + 3 + 3 + 2 + 4 + 3),
}


@pytest.mark.parametrize(
    "file, name",
    [pytest.param(*row, marks=pytest.mark.faults if row in RARE else ()) for row in RUN],
)
def test_shrunk_it_runs(file, name, done):
    folder = done((file, name) in RARE)
    rows, report = log.read(folder / file / name)
    assert report.skipped == []
    assert len(rows) == ROWS_OF_FILE.get(file.split("/")[-1][:-4], ROWS[name])
    assert {row["experiment"] for row in rows} == {KINDS[name].__name__.lower()}
    assert {row["status"] for row in rows} == {"done"}
    (resolved,) = (folder / file / name / "configurations").iterdir()
    assert rows[0]["configuration"] in resolved.read_text()


def test_an_importable_folder_of_the_same_name_is_not_in_the_way(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    config.load(Imp, ["demo/imp.gin"], [])  # includes models/lenet.gin
