"""Says what the artifact of each kind of recipe consists of, for `checks`."""

from functools import partial
from typing import Any

from lth_tf.recipes import Compare, Distance, Evaluate, Interpolate, Measurement, Predict
from lth_tf.store import checks

Fields = dict[str, tuple[str, tuple[int | str, ...]]]
_SPLITS = ("train", "test")
_DISTANCES: Fields = {name: ("f8", ()) for name in ("l2_distance", "cosine_distance")}


def numbers(recipe: Measurement) -> checks.Check | None:
    """Returns what holds the arrays of a measurement to its fields; None for kinds unknown here."""
    fields = _fields(recipe)
    return partial(checks.check_numbers, fields=fields) if fields else None


def _fields(recipe: Any) -> Fields | None:
    if isinstance(recipe, Evaluate):
        return _curves(1)
    if isinstance(recipe, Interpolate):
        return {"alphas": ("f8", (recipe.alphas,)), **_curves(recipe.alphas), **_DISTANCES}
    if isinstance(recipe, Predict):
        classes: Fields = {f"{split}_classes": ("u2", (split,)) for split in _SPLITS}
        return classes | {f"{split}_losses": ("f4", (split,)) for split in _SPLITS}
    if isinstance(recipe, Compare):
        counts: Fields = {f"{split}_differences": ("i8", ()) for split in _SPLITS}
        return counts | {f"{split}_loss_distance": ("f8", ()) for split in _SPLITS}
    return _DISTANCES if isinstance(recipe, Distance) else None


def _curves(count: int) -> Fields:
    """Errors and losses at so many places on a line, on both splits."""
    names = (f"{split}_{what}" for split in _SPLITS for what in ("errors", "losses"))
    return {name: ("f8", (count,)) for name in names}
