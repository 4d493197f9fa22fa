"""Invented rows for the tests of results: shaped like a LeNet study, numbers made up."""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from lth_tf.log.schema import SCHEMA_VERSION, Row

ALPHAS = [i / 10 for i in range(11)]
# Network -> (test error at 3.5% of the weights, height of the barrier at k = 0).
SHAPES = {
    "dense": (0.017, 0.004),
    "imp": (0.018, 0.0004),
    "random_pruning": (0.033, 0.010),
    "random_reinitialization": (0.025, 0.009),
}


def key(*address: object) -> str:
    """A key as a recipe would have it."""
    return hashlib.sha256(repr(address).encode()).hexdigest()


def settings(network: str, **changes: Any) -> dict[str, Any]:
    """Some settings, as a recipe would have them; those of a search where there was one."""
    search = {"MaskSearch.fraction": 0.2} if network != "dense" else {}
    return {"Hparams.batch_size": 60, "Constant.rate": 0.0012, **search, **changes}


def base(network: str, initialization: int, rewind_step: int, level: int) -> Row:
    """The fields that all kinds of rows have."""
    density = 0.8**level
    return {
        "schema": SCHEMA_VERSION, "experiment": "instability",
        "configuration": key("configuration"),
        "network": network, "model": "LeNet 300-100", "dataset": "mnist",
        "initialization": initialization, "rewind_step": rewind_step, "schedule": "absolute",
        "level": level, "density": density,
        "layer_density": {"dense/kernel": density, "dense_1/kernel": density},
        "step": 24000, "settings": settings(network), "axes": {},
        "status": "done", "diverged_at": None, "run_seconds": 1.5,
        "software": {"tensorflow": "2.21.0"}, "device": "cpu",
        "written": "2025-01-02T03:04:05.678+00:00", "described": [],
    }  # fmt: skip


def row(
    kind: str, network: str, initialization: int, noise: tuple[int, ...], rewind_step: int,
    level: int, *address: object,
) -> Row:  # fmt: skip
    """A row of a kind without its numbers; `address` tells measurements of one network apart."""
    name = key(kind, network, initialization, noise, rewind_step, level, *address)
    fields = {"key": name, "kind": kind, "noise": list(noise)}
    return base(network, initialization, rewind_step, level) | fields


def evaluation(
    network: str = "imp", initialization: int = 0, noise: int = 1, rewind_step: int = 0,
    level: int = 15, **changes: Any,
) -> Row:  # fmt: skip
    """An evaluation row."""
    draw = np.random.default_rng([initialization, noise, rewind_step, level])
    end = SHAPES.get(network, SHAPES["imp"])[0]
    error = float(0.017 + (end - 0.017) * (level / 15) ** 3 + 0.0006 * draw.standard_normal())
    return row("evaluation", network, initialization, (noise,), rewind_step, level) | {
        "train_error": error / 4,
        "test_error": error,
        "train_loss": error,
        "test_loss": 4 * error,
        **changes,
    }


def instability(
    network: str = "imp", initialization: int = 0, noise: tuple[int, int] = (1, 2),
    rewind_step: int = 0, level: int = 15, scale: float = 1.0, **changes: Any,
) -> Row:  # fmt: skip
    """An instability row."""
    draw = np.random.default_rng([initialization, *noise, rewind_step, level])
    error, height = SHAPES[network]
    height *= scale / (1 + rewind_step / 500) * float(1 + 0.2 * draw.standard_normal())
    error += 0.0006 * float(draw.standard_normal())
    hill = [4 * a * (1 - a) for a in ALPHAS]
    return row("instability", network, initialization, noise, rewind_step, level) | {
        "alphas": ALPHAS,
        "train_errors": [error / 4 + height * h for h in hill],
        "test_errors": [error + height * h for h in hill],
        "train_losses": [0.1 + h for h in hill],
        "test_losses": [0.1 + h for h in hill],
        "barrier": "from_mean_of_ends",
        "statistics": "interpolate",
        "train_instability": height,
        "test_instability": height,
        "l2_distance": 20.0,
        "cosine_distance": 0.1,
        **changes,
    }


def distance(
    between: str = "end_to_end", network: str = "imp", initialization: int = 0,
    noise: tuple[int, ...] = (1, 2), rewind_step: int = 0, level: int = 15, **changes: Any,
) -> Row:  # fmt: skip
    """A distance row."""
    values = {"between": between, "l2_distance": 20.0, "cosine_distance": 0.1}
    return (
        row("distance", network, initialization, noise, rewind_step, level, between)
        | values
        | changes
    )


def stability(
    to: str = "data_order", network: str = "imp", noise: tuple[int, ...] = (1, 2), **changes: Any
) -> Row:
    """A row of stability to data order or to pruning."""
    values = {"stability_to": to, "l2_distance": 20.7, "angle": 22.7}
    return row("stability", network, 0, noise, 0, 15, to) | values | changes


