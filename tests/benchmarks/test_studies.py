"""The cost of the studies: counts and operations by hand, and what the docs say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import networks_on_paper as networks
import pytest
import rates_on_paper
import settings
import studies
import yardsticks
from networks_on_paper import Layer

from lth_tf.models.network import network, parameter_counts

ROOT = Path(__file__).parents[2]


def row(paper, setting):
    (found,) = [
        r for r in studies.report()["studies"] if (r["paper"], r["setting"]) == (paper, setting)
    ]
    return found


def test_lenet_of_lmc_is_what_the_package_plans():
    got = row("lmc", "LeNet")
    # lth-imp and lth-instability of lenet.gin: 336 different runs. Figure 10 adds 2 baselines at
    # k = 0 for 3 initializations and the 14 levels before the last.
    assert got["runs"] == 336 + 2 * 3 * 14
    assert got["steps"] == 4_483_200 + 7_565_400 - 180 * 23_350 + 84 * 24_000
    assert got["examples"] == 60 * got["steps"]
    assert got["operations"] == got["examples"] * 1_126_800
    assert got["chain_steps"] == 16 * 23_350
    # Adam: weights and two slots of 266,610 numbers in 4 bytes each; masks of 266,200 bytes.
    masks = 192 + 72 + 84
    assert got["bytes"] == got["runs"] * 3 * 266_610 * 4 + masks * 266_200
    assert got["hours"]["here float32"] == pytest.approx(got["steps"] * 0.54e-3 / 3600)


def test_resnet20_of_unmasking_by_hand():
    got = row("unmasking", "ResNet-20, CIFAR-10")
    assert got["counted"] == "IMP 4·3·13 + dense 2·4"
    assert got["runs"] == 4 * 3 * 13 + 2 * 4
    assert got["steps"] == 4 * 13 * (3 * 62_400 - 250 - 2000) + 8 * 60_400
    assert got["hours"]["here bfloat16"] == pytest.approx(got["steps"] * 83e-3 / 3600)


@pytest.mark.parametrize(
    "network, trained, multiply_adds",
    [
        (networks.lenet(), 266_610, 784 * 300 + 300 * 100 + 100 * 10),
        # Multiply-adds as in test_yardsticks.py, trained numbers as in Resnet's docstring.
        (networks.cifar_resnet(20), 272_474, 81_626_368 // 2),
        (networks.vgg(16), 14_724_042, 313_201_664),
        # torchvision's numbers of parameters; its SqueezeNet has a stem without padding.
        (networks.resnet50(), 25_557_032, 4_089_184_256),
        (networks.squeezenet(), 1_248_424, 832_667_936 + (112**2 - 111**2) * 49 * 3 * 96),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_networks(network, trained, multiply_adds):
    assert (network.trained, network.multiply_adds) == (trained, multiply_adds)


ON_PAPER = {
    "lenet": networks.lenet(),
    "resnet20": networks.cifar_resnet(20),
    "resnet56": networks.cifar_resnet(56),
    "resnet18_cifar_stem": networks.basic_resnet(
        "ResNet-18", (2, 2, 2, 2), Layer(1024, 9, 3, 64), 32, 10
    ),
    "resnet18_imagenet_stem": networks.basic_resnet(
        "ResNet-18", (2, 2, 2, 2), Layer(256, 49, 3, 64), 8, 10
    ),
    "vgg13": networks.vgg(13),
    "vgg16": networks.vgg(16),
    "vgg19": networks.vgg(19),
    "wrn16_8": networks.cifar_resnet(16, 16, 8),
    "resnet34_tiny_imagenet": networks.basic_resnet(
        "ResNet-34", (3, 4, 6, 3), Layer(4096, 9, 3, 64), 64, 200
    ),
    "resnet50": networks.resnet50(),
    "inception_v3": networks.inception_v3(),
    "squeezenet": networks.squeezenet(),
}


def test_every_network_of_the_zoo_is_on_paper():
    files = {path.stem for path in (ROOT / "gin" / "models").glob("*.gin")}
    small = {"resnet8"}  # what a record of every step costs is measured on it, too
    assert files == set(ON_PAPER) == set(settings.NETWORKS) - small


@pytest.mark.parametrize("name", ON_PAPER)
def test_networks_on_paper_are_those_that_are_built(name):
    paper, model = ON_PAPER[name], settings.NETWORKS[name].build()
    counts = parameter_counts(network(settings.NETWORKS[name]))
    assert (paper.trained, paper.prunable) == (counts["trainable"], counts["prunable"])
    assert paper.statistics == counts["total"] - counts["trainable"]
    assert 2 * paper.multiply_adds == yardsticks.forward_operations(model)
    assert paper.operations == yardsticks.step_operations(model)


def test_operations_of_a_training_step():
    assert networks.lenet().operations == 1_126_800
    assert networks.cifar_resnet(20).operations == 3 * 81_626_368 - 2 * 1024 * 9 * 3 * 16
    assert networks.cifar_resnet(20).statistics == 274_042 - 272_474


def test_rates_are_those_measured_or_published():
    got = rates_on_paper.rate_here(networks.resnet50(), "bfloat16")
    assert got == pytest.approx(128 * networks.vgg(16).operations / 237e-3)
    h100, tpu = rates_on_paper.ACCELERATORS
    assert h100.images_per_second == pytest.approx(7006, abs=1)
    assert tpu.images_per_second == pytest.approx(3445, abs=1)


def test_totals_are_sums():
    got = studies.report()
    everything = got["totals"][-1]
    assert [t["paper"] for t in got["totals"]] == [*got["assumed"], "all five"]
    assert everything["runs"] == sum(r["runs"] for r in got["studies"])
    assert everything["hours"]["H100"] == pytest.approx(
        sum(t["hours"]["H100"] for t in got["totals"][:-1])
    )


@pytest.mark.parametrize(
    "number, text", [(0, "0"), (999, "999"), (999.6, "1 k"), (4_483_200, "4.48 M"), (2e12, "2 T")]
)
def test_short_numbers(number, text):
    assert studies.short(number) == text


def test_the_docs_have_what_the_program_prints():
    assert studies.markdown() in (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")


def test_the_program_prints_json_without_tensorflow():
    code = "import sys; sys.modules['tensorflow'] = None; import studies; studies.run()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--format=json"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "benchmarks")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == studies.report()
