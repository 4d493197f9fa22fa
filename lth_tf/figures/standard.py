"""The standard figures, which suit any log."""

from collections.abc import Iterator
from typing import Any

from lth_tf.analysis.points import split
from lth_tf.analysis.selections import LevelName, levels, of_level
from lth_tf.analysis.variants import densities_as_levels
from lth_tf.figures import forms
from lth_tf.figures.best import BestOfSteps
from lth_tf.figures.chart import Chart
from lth_tf.figures.connectivity import Connectivity
from lth_tf.figures.curves import Curves
from lth_tf.figures.figure import Figure, Form
from lth_tf.figures.forms import both
from lth_tf.figures.onsets import Onsets
from lth_tf.figures.perturbed import AgainstDeviation
from lth_tf.figures.planes import Planes
from lth_tf.figures.ratios import AdaptiveRatio
from lth_tf.figures.telemetry import CURVATURE, AlongTraining
from lth_tf.log.schema import Row, all_fields, kinds

_STANDARD: tuple[tuple[str, str, Form], ...] = (
    (
        "accuracy_against_density",
        "Test accuracy against the weights left, for each rewinding step.",
        Curves("Accuracy against density", "evaluation", ("test_accuracy",), "test accuracy (%)",
               x="density", panels="rewind_step", band=True, from_dense=True, size=(3.4, 2.5)),
    ),
    (
        "error_along_interpolation",
        "Train and test error on the line between two copies.",
        forms.along_the_line(),
    ),
    (
        "instability_against_rewinding_step",
        "Instability of each kind of network against the rewinding step k.",
        forms.instability("Instability against rewinding step"),
    ),
    (
        "error_against_rewinding_step",
        "Test error of the sparse networks against the rewinding step k, the dense one as a band.",
        Curves("Test error against rewinding step", "evaluation", ("test_error",),
               "test error (%)", band=True),
    ),
    (
        "stability_against_rewinding_step",
        "L2 distance between copies, and between dense and sparse network, against the step k.",
        forms.stabilities("L2 distances", "l2_distance"),
    ),
    (
        "angle_against_rewinding_step",
        "Angle between copies, and between dense and sparse network, against the step k.",
        forms.stabilities("Angles", "angle"),
    ),
    (
        "restarted_schedule",
        "Test instability of copies trained for T - k steps, and for T on a restarted clock.",
        forms.restarted(panels="network", fewest=2),
    ),
    (
        "first_stable_and_matching_step",
        "The median k from which subnetworks are stable and matching, against the weights left.",
        Onsets(),
    ),
    (
        "extreme_sparsity",
        "Accuracy under the best k and of IMP and the baselines at k = 0.",
        BestOfSteps(),
    ),
    (
        "error_at_rewinding",
        "Error of the dense network at steps of its training.",
        forms.error_at_k("Error of the dense network through training"),
    ),
    (
        "loss_through_training",
        "Loss of the dense network through training.",
        Curves("Loss of the dense network through training", "along_training", both("loss"),
               "loss (nats)", x="step", lines="y", panels="", spread="band", y_kind="log",
               fewest=3),
    ),
    (
        "distances_at_rewinding",
        "L2 distance from initialization to k, from k to the end, between ends.",
        forms.distances_at_k(panels="network"),
    ),
    (
        "instability_through_training",
        "Instability between copies at every step measured, a line for each k.",
        forms.through_training(("test_instability",), panels="network"),
    ),
    (
        "instability_at_every_level",
        "Test instability against the rewinding step k, a panel for each level.",
        forms.every_level("Instability", "instability", "test_instability", limit=True,
                          only={"level": tuple(range(1, 1000))}),
    ),
    (
        "error_at_every_level",
        "Test error against the rewinding step k, a panel for each level, dense as a band.",
        forms.every_level("Test error", "evaluation", "test_error", over="initializations",
                          band=True),
    ),
    (
        "weight_distances",
        "L2 and cosine distance between copies.",
        Curves("Distance between copies", "between_copies", ("l2_distance", "cosine_distance"),
               "", from_zero=True),
    ),
    (
        "different_classifications",
        "How many examples two copies classify differently.",
        forms.comparison("Classifications that differ", both("differences"), "examples"),
    ),
    (
        "different_classifications-against_dense",
        "How many examples a copy of a sparse network and one of the dense classify differently.",
        forms.comparison("Classifications that differ from the dense network's",
                         both("differences"), "examples", "unlike"),
    ),
    (
        "telemetry",
        "Accuracy, weights and distances of the dense network along its training.",
        AlongTraining("Telemetry of training", last=10**9),
    ),
    (
        "curvature",
        "The largest and the most negative eigenvalue of the Hessian along training.",
        CURVATURE,
    ),
    (
        "accuracy_against_effective_deviation",
        "Accuracy of perturbed subnetworks against how far they were moved.",
        AgainstDeviation(),
    ),
    (
        "loss_distances",
        "L2 distance of the losses by example of two copies.",
        forms.comparison("L2 distance of the losses by example", both("loss_distance"),
                         "L2 distance (nats)"),
    ),
    (
        "levels_connectivity",
        "Error on the lines from each level of a search to the next, and between all levels.",
        Connectivity(),
    ),
    (
        "planes",
        "Error in the plane through a level, its projection and the next level.",
        Planes(),
    ),
    (
        "adaptive_ratio",
        "Accuracy against the weights left, of IMP with a fixed and with an adaptive ratio.",
        AdaptiveRatio(),
    ),
)  # fmt: skip
STANDARD = tuple(Figure(name, caption, form) for name, caption, form in _STANDARD)


