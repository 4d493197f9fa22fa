"""The standard figures, which suit any log."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lth_tf.analysis.densities import densities_as_levels
from lth_tf.analysis.estimate import percent
from lth_tf.analysis.points import once, split, unique, where
from lth_tf.analysis.selections import levels, of_level
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import forms
from lth_tf.figures.against_density import AdaptiveRatio
from lth_tf.figures.chart import Chart, NamedChart
from lth_tf.figures.criteria import BestOfSteps, Onsets
from lth_tf.figures.curves import Curves
from lth_tf.figures.figure import Figure, Form
from lth_tf.figures.forms import both
from lth_tf.figures.landscape import Connectivity, Planes
from lth_tf.figures.palette import distinct, slug
from lth_tf.figures.perturbed import AgainstDeviation
from lth_tf.figures.telemetry import CURVATURE, AlongTraining
from lth_tf.log.fields import network_kind
from lth_tf.log.schema import Row, all_fields, kinds

STANDARD = (
    Figure("accuracy_against_density",
        "Test accuracy against the weights left, for each rewinding step.",
        Curves("Accuracy against density", "evaluation", ("test_accuracy",), "test accuracy (%)",
               x="density", panels="rewind_step", band=True, size=(3.4, 2.5))),
    Figure("error_along_interpolation",
        "Train and test error on the line between two copies.",
        forms.along_the_line()),
    Figure("instability_against_rewinding_step",
        "Instability of each kind of network against the rewinding step k.",
        forms.instability("Instability against rewinding step")),
    Figure("error_against_rewinding_step",
        "Test error of the sparse networks against the rewinding step k, the dense one as a band.",
        Curves("Test error against rewinding step", "evaluation", ("test_error",),
               "test error (%)", band=True)),
    Figure("stability_against_rewinding_step",
        "L2 distance between copies, and between dense and sparse network, against the step k.",
        forms.stabilities("L2 distances", "l2_distance")),
    Figure("angle_against_rewinding_step",
        "Angle between copies, and between dense and sparse network, against the step k.",
        forms.stabilities("Angles", "angle")),
    Figure("restarted_schedule",
        "Test instability of copies trained for T - k steps, and for T on a restarted clock.",
        forms.restarted(panels="network", fewest=2)),
    Figure("first_stable_and_matching_step",
        "The median k from which subnetworks are stable and matching, against the weights left.",
        Onsets()),
    Figure("extreme_sparsity",
        "Accuracy under the best k and of IMP and the baselines at k = 0.",
        BestOfSteps()),
    Figure("error_at_rewinding",
        "Error of the dense network at steps of its training.",
        forms.error_at_k("Error of the dense network through training")),
    Figure("loss_through_training",
        "Loss of the dense network through training.",
        Curves("Loss of the dense network through training", "along_training", both("loss"),
               "loss (nats)", x="step", lines="y", panels="", spread="band", y_kind="log",
               fewest=3)),
    Figure("distances_at_rewinding",
        "L2 distance from initialization to k, from k to the end, between ends.",
        forms.distances_at_k(panels="network")),
    Figure("instability_through_training",
        "Instability between copies at every step measured, a line for each k.",
        forms.through_training(("test_instability",), panels="network")),
    Figure("instability_at_every_level",
        "Test instability against the rewinding step k, a panel for each level.",
        forms.every_level("Instability", "instability", "test_instability", limit=True,
                          only={"level": tuple(range(1, 1000))})),
    Figure("error_at_every_level",
        "Test error against the rewinding step k, a panel for each level, dense as a band.",
        forms.every_level("Test error", "evaluation", "test_error", over="initializations",
                          band=True)),
    Figure("weight_distances",
        "L2 and cosine distance between copies.",
        Curves("Distance between copies", "between_copies", ("l2_distance", "cosine_distance"),
               "", from_zero=True)),
    Figure("different_classifications",
        "How many examples two copies classify differently.",
        forms.comparison("Classifications that differ", both("differences"), "examples")),
    Figure("different_classifications-against_dense",
        "How many examples a copy of a sparse network and one of the dense classify differently.",
        forms.comparison("Classifications that differ from the dense network's",
                         both("differences"), "examples", "unlike")),
    Figure("telemetry",
        "Accuracy, weights and distances of the dense network along its training.",
        AlongTraining("Telemetry of training", last=10**9)),
    Figure("curvature",
        "The largest and the most negative eigenvalue of the Hessian along training.",
        CURVATURE),
    Figure("accuracy_against_effective_deviation",
        "Accuracy of perturbed subnetworks against how far they were moved.",
        AgainstDeviation()),
    Figure("loss_distances",
        "L2 distance of the losses by example of two copies.",
        forms.comparison("L2 distance of the losses by example", both("loss_distance"),
                         "L2 distance (nats)")),
    Figure("levels_connectivity",
        "Error on the lines from each level of a search to the next, and between all levels.",
        Connectivity()),
    Figure("planes",
        "Error in the plane through a level, its projection and the next level.",
        Planes()),
    Figure("adaptive_ratio",
        "Accuracy against the weights left, of IMP with a fixed and with an adaptive ratio.",
        AdaptiveRatio()),
)  # fmt: skip


def figures_of(rows: list[Row]) -> list[Figure]:
    """Returns the standard figures, and every number of a kind of row against every axis of it.

    If a kind of row has labels that select networks, each combination of these has a figure.
    """
    figures = [*STANDARD, *_of_other_searches(rows)]
    for (kind,), members in split(rows, "kind").items():
        numbers = [f.name for f in kinds()[kind].values if f.type in ("number", "fraction")]
        labels = [f.name for f in kinds()[kind].labels if f.selects]
        groups = split(members, *labels)
        for values, group in groups.items():
            only = dict(zip(labels, values, strict=True))
            called = ", ".join(map(str, values)) if len(groups) > 1 else ""
            figures += [_against(axis, kind, name, only, called)
                        for axis in axes_in(group) for name in numbers]  # fmt: skip
    return figures


def _of_other_searches(rows: list[Row]) -> Iterator[Figure]:
    """Yields the figures of lines and planes of searches whose networks are not of kind 'imp'."""
    by_number = {"levels_connectivity": Connectivity, "planes": Planes}
    for (network,) in split(where(rows, kind=("connectivity", "plane")), "network"):
        for figure in STANDARD if network not in ("dense", "imp") else ():
            if figure.number in by_number:
                name, caption = f"{figure.number}-{slug(network)}", figure.caption.rstrip(".")
                form = by_number[figure.number](network=network)
                yield Figure(name, f"{caption}, of {network_kind(network).title}.", form)


def axes_in(rows: list[Row]) -> list[str]:
    """Returns the axes of rows whose values are all numbers, for the x of figures."""
    names = dict.fromkeys(name for row in rows for name in row["axes"])
    numbers = (int, float, type(None))
    return [n for n in names if all(isinstance(row["axes"].get(n), numbers) for row in rows)]


def _against(axis: str, kind: str, name: str, only: dict[str, Any], called: str) -> Figure:
    """Returns the figure of a number; `called` are its labels in words, '' for one group alone."""
    words = name.replace("_", " ")
    y = f"{words} (%)" if all_fields()[name].unit == "of 1" else words
    title, number = f"{words} against {axis}", f"{name}_against_{axis}"
    caption = f"{words} of every {kind} against {axis}"
    if called:
        title, number = f"{title}, {called}", f"{number}-{slug(called)}"
        caption = f"{caption}: {called}"
    form = Curves(title[0].upper() + title[1:], kind, (name,), y,
                  x=axis, panels="rewind_step", only=only, fewest=2)  # fmt: skip
    return Figure(number, f"{caption}.", form)


def charts(form: Form, rows: list[Row], subject: str) -> Iterator[tuple[str, Chart]]:
    """Yields (ending of a file name, chart) for every level of sparsity that a form is about.

    A form of one level is drawn for each level whose instability was measured, or, where there is
    none, for the sparsest level that it has rows of. Rows are of one model and dataset, none of
    them diverged.
    """
    rows = densities_as_levels(rows)
    by_level = levels(rows)
    measured = levels(row for row in rows if row["kind"] == "instability")
    preferred = measured or [*by_level][-1:]
    pruned = {row["level"] for row in form.select(rows)}
    own = [name for name in by_level if name[0] in pruned]
    if form.every_level or not own:
        chosen = rows if form.every_level else [row for row in rows if row["level"] == 0]
        yield from ((chart.ending, chart) for chart in form.charts(chosen, subject))
        return
    for level, density in [name for name in own if name in preferred] or own[-1:]:
        ending = f"-level_{level}-{density.replace('%', '_percent')}"
        # Searches that prune another fraction have another density there, and a figure for it.
        chosen = [row for row in of_level(rows, level)
                  if not row["level"] or percent(row["density"]) == density]  # fmt: skip
        for chart in form.charts(chosen, subject):
            yield ending + chart.ending, chart


def named_charts(rows: Iterable[Row]) -> Iterator[NamedChart]:
    """Yields the charts of the standard figures, for each model and dataset."""
    done, taken = where(once(rows), status="done"), set[str]()
    for (model, dataset), members in split(done, "model", "dataset").items():
        network = distinct(f"{slug(model)}-{slug(dataset)}", f"{model} on {dataset}", taken)
        subject = f"{model} on {dataset}, {_steps(members)} steps"
        for figure in figures_of(members):
            for ending, chart in charts(figure.form, members, subject):
                yield NamedChart(f"{figure.number}-{network}{ending}", chart)


def _steps(rows: list[Row]) -> str:
    """Returns the last step of the trainings of every setting: '24,000', '2,400 to 24,000'."""
    by_setting = variants(where(rows, kind="evaluation") or rows)
    last = sorted({max(row["step"] for row in variant.rows) for variant in by_setting})
    return " to ".join(f"{step:,}" for step in last[:: max(len(last) - 1, 1)])


def of_same_settings(rows: Iterable[Row], asked: Iterable[Row]) -> list[Row]:
    """Returns all rows of the variants (settings) that the asked rows are of.

    If any of these variants is of sparse networks, rows of the others are left out.
    """
    keys = {row["key"] for row in asked}
    chosen: list[Row] = []
    for members in split(once(rows), "model", "dataset").values():
        with_asked, with_asked_sparse = list[Variant](), list[Variant]()
        for variant in variants(members):
            own = [row for row in variant.rows if row["key"] in keys]
            with_asked += [variant] if own else []
            # Dense networks are in the variants of every search.
            with_asked_sparse += [variant] if any(map(variant.has_names_in, own)) else []
        chosen += [row for variant in with_asked_sparse or with_asked for row in variant.rows]
    return unique(chosen)


def notes(rows: Iterable[Row], say: Callable[[str], None]) -> None:
    """Says how many measurements diverged, and are in no figure."""
    if diverged := sum(row["status"] == "diverged" for row in once(rows)):
        say(f"{diverged} measurements diverged and are in no figure")
