"""The figures and appendices of unmasking, in the order in which they appear.

Captions are the paper's, cut to what a panel shows. A point is of one run of each of 4 replicates.
"""

from lth_tf.figures.against_density import AdaptiveRatio
from lth_tf.figures.curves import Curves
from lth_tf.figures.figure import Figure
from lth_tf.figures.landscape import Connectivity, Planes
from lth_tf.papers.unmasking.networks import NETWORKS
from lth_tf.papers.unmasking.texts import ADAPTIVE, DIAGRAM, IMP, SETTINGS
from lth_tf.report.paper import Table, Text

_EVERY = tuple(NETWORKS)

ITEMS: tuple[Figure | Table | Text, ...] = (
    DIAGRAM,
    Figure("2", "Error connectivity of IMP: the error along a piecewise linear path connecting "
           "each level L solution to the L + 1 solution for 3 different rewind steps; the same of "
           "the step that produces matching subnetworks; the maximal error between all pairs of "
           "solutions at different levels, from that step.",
           Connectivity(), ("resnet50", "resnet20"), "connectivity"),
    Figure("3", "Two-dimensional slices of the error landscape spanned by the level L solution, "
           "its projection onto the axial subspace of the level L + 1 mask, and the level L + 1 "
           "solution, at three levels.",
           Planes(panels=3), ("resnet20", "resnet18_cifar100"), "planes"),
    Figure("4", "Adaptive pruning heuristic, compared to IMP with a fixed pruning ratio of 20% at "
           "each level.", AdaptiveRatio(), ("resnet18_cifar100",), "adaptive"),
    ADAPTIVE,
    Table("2.2", "What the text says of the other networks: levels to the sparsest density at "
          "which IMP matches, and the first ratio that the heuristic takes.",
          ("resnet20", "resnet50"), "adaptive", called="Section"),
    IMP,
    SETTINGS,
    Table("D", "Pruning a dense network: barriers between the dense network and level 1, or the "
          "dense network that is trained from a perturbed rewind point, and its instability; over "
          "ε, the standard deviation of the dense network's error.",
          _EVERY, "perturbation", called="Appendix"),
    Figure("5", "Error and rewind steps for IMP.",
           Curves("Test error at every level", "evaluation", ("test_error",), "test error (%)",
                  x="level", lines="rewind_step", panels="", spread="band",
                  only={"network": ("dense", "imp")}), _EVERY, "connectivity"),
    Figure("6", "The same plots as Figure 2.", Connectivity(), _EVERY, "connectivity"),
    *(Figure(number, f"All the projection levels for {dataset}: the slice determined at each "
             "level L by the solution found there, its projection onto the axial subspace, and "
             "the solution found at level L + 1.", Planes(), (network,), "planes")
      for number, network, dataset in (("7", "resnet20", "CIFAR-10"),
                                       ("8", "resnet18_cifar100", "CIFAR-100"))),
)  # fmt: skip
