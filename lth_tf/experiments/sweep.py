"""A sweep: the same experiments at every point of a product of bindings."""

from dataclasses import dataclass

from lth_tf.recipes import Recipe


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Recipe):
    """The axes of a product, at whose points the experiments of gin files are run.

    Attributes:
      over: the axes, each a binding whose value lists the values to take, as text:
        'INITIALIZATIONS = [(0,), (1,), (2,)]', 'MODEL = [@Lenet(), @Resnet()]'; or, for whole
        files, 'include = ["papers/lmc/lenet.gin", "papers/lmc/resnet20.gin"]'.
      experiments: which kinds are run, by name, such as ('Imp',); all that have a model if empty.
    """

    over: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
