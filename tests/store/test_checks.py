"""What is read back is what belongs there: by its path, its recipe, its kind and its shapes."""

import itertools

import numpy as np
import pytest
from checks_example import (
    KEYS,
    MASK,
    RECIPES,
    STATE,
    STATISTICS,
    WEIGHTS,
    everything,
    header,
    make,
    run,
)

from lth_tf.store import artifacts, checks, upkeep
from lth_tf.store.artifacts import Damaged
from lth_tf.store.checks import Mismatch
from lth_tf.store.inspect import Inventory


@pytest.fixture
def root(tmp_path):
    return make(tmp_path / "store")


def test_what_lies_where_it_belongs_is_sound(root):
    assert list(upkeep.damaged(Inventory(root))) == []
    for path in everything(root):
        assert not checks.is_stray(path)
        assert checks.read(path)[0] == checks.read_header(path) == artifacts.read(path)[0]


def test_every_two_artifacts_that_change_places_are_found(root):
    content = {path: path.read_bytes() for path in everything(root)}
    for one, two in itertools.combinations(content, 2):
        one.write_bytes(content[two])
        two.write_bytes(content[one])
        for path in (one, two):
            if path.name == "recovery.state" and one.parent == two.parent:
                continue  # It may be of any step.
            with pytest.raises(Damaged, match="in the place of|names no recipe|of a record"):
                checks.read(path)
            assert checks.read_header(path) is None
        one.write_bytes(content[one])
        two.write_bytes(content[two])


def test_verify_finds_runs_that_changed_places_sets_them_aside_and_says_so(root):
    one, two = run(root, "A"), run(root, "B")
    between = root / "between"
    one.rename(between)
    two.rename(one)
    between.rename(two)
    found = list(upkeep.damaged(Inventory(root)))
    assert len(found) == 9
    for error, moved in found:
        assert "in the place of" in str(error) and moved.parent == root / "damaged"
    assert list(upkeep.damaged(Inventory(root))) == []


@pytest.mark.parametrize(
    "change, says",
    [
        ({"step": -5}, "its step is -5"),
        ({"step": "12"}, "its step is '12'"),
        ({"step": 12.0}, "its step is 12.0"),
        ({"step": True}, "its step is True"),
        ({"step": None}, "its step is None"),
        ({"step": 5}, "that of step 5, in the place of step 12's"),
        ({"updates": None}, "its updates is None"),
        ({"updates": [[]]}, "its updates is"),
        ({"key": KEYS["B"], "recipe": RECIPES["B"]}, "in the place of"),
        ({"recipe": RECIPES["B"]}, "not that of its key"),
        ({"recipe": {}}, "names no recipe"),
        ({"key": None}, "names no recipe"),
    ],
)
def test_a_header_of_other_fields_is_damage(root, change, says):
    path = run(root, "A") / "at-000000012.state"
    changed = header("A", step=12, updates=12) | change
    for content in (changed, {k: v for k, v in changed.items() if v is not None}):
        artifacts.write(path, content, STATE)
        with pytest.raises(Damaged, match=says):
            checks.read(path)
        assert checks.read_header(path) is None


def without(name):
    return {n: a for n, a in STATE.items() if n != name}


def put(name, array):
    return STATE | {name: array}


BIAS = "weights/a/bias"


