"""Pruning: exact counts, ties, scopes, exclusions; random masks in given proportions."""

import logging
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_tf import pruning
from lth_tf.pruning import PruningError

A = [[1, -2], [3, -4]]
B = [5, -6, 0.5, 0]


def arrays(**named):
    return {name: np.array(values, np.float32) for name, values in named.items()}


def full(weights):
    return pruning.ones({name: array.shape for name, array in weights.items()})


def pruned(weights, fraction, mask=None, **options):
    magnitudes = {name: np.abs(array) for name, array in weights.items()}
    before = full(weights) if mask is None else mask
    return pruning.prune(before, magnitudes, fraction, **options)


def lists(mask):
    return {name: array.tolist() for name, array in mask.items()}


@pytest.mark.parametrize(
    "fraction, scope, exclude, a, b",
    [
        (0.25, "global", (), [[1, 1], [1, 1]], [1, 1, 0, 0]),
        (0.5, "global", (), [[0, 0], [1, 1]], [1, 1, 0, 0]),
        (0.75, "global", (), [[0, 0], [0, 0]], [1, 1, 0, 0]),
        (0.25, "layerwise", (), [[0, 1], [1, 1]], [1, 1, 1, 0]),
        (0.5, "layerwise", (), [[0, 0], [1, 1]], [1, 1, 0, 0]),
        (0.75, "layerwise", (), [[0, 0], [0, 1]], [0, 1, 0, 0]),
        (0.5, "global", ("b",), [[0, 0], [1, 1]], [1, 1, 1, 1]),
        (0.5, "layerwise", ("a",), [[1, 1], [1, 1]], [1, 1, 0, 0]),
        (0.5, "global", ("a", "b"), [[1, 1], [1, 1]], [1, 1, 1, 1]),
    ],
)
def test_by_magnitude(fraction, scope, exclude, a, b):
    mask = pruned(arrays(a=A, b=B), fraction, scope=scope, exclude=exclude)
    assert lists(mask) == {"a": a, "b": b}
    assert {array.dtype for array in mask.values()} == {np.dtype(np.uint8)}


@pytest.mark.parametrize(
    "remaining, fraction, gone",
    [
        (1, 0.5, 0),  # 0.5 to even
        (3, 0.5, 2),  # 1.5 to even
        (5, 0.5, 2),  # 2.5 to even
        (7, 0.5, 4),
        (5, 0.1, 0),  # 0.5 to even
        (4, 0.2, 1),  # 0.8
        (266_200, 0.2, 53_240),
        (212_960, 0.2, 42_592),
        (2, 0.9, 2),
    ],
)
@pytest.mark.parametrize("scope", ["global", "layerwise"])
def test_how_many_go(remaining, fraction, gone, scope):
    weights = {"a": np.random.default_rng(0).normal(size=remaining).astype(np.float32)}
    assert int((pruned(weights, fraction, scope=scope)["a"] == 0).sum()) == gone


def test_iterated_counts_of_lenet_at_a_fifth_a_level():
    """lmc table 1: after 15 levels 3.5% of 266,200 remain."""
    rng = np.random.default_rng(0)
    weights = {n: rng.normal(size=s) for n, s in (("a", 235_200), ("b", 30_000), ("c", 1_000))}
    mask, remaining = full(weights), 266_200
    for _ in range(15):
        mask = pruned(weights, 0.2, mask)
        remaining -= round(0.2 * remaining)
        assert sum(int(m.sum()) for m in mask.values()) == remaining
    assert pruning.density(mask) == remaining / 266_200 == pytest.approx(0.035, abs=2e-4)


def test_ties_go_in_order_across_layers():
    weights = arrays(b=[[1, 1], [-1, 2]], a=[1, 1, 1])
    assert lists(pruned(weights, 0.3)) == {"b": [[0, 0], [1, 1]], "a": [1, 1, 1]}
    assert lists(pruned(weights, 0.6)) == {"b": [[0, 0], [0, 1]], "a": [0, 1, 1]}


def test_negative_zero_and_zero_tie():
    assert lists(pruned(arrays(a=[0.0, -0.0, 0.0, 1.0]), 0.5)) == {"a": [0, 0, 1, 1]}


def test_a_weight_that_is_zero_but_remains_counts():
    weights, mask = arrays(a=[0, 0, 3, 4]), {"a": np.array([0, 1, 1, 1], np.uint8)}
    assert lists(pruned(weights, 0.34, mask)) == {"a": [0, 0, 1, 1]}


def test_scores_of_pruned_weights_do_not_matter():
    mask = {"a": np.array([0, 1, 1, 0], np.uint8)}
    weights = arrays(a=[np.nan, 1, 2, 100])
    assert lists(pruned(weights, 0.5, mask)) == {"a": [0, 0, 1, 0]}


def test_what_is_given_is_not_changed():
    weights = arrays(a=A)
    mask = full(weights)
    pruned(weights, 0.5, mask)
    assert mask["a"].all() and weights["a"].tolist() == A


