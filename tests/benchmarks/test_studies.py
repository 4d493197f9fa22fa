"""The cost of the studies: counts of the shipped files, operations by hand, and what docs say."""

from pathlib import Path

import pytest
import studies
import yardsticks
from settings import NETWORKS

from lth_tf import papers
from lth_tf.papers.costs import COSTS
from lth_tf.report.costs import ACCELERATORS, Cost, total

ROOT = Path(__file__).parents[2]


def counted(name, file):
    paper = papers.load(name)
    return studies.count(paper, file)


def test_lenet_of_stabilizing_is_counted_as_by_hand():
    got = counted("stabilizing", "lenet")
    assert got == COSTS["stabilizing"]["lenet"]
    # 28 x 28 - 300 - 100 - 10: forward, to the weights, and to all inputs but the images.
    first, rest = 784 * 300, 300 * 100 + 100 * 10
    assert got.examples == 60 * got.steps
    assert got.operations == got.examples * 2 * (2 * first + 3 * rest)
    # Ten levels after the dense network, each of which waits for the one before.
    assert got.chain_steps == 11 * 50_000
    assert got.chain_operations == 60 * got.chain_steps * 2 * (2 * first + 3 * rest)


@pytest.mark.parametrize("name, file", [("unmasking", "resnet20"), ("sgd_noise", "vgg16_cifar100")])
def test_what_is_written_is_what_is_counted(name, file):
    assert counted(name, file) == COSTS[name][file]


def test_every_network_of_every_paper_is_counted():
    for name in papers.PAPERS:
        files = {network.file for network in papers.load(name).networks.values()}
        assert set(COSTS[name]) == files


@pytest.mark.parametrize(
    "name, multiply_adds",
    [
        ("lenet", 784 * 300 + 300 * 100 + 100 * 10),
        ("vgg16", 313_201_664),
        # As torchvision counts them; its SqueezeNet has a stem without padding.
        ("resnet50", 4_089_184_256),
        ("squeezenet", 832_667_936 + (112**2 - 111**2) * 49 * 3 * 96),
    ],
)
def test_operations_of_networks(name, multiply_adds):
    assert yardsticks.forward_operations(NETWORKS[name].build()) == 2 * multiply_adds


def test_accelerators_have_published_rates_of_resnet50():
    h100, tpu = ACCELERATORS
    assert h100.images_per_second == pytest.approx(7006, abs=1)
    assert tpu.images_per_second == pytest.approx(3445, abs=1)
    operations = yardsticks.step_operations(NETWORKS["resnet50"].build())
    assert h100.rate == operations * 56_050 / 8
    assert h100.hours(operations * 56_050 / 8 * 3600) == pytest.approx(1)


def test_totals_are_sums_and_the_longest_chains():
    got = total([Cost(1, 2, 3, 4, 5, 6), Cost(10, 20, 30, 40, 4, 7)])
    assert got == Cost(11, 22, 33, 44, 5, 7)


@pytest.mark.parametrize(
    "number, text", [(0, "0"), (999, "999"), (999.6, "1 k"), (4_483_200, "4.48 M"), (2e12, "2 T")]
)
def test_short_numbers(number, text):
    assert studies.short(number) == text


def test_the_docs_have_what_the_program_prints():
    assert studies.markdown() in (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")


def test_the_counts_in_the_package_begin_as_the_program_writes_them():
    assert studies.WRITTEN.read_text(encoding="utf-8").startswith(studies.HEAD)