@pytest.mark.parametrize(
    "arrays, says",
    [
        (without(BIAS), "velocity have 'a/bias'|weights lack 'a/bias'"),
        (without("slots/velocity/a/bias"), "velocity lack 'a/bias'"),
        (without("statistics/n/mean"), "statistics lack 'n/mean'"),
        ({"x" + name: array for name, array in STATE.items()}, "which no state has"),
        ({}, "no weights"),
        (put("loose", np.ones(1, np.float32)), "'loose', which no state has"),
        (put(BIAS, np.ones(3, np.int32)), "is of int32, not float32"),
        (put(BIAS, np.ones(3, np.float64)), "is of float64, not float32"),
        (put(BIAS, np.ones(3, np.complex64)), "is of complex64, not float32"),
        (put("weights/a/kernel", np.ones((3, 2), np.float32)), r"shape \[3, 2\]|\[2, 3\], not"),
        (put("statistics/n/mean", np.ones((3, 0), np.float32)), r"shape \[3, 0\]"),
        (put("statistics/n/more", np.ones(3, np.float32)), "statistics have 'n/more'"),
        (put("slots/second/a/bias", np.ones(3, np.float32)), "second lack 'a/kernel'"),
        (without(BIAS) | {"weights/a/b": STATE[BIAS]}, "lack 'a/b"),
    ],
)
def test_arrays_that_are_not_the_networks_are_no_state(arrays, says):
    with pytest.raises(Mismatch, match=says):
        checks.check_state(arrays, WEIGHTS, STATISTICS, ["velocity"])


def test_a_state_is_one_of_its_network_and_of_its_optimizer():
    checks.check_state(STATE)
    checks.check_state(STATE, WEIGHTS, STATISTICS, ["velocity"])
    with pytest.raises(Mismatch, match="slots lack 'second'"):
        checks.check_state(STATE, WEIGHTS, STATISTICS, ["velocity", "second"])
    with pytest.raises(Mismatch, match="slots have 'velocity', which"):
        checks.check_state(STATE, WEIGHTS, STATISTICS, [])


@pytest.mark.parametrize(
    "arrays, says",
    [
        ({}, "no arrays"),
        ({"a/kernel": MASK["a/kernel"] * 2}, "not of zeros and ones"),
        ({"a/kernel": MASK["a/kernel"].astype(bool)}, "not of zeros and ones"),
        ({"a/kernel": MASK["a/kernel"].T}, r"shape \[3, 2\], not \[2, 3\]"),
        ({"b/kernel": MASK["a/kernel"]}, "lack 'a/kernel'"),
        (MASK | {"b": MASK["a/kernel"]}, "have 'b', which should not"),
    ],
)
def test_what_is_no_mask_of_the_network(arrays, says):
    checks.check_mask(MASK, {"a/kernel": (2, 3)})
    with pytest.raises(Mismatch, match=says):
        checks.check_mask(arrays, {"a/kernel": (2, 3)})


def test_a_masks_kernels_are_in_the_networks_order():
    two = {"a": np.ones(1, np.uint8), "b": np.ones(1, np.uint8)}
    with pytest.raises(Mismatch, match="in another order"):
        checks.check_mask(two, {"b": (1,), "a": (1,)})


FIELDS = {"alphas": ("f8", (4,)), "classes": ("u2", ("n",)), "losses": ("f4", ("n",))}
MEASURED = {"alphas": np.zeros(4), "classes": np.zeros(9, "u2"), "losses": np.zeros(9, "f4")}


@pytest.mark.parametrize(
    "change, says",
    [
        ({"alphas": np.zeros(5)}, r"'alphas' is of shape \[5\], not \[4\]"),
        ({"alphas": np.zeros(())}, r"shape \[\], not"),
        ({"alphas": np.zeros(4, "f4")}, "'alphas' is of float32, not f8"),
        ({"losses": np.zeros(8, "f4")}, r"'losses' is of shape \[8\]"),
        ({"loss": np.zeros(4)}, "have 'loss'"),
    ],
)
def test_what_are_not_the_numbers_of_a_measurement(change, says):
    checks.check_numbers(MEASURED, FIELDS)
    with pytest.raises(Mismatch, match=says):
        checks.check_numbers(MEASURED | change, FIELDS)


def test_a_mark_of_divergence_has_no_arrays(root):
    path = run(root, "C") / "diverged.state"
    artifacts.write(path, header("C", step=7), STATE)
    with pytest.raises(Damaged, match="it has arrays"):
        checks.read(path)
