"""The runs of the five papers' full studies, counted as the package shares them.

A part of a study is a number of equal runs, written as the product that it comes from. Trunks are
the dense runs of each search from k = 0, so they are not runs of their own.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from networks_on_paper import Network

# Training images.
IMAGENET, CIFAR = 1_281_167, 50_000
LMC = "lmc"
STABILIZING = "stabilizing"
EARLY_PHASE = "early_phase"
UNMASKING = "unmasking"
SGD_NOISE = "sgd_noise"

# What the papers do not say. Where k is unknown or small, runs are counted at full length.
ASSUMED = {
    LMC: "k as in the gin files (LeNet 0, 100, 500, 2000; CIFAR-10 0, 250, 500, 1000, 2000), for "
    "ImageNet 5 epochs up to the first stable one; figure 10 goes 3 levels beyond the extreme one "
    "for the standard settings, and has 8 one-shot densities for ImageNet.",
    STABILIZING: "15 rewinding points for MNIST and CIFAR-10, 5 for ImageNet with 6 one-shot "
    "densities, 2 copies and 8 levels of iterative pruning; SqueezeNet in batches of 1024. The 18 "
    "samples of 3 trials are taken as the 6 pairs of 4 copies. The paper says more than 6500 "
    "networks, and more than 600 for ImageNet; here they come to 6,990 and 765.",
    EARLY_PHASE: "all networks have the 6 rewinding points and 14 levels of figure 1; 17 "
    "perturbations (14 in figure 8, one more in figure 4, two in a footnote) at k = 500 and 2000, "
    "on all levels; 5 lengths of each pretraining, up to 40 epochs; 4 kinds of sparse pretraining.",
    UNMASKING: "adaptive pruning of CIFAR-100 only, 7 levels; one perturbed and one more dense run "
    "a replicate; ImageNet without the additional algorithms that make it faster.",
    SGD_NOISE: "ResNet-34 with the stem of CIFAR on 64 x 64 images, VGG-16 in its form for CIFAR; "
    "easiest and hardest subsets of 4 sizes; few-shot runs last 200 epochs of their subset. Linear "
    "probes and transfers train only heads: not counted.",
}


@dataclass(frozen=True)
class Part:
    """Equal runs of one kind.

    Attributes:
      what: the kind.
      factors: their number as a product.
      steps: of each, the mean where they start at different k.
      batch: examples a step.
      chain: how many of them have to be trained one after the other.
      states: how many states of each are kept.
      masks: how many masks each gives.
    """

    what: str
    factors: tuple[int, ...]
    steps: float
    batch: int
    chain: int = 1
    states: int = 1
    masks: int = 0

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return math.prod(self.factors)

    @property
    def formula(self) -> str:
        """The kind and the product."""
        return f"{self.what} {'·'.join(map(str, self.factors))}"


@dataclass(frozen=True)
class Study:
    """Everything that a paper does with one network.

    Attributes:
      paper: its short name.
      setting: network and hyperparameters.
      network: what is trained.
      parts: its runs.
      slots: arrays that the optimizer keeps for each weight.
    """

    paper: str
    setting: str
    network: Network
    parts: tuple[Part, ...]
    slots: int = 1


def imp(factors: tuple[int, ...], levels: int, steps: float, batch: int, masks: int = 1) -> Part:
    """Searches for masks: the dense run and one at each level, each waiting for the one before."""
    return Part("IMP", (*factors, levels + 1), steps, batch, levels + 1, masks=masks)


def lmc(
    setting: str, network: Network, end: int, points: Iterable[int], levels: int, batch: int
) -> Study:
    """Searches from every k; 3 copies of dense, IMP, random pruning and random reinitialization."""
    points, everything = tuple(points), setting.endswith("standard")
    steps, shown = end - fmean(points), levels + (3 if everything else 0)
    each = (3, len(points))
    epoch_ends = end // (CIFAR // batch) if everything else 1
    parts = [
        imp(each, shown, steps, batch),
        Part("copies", (2, *each, 3), steps, batch, states=epoch_ends),
        Part("copies of baselines", (2, *each, 3), steps, batch, masks=1),
        Part("baselines at k=0", (1 if everything else 2, 3, shown - 1), end, batch, masks=1),
    ]
    if everything:
        parts += [
            Part("copies at all levels", (2, *each, 3, shown - 1), steps, batch),
            Part("copies for T steps", (3, len(points) - 1, 3), end, batch),
        ]
    return Study(LMC, setting, network, tuple(parts), slots=2 if batch == 60 else 1)


def one_shot(setting: str, network: Network, epochs: int, points: tuple[int, ...]) -> Study:
    """Returns lmc on ImageNet: one-shot tickets of 8 densities, and copies as elsewhere."""
    epoch = IMAGENET // 1024
    steps, each = epoch * (epochs - fmean(points)), (3, len(points))
    parts = (
        Part("dense", each, steps, 1024, masks=8),
        Part("tickets", (*each, 8), steps, 1024, chain=2),
        Part("copies", (4, *each, 3), steps, 1024),
        Part("baselines at k=0", (2, 3, 8), epoch * epochs, 1024, masks=1),
    )
    return Study(LMC, setting, network, parts)


def stabilizing(
    setting: str, network: Network, settings: int, end: int, levels: int, batch: int
) -> Study:
    """Searches from 15 points, 4 copies of tickets and of random masks, reinitialization, SNIP."""
    each = (settings, 3, 15)
    parts = [
        imp(each, levels, end, batch),
        Part("copies", (2, *each, 4), end, batch),
        Part("reinitialized", (settings, 3, levels), end, batch),
    ]
    if batch != 60:
        parts.append(Part("SNIP", (3, levels), end, batch, masks=1))
    return Study(STABILIZING, setting, network, tuple(parts), slots=2 if batch == 60 else 1)


def stabilizing_imagenet(network: Network, epochs: int, iterative: bool, slots: int = 1) -> Study:
    """Returns 5 trials: copies at 5 points, tickets of 6 densities three ways, iterative ones."""
    steps = epochs * (IMAGENET // 1024)
    parts = [
        Part("dense", (5, 5), steps, 1024, masks=6),
        Part("copies", (2, 5, 5, 2), steps, 1024, chain=2),
        Part("tickets", (3, 5, 6), steps, 1024, chain=2),
    ]
    if iterative:
        parts.append(Part("iterative", (3, 5, 8), steps, 1024, chain=9, masks=1))
    return Study(STABILIZING, network.name, network, tuple(parts), slots)


def early_phase(network: Network, batch: int) -> Study:
    """Returns 5 replicates: searches from 6 points, 17 perturbations at 2, 4 pretraining tasks."""
    epoch = CIFAR // batch
    end, pretraining = 160 * epoch, 40 * epoch
    parts = [
        imp((5, 6), 14, end, batch),
        Part("perturbed", (5, 2, 17, 14), end, batch),
        Part("pretraining", (5, 4), pretraining, batch, states=5),
        Part("IMP after it", (5, 4, 5, 15), end, batch, chain=15, masks=1),
    ]
    if network.name == "ResNet-20":
        parts.append(Part("sparse pretraining", (5, 4, 14), end + pretraining, batch))
    return Study(EARLY_PHASE, network.name, network, tuple(parts))


def unmasking(
    setting: str, network: Network, end: int, points: Iterable[int], levels: int, batch: int = 128
) -> Study:
    """Returns 4 replicates: searches from 3 points, a perturbed and a second dense run."""
    points = tuple(points)
    parts = [
        imp((4, len(points)), levels, end - fmean(points), batch),
        Part("dense", (2, 4), end - max(points), batch),
    ]
    if "CIFAR-100" in setting:
        parts.append(Part("adaptive", (4, 7), end - max(points), batch, chain=8, masks=1))
    return Study(UNMASKING, setting, network, tuple(parts))