def figures_of(rows: list[Row]) -> list[Figure]:
    """Returns the figures that suit rows: the standard ones, and those of axes of their own."""
    found = list(STANDARD)
    for (kind,), members in split(rows, "kind").items():
        measured = [f.name for f in kinds()[kind].values if f.type in ("number", "fraction")]
        found += [_against(axis, kind, name) for axis in axes_in(members) for name in measured]
    return found


def axes_in(rows: list[Row]) -> list[str]:
    """Returns the axes of rows whose values are all numbers, which figures have for x."""
    values: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row["axes"].items():
            values.setdefault(name, []).append(value)
    return [n for n, v in values.items() if all(isinstance(x, int | float | None) for x in v)]


def _against(axis: str, kind: str, name: str) -> Figure:
    words, percent = name.replace("_", " "), all_fields()[name].unit == "of 1"
    y_name = f"{words} (%)" if percent else words
    form = Curves(f"{words[0].upper()}{words[1:]} against {axis}", kind, (name,), y_name, x=axis,
                  panels="rewind_step", fewest=2)  # fmt: skip
    return Figure(f"{name}_against_{axis}", f"{words} of every {kind} against {axis}.", form)


def charts(form: Form, rows: list[Row], subject: str) -> Iterator[tuple[str, Chart]]:
    """Yields (ending of a file name, chart) for every level of sparsity that a form is about.

    Those of one level are of those whose instability was measured; else of its sparsest one.

    Args:
      rows: of one model and dataset, done.
      subject: what they are of.
    """
    rows = densities_as_levels(rows)
    if form.every_level:
        yield from ((chart.ending, chart) for chart in form.charts(rows, subject))
        return
    every = levels(rows)
    measured = list(levels([row for row in rows if row["kind"] == "instability"]))
    chosen = measured or list(every)[-1:]
    pruned = {row["level"] for row in form.select(rows)} - {0}
    own = [level for level in every if level[0] in pruned]
    shown: list[LevelName | None] = list([each for each in own if each in chosen] or own[-1:])
    for level in shown or [None]:
        found = of_level(rows, level[0]) if level else [row for row in rows if row["level"] == 0]
        ending = f"-level_{level[0]}-{level[1].replace('%', '_percent')}" if level else ""
        for chart in form.charts(found, subject):
            yield ending + chart.ending, chart
