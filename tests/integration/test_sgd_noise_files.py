"""sgd_noise's files, shrunk to the digits, through the commands: each study gives its rows."""

import re

import binaries
import pytest
from binaries import REPOSITORY

from lth_tf import config, papers
from lth_tf.experiments import Probing, SparseTraining
from lth_tf.lab import views
from lth_tf.log import log
from lth_tf.report.commands import PaperFiles
from lth_tf.training import Constant

FILE = "papers/sgd_noise/lenet_mnist.gin"
SHRUNK = (
    "Task.dataset='digits'",
    "INITIALIZATIONS=(0,)",
    "Lenet.image_shape=(8, 8, 1)",
    "Lenet.widths=(8, 6)",
    "Hparams.threads=1",
    "Hparams.xla='off'",
    "MaskSearch.levels=1",
    "REWIND_STEPS=(0, 3)",
    "EVERY_LEVEL=(1,)",
    "STEPS=20",
    "WHOLE_STEPS=20",
    "EPOCH=10",
    "HEAD_STEPS=5",
    "head/Hparams.batch_size=60",
)

NETWORKS = (
    "lenet_mnist", "small_cifar10", "resnet18_cifar10", "resnet18_cifar100",
    "resnet34_tiny_imagenet", "vgg16_cifar100",
)  # fmt: skip


def figure(name):
    return f"papers/sgd_noise/figures/{name}.gin"


def test_every_network_of_the_paper_has_its_settings_in_its_files():
    paper = papers.load("sgd_noise")
    expected = PaperFiles("sgd_noise")
    for key in (
        "resnet18_cifar10-m0-b256",
        "resnet18_cifar10-m0.95-b256",
        "vgg16_cifar100-m0.9-b100",
    ):
        network = paper.networks[key]
        found = expected(network)["evaluation", "imp"]
        for name, value in network.settings.items():
            assert found[name] == {value}


@pytest.mark.parametrize(
    "name, kind, bindings",
    [
        ("few_shot", SparseTraining, ["include 'papers/sgd_noise/figures/few_1.gin'"]),
        ("short_searches", SparseTraining, []),
        ("probes", Probing, []),
        ("transfer", Probing, ["include 'papers/sgd_noise/figures/to_digits.gin'"]),
    ],
)
def test_scopes_say_what_search_and_training_have_of_their_own(name, kind, bindings, tmp_path):
    network = "resnet18_cifar10" if name != "transfer" else "lenet_mnist"
    files = [f"papers/sgd_noise/{network}.gin", figure(name)]
    included = [each.split("'")[1] for each in bindings]
    made, text = config.load(kind, [*files, *included], [])
    again = tmp_path / "again.gin"
    again.write_text(text)
    assert config.load(kind, [str(again)], [])[0] == made
    search = made.search.trained_with(made.task, made.hparams, made.steps)
    if name == "few_shot":
        assert (made.task.subset.fraction, search.task.subset) == (0.01, None)
        assert (made.steps, made.hparams.schedule.end) == (1000, 1000)
        assert (search.steps, search.hparams.schedule.end) == (100_000, 100_000)
        assert (made.hparams.remainder, search.hparams.remainder) == ("carry", "drop")
    if name == "short_searches":
        assert (search.steps, search.hparams.schedule.end) == (10_000, 10_000)
        assert (made.steps, made.hparams.schedule.end) == (100_000, 100_000)
        assert search.hparams.optimizer == made.hparams.optimizer
    if kind is Probing:
        assert search.hparams == made.hparams
        assert made.head_hparams.optimizer.momentum == 0.9
    if name == "probes":
        heads, steps = made.head_hparams, 5 * 195
        assert (heads.weight_decay, made.hparams.weight_decay) == (1e-4, 5e-4)
        assert (heads.schedule, made.head_steps) == (Constant(0.005), steps)
    if name == "transfer":
        assert made.head_hparams.schedule.end == made.head_steps
        assert (made.head_task.dataset, made.task.dataset) == ("digits", "mnist")
        assert (made.head_task.image_size, made.head_task.augmentation) == (28, "none")


def test_what_has_a_setting_of_its_own_keeps_it_in_every_setting_of_a_sweep():
    """Section 4.4: tickets of two searches, trained in all four settings; section 5.1: probes."""
    files = ("papers/sgd_noise/resnet34_tiny_imagenet.gin", figure("other_settings"))
    found = {
        tuple((h.optimizer.momentum, h.batch_size) for h in (made.search.hparams, made.hparams))
        for made, _ in config.load_sweep(files, [], [])
    }
    settings = {(0.0, 100), (0.0, 256), (0.9, 100), (0.9, 256)}
    assert found == {(search, own) for search in ((0.0, 256), (0.9, 100)) for own in settings}
    for name in ("probes", "probes_random", "transfer"):
        files = ("papers/sgd_noise/resnet18_cifar10.gin", figure(name))
        for made, _ in config.load_sweep(files, ["Hparams.weight_decay=2e-4"], []):
            heads = made.head_hparams
            assert (heads.optimizer.momentum, heads.batch_size) == (0.9, 256)
            assert heads.weight_decay == (2e-4 if name == "transfer" else 1e-4)


