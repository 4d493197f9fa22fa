"""The shipped files of the papers against the papers' own tables, copied here by hand."""

import functools

import pytest
from binaries import REPOSITORY

from lth_tf import config
from lth_tf.description.experiment import densities
from lth_tf.experiments import Imp, Instability, Training
from lth_tf.models.network import network, parameter_counts

MNIST, CIFAR, TINY, IMAGENET = 60_000, 50_000, 100_000, 1_281_167
HELD_OUT = 45_000  # of CIFAR-10, as Frankle & Carbin 2019 have it
# File -> parameters (None where the paper has none), images, T in epochs or steps, batch, highest
# and last learning rate, share of weights at the last level in percent.
ROWS = {
    "lmc/lenet": (266e3, MNIST, 24_000, 60, 12e-4, 12e-4, 3.5),
    "lmc/resnet20": (274e3, CIFAR, 63_000, 128, 0.1, 1e-3, 16.8),
    "lmc/resnet20_low": (274e3, CIFAR, 63_000, 128, 0.01, 1e-4, 8.6),
    "lmc/resnet20_warmup": (274e3, CIFAR, 63_000, 128, 0.03, 3e-4, 8.6),
    "lmc/vgg16": (14.7e6, CIFAR, 63_000, 128, 0.1, 1e-3, 1.5),
    "lmc/vgg16_low": (14.7e6, CIFAR, 63_000, 128, 0.01, 1e-4, 5.5),
    "lmc/vgg16_warmup": (14.7e6, CIFAR, 63_000, 128, 0.1, 1e-3, 1.5),
    "lmc/resnet50": (25.5e6, IMAGENET, "90 epochs", 1024, 0.4, 4e-4, 30),
    "lmc/inception_v3": (27.1e6, IMAGENET, "171 epochs", 1024, 0.03, 0.005, 30),
    "lmc/inception_v3_reference": (27.1e6, IMAGENET, "171 epochs", 1024, 0.66, 0.0206, 30),
    "stabilizing/lenet": (266e3, MNIST, 50_000, 60, 12e-4, 12e-4, 10.7),
    "stabilizing/resnet20": (274e3, HELD_OUT, 30_000, 128, 0.1, 1e-3, 16.7),
    "stabilizing/resnet20_low": (274e3, HELD_OUT, 30_000, 128, 0.01, 1e-4, 16.7),
    "stabilizing/resnet20_warmup": (274e3, HELD_OUT, 30_000, 128, 0.03, 3e-4, 16.7),
    "stabilizing/vgg19": (20.0e6, HELD_OUT, 112_000, 64, 0.1, 1e-3, 2.2),
    "stabilizing/vgg19_low": (20.0e6, HELD_OUT, 112_000, 64, 0.01, 1e-4, 2.2),
    "stabilizing/vgg19_warmup": (20.0e6, HELD_OUT, 112_000, 64, 0.1, 1e-3, 2.2),
    "stabilizing/resnet50": (25.5e6, IMAGENET, "90 epochs", 1024, 0.4, 4e-4, 30),
    "stabilizing/resnet50_iterative": (25.5e6, IMAGENET, "90 epochs", 1024, 0.4, 4e-4, 20),
    "stabilizing/inception_v3": (27.1e6, IMAGENET, "171 epochs", 1024, 0.03, 0.005, 30),
    "stabilizing/inception_v3_reference": (27.1e6, IMAGENET, "171 epochs", 1024, 0.66, 0.0206, 30),
    "stabilizing/squeezenet": (1.25e6, IMAGENET, "150 epochs", 1024, 0.66, 0.0318, 50),
    "stabilizing/squeezenet_reference": (1.25e6, IMAGENET, "150 epochs", 1024, 0.03, 0.005, 50),
    "early_phase/resnet20": (272e3, CIFAR, "160 epochs", 128, 0.1, 1e-3, 4.4),
    "early_phase/resnet56": (856e3, CIFAR, "160 epochs", 128, 0.1, 1e-3, 4.4),
    "early_phase/resnet18": (11.2e6, CIFAR, "160 epochs", 128, 0.1, 1e-3, 4.4),
    "early_phase/vgg13": (9.42e6, CIFAR, "160 epochs", 64, 0.1, 1e-3, 4.4),
    "early_phase/wrn16_8": (11.1e6, CIFAR, "160 epochs", 128, 0.1, 1e-3, 4.4),
    "unmasking/lenet": (266e3, MNIST, 24_000, 60, 12e-4, 12e-4, 1.15),
    "unmasking/small_cifar10": (19_754, CIFAR, 780, 128, 0.5, 0.005, 2.8),
    "unmasking/resnet20": (None, CIFAR, 62_400, 128, 0.1, 1e-3, 6.9),
    "unmasking/resnet18_cifar100": (None, CIFAR, 78_125, 128, 0.1, 8e-4, 3.5),
    "unmasking/resnet50": (None, IMAGENET, 15_970, 2048, 2.048, 0, 6.9),
    "sgd_noise/resnet18_cifar10": (None, CIFAR, "200 epochs", 100, 0.1, 0, 0.38),
    "sgd_noise/resnet18_cifar100": (None, CIFAR, "200 epochs", 100, 0.1, 0, 0.38),
    "sgd_noise/vgg16_cifar100": (None, CIFAR, "200 epochs", 100, 0.1, 0, 0.38),
    "sgd_noise/lenet_mnist": (266e3, MNIST, "200 epochs", 100, 0.1, 0, 3.5),
    "sgd_noise/small_cifar10": (262e3, CIFAR, "10 epochs", 100, 0.1, 0, 1.15),
    "sgd_noise/resnet34_tiny_imagenet": (None, TINY, "200 epochs", 100, 0.2, 0, 1.15),
}
every_row = pytest.mark.parametrize("row", ROWS)