LAYERS = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    # Few different magnitudes: most draws have ties.
    st.lists(st.integers(-4, 4), min_size=1, max_size=12),
    min_size=1,
    max_size=4,
)


@given(LAYERS, st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.sampled_from(["global", "layer"]))
def test_pruning_twice_against_sorting(layers, first, second, scope):
    weights = arrays(**layers)
    options = {"scope": "global" if scope == "global" else "layerwise"}
    mask = pruned(weights, first, **options)
    again = pruned(weights, second, mask, **options)
    for fraction, before, after in ((first, full(weights), mask), (second, mask, again)):
        groups = [list(weights)] if scope == "global" else [[name] for name in weights]
        for group in groups:
            left = [(abs(weights[n][i]), g, i) for g, n in enumerate(group)
                    for i in range(len(weights[n])) if before[n][i]]  # fmt: skip
            gone = sorted(left)[: round(fraction * len(left))]
            for g, name in enumerate(group):
                kept = before[name].copy()
                kept[[i for _, group_index, i in gone if group_index == g]] = 0
                assert after[name].tolist() == kept.tolist()


def test_unknown_exclusions_are_named():
    with pytest.raises(PruningError, match="exclude names c, d; prunable kernels: a, b"):
        pruned(arrays(a=A, b=B), 0.5, exclude=("d", "a", "c"))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite_cannot_be_ranked(bad):
    with pytest.raises(PruningError, match="not all finite"):
        pruned(arrays(a=[1, bad]), 0.5)


def test_an_emptied_layer_is_named_in_a_warning_once(caplog):
    weights = arrays(small=[0.1, 0.2], large=[3, 4, 5, 6])
    with caplog.at_level(logging.WARNING):
        mask = pruned(weights, 0.35)
        again = pruned(weights, 0.3, mask)
    assert lists(mask)["small"] == [0, 0] and lists(again)["large"] == [0, 1, 1, 1]
    assert [record.getMessage() for record in caplog.records] == [
        "pruning leaves layer small without a single weight: its output is its bias alone"
    ]


@given(LAYERS, st.integers(0, 2**40))
def test_shuffled_masks_keep_each_layers_count(layers, seed):
    mask = {n: (np.array(values) > 0).astype(np.uint8)[:, None] for n, values in layers.items()}
    shuffled = pruning.shuffle(mask, seed)
    assert pruning.layer_density(shuffled) == pruning.layer_density(mask)
    assert {n: m.shape for n, m in shuffled.items()} == {n: m.shape for n, m in mask.items()}
    assert lists(pruning.shuffle(mask, seed)) == lists(shuffled)


def test_shuffles_differ_by_seed_and_by_layer():
    half = np.arange(64) % 2
    mask = {"a": half.reshape(8, 8), "b": half.reshape(8, 8)}
    drawn = [m.tobytes() for seed in range(4) for m in pruning.shuffle(mask, seed).values()]
    assert len(set(drawn)) == 8


def test_every_entry_is_as_likely_to_be_pruned_as_any_other():
    mask = {"a": np.array([1, 1, 0, 0, 0, 0], np.uint8)}
    counts = sum(pruning.shuffle(mask, seed)["a"].astype(int) for seed in range(3000))
    # Binomial(3000, 1/3): mean 1000, standard deviation 26.
    assert np.all(np.abs(counts - 1000) < 130)


def test_densities():
    mask = {"a": np.array([[1, 0], [0, 0]], np.uint8), "b": np.array([1, 1], np.uint8)}
    assert pruning.density(mask) == 0.5
    assert pruning.layer_density(mask) == {"a": 0.25, "b": 1.0}


# Importing it sets TF_USE_LEGACY_KERAS for the whole process, hence a process of its own.
TFMOT = """
import sys
import numpy as np, tensorflow_model_optimization as tfmot, tf_keras
weights = np.load(sys.argv[1])
schedule = tfmot.sparsity.keras.ConstantSparsity(0.5, begin_step=0, frequency=1)
layer = tf_keras.layers.Dense(weights.shape[1], use_bias=False, input_shape=weights.shape[:1])
model = tf_keras.Sequential([tfmot.sparsity.keras.prune_low_magnitude(layer, schedule)])
wrapper = model.layers[0]
wrapper.layer.kernel.assign(weights)
wrapper.pruning_step.assign(0)
model(np.zeros((1, weights.shape[0]), np.float32), training=True)
np.save(sys.argv[2], wrapper.layer.kernel.numpy() != 0)
"""


def test_against_tensorflow_model_optimization(tmp_path):
    weights = np.random.default_rng(0).normal(size=(20, 15)).astype(np.float32)
    np.save(tmp_path / "weights.npy", weights)
    files = [str(tmp_path / name) for name in ("weights.npy", "mask.npy")]
    subprocess.run([sys.executable, "-c", TFMOT, *files], check=True, capture_output=True)
    expected = np.load(tmp_path / "mask.npy")
    assert int(expected.sum()) == math.prod(weights.shape) // 2
    mask = pruned({"kernel": weights}, 0.5, scope="layerwise")
    np.testing.assert_array_equal(mask["kernel"] == 1, expected)
