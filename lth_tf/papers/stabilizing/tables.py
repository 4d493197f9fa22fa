"""The cells of the tables of stabilizing, figs 2, 3, 6 and 10, as printed.

With a mean stands the ± that is printed with it: by the captions of figs 3 and 10 how far from it
the smallest or the largest sample is; figs 2 and 6 do not say, and are read alike.
"""

from typing import Any

# Test accuracy of the dense network, percent (figs 2 and 6).
DENSE = {
    "lenet": (98.0, 0.2), "resnet20": (90.5, 0.0), "resnet20_low": (89.1, 0.1),
    "resnet20_warmup": (89.6, 0.1), "vgg19": (91.5, 0.2), "vgg19_low": (92.0, 0.1),
    "vgg19_warmup": (92.3, 0.1), "resnet50": (76.1, 0.1), "inception_v3": (78.1, 0.1),
    "squeezenet": (54.8, 0.6),
}  # fmt: skip

# At k = 0: data order IMP, random, Comp, pruning IMP, random, Comp; L2 distances.
FIGURE_3: dict[str, tuple[Any, ...]] = {
    "lenet": ((20.7, 0.6), (58.6, 4.0), 2.8, (48.1, 0.6), (75.7, 0.5), 1.6),
    "resnet20": ((66.4, 0.7), (66.7, 1.1), 1.0, (54.4, 0.2), (53.4, 0.4), 1.0),
    "resnet20_low": ((7.1, 1.2), (28.9, 3.2), 4.1, (19.8, 1.4), (26.6, 0.1), 1.3),
    "resnet20_warmup": ((9.5, 0.1), (37.4, 1.9), 3.9, (24.8, 0.9), (34.6, 0.2), 1.4),
    "vgg19": ((285, 3), (245, 34), 0.8, (216, 1), (212, 1), 1.0),
    "vgg19_low": ((36.8, 2.6), (90.3, 0.7), 2.5, (44.0, 0.3), (66.1, 0.4), 1.5),
    "vgg19_warmup": ((97, 0.6), (267, 2), 2.7, (138, 1), (201, 1), 1.5),
}
# The same in degrees.
FIGURE_10: dict[str, tuple[Any, ...]] = {
    "lenet": ((22.7, 0.5), (49.2, 3.0), 2.2, (53.1, 0.8), (83.6, 1.1), 1.6),
    "resnet20": ((87.7, 1.2), (88.0, 1.4), 1.0, (87.7, 1.2), (88.0, 1.4), 1.0),
    "resnet20_low": ((16.1, 2.7), (75.8, 1.2), 4.7, (50.4, 4.8), (77.1, 0.4), 1.5),
    "resnet20_warmup": ((17.0, 0.2), (69.0, 3.8), 4.7, (49.9, 2.3), (79.0, 0.5), 1.6),
    "vgg19": ((88.5, 0.4), (88.3, 0.5), 1.0, (87.8, 0.2), (88.1, 0.2), 1.0),
    "vgg19_low": ((39.9, 2.1), (84.9, 0.6), 2.1, (54.0, 0.4), (79.0, 0.2), 1.5),
    "vgg19_warmup": ((39.9, 2.1), (84.6, 0.4), 2.1, (71.7, 0.3), (84.8, 0.2), 1.2),
}
# Test accuracy at k = 0 in both figures, percent: IMP, random.
ACCURACIES = {
    "lenet": ((98.3, 0.1), (97.5, 0.3)), "resnet20": ((87.7, 0.4), (87.7, 0.5)),
    "resnet20_low": ((89.1, 0.4), (86.1, 0.6)), "resnet20_warmup": ((90.3, 0.4), (86.8, 0.5)),
    "vgg19": ((90.0, 0.3), (90.2, 0.5)), "vgg19_low": ((91.0, 0.3), (88.0, 0.3)),
    "vgg19_warmup": ((92.4, 0.2), (90.3, 0.3)),
}  # fmt: skip

_REPEATED = "the cells of pruning repeat those of data order to the digit"
# Where the tables contradict themselves, by figure, network and column.
REMARKS = {
    ("Figure 10", "resnet20", "Pruning IMP"): _REPEATED,
    ("Figure 10", "resnet20", "Pruning Random"): _REPEATED,
    ("Figure 10", "resnet20_warmup", "Data order Comp"): "69.0 over 17.0 is 4.1",
    ("Figure 10", "vgg19_warmup", "Data order IMP"): "the cell repeats that of VGG-19 (low)",
    ("Figure 3", "vgg19", "Data order Comp"): "245 over 285 is 0.86",
}
