"""Every gin file that is shipped runs, shrunk."""

import functools

import pytest
from binaries import bind, in_one_process
from gin_files import COSTS, EXPERIMENTS, KINDS, inlined

from lth_tf.log import log

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
