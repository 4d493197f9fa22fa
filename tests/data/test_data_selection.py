"""Subsets and label noise: which examples and which labels, as functions of labels and fields."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_tf import noise as addressed
from lth_tf.data import LabelNoise, RandomSubset, ScoredSubset
from lth_tf.data.selection import chosen, noisy_labels, select, size
from lth_tf.recipes import RecipeError

CLASSES = 5
LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(CLASSES), 40)).astype(np.int32)
SCORES = np.random.default_rng(1).integers(6, size=len(LABELS)).astype(float)
FRACTIONS = st.sampled_from([0.025, 0.05, 0.1, 0.3, 0.5, 0.7, 1.0])
SEEDS = st.integers(0, 5)


def scored(keep, fraction, balanced=True, seed=0):
    return ScoredSubset("x.npy", keep, fraction, balanced, seed)


def test_literal():
    # Literal: another value here means that results in every store belong to other examples.
    labels = np.array([0, 1, 0, 1, 0, 1, 0, 1], np.int32)
    assert chosen(RandomSubset(0.5), labels, 2).tolist() == [0, 2, 5, 7]
    assert noisy_labels(LabelNoise(0.5), np.full(8, 9, np.int32), 8).tolist() == [
        9,
        7,
        9,
        7,
        9,
        5,
        2,
        9,
    ]


def test_scored_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 1], np.int32)
    scores = np.array([3.0, 1.0, 2.0, 30.0, -np.inf, np.inf])
    kept = [
        chosen(scored(keep, 1 / 3, balanced), labels, 2, scores).tolist()
        for keep in ("lowest", "highest")
        for balanced in (True, False)
    ]
    assert kept == [[1, 4], [1, 4], [0, 5], [3, 5]]


@given(FRACTIONS, SEEDS)
def test_a_random_subset_has_so_many_of_each_class_in_the_order_of_the_dataset(fraction, seed):
    indices, labels = select(RandomSubset(fraction, seed), None, LABELS, CLASSES)
    assert np.bincount(labels).tolist() == [round(fraction * 40)] * CLASSES
    assert len(indices) == size(RandomSubset(fraction, seed), len(LABELS), CLASSES)
    assert np.all(np.diff(indices) > 0)
    np.testing.assert_array_equal(labels, LABELS[indices])


@given(FRACTIONS, FRACTIONS, SEEDS)
def test_smaller_subsets_are_part_of_larger_ones(one, other, seed):
    small, large = sorted((one, other))
    inner, outer = (set(chosen(RandomSubset(f, seed), LABELS, CLASSES)) for f in (small, large))
    assert inner <= outer


def test_every_example_is_chosen_equally_often():
    subsets = [chosen(RandomSubset(0.1, seed), LABELS, CLASSES) for seed in range(500)]
    assert len({subset.tobytes() for subset in subsets}) == 500
    counts = np.bincount(np.concatenate(subsets), minlength=len(LABELS))
    # Five standard deviations of a binomial count.
    assert np.all(np.abs(counts - 50) < 5 * np.sqrt(500 * 0.1 * 0.9))


def oracle(labels, scores, ties, keep, fraction, balanced):
    """The kept examples, sorted in Python as the definition reads."""
    ranked = sorted(range(len(labels)), key=lambda i: (scores[i], ties[i]))
    ranked = ranked[::-1] if keep == "highest" else ranked
    if not balanced:
        return sorted(ranked[: round(fraction * len(labels))])
    share = round(fraction * len(labels) / CLASSES)
    members = [[i for i in ranked if labels[i] == c][:share] for c in range(CLASSES)]
    return sorted(sum(members, []))


@given(st.sampled_from(["lowest", "highest"]), FRACTIONS, st.booleans(), SEEDS)
def test_a_scored_subset_is_that_of_the_oracle(keep, fraction, balanced, seed):
    ties = addressed.generator("subset", seed).permutation(len(LABELS))
    expected = oracle(LABELS, SCORES, ties, keep, fraction, balanced)
    subset = scored(keep, fraction, balanced, seed)
    assert chosen(subset, LABELS, CLASSES, SCORES).tolist() == expected
    assert len(expected) == size(subset, len(LABELS), CLASSES)


@given(FRACTIONS, st.booleans(), SEEDS)
def test_lowest_and_highest_are_apart_and_together_everything(fraction, balanced, seed):
    low = chosen(scored("lowest", fraction, balanced, seed), LABELS, CLASSES, SCORES)
    if fraction == 1:
        assert len(low) == len(LABELS)
        return
    high = chosen(scored("highest", 1 - fraction, balanced, seed), LABELS, CLASSES, SCORES)
    assert sorted([*low, *high]) == list(range(len(LABELS)))


def test_the_seed_breaks_ties_and_nothing_else():
    subsets = [chosen(scored("lowest", 0.3, seed=s), LABELS, CLASSES, SCORES) for s in range(3)]
    assert len({subset.tobytes() for subset in subsets}) == 3
    for label in range(CLASSES):
        kept = [sorted(SCORES[s][LABELS[s] == label]) for s in subsets]
        assert kept[0] == kept[1] == kept[2]


def test_the_labels_given_are_never_changed():
    before = LABELS.copy()
    select(RandomSubset(0.5), LabelNoise(1.0), LABELS, CLASSES)
    np.testing.assert_array_equal(LABELS, before)


MANY = np.random.default_rng(2).integers(10, size=20_000).astype(np.int32)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 1.0])
def test_random_labels_are_uniform_and_right_by_chance_only(fraction):
    noisy = noisy_labels(LabelNoise(fraction), MANY, 10)
    assert noisy.dtype == np.int32
    changed = fraction * len(MANY)
    differing = np.count_nonzero(noisy != MANY)
    # Of the labels drawn, 9 in 10 are wrong; five standard deviations of a binomial count.
    assert abs(differing - 0.9 * changed) < 5 * np.sqrt(changed * 0.9 * 0.1)
    of_one_class = np.bincount(noisy[(MANY == 3) & (noisy != MANY)], minlength=10)
    assert of_one_class[3] == 0
    expected = of_one_class.sum() / 9
    assert np.all(np.abs(np.delete(of_one_class, 3) - expected) < 5 * np.sqrt(expected))


@given(st.floats(0.01, 1), st.floats(0.01, 1), SEEDS)
def test_less_noise_is_part_of_more_noise(one, other, seed):
    little, much = (
        noisy_labels(LabelNoise(f, seed), LABELS, CLASSES) for f in sorted((one, other))
    )
    touched = little != LABELS
    np.testing.assert_array_equal(little[touched], much[touched])


def test_noise_is_at_most_the_fraction_exactly_and_differs_by_seed():
    for fraction in (0.1, 0.25, 0.5):
        unlike = np.full(1000, 7, np.int32)  # none of the labels that are drawn
        noisy = noisy_labels(LabelNoise(fraction), unlike, 5)
        assert np.count_nonzero(noisy != 7) == round(fraction * 1000)
    assert len({noisy_labels(LabelNoise(1.0, s), LABELS, CLASSES).tobytes() for s in range(9)}) == 9


@given(FRACTIONS.filter(lambda f: f < 0.5), SEEDS)
def test_an_example_has_the_same_label_in_every_subset(fraction, seed):
    noise = LabelNoise(0.4, seed)
    whole = noisy_labels(noise, LABELS, CLASSES)
    indices, labels = select(RandomSubset(fraction), noise, LABELS, CLASSES)
    np.testing.assert_array_equal(labels, whole[indices])
    # Balanced in the labels that are trained on.
    assert len(set(np.bincount(labels, minlength=CLASSES))) == 1


@pytest.mark.parametrize(
    "subset, message",
    [
        (RandomSubset(0.002), "RandomSubset.fraction is 0.002; it must be enough for one example"),
        (scored("lowest", 1e-6), "ScoredSubset.fraction is 1e-06; it must be enough for one"),
        (scored("lowest", 1e-6, False), "ScoredSubset.fraction is 1e-06; it must be enough"),
    ],
)
def test_no_class_is_left_without_an_example(subset, message):
    with pytest.raises(RecipeError, match=f"^{message}"):
        size(subset, 200, CLASSES)


def test_a_class_that_is_too_small_is_named():
    labels = np.array([0] * 5 + [1] * 10 + [2] * 15, np.int32)
    assert len(chosen(RandomSubset(0.5), labels, 3)) == 15
    message = "^RandomSubset.fraction is 0.6; class 0 has 5 training examples, .* must give 6$"
    with pytest.raises(RecipeError, match=message):
        chosen(RandomSubset(0.6), labels, 3)


@pytest.mark.parametrize(
    "recipe, field, value",
    [
        (RandomSubset, "fraction", 0.0),
        (RandomSubset, "fraction", 1.1),
        (RandomSubset, "seed", -1),
        (LabelNoise, "fraction", 0.0),
        (LabelNoise, "fraction", 1.1),
        (LabelNoise, "seed", -1),
        (ScoredSubset, "fraction", -0.1),
        (ScoredSubset, "scores", "scores.txt"),
        (ScoredSubset, "keep", "easiest"),
        (ScoredSubset, "fingerprint", "0123"),
    ],
)
def test_values_out_of_range_name_the_field(recipe, field, value):
    needed = {
        RandomSubset: {"fraction": 0.5},
        ScoredSubset: {"scores": "x.npy", "keep": "lowest", "fraction": 0.5},
        LabelNoise: {},
    }
    with pytest.raises(RecipeError, match=rf"^{recipe.__name__}\.{field} is "):
        recipe(**needed[recipe] | {field: value})
