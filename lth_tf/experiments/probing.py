"""Linear probes of frozen networks, on their own task or on another (sgd_noise sec. 5.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.data import ForgottenSubset
from lth_tf.experiments import tickets
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.search import Slots, labels_of
from lth_tf.log.fields import Axis
from lth_tf.measurements import EvaluateHead, EvaluateHeads
from lth_tf.models.probe import Probes
from lth_tf.recipes import HeadMask, Mask, Model, NewHead, Ones, Recipe, Weights, require
from lth_tf.recipes.fields import Count, Seed
from lth_tf.recipes.training import At, Init, train
from lth_tf.training.hparams import Hparams

Kind = Literal["imp", "random_pruning", "dense", "trained_dense", "retrained_dense"]


@dataclass(frozen=True, eq=False, repr=False)
class Probing(tickets.Tickets):
    """Trains a linear layer after each of some blocks of networks that are probed.

    The networks are those of a search for tickets, in the setting of the experiment; a probe's row
    has their model and dataset. All weights but the probes' stay as they are; batch norm's
    statistics move on, as those of an untrained network are none. One run trains all probes of a
    network, each as it would be alone.

    Attributes:
      search: how masks are found. Its levels bound `levels`.
      levels: the levels whose networks are probed.
      networks: which: 'imp', the untrained ticket m * W_k; 'random_pruning', W_k under m with each
        layer's entries permuted; 'dense', W_k; 'trained_dense', the dense network at the end of its
        training; 'retrained_dense', W_0 that is not frozen, but trained as a whole with its one
        probe for a head: the most that there is to reach on `head_task`.
      rewind_steps, trunk_noise, slots: as for Imp.
      blocks: after which of the network's blocks, from 1; () for all.
      head_task: what probes are trained and evaluated on; None for the networks' own task.
      head_hparams, head_steps: how probes are trained, and for how many steps.
      head_classes, head_image_shape: of `head_task`; 0 and () for the network's own.
      head_noise: seed of the SGD noise of the probes. They start from the seed of W_0.
    """

    AXES: ClassVar[tuple[Axis, ...]] = (
        Axis("block", "-", "The block after which a probe is, from 1."),
        Axis("target", "-", "The dataset that the probe is trained on."),
        tickets.AXES[0],  # searched_with
    )

    head_hparams: Hparams
    head_steps: Count
    levels: tuple[int, ...] = ()
    networks: tuple[Kind, ...] = ("imp",)
    rewind_steps: tuple[int, ...] = (0,)
    trunk_noise: Seed = 0
    slots: Slots = "reset"
    blocks: tuple[int, ...] = ()
    head_task: Recipe | None = None
    head_classes: int = 0
    head_image_shape: tuple[int, ...] = ()
    head_noise: Seed = 0

    def check(self) -> None:
        super().check()
        self.require_rewind_steps(min(self.steps, self.search_setting.steps))
        known = not isinstance(getattr(self._head_task, "subset", None), ForgottenSubset)
        allowed = "a task without a ForgottenSubset, which no probe is trained on"
        require(known, self, "head_task", allowed)
        require(len(self.networks) > 0, self, "networks", "one kind of network or more")
        sparse = {"imp", "random_pruning"} & {*self.networks}
        self.require_levels("levels", 1, self.search.levels, needed=len(sparse) > 0)
        count = len(self.model.blocks)
        allowed = f"rising blocks from 1 to {count}, as many as {self.model.title} has"
        fine = count > 0 and all(1 <= b <= count for b in self.blocks)
        require(fine and [*self.blocks] == sorted({*self.blocks}), self, "blocks", allowed)
        one = "retrained_dense" not in self.networks or len(self._blocks) == 1
        require(one, self, "blocks", "one block, where 'retrained_dense' is trained with its probe")
        networks = len(sparse) * len(self.levels) + 2
        self.require_few_measurements(networks=networks, blocks=len(self._blocks))

    @property
    def _blocks(self) -> tuple[int, ...]:
        return self.blocks or tuple(range(1, len(self.model.blocks) + 1))

    @property
    def _head_task(self) -> Any:
        return self.head_task or self.task

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        yield from super().trainings()
        yield self._probes, self._head_task, self.head_hparams

    def requests(self) -> Iterator[Request]:
        for initialization in self.initializations:
            if "retrained_dense" in self.networks:
                w0, ones = Init(self.model, initialization), Ones(self.model)
                yield from self._rows("retrained_dense", w0, ones, 0, "all")
            for k in self.rewind_steps:
                for network, weights, mask in self._networks(initialization, k):
                    yield from self._rows(network, weights, mask, k, "head")

    def _networks(self, initialization: int, k: int) -> Iterator[tuple[str, Weights, Mask]]:
        """Yields name, weights and mask of each frozen network to probe."""
        for level in self.levels_from(initialization, k):
            if level.number == 0 and "dense" in self.networks:
                yield "dense", level.rewound, level.mask
            if level.number == 0 and "trained_dense" in self.networks:
                yield "trained_dense", level.end, level.mask
            networks = level.networks if level.number in self.levels else {}
            for kind in self.networks:
                if kind in networks:
                    name = self.search.score.NETWORK if kind == "imp" else kind
                    yield name, *networks[kind]

    @property
    def _probes(self) -> Probes:
        classes = self.head_classes or self.model.classes
        shape = self.head_image_shape or self.model.image_shape
        return Probes(self.model, self._blocks, classes, shape)

    def _rows(
        self, network: str, weights: Weights, mask: Mask, k: int, trained: Literal["head", "all"]
    ) -> Iterator[Request]:
        """Yields rows about the probes: the error of the network and the linear layer on it."""
        probes, task = self._probes, self._head_task
        start = NewHead(weights, probes, weights.initial.seed)
        head_mask = Ones(probes) if mask.is_dense else HeadMask(mask, probes)
        how = (self.head_hparams, self.head_noise)
        run = train(start, head_mask, task, *how, trained=trained)
        end = At(run, self.head_steps)
        searched = self.search_setting
        labels = {"rewind_step": k, "dataset": searched.task.title}
        labels = labels_of(run, network, mask.level) | labels
        searched_with = tickets.setting_in_words(searched.hparams)
        axes = {"target": task.title, "searched_with": searched_with}
        heads, settings = EvaluateHeads(end, task), self.search.settings_of(mask.level)
        if network not in ("dense", "retrained_dense"):  # of W_k and W_0
            settings |= {"Probing.steps": searched.steps}  # A row's step is the probe's.
        for head, block in enumerate(self._blocks):
            measured, place = EvaluateHead(heads, head), {"block": block, **axes}
            yield Request(measured, mask, end, labels, place, settings)
