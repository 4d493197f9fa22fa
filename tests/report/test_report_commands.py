"""What fills a report, at the costs that gin files state; what departs from these files."""

import dataclasses
import functools

import pytest

from lth_tf import config, papers
from lth_tf.analysis.points import selecting
from lth_tf.experiments import Instability
from lth_tf.measurements import Evaluate, Interpolate
from lth_tf.report import commands
from lth_tf.report.commands import Command
from lth_tf.report.paper import PaperNetwork, PaperStudy, Text
from lth_tf.report.settings_diff import settings_diff

LMC, STABILIZING = papers.load("lmc"), papers.load("stabilizing")
EARLY_PHASE = papers.load("early_phase")
assert LMC and STABILIZING and EARLY_PHASE
SELECTING = selecting()


def fill(tmp_path, network, study):
    filler = commands.Commands("runs/here", tmp_path / "store", str(tmp_path))
    return filler(LMC.networks[network], LMC.studies[study])


LENET, RESNET = "papers/lmc/lenet.gin", "papers/lmc/resnet20_low.gin"


def test_the_files_of_the_network_and_of_the_figure_at_their_cost(tmp_path):
    found = fill(tmp_path, "lenet", "epochs")
    files = f"--gin_file={LENET} --gin_file=papers/lmc/figures/epochs.gin"
    assert found.text == f"lth-instability {files} --workdir=runs/here"
    # Nothing is prepared in that folder: the count is the same.
    assert found.cost == "252 runs, 5,884,200 steps; its dataset is not prepared"
    assert found.left == ""


def test_figure_4_is_filled_on_both_clocks_by_a_sweep(tmp_path):
    found = fill(tmp_path, "resnet20_low", "restart")
    figure = "papers/lmc/figures/restart.gin"
    flags = f"--gin_file={RESNET} --gin_file={figure}"
    assert found.text == f"lth-sweep {flags} --workdir=runs/here"
    # 3 initializations: to step 2,000, and 3 copies from each of 5 steps k, of 63,000 steps all on
    # the one clock; on the other, of what is left from k. From k = 0 they are the same.
    assert found.cost.startswith("84 runs, 5,075,250 steps")
    experiments = config.load_sweep([RESNET, figure], [], [])
    assert {experiment.schedule for experiment, _ in experiments} == {"absolute", "restarted"}


def test_figure_10_is_filled_by_the_file_of_all_levels_where_the_paper_shows_them():
    for network, figure in (
        ("lenet", "all_levels"),
        ("resnet20", "all_levels"),
        ("resnet20_low", "extreme"),
        ("resnet50", "one_shot_extreme"),
    ):
        files = [f"papers/lmc/{network}.gin", f"papers/lmc/figures/{figure}.gin"]
        assert LMC.studies["extreme"].files(network) == files


def few(experiment):
    """The same with one initialization and two copies, of which the others are replicates."""
    copies = {"copies": experiment.copies[:2]} if isinstance(experiment, Instability) else {}
    return dataclasses.replace(experiment, initializations=experiment.initializations[:1], **copies)


def requested(network, figure):
    """What a sweep asks for: (kind of measurement, network, k, level), without the seeds."""
    files = [f"papers/lmc/{network}.gin", f"papers/lmc/figures/{figure}.gin"]
    return {
        (type(r.measurement), *(r.labels[name] for name in ("network", "rewind_step", "level")))
        for experiment, _ in config.load_sweep(files, [], [])
        for r in few(experiment).requests()
    }


# The densities to which the paper finds IMP matching (section 4.4, table 1), as levels.
@pytest.mark.parametrize("network, last", [("lenet", 15), ("resnet20", 9), ("vgg16", 20)])
def test_one_sweep_has_what_figures_9_and_10_and_15_to_18_and_table_2_show(network, last):
    found = requested(network, "all_levels")
    steps = {k for _, _, k, _ in found}
    assert 0 in steps and len(steps) >= 5
    for level in range(1, last + 4):
        for k in steps:
            for kind in ("imp", "random_pruning"):
                assert {(Evaluate, kind, k, level), (Interpolate, kind, k, level)} <= found
        assert (Evaluate, "random_reinitialization", 0, level) in found
    assert {(Evaluate, "dense", k, 0) for k in steps} <= found
    # Nothing shows random reinitialization from other steps: it is not trained from there.
    assert {k for _, kind, k, _ in found if kind == "random_reinitialization"} == {0}


@pytest.mark.parametrize("network, last", [("resnet20_warmup", 11), ("vgg16_low", 13)])
def test_the_line_of_the_best_step_in_figure_10_is_from_every_step(network, last):
    found = requested(network, "extreme")
    steps = {k for _, _, k, _ in found}
    assert 0 in steps and len(steps) >= 5
    for level in range(1, last + 4):
        assert {(Evaluate, "imp", k, level) for k in steps} <= found
        for kind in ("random_pruning", "random_reinitialization"):
            assert (Evaluate, kind, 0, level) in found
    assert (Evaluate, "dense", 0, 0) in found


