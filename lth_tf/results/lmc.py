"""The figures of lmc by their numbers: what draws each, from rows of the log.

    for ending, figure in FIGURES[9](rows, "LeNet 300-100 on mnist"): ...

Each takes the rows of one model and dataset, of any steps, without those that diverged.
"""

from collections.abc import Callable

from lth_tf.results import plots, plots_of_functions, plots_of_sparsity, plots_of_training
from lth_tf.results.groups import at_the_end
from lth_tf.results.plots import Drawn
from lth_tf.results.schema import Row

Draw = Callable[[list[Row], str], Drawn]


def _at_the_end(draw: Draw) -> Draw:
    return lambda rows, about: draw(at_the_end(rows), about)


_DRAWN: dict[tuple[int, ...], Draw] = {
    (2, 5, 19, 20, 21, 22): _at_the_end(plots.error_along_interpolation),
    (3, 6, 23): _at_the_end(plots.instability_against_rewinding_step),
    (4,): plots_of_training.restarted_schedule,
    (7,): _at_the_end(plots.error_against_rewinding_step),
    (9,): plots_of_sparsity.first_stable_and_matching_step,
    (10,): plots_of_sparsity.extreme_sparsity,
    (11,): plots_of_training.error_at_rewinding,
    (12, 13): plots_of_training.distances_at_rewinding,
    (14,): plots_of_training.instability_through_training,
    (15, 17): plots_of_sparsity.instability_at_every_level,
    (16, 18): plots_of_sparsity.error_at_every_level,
    (25, 26, 27, 28): plots_of_functions.weight_distances,
    (29, 30): plots_of_functions.different_classifications,
    (31, 32): plots_of_functions.loss_distances,
}
# The paper's number of a figure -> what draws it.
FIGURES: dict[int, Draw] = {number: draw for numbers, draw in _DRAWN.items() for number in numbers}
