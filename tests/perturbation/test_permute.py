"""Permutations and mixtures of weights: their groups, what stays, how far they move, by hand."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from lth_tf.models import Lenet
from lth_tf.perturbation import PermutationError, permute, require_filters
from lth_tf.recipes import Init, Recombine
from lth_tf.state import State

DRAWS = np.random.default_rng(5)
SHAPES = {"a/kernel": (3, 3, 4, 5), "b/kernel": (1, 1, 4, 6), "c/kernel": (7, 5)}
WEIGHTS = {n: DRAWS.standard_normal(s).astype(np.float32) for n, s in SHAPES.items()}
MASK = {n: (DRAWS.random(s) < 0.6).astype(np.uint8) for n, s in SHAPES.items()}
KINDS = ("network", "layers", "filters", "inputs", "outputs")


def members(within):
    """The groups of the definition: kernel and indices of every remaining weight, spelled out."""
    found = {}
    for name, kept in MASK.items():
        for index in map(tuple, np.argwhere(kept)):
            *_, i, o = index
            group = {
                "network": (),
                "layers": (name,),
                "filters": (name, i, o),
                "inputs": (name, o),
                "outputs": (name, i),
            }[within]
            found.setdefault(group, []).append((name, index))
    return list(found.values())


def values(weights, group):
    return [float(weights[name][index]) for name, index in group]


@pytest.mark.parametrize("within", KINDS)
@pytest.mark.parametrize("same_sign", [False, True])
def test_each_group_keeps_its_values_and_what_is_pruned_stays(within, same_sign):
    after = permute(WEIGHTS, MASK, within, same_sign, 3)
    for group in members(within):
        assert sorted(values(after, group)) == sorted(values(WEIGHTS, group))
    for name, kept in MASK.items():
        np.testing.assert_array_equal(after[name][kept == 0], WEIGHTS[name][kept == 0])
        assert after[name].dtype == np.float32
        if same_sign:
            np.testing.assert_array_equal(np.signbit(after[name]), np.signbit(WEIGHTS[name]))
    again = permute(WEIGHTS, MASK, within, same_sign, 3)
    assert all(again[n].tobytes() == after[n].tobytes() for n in after)
    other = permute(WEIGHTS, MASK, within, same_sign, 4)
    assert any(not np.array_equal(other[n], after[n]) for n in after)


def test_within_filters_small_kernels_and_dense_layers_stay():
    after = permute(WEIGHTS, MASK, "filters", False, 0)
    for name in ("b/kernel", "c/kernel"):
        np.testing.assert_array_equal(after[name], WEIGHTS[name])
    assert not np.array_equal(after["a/kernel"], WEIGHTS["a/kernel"])


@pytest.mark.parametrize("within", KINDS)
def test_the_expected_square_is_twice_the_variance_of_the_groups(within):
    """sum(delta^2) -> 2 sum_g n_g Var_g: in a permutation a weight is as likely at any place."""
    wanted = 2 * sum(len(g) * np.var(values(WEIGHTS, g)) for g in members(within))
    moved = []
    for seed in range(200):
        after = permute(WEIGHTS, MASK, within, False, seed)
        moved.append(sum(float(((after[n] - WEIGHTS[n]) ** 2).sum()) for n in after))
    assert np.mean(moved) == pytest.approx(wanted, rel=0.02)


def test_every_order_of_three_weights_is_equally_likely():
    weights = {"k/kernel": np.arange(3, dtype=np.float32).reshape(1, 3)}
    mask = {"k/kernel": np.ones((1, 3), np.uint8)}
    found = Counter(
        tuple(permute(weights, mask, "layers", False, seed)["k/kernel"].ravel())
        for seed in range(1200)
    )
    assert len(found) == 6 and all(150 < count < 250 for count in found.values())


def test_what_a_layer_draws_does_not_depend_on_the_layers_after_it():
    one = {"a/kernel": WEIGHTS["a/kernel"]}
    alone = permute(one, {"a/kernel": MASK["a/kernel"]}, "layers", False, 1)
    np.testing.assert_array_equal(
        alone["a/kernel"], permute(WEIGHTS, MASK, "layers", False, 1)["a/kernel"]
    )


def test_filters_of_dense_layers_are_refused():
    require_filters(SHAPES)
    with pytest.raises(PermutationError, match="Permute.within is 'filters', but no kernel has"):
        require_filters({"dense/kernel": (4, 5), "one/kernel": (1, 1, 3, 3)})


def test_signs_are_bits_and_magnitudes_absolute():
    signs = np.array([-1.0, 2, -0.0, 0.0, 3], np.float32)
    magnitudes = np.array([5.0, -6, 7, -8, 0.0], np.float32)
    states = {seed: State(0, {"k": array}, {}) for seed, array in enumerate((signs, magnitudes))}
    engine = SimpleNamespace(prunable_shapes=lambda model: {"k": (5,)})
    maker = SimpleNamespace(engine=engine, state=lambda weights: states[weights.seed])
    first, second = (Init(Lenet(), seed) for seed in states)
    found = Recombine(first, first, second).change(states[0], maker)["k"]
    assert found.tolist() == [-5, 6, -7, 8, 0]
    np.testing.assert_array_equal(np.signbit(found), np.signbit(signs))
    assert found.dtype == np.float32
