"""Every gin file that is shipped: it says what it is and costs, binds what is used, and runs."""

import re
from pathlib import Path

import pytest
from binaries import REPOSITORY, SECONDS, bind, in_one_process

from lth_tf import config
from lth_tf.experiments import Imp, Instability, Training
from lth_tf.results import log
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan

GIN = REPOSITORY / "gin"
KINDS = {"train": Training, "imp": Imp, "instability": Instability}


def binary(file: str) -> str | None:
    """The binary that a file is for, from the end of its name; None for one to include."""
    ending = Path(file).stem.split("_")[-1]
    return ending if ending in KINDS else None


SHIPPED = sorted(str(path.relative_to(GIN)) for path in GIN.rglob("*.gin"))
EXPERIMENTS = [file for file in SHIPPED if binary(file)]
SWEEPS = [file for file in SHIPPED if Path(file).stem.split("_")[-1] == "sweep"]
sweeps = pytest.mark.parametrize("file", SWEEPS)
experiments = pytest.mark.parametrize("file", EXPERIMENTS)


def includes(file: str) -> list[str]:
    """The files that a file includes."""
    return re.findall(r"(?m)^include '(.*)'", (GIN / file).read_text())


def inlined(file: str) -> str:
    """A file's text with what it includes in place of the include lines."""
    text = (GIN / file).read_text()
    return re.sub(r"(?m)^include '(.*)'$", lambda found: inlined(found[1]), text)


def header(file: str) -> str:
    """The comment that a file begins with, as one line."""
    lines = []
    for line in (GIN / file).read_text().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.strip("# "))
    return " ".join(filter(None, lines))


def test_there_are_experiments_of_every_kind():
    assert {binary(file) for file in EXPERIMENTS} == set(KINDS)
    assert len(EXPERIMENTS) >= 14


def test_every_file_is_an_experiment_or_part_of_one_or_a_task():
    # Tasks are tested one by one in test_datasets.py.
    used, pending = {file for file in SHIPPED if file.startswith("tasks/")}, EXPERIMENTS + SWEEPS
    while pending:
        file = pending.pop()
        used.add(file)
        pending += includes(file)
    assert used == set(SHIPPED)


@pytest.mark.parametrize("file", SHIPPED)
def test_it_begins_with_what_it_is(file):
    assert len(header(file)) > 40


@experiments
def test_its_head_names_source_command_cost_and_what_to_expect(file):
    head = header(file)
    assert f"lth-{binary(file)} --gin_file={file} --workdir=" in head
    assert re.search(r"\b(figs?\.|table|algorithm|demo)\b", head), head
    assert re.search(r"Cost: [\d,]+ runs, [\d,]+ steps", head), head
    assert file.startswith("demo/") or "Expect" in head


@experiments
def test_the_cost_it_states_is_that_of_the_plan(file, tmp_path):
    experiment, _ = config.load(KINDS[binary(file)], [file], [])
    plan = make_plan((r.measurement for r in experiment.requests()), Layout(tmp_path / "none"))
    found = re.search(r"Cost: ([\d,]+) runs, ([\d,]+) steps", header(file))
    assert found is not None
    assert found[0] == f"Cost: {plan.runs:,} runs, {plan.steps:,} steps"


@sweeps
def test_a_sweep_says_its_source_command_and_the_cost_of_its_plan(file, tmp_path):
    head = header(file)
    assert f"lth-sweep --gin_file={file} --workdir=" in head
    assert re.search(r"\b(figs?\.|table|algorithm|demo)\b", head), head
    found = config.load_sweep([file], [], [])
    measurements = [r.measurement for experiment, _ in found for r in experiment.requests()]
    plan = make_plan(measurements, Layout(tmp_path / "none"))
    assert f"Cost: {plan.runs:,} runs, {plan.steps:,} steps" in head
    assert "without sharing" not in head or f"{plan.steps_unshared:,} steps without" in head


