"""Checks of artifacts beyond their checksum: of the header against the path, of the arrays.

A file with a right checksum may lie in the place of another: a backup was restored to the wrong
folder, a file renamed, a network's code changed under its recipe. So its header is compared with
its path, which is made of the recipe's key and the step, and its arrays with their kind's schema.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lth_tf.state import State
from lth_tf.store import artifacts

Arrays = Mapping[str, np.ndarray]
Shapes = Mapping[str, tuple[int, ...]]
Fields = Mapping[str, tuple[str, tuple[int | str, ...]]]
Check = Callable[[Arrays], None]

_STEP = re.compile(r"at-(\d{9,})\.state")
_OF_STATE = re.compile(r"(weights|statistics|slots/[^/]+)/.*", re.DOTALL)
_SUFFIXES = (".mask", ".numbers")
# Other files of a run's folder, and temporary files anywhere.
_KNOWN = re.compile(
    r"(recovery|diverged)\.state|record-\d{9,}-\d{9,}\.record|journal\.jsonl|\..*\.tmp"
)
_KEY = re.compile(r"[0-9a-f]{64}")


class Mismatch(ValueError):
    """An artifact differs from its recipe or schema; the message serves as `Damaged.reason`."""


def step_of(path: Path) -> int | None:
    """Returns the step in the name of a state's file; None if it is no state of a step."""
    match = _STEP.fullmatch(path.name)
    step = int(match[1]) if match and len(match[1]) < 20 else None
    return step if step is not None and path.name == f"at-{step:09d}.state" else None


def is_stray(path: Path) -> bool:
    """Returns whether a file among the artifacts has a name that no artifact has."""
    if path.suffix in _SUFFIXES:
        return not _KEY.fullmatch(path.stem)
    return step_of(path) is None and not _KNOWN.fullmatch(path.name)