@functools.cache
def load(row, kind, *bindings):
    return config.load(kind, [f"papers/{row}.gin"], list(bindings))[0]


def test_every_file_with_commands_is_a_row():
    papers = REPOSITORY / "gin" / "papers"
    files = [p for p in papers.rglob("*.gin") if "lth-imp: " in p.read_text()]
    assert {str(p.relative_to(papers).with_suffix("")) for p in files} == set(ROWS)


@every_row
def test_length_batch_and_rates(row):
    _, images, length, batch, highest, last, _ = ROWS[row]
    training = load(row, Imp)
    assert training.hparams.batch_size == batch
    if isinstance(length, str):
        length = int(length.split()[0]) * (images // batch)
    assert training.steps == length
    rates = training.hparams.schedule(range(training.steps))
    assert rates.max() == pytest.approx(highest, rel=1e-6)
    assert rates[-1] == pytest.approx(last, rel=1e-2, abs=1e-6)


@functools.cache
def counts_of(model):
    """Parameters of a network, which several files have."""
    return parameter_counts(network(model))


@every_row
def test_parameters_and_what_is_left_of_them(row):
    parameters, *_, percent = ROWS[row]
    imp = load(row, Imp)
    counts = counts_of(imp.model)
    if parameters is not None:
        # Some papers count moving statistics or biases that batch norm takes off; docs/models.md.
        close = [counts[name] == pytest.approx(parameters, rel=0.013) for name in counts]
        assert any(close[:2]), counts
    sizes = {"all": counts["prunable"]}
    assert 100 * densities(sizes, imp.search)[-1][2] == pytest.approx(percent, rel=0.05)


@pytest.mark.parametrize("row", [row for row in ROWS if row.startswith("sgd_noise/")])
def test_sgd_noise_is_swept_over_momentum_and_batch_size(row):
    found = config.load_sweep([f"papers/{row}.gin"], ["Sweep.experiments = ('Imp',)"], [])
    _, images, length, *_ = ROWS[row]
    epochs = int(length.split()[0])
    settings = {
        (imp.hparams.optimizer.momentum, imp.hparams.batch_size, imp.steps, imp.rewind_steps)
        for imp, _ in found
    }
    assert settings == {
        (
            momentum,
            batch,
            epochs * (images // batch),
            (0, max(1, epochs // 100) * (images // batch)),
        )
        for momentum in (0.0, 0.9)
        for batch in (100, 256)
    }
    assert all(imp.hparams.schedule.end == imp.steps for imp, _ in found)


def test_both_weight_decays_of_sgd_noise_are_one_binding_away():
    file = "sgd_noise/resnet18_cifar10"
    assert load(file, Training).hparams.weight_decay == 5e-4
    assert load(file, Training, "Hparams.weight_decay = 1e-4").hparams.weight_decay == 1e-4


STABILIZING = [row for row in ROWS if row.startswith("stabilizing/")]


@pytest.mark.parametrize("row", STABILIZING)
def test_stabilizing_compares_four_copies_of_fig_2_and_two_of_fig_6(row):
    """18 and 3 samples (figs 3 and 10), on 45,000 images of CIFAR-10 (section 3)."""
    imp, instability = load(row, Imp), load(row, Instability)
    large = ROWS[row][1] == IMAGENET
    assert instability.copies == ((0, 1) if large else (0, 1, 2, 3))
    assert instability.initializations == ((0, 1, 2, 3, 4) if large else (0, 1, 2))
    assert instability.levels == (imp.search.levels,)
    # The first copy's noise is the search's: the dense end of pruning is what was pruned.
    assert instability.copies[0] == instability.search.noise
    assert instability.networks == ("imp", "random_pruning")
    cifar = ROWS[row][1] == HELD_OUT
    assert imp.task.train_split == ("train[:90%]" if cifar else "train")


# The deepest level of figs 1, 5 and 9, and the steps of fig. 5.
@pytest.mark.parametrize("network, deepest, steps", [
    ("resnet20", 14, (0, 500)), ("resnet20_warmup", 14, (0,)), ("vgg19", 21, (0, 100)),
    ("vgg19_low", 21, (0,)), ("lenet", 15, (0, 500)),
])  # fmt: skip
def test_stabilizing_shows_accuracy_to_the_deepest_level(network, deepest, steps):
    files = [f"papers/stabilizing/{network}.gin", "papers/stabilizing/figures/all_levels.gin"]
    found = [experiment for experiment, _ in config.load_sweep(files, [], [])]
    (imp,), (fresh,) = ([e for e in found if isinstance(e, kind)] for kind in (Imp, Instability))
    assert (imp.search.levels, imp.rewind_steps) == (deepest, steps)
    assert fresh.levels == tuple(range(1, deepest + 1))
    assert (fresh.networks, fresh.rewind_steps) == (("random_reinitialization",), (0,))


def test_stabilizing_compares_four_scores_and_reinitializes_the_tickets_of_one():
    files = ["papers/stabilizing/lenet.gin", "papers/stabilizing/figures/scores.gin"]
    found = [experiment for experiment, _ in config.load_sweep(files, [], [])]
    searches = [type(e.search.score).__name__ for e in found if isinstance(e, Imp)]
    assert searches == ["Magnitude", "Snip", "Grasp", "SynFlow"]
    fresh = [e for e in found if "random_reinitialization" in getattr(e, "networks", ())]
    assert [type(e.search.score).__name__ for e in fresh] == ["Magnitude"]
    assert {e.rewind_steps for e in found} == {(0,)}


def test_unmasking_decays_as_loshchilov_and_hutter_do():
    hparams = load("unmasking/resnet50", Imp).hparams
    assert hparams.decay == "decoupled"
    # At the highest rate a step takes off 5e-4 of a weight; the rate is a factor of the decay here.
    assert hparams.schedule([5000])[0] * hparams.weight_decay == pytest.approx(5e-4, rel=1e-3)