@experiments
def test_it_binds_only_what_its_experiment_uses(file, tmp_path):
    text = inlined(file)
    # A setting that several files share has values for all of them.
    unused = {name for name in re.findall(r"(?m)^([A-Z_]+) =", text) if f"%{name}" not in text}
    assert unused <= {"REWIND_STEPS"}
    lines = [line for line in text.splitlines() if line.split(" = ")[0] not in unused]
    flat = tmp_path / "flat.gin"
    flat.write_text("\n".join(lines))
    # Of bindings in the file itself, the first that the experiment does not use is an error.
    flattened, _ = config.load(KINDS[binary(file)], [str(flat)], [])
    assert flattened == config.load(KINDS[binary(file)], [file], [])[0]


@experiments
def test_its_resolved_text_describes_the_same(file, tmp_path):
    experiment, text = config.load(KINDS[binary(file)], [file], [])
    resolved = tmp_path / "resolved.gin"
    resolved.write_text(text)
    again, text_again = config.load(KINDS[binary(file)], [str(resolved)], [])
    assert (again, text_again) == (experiment, text)


def shrunk(file: str) -> list[str]:
    """Bindings that make of a paper's experiment, or the demo's, one of a second."""
    bindings = ["Task.dataset='digits'", "INITIALIZATIONS=(0,)", "Hparams.threads=1"]
    if "Resnet.depth" in inlined(file):
        bindings += ["Resnet.depth=8", "Resnet.width=2", "Resnet.image_shape=(8,8,1)"]
        bindings += ["Task.mean=(0.5,)", "Task.std=(0.5,)", "Task.padding=1"]
        bindings += ["STEPS=6", "Hparams.batch_size=32"]
    else:
        bindings += ["Lenet.image_shape=(8,8,1)", "Lenet.widths=(8,)", "STEPS=20"]
    if binary(file) == "train":
        return [*bindings, "Training.noises=(0,)"]
    bindings += ["REWIND_STEPS=(0,5)", "MaskSearch.levels=2"]
    if "compare_every" in inlined(file):
        bindings += ["Instability.compare_every=10"]
    if binary(file) == "instability":
        bindings += ["Instability.levels=(2,)", "Instability.copies=(1,2)", "Instability.alphas=3"]
    return bindings


@pytest.fixture(scope="module")
def done(tmp_path_factory, digits_folder):
    """The folder in which every file's experiment has run, shrunk; its workdir is the file's name.

    They share a store, so that what a network's files have in common is trained once.
    """
    folder = tmp_path_factory.mktemp("shrunk")
    shared = [f"--store={folder / 'store'}", f"--data_dir={digits_folder}"]
    commands = [
        [binary(file), f"--gin_file={file}", f"--workdir={folder / file}", *shared]
        + bind(*shrunk(file))
        for file in EXPERIMENTS
    ]
    in_one_process(commands, seconds=2 * SECONDS)
    return folder


# Rows of a shrunk experiment: with k in (0, 5), levels 0 to 2; and each of the dense network, the
# ticket, random pruning and random reinitialisation with two copies and the line between them.
ROWS = {"train": 1, "imp": 2 * 3, "instability": 2 * 4 * 3}
# Of those that choose networks and functions: what each gives from one k, twice.
ROWS_OF_FILE = {
    "lenet_all_levels_instability": 2 * 3 * 3,
    "lenet_extreme_instability": 2 * 4 * 2,  # the error of two copies
    "lenet_state_instability": 2 * (4 + 3),  # the error at k of the dense network, three distances
    "lenet_epochs_instability": 2 * 2 * 2,  # steps 10 and 20
    # The same; no distance to k of new initial weights; comparisons of all, and against dense.
    "lenet_functions_instability": 2 * (4 + 3 + 3 + 2 + 4 + 3),
}


@experiments
def test_shrunk_it_runs(file, done):
    rows, report = log.read(done / file)
    assert report.skipped == []
    assert len(rows) == ROWS_OF_FILE.get(Path(file).stem, ROWS[binary(file)])
    assert {row["experiment"] for row in rows} == {KINDS[binary(file)].__name__.lower()}
    assert {row["status"] for row in rows} == {"done"}
    (resolved,) = (done / file / "configurations").iterdir()
    assert rows[0]["configuration"] in resolved.read_text()


def test_an_importable_folder_of_the_same_name_is_not_in_the_way(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    config.load(Imp, ["demo/imp.gin"], [])  # includes models/lenet.gin