def read(path: Path, check: Check | None = None) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Returns an artifact's header and arrays, checked against its path and its kind.

    Args:
      check: a further check of the arrays; it raises Mismatch.

    Raises:
      FileNotFoundError, Damaged, StoreError: as `artifacts.read`.
    """
    header, arrays = artifacts.read(path)
    try:
        check_header(path, header)
        _check_kind(path, arrays)
        if check:
            check(arrays)
    except Mismatch as error:
        raise artifacts.Damaged(path, str(error)) from error
    return header, arrays


def read_header(path: Path) -> dict[str, Any] | None:
    """Returns an artifact's header; None if it is gone, damaged or in the place of another.

    The checksum is not verified.

    Raises:
      StoreError: it cannot be read, or a newer version of lth_tf wrote it.
    """
    try:
        header = artifacts.read_header(path)
        check_header(path, header)
    except (FileNotFoundError, artifacts.Damaged, Mismatch):
        return None
    return header


def check_header(path: Path, header: Mapping[str, Any]) -> None:
    """Raises Mismatch unless a header is that of the recipe whose artifact lies at a path."""
    key = path.stem if path.suffix in _SUFFIXES else path.parent.name
    stated, recipe = header.get("key"), header.get("recipe")
    if not isinstance(stated, str):
        raise Mismatch("its header names no recipe")
    if stated != key:
        raise Mismatch(f"it is that of {stated[:10]!r}, in the place of {key[:10]}'s")
    if path.suffix == ".record":  # It lies beside states, which say the rest.
        _check_steps(path, header)
        return
    if not isinstance(recipe, str):
        raise Mismatch("its header names no recipe")
    if hashlib.sha256(recipe.encode()).hexdigest() != key:
        raise Mismatch("the recipe in its header is not that of its key")
    if path.suffix == ".state":
        _check_clock(path, header)


def _check_steps(path: Path, header: Mapping[str, Any]) -> None:
    first, last = header.get("first_step"), header.get("last_step")
    if type(first) is not int or type(last) is not int or header.get("kind") != "record":
        raise Mismatch("its header is not that of a record")
    if path.name != record_name(first, last):
        raise Mismatch(f"it is that of steps {first:,} to {last:,}, in the place of others")


def record_name(first_step: int, last_step: int) -> str:
    """Returns the name of the file with the record of the steps from first to before last."""
    return f"record-{first_step:09d}-{last_step:09d}.record"


def _check_clock(path: Path, header: Mapping[str, Any]) -> None:
    for name in ["step"] if path.name == "diverged.state" else ["step", "updates"]:
        value = header.get(name)
        if type(value) is not int or value < 0:
            raise Mismatch(f"its {name} is {value!r:.40}, not a number of steps")
    step = step_of(path)
    if step not in (None, header["step"]):
        raise Mismatch(f"it is that of step {header['step']:,}, in the place of step {step:,}'s")


def _check_kind(path: Path, arrays: Arrays) -> None:
    if path.name == "diverged.state":
        _require(not arrays, "it has arrays, which a mark of divergence has not")
    elif path.suffix == ".state":
        check_state(arrays)
    elif path.suffix == ".mask":
        check_mask(arrays)
    elif path.suffix == ".numbers":
        check_numbers(arrays)


def check_state(
    arrays: Arrays,
    weights: Shapes | None = None,
    statistics: Shapes | None = None,
    slots: Collection[str] | None = None,
) -> None:
    """Raises Mismatch unless arrays are a state: float32 weights, statistics and slots.

    Args:
      arrays: as State.to_arrays names them: 'weights/<name>', 'statistics/<name>',
        'slots/<slot>/<name>'. Every slot has an array for each weight, of its shape.
      weights, statistics: the shapes by name that there must be; None for any.
      slots: the names of the slots that there must be; None for any.
    """
    for name, array in arrays.items():
        in_state = _OF_STATE.fullmatch(name) is not None
        _require(in_state, f"it has an array {name!r:.60}, which no state has")
        _require(array.dtype == np.float32, f"{name!r} is of {array.dtype}, not float32")
    state = State.from_arrays(arrays, step=0, updates=0)
    _require(bool(state.weights), "it has no weights")
    if weights is not None:
        _same_shapes("weights", state.weights, weights)
    if statistics is not None:
        _same_shapes("statistics", state.statistics, statistics)
    weight_shapes = {name: array.shape for name, array in state.weights.items()}
    for slot, slot_arrays in state.slots.items():
        _same_shapes(f"slots/{slot}", slot_arrays, weight_shapes)
    if slots is not None:
        _same_names("slots", state.slots, slots)


def check_mask(arrays: Arrays, shapes: Shapes | None = None) -> None:
    """Raises Mismatch unless arrays are a mask: uint8 of 0 and 1 for each prunable kernel.

    Args:
      shapes: of the prunable kernels, in their order; None for any.
    """
    _require(bool(arrays), "it has no arrays")
    for name, array in arrays.items():
        binary = array.dtype == np.uint8 and (array.size == 0 or array.max() <= 1)
        _require(binary, f"{name!r} is not of zeros and ones in uint8")
    if shapes is not None:
        _same_shapes("kernels", arrays, shapes)
        _require(list(arrays) == list(shapes), "its kernels are in another order")


def conformed(arrays: Mapping[str, Any], fields: Fields) -> dict[str, np.ndarray]:
    """Returns numbers in the dtypes of their fields, as far as that loses nothing but precision."""
    numbers = {name: np.asarray(array) for name, array in arrays.items()}
    for name in set(numbers) & set(fields):
        if np.can_cast(numbers[name].dtype, dtype := np.dtype(fields[name][0]), "same_kind"):
            numbers[name] = numbers[name].astype(dtype)
    return numbers


def check_numbers(arrays: Arrays, fields: Fields | None = None) -> None:
    """Raises Mismatch unless arrays are the numbers of a measurement.

    Args:
      fields: dtype and shape by name; None for any. A size that is a letter or a word may be
        any, the same wherever it stands.
    """
    _require(bool(arrays), "it has no arrays")
    if fields is None:
        return
    _same_names("numbers", arrays, fields)
    sizes: dict[str, int] = {}
    for name, (dtype, shape) in fields.items():
        array = arrays[name]
        _require(array.dtype == np.dtype(dtype), f"{name!r} is of {array.dtype}, not {dtype}")
        fits = len(shape) == array.ndim and all(
            length == (sizes.setdefault(size, length) if isinstance(size, str) else size)
            for length, size in zip(array.shape, shape, strict=False)
        )
        _require_shape(name, array, shape, fits)


def _same_shapes(group: str, arrays: Arrays, expected: Shapes) -> None:
    _same_names(group, arrays, expected)
    for name, shape in expected.items():
        _require_shape(name, arrays[name], shape, arrays[name].shape == tuple(shape))


def _require_shape(name: str, array: np.ndarray, shape: Iterable[int | str], fits: bool) -> None:
    _require(fits, f"{name!r} is of shape {_listed(array.shape)}, not {_listed(shape)}")


def _same_names(group: str, names: Collection[str], expected: Collection[str]) -> None:
    missing, extra = set(expected) - set(names), set(names) - set(expected)
    if missing:
        raise Mismatch(f"its {group} lack {_first_of(missing)}")
    if extra:
        raise Mismatch(f"its {group} have {_first_of(extra)}, which should not be there")


def _first_of(names: Iterable[str]) -> str:
    first, *rest = sorted(names)
    return f"{first!r:.60}" + (f" and {len(rest)} more" if rest else "")


def _listed(shape: Iterable[int | str]) -> str:
    return f"{list(shape)}"[:60]


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise Mismatch(reason)
