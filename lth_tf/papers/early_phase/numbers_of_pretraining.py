"""What early_phase prints of pretraining: section 6, figures 9, 10 and A12."""

from lth_tf.analysis.course import ShortestPretraining
from lth_tf.analysis.statistics import Difference
from lth_tf.papers.early_phase.compared import ACCURACY, MAIN, imp, less
from lth_tf.papers.early_phase.kinds import LENGTHS, PRETEXTS, pretrained
from lth_tf.papers.rows import ends
from lth_tf.report.paper import Printed

_EPOCH = 390  # steps of ResNet-20
_BLUE = "rewound to 0"
_UP_TO_10 = ("about", "'for up to 10 epochs provides no improvement'")
_LONGER = ("below", "'for longer begins to hurt accuracy'")
_SIMILAR = (
    "'similar in performance to those found after training on the original task for 500 iterations'"
)

_RANDOM_LABELS = (
    less("Figure 9", f"{epochs} epochs on random labels less that of IMP {_BLUE}",
         ends(pretrained("random_labels", epochs)), imp(0),
         *(_UP_TO_10 if epochs <= 10 else _LONGER))
    for epochs in LENGTHS
)  # fmt: skip


def _self_supervised(key: str) -> tuple[Printed, Printed]:
    networks = tuple((epochs * _EPOCH, pretrained(key, epochs)) for epochs in LENGTHS)
    return (
        less("Figure 9", f"40 epochs on {PRETEXTS[key]} less that of IMP rewound to 500",
             ends(pretrained(key, 40)), imp(500), "about", _SIMILAR),
        Printed("Figure 9", f"shortest pre-training on {PRETEXTS[key]} that serves as well as "
                "500 steps, over these", "", ShortestPretraining(networks, 500), {MAIN: 32},
                "about", "'40 compared to 1.25, or a factor of 32'"),
    )  # fmt: skip


_BOTH = (
    *(less("Figure 9", f"{epochs} epochs on both at once less that of IMP {_BLUE}",
           ends(pretrained("rotation_blur", epochs)), imp(0), "about",
           "'no amount of pre-training' makes it 'tangibly better'")
      for epochs in LENGTHS),
    Printed("Figure A12", f"accuracy of 40 epochs on both at once less that of IMP {_BLUE}",
            "points", Difference(ends(pretrained("rotation_blur", 40)), imp(0), ACCURACY),
            {"vgg13": 0}, "above",
            "'trainable sub-networks are found for VGG-13'; after how long, is not said"),
)  # fmt: skip
_AFTER_ROTATION = (
    *(less("Figure 10", f"{what} sub-networks, pre-trained, less that of IMP {_BLUE}",
           ends(f"{network}_after_rotation", 500), imp(0), "about",
           "'found no benefit beyond rewinding to iteration 0'")
      for network, what in (("imp", "IMP"), ("initial_weights", "initial weights of IMP"),
                            ("random_reinitialization", "randomly reinitialized"),
                            ("random_pruning", "randomly pruned"))),
    less("Figure 10", "IMP rewound to 500, pre-trained, less that without",
         ends("imp_after_rotation", 500), imp(500), "below", "'actually hurts final accuracy'"),
)  # fmt: skip

PRINTED = (
    *_RANDOM_LABELS, *_self_supervised("rotation"), *_self_supervised("blur"), *_BOTH,
    *_AFTER_ROTATION,
)  # fmt: skip