def comparison(
    network: str = "imp", initialization: int = 0, noise: tuple[int, int] = (1, 2),
    rewind_step: int = 0, level: int = 15, against: str = "", **changes: Any,
) -> Row:  # fmt: skip
    """A comparison row."""
    draw = np.random.default_rng([initialization, *noise, rewind_step, level])
    differences = int(10_000 * SHAPES[network][0] * (1 + 0.1 * draw.random()))
    values = {
        "against": against or network,
        "train_differences": 2 * differences,
        "test_differences": differences,
        "train_loss_distance": differences / 5,
        "test_loss_distance": differences / 10,
    }
    return (
        row("comparison", network, initialization, noise, rewind_step, level, against)
        | values
        | changes
    )


def connectivity(
    level: int = 1, to_level: int = 2, initialization: int = 0, rewind_step: int = 0,
    to: str = "solution", ends: tuple[float, float] = (0.02, 0.02), height: float = 0.0,
    **changes: Any,
) -> Row:  # fmt: skip
    """A row of the line from a level to another, whose error is a hill over the chord."""
    network = "dense" if to == "perturbed" else "imp"
    errors = [(1 - a) * ends[0] + a * ends[1] + height * 4 * a * (1 - a) for a in ALPHAS]
    return row(
        "connectivity", network, initialization, (1, 1), rewind_step, level, to, to_level
    ) | {
        "to": to,
        "to_level": to_level,
        "barrier": "from_line_between_ends",
        "statistics": "interpolate",
        "alphas": ALPHAS,
        "train_errors": errors,
        "test_errors": errors,
        "train_losses": errors,
        "test_losses": errors,
        "train_barrier": height,
        "test_barrier": height,
        "l2_distance": 10.0,
        "cosine_distance": 0.1,
        **changes,
    }


def weights(
    network: str = "dense", initialization: int = 0, noise: int = 0, rewind_step: int = 0,
    level: int = 0, step: int = 0, **changes: Any,
) -> Row:  # fmt: skip
    """A row of a state's weights."""
    far = step / (step + 500)
    return row("weight", network, initialization, (noise,), rewind_step, level, step) | {
        "step": step,
        "mean_magnitude": 0.05 + 0.01 * far,
        "signs_changed": 0.2 * far,
        "l2_to_initial": 30 * far,
        "l2_to_final": 40 - 20 * far,
        "cosine_to_initial": 1 - 0.6 * far,
        "cosine_to_final": 0.2 + 0.4 * far,
        "weight_values": [0.1 * i * (1 - far) for i in range(-5, 5)],
        **changes,
    }


def plane(level: int = 1, initialization: int = 0, rewind_step: int = 0, **changes: Any) -> Row:
    """A row of a small plane: a bowl around the middle of the triangle."""
    at = [(i - 1) / 2 for i in range(5)]
    errors = [[0.02 + 0.1 * ((x - 0.3) ** 2 + (y - 0.3) ** 2) for x in at] for y in at]
    values = {
        "coordinates": at,
        "plane_errors": errors,
        "axis_distance": 10.0,
        "projection_distance": 2.0,
    }
    return row("plane", "imp", initialization, (1, 1), rewind_step, level) | values | changes


def gradient(initialization: int = 0, step: int = 0, **changes: Any) -> Row:
    """A row of the gradient of the dense network's next step."""
    values = {"step": step, "mean_gradient": 0.01, "gradient_norm": 1.0}
    return row("gradient", "dense", initialization, (0,), 0, 0, step) | values | changes


def curvature(initialization: int = 0, step: int = 0, **changes: Any) -> Row:
    """A row of the dense network's Hessian."""
    values = {
        "step": step,
        "largest_eigenvalue": 9.0,
        "smallest_eigenvalue": -3 / (1 + step / 100),
        "negative_share": 0.3,
        "gradient_in_leading": 0.7,
        "leading_eigenvalues": [float(i) for i in range(10)],
    }
    return row("curvature", "dense", initialization, (0,), 0, 0, step) | values | changes


def difference(
    network: str = "dense", initialization: int = 0, noise: int = 0, rewind_step: int = 0,
    level: int = 0, between: str = "k_to_perturbed", **changes: Any,
) -> Row:  # fmt: skip
    """A row of what a perturbation did to the weights."""
    return row("difference", network, initialization, (noise,), rewind_step, level, between) | {
        "between": between,
        "mean_difference": 0.0,
        "effective_deviation": 0.1,
        "differing_signs": 0.09,
        "weights_left": 70_000,
        **changes,
    }


def study(steps: tuple[int, ...] = (0, 500), scale: float = 1.0) -> Iterator[Row]:
    """A whole study: 3 initializations, 3 pairs of copies, all four networks."""
    for initialization in range(3):
        for step in steps:
            for network in SHAPES:
                level = 0 if network == "dense" else 15
                for noise in (1, 2, 3):
                    yield evaluation(network, initialization, noise, step, level)
                for pair in ((1, 2), (1, 3), (2, 3)):
                    yield instability(network, initialization, pair, step, level, scale=scale)
            for level in range(1, 15):
                yield evaluation("imp", initialization, 0, step, level)