@pytest.mark.parametrize("network", ["resnet50", "inception_v3"])
def test_one_shot_pruning_is_swept_over_densities(network):
    """Each of them as of every other network; that of table 1 is among them."""
    experiments = config.load_sweep(LMC.studies["extreme"].files(network), [], [])
    densities = {1 - e.search.fraction for e, _ in experiments if isinstance(e, Instability)}
    assert len(densities) >= 5
    assert any(d == pytest.approx(LMC.networks[network].density) for d in densities)
    assert {e.search.levels for e, _ in experiments if isinstance(e, Instability)} == {1}


def test_without_a_file_there_is_no_command(tmp_path):
    network = PaperNetwork("unheard_of", "Unheard of", "", "", 1, 0.5)
    filler = commands.Commands("runs/here", tmp_path, None)
    assert filler(network, LMC.studies["state"]) == Command("")
    assert filler(network, PaperStudy("none", "imp")) == Command("")


@functools.cache
def expected(paper, network):
    """The settings of the rows of the paper's file."""
    return commands.PaperFiles(paper)(papers.load(paper).networks[network])


def differences_of(network, experiments, paper=LMC):
    """The differences of experiments from the paper's file, as rows of theirs would have them."""
    rows = []
    for experiment, _ in experiments:
        for request in few(experiment).requests():
            kind, of, settings = commands._settings(request)
            labels = {n: v for n, v in request.labels.items() if n in SELECTING}
            places = {n: request.labels[n] for n in ("level", "rewind_step")}
            rows.append({"kind": kind, "network": of, "settings": settings, "axes": {}, **labels,
                         "barrier": settings.get("barrier"), **places,
                         "statistics": settings.get("statistics")})  # fmt: skip
    return settings_diff(rows, expected(paper.key, network))


# Of stabilizing a network of each study.
EVERY_STUDY = ("resnet20_warmup", "resnet50", "resnet50_iterative")


@pytest.mark.parametrize(
    "paper, network",
    [
        *((LMC, key) for key in LMC.networks),
        *((STABILIZING, key) for key in EVERY_STUDY),
        (EARLY_PHASE, "resnet20"),
    ],
)
def test_every_figure_has_a_file_whose_experiments_are_the_papers(paper, network):
    shown = [i.study for i in paper.items if not isinstance(i, Text) and network in i.networks]
    for name in dict.fromkeys(shown):
        wanted = paper.studies[name]
        files = wanted.files(network)
        if wanted.command == "sweep":
            experiments = config.load_sweep(files, [], [])
        else:
            experiments = [config.load(commands._KINDS[wanted.command], files, [])]
        assert experiments and differences_of(network, experiments, paper) == ()


# Over papers/lmc/resnet20.gin: bindings; what differs, ours, the paper's.
ALTERED: dict[str, tuple[str, ...]] = {
    "Task.test_split = 'test[:1000]'": ("Task.test_split", "test[:1000]", "test"),
    "Task.train_evaluated = 9": ("Task.train_evaluated", "9", "0"),
    "Task.augmentation = 'none'": ("Task.augmentation", "none", "crop_and_flip"),
    "Hparams.precision = 'mixed_bfloat16'": ("Hparams.precision", "mixed_bfloat16", "float32"),
    "Hparams.batch_size = 64": ("Hparams.batch_size", "64", "128"),
    "Steps.drops = [90, 99]": ("Steps.drops", "(90, 99)", "(32000, 48000)"),
    "Resnet.shortcut = 'padding'": ("Resnet.shortcut", "padding", "projection"),
    "Instability.alphas = 5": ("Interpolate.alphas", "5", "30"),
    "Instability.barrier = 'from_line_between_ends'": (
        "barrier",
        "from_line_between_ends",
        "from_mean_of_ends",
    ),
    "MaskSearch.fraction = 0.5": ("MaskSearch.fraction", "0.5", "0.2"),
    "MaskSearch.levels_noise = 'same'": ("MaskSearch.levels_noise", "same", "fresh"),
    "STEPS = 63000; Hparams.weight_decay = 1e-4; Steps.drops = [32000, 48000]": (),
    "INITIALIZATIONS = (7,); Instability.copies = (4, 5); Instability.trunk_noise = 3": (),
    "REWIND_STEPS = (3,); MaskSearch.levels = 9; Instability.levels = (9,)": (),
    "Hparams.threads = 1; Hparams.xla = 'on'; MaskSearch.noise = 2": (),
}


@pytest.mark.parametrize("bound", ALTERED)
def test_bindings_that_change_a_number_differ_from_the_paper(bound):
    """At a level of their own: what only changes rounding or is asked for is no difference."""
    short = ["REWIND_STEPS = (0, 500)", "INITIALIZATIONS = (0,)", "MaskSearch.levels = 8",
             "Instability.levels = (8,)"]  # fmt: skip
    file, wanted = "papers/lmc/resnet20.gin", ALTERED[bound]
    names = [each.partition(" = ")[0] for each in bound.split("; ")]
    kept = [each for each in short if each.partition(" = ")[0] not in names]
    asked = [config.load(Instability, [file], [*kept, *bound.split("; ")])]
    found = differences_of("resnet20", asked)
    assert found == ((wanted,) if wanted else ())


def test_what_no_file_describes_is_compared_with_nothing():
    assert (
        commands.PaperFiles("lmc")(PaperNetwork("unheard_of", "Unheard of", "", "", 1, 0.5)) is None
    )
    assert commands.PaperFiles("none")(LMC.networks["lenet"]) is None
