"""Lines, projections and perturbations of the levels of IMP against NumPy.

Written from unmasking's text, on a LeNet of a hundred steps on the digits, three levels deep.
"""

import dataclasses
import itertools

import numpy as np
import pytest
from imp_example import HPARAMS, IMP, SEARCH, TASK
from listing import rows

from lth_tf.experiments import Instability
from lth_tf.experiments.mask_search import replicate_noise
from lth_tf.log.validation import validate
from lth_tf.recipes import Displace, Init, Ones, RecipeError

SPLITS = ("train", "test")


@pytest.fixture(scope="module")
def found(store):
    """Every request with its row."""
    constants = {"experiment": "imp", "configuration": IMP.key}
    pairs = list(zip(IMP.requests(), rows(IMP, store, constants), strict=True))
    for _, row in pairs:
        validate(row)
    return pairs


def lines(found, to):
    return [(r, row) for r, row in found if row["kind"] == "connectivity" and row["to"] == to]


def test_every_two_levels_have_a_line_and_every_level_but_the_last_a_projection(found):
    pairs = [(row["level"], row["to_level"]) for _, row in lines(found, "solution")]
    assert pairs == 2 * list(itertools.combinations(range(4), 2))
    assert [row["level"] for _, row in lines(found, "projection")] == 2 * [0, 1, 2]
    assert {row["network"] for _, row in lines(found, "perturbed")} == {"dense"}
    assert {tuple(row["noise"]) for _, row in lines(found, "solution")} == {
        (noise, noise)
        for noise in (replicate_noise("own_noise", 0, 0), replicate_noise("own_noise", 0, 1))
    }


def test_replicates_differ_in_their_noise_too(found):
    ends = {r.end.run for r, row in found if (row["kind"], row["level"]) == ("evaluation", 0)}
    one, other = ends
    assert one.noise != other.noise and one.start.run.noise == one.noise
    shared = dataclasses.replace(IMP, replicates="shared_noise").searches()
    assert {next(levels).rewound.run.noise for levels in shared} == {0}


def test_errors_along_the_path_are_those_of_interpolated_weights(store, found, scores):
    for request, row in lines(found, "solution") + lines(found, "projection"):
        a = store.state(request.measurement.second).weights
        b = store.state(request.measurement.first).weights
        for beta, *measured in zip(
            *(row[name] for name in ("alphas", "test_errors", "test_losses", "train_errors")),
            strict=True,
        ):
            mixed = {name: (1 - beta) * a[name].astype(float) + beta * b[name] for name in a}
            error, loss = scores(mixed, "test")
            assert measured[0] == pytest.approx(error, abs=1e-9)
            assert measured[1] == pytest.approx(loss, rel=1e-4)
            assert measured[2] == pytest.approx(scores(mixed, "train")[0], abs=1e-9)


def test_the_ends_of_a_path_are_the_levels_own_errors(found):
    errors = {
        (row["initialization"], row["level"]): row["test_error"]
        for _, row in found
        if row["kind"] == "evaluation"
    }
    for _, row in lines(found, "solution"):
        ends = [errors[row["initialization"], row[level]] for level in ("level", "to_level")]
        assert [row["test_errors"][0], row["test_errors"][-1]] == ends


def test_the_barrier_is_that_of_appendix_a(found):
    for _, row in found:
        if row["kind"] == "connectivity":
            for split in SPLITS:
                errors, n = row[f"{split}_errors"], IMP.alphas - 1
                height = max(
                    e - (1 - b / n) * errors[0] - b / n * errors[-1] for b, e in enumerate(errors)
                )
                assert row[f"{split}_barrier"] == pytest.approx(height, abs=1e-12)
                assert row[f"{split}_barrier"] >= 0


def test_a_line_from_the_other_end_is_mirrored(store, found):
    request, row = lines(found, "solution")[0]
    one, other = request.measurement.second, request.measurement.first
    swapped = dataclasses.replace(request.measurement, first=one, second=other)
    mirrored = swapped.row(store.measure(swapped), request.labels)
    assert mirrored["test_errors"] == row["test_errors"][::-1]
    assert mirrored["test_barrier"] == pytest.approx(row["test_barrier"])


def test_projections_move_a_level_by_what_the_next_one_prunes(store, found):
    for request, row in lines(found, "projection"):
        before = store.state(request.end)
        projected = request.measurement.first
        after, mask = store.state(projected), store.mask(projected.mask)
        moved = sum(
            float(np.sum(before.weights[n].astype(float)[kept == 0] ** 2))
            for n, kept in mask.items()
        )
        assert row["l2_distance"] == pytest.approx(np.sqrt(moved))
        assert all((after.weights[n][kept == 0] == 0).all() for n, kept in mask.items())


def test_perturbed_starts_lie_as_far_off_as_the_mask_of_level_1_moves_them(store, found):
    draws = []
    for request, row in lines(found, "perturbed"):
        run = request.measurement.first.run
        moved = run.start
        w, mask = store.state(moved.weights).weights, store.mask(moved.mask)
        got = store.state(moved).weights
        pruned = sum(float(np.sum(w[n].astype(float)[k == 0] ** 2)) for n, k in mask.items())
        step = {n: got[n].astype(float) - w[n] for n in w}
        length = np.sqrt(sum(np.sum(step[n] ** 2) for n in mask))
        assert length == pytest.approx(np.sqrt(pruned), rel=1e-5)
        assert not any(step[n].any() for n in w if n not in mask)
        # Trained from there as the dense network is from W_k.
        dense = request.end.run
        assert dataclasses.replace(run, start=dense.start) == dense
        assert (row["level"], row["to_level"], moved.step) == (0, 0, 10)
        other = dataclasses.replace(moved, seed=moved.seed + 7)
        again = {n: store.state(other).weights[n].astype(float) - w[n] for n in mask}
        cosine = sum(np.sum(step[n] * again[n]) for n in mask) / length**2
        assert abs(cosine) < 5 / np.sqrt(sum(w[n].size for n in mask))
        draws.append(length)
    assert len(draws) == 2


def test_a_mask_that_prunes_nothing_displaces_nothing(store):
    dense = Ones(IMP.model)
    with pytest.raises(RecipeError, match="Displace.mask is dense mask of level 0; it must prune"):
        store.state(Displace(Init(IMP.model, 0), dense, 0))


def test_level_0_and_the_dense_network_of_instability_analysis_are_one():
    shared = dataclasses.replace(IMP, replicates="shared_noise", functions=("error",))
    dense = Instability(
        *(IMP.model, TASK, HPARAMS, 100, (0,), SEARCH), networks=("dense",), rewind_steps=(10,),
        copies=(0, 1),
    )  # fmt: skip
    assert next(shared.requests()).end in {request.end for request in dense.requests()}
