"""Forms that the figures of papers and those of any log have in common.

Each takes further attributes of `Curves` by name, such as `only`: fields that rows must have.
"""

from typing import Any

from lth_tf.figures.curves import Curves, Stacked


def both(name: str) -> tuple[str, str]:
    """Returns a number's fields on the test and on the training set."""
    return f"test_{name}", f"train_{name}"


INSTABILITY, ERROR = both("instability"), both("error")
DISTANCES = {"l2_distance": "L2 distance", "angle": "angle (degrees)"}


def along_the_line(**more: Any) -> Curves:
    """Returns errors on the line between copies: a panel a network, a row of them a step k."""
    return Curves(
        "Error along the interpolation", "instability", both("errors"), "error (%)", x="alphas",
        lines="y", panels="network", rows="rewind_step", spread="band", from_zero=True, **more,
    )  # fmt: skip


def instability(title: str, fields: tuple[str, ...] = INSTABILITY, **more: Any) -> Curves:
    """Returns instability against the step k, a line a kind of network."""
    return Curves(title, "instability", fields, "instability (%)", limit=True, **more)


def stability(to: str, name: str, **more: Any) -> Curves:
    """Returns stability to 'data_order' or 'pruning' against the step k, a line a kind of network.

    Args:
      name: 'l2_distance' or 'angle'.
    """
    title = f"Stability to {to.replace('_', ' ')}"
    only = {"stability_to": to, **more.pop("only", {})}
    return Curves(title, "stability", (name,), DISTANCES[name], panels="", only=only, **more)


def stabilities(title: str, name: str) -> Stacked:
    """Returns stability to data order above stability to pruning."""
    parts = tuple(stability(to, name) for to in ("data_order", "pruning"))
    return Stacked(f"{title} of trained subnetworks", parts)


def through_training(fields: tuple[str, ...] = INSTABILITY, **more: Any) -> Curves:
    """Returns instability between copies at every step of their training, a line a step k."""
    title = "Instability throughout training"
    return instability(title, fields, x="step", lines="rewind_step", steps="all", fewest=3, **more)


def restarted(**more: Any) -> Curves:
    """Returns instability of copies on a clock that goes on from step k, and on a restarted one."""
    title = "Instability with and without restarting the schedule"
    more = {"lines": "schedule", "steps": "last_of_both", **more}
    return instability(title, INSTABILITY[:1], **more)


def every_level(title: str, kind: str, field: str, **more: Any) -> Curves:
    """Returns a number in percent against the step k, a panel a level of sparsity."""
    return Curves(
        f"{title} at every level", kind, (field,), f"{title.lower()} (%)", panels="level",
        columns=5, size=(2.2, 1.9), fewest=3, **more,
    )  # fmt: skip


def error_at_k(title: str, **more: Any) -> Curves:
    """Returns errors of the dense network at steps of its training, before copies are made."""
    return Curves(
        title, "along_training", ERROR, "error (%)", x="step", x_kind="steps", lines="y",
        panels="", over="initializations", **more,
    )  # fmt: skip


def distances_at_k(**more: Any) -> Curves:
    """Returns L2 distances from initialization to k, from k to the end, and between ends."""
    return Curves(
        "L2 distances at the rewinding step", "distance", ("l2_distance",), "L2 distance",
        lines="between", over="initializations", steps="all", from_zero=True, **more,
    )  # fmt: skip


def comparison(
    title: str, fields: tuple[str, ...], y_name: str, networks: str = "alike", **more: Any
) -> Curves:
    """Returns how differently two networks classify.

    Args:
      networks: 'alike', copies of one network; or 'unlike', a sparse one and the dense one.
    """
    only = {"networks_compared": networks} | ({"against": "dense"} if networks == "unlike" else {})
    return Curves(title, "comparison", fields, y_name, only=only, from_zero=True, **more)