def test_every_dataset_that_a_ticket_is_transferred_to_is_cropped_and_flipped():
    files = ("papers/sgd_noise/resnet18_cifar10.gin", figure("transfer"))
    for target in ("mnist", "cifar100", "tiny_imagenet", "eurosat"):
        task = config.load(Probing, [*files, figure(f"to_{target}")], [])[0].head_task
        assert (task.augmentation, task.padding) == ("crop_and_flip", 4)
        assert (task.image_size, task.channels) == (32, 3)


def of_file(name, binding):
    """The files that a network's file names in a binding."""
    text = (REPOSITORY / "gin" / "papers" / "sgd_noise" / f"{name}.gin").read_text()
    return re.findall(r"papers/[\w/]+\.gin", text.partition(f"{binding} = ")[2])


@pytest.mark.parametrize("name", ["lenet_mnist", "small_cifar10"])
def test_under_a_new_head_a_fully_connected_network_has_images_of_its_own_size(name):
    """Its first layer knows the number of pixels; the plan does not build it."""
    targets = of_file(name, "TARGETS")
    assert targets
    for target in targets:
        files = (f"papers/sgd_noise/{name}.gin", figure("transfer"), target)
        made = config.load(Probing, files, [])[0]
        side, _, channels = made.head_image_shape
        assert made.head_image_shape == made.model.image_shape
        assert (made.head_task.image_size, made.head_task.channels or 1) == (side, channels)


@pytest.mark.parametrize("name", NETWORKS)
def test_figures_find_what_they_take_of_every_network(name):
    """What a file leaves out is a single step of a single level, and nothing says so."""
    for figure_of in ("probes", "probes_random", "transfer"):
        files = (f"papers/sgd_noise/{name}.gin", figure(figure_of))
        points = config.load_sweep(files, [], [])
        assert len(points) == {"probes": 4, "probes_random": 1}.get(
            figure_of, 4 * len(of_file(name, "TARGETS"))
        )
        for made, _ in points:
            assert made.head_steps >= 975
            last = len(made.model.blocks)
            if figure_of == "probes":
                assert made.levels == tuple(range(1, made.search.levels + 1))
            if figure_of == "transfer":
                assert made.blocks == (last,) and made.levels == (10,)


def dense_runs(experiment):
    """The key of the dense run's end from each initialization, at k = 0."""
    return {
        request.labels["initialization"]: request.end.key
        for request in experiment.requests()
        if (request.labels["level"], request.labels["rewind_step"]) == (0, 0)
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_a_dense_run_is_level_0_of_the_search_without_pretraining(name):
    """In every setting it is one recipe for Training and Imp, and another than in the others."""
    file, found = f"papers/sgd_noise/{name}.gin", {}
    for files in ((file,), (file, figure("forgetting"))):
        for made, _ in config.load_sweep(files, [], []):
            setting = made.hparams.optimizer.momentum, made.hparams.batch_size
            found.setdefault((type(made).__name__, len(files)), {})[setting] = dense_runs(made)
    assert found["Training", 1] == found["Training", 2] == found["Imp", 1]
    assert {*found["Imp", 1]} == {(0.0, 100), (0.0, 256), (0.9, 100), (0.9, 256)}
    keys = [key for of in found["Imp", 1].values() for key in of.values()]
    assert len({*keys}) == len(keys) == 4 * 3


@pytest.fixture(scope="module")
def work(tmp_path_factory, digits_folder):
    """A workdir in which studies of one network have run, in one store."""
    folder = tmp_path_factory.mktemp("sgd_noise")
    (folder / "values.gin").write_text("\n".join(SHRUNK))
    # Of what a file includes, an experiment may leave something unused.
    small = folder / "small.gin"
    small.write_text(f"# The digits, in a second.\ninclude '{folder / 'values.gin'}'\n")
    few = binaries.bind("RandomSubset.fraction=0.1", "STEPS=6")
    for kind, name, more in (
        ("Training", "forgetting", []),
        ("SparseTraining", "few_shot", few),
        ("Probing", "probes", []),
    ):
        files = [f"--gin_file={file}" for file in (FILE, figure(name), small)]
        flags = [f"--workdir={folder / 'work'}", f"--data_dir={digits_folder}"]
        binaries.succeed("run", *files, f"--experiment={kind}", *more, *flags)
    return folder / "work"


def test_each_study_gives_its_rows_and_they_are_of_one_network(work):
    rows, report = log.read(work)
    assert report.skipped == []
    kinds = {(row["experiment"], row["kind"]) for row in rows}
    assert {("training", "forgetting"), ("training", "convergence")} <= kinds
    few = [row for row in rows if row["experiment"] == "sparsetraining"]
    assert {row["dataset"] for row in few} == {"digits"}
    assert {(row["rewind_step"], row["level"]) for row in few} == {
        (k, n) for k in (0, 3) for n in (0, 1)
    }
    assert {row["axes"]["examples"] for row in few} == {0.1}
    assert {row["settings"]["Task.subset"] for row in few} == {"RandomSubset"}
    probes = [row for row in rows if row["experiment"] == "probing"]
    assert {row["axes"]["block"] for row in probes} == {1, 2}
    assert {row["axes"]["searched_with"] for row in probes} == {"momentum 0.9, batch 100"}
    # It is none of the paper's networks, and of these settings alone.
    shown = {each.name.partition("-")[0] for each in views.charts(rows, "sgd_noise")}
    assert shown == {"figure_06", "figure_13", "figure_18", "figure_21"}
