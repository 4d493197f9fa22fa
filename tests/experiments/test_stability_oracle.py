"""Stability to data order and to pruning against NumPy, from the formulas of stabilizing section 2.

A LeNet of a few hundred steps on the digits, and a ResNet whose batch norm must not be in it.
"""

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from listing import rows

from lth_tf.connectivity import angle, l2_distance
from lth_tf.data import Task
from lth_tf.experiments import Instability, MaskSearch
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.planning import plan
from lth_tf.log.validation import validate
from lth_tf.measurements import Stability
from lth_tf.models import Lenet, Resnet
from lth_tf.recipes import At, Init, Ones, Prune, RecipeError, Shuffle, train
from lth_tf.store.layout import Layout
from lth_tf.training import Adam, Constant, Hparams

TASK = Task("digits", mean=(0.3,), std=(0.4,))
MODEL = Lenet(widths=(20, 10), image_shape=(8, 8, 1))
EXPERIMENT = Instability(
    *(
        MODEL,
        TASK,
        Hparams(60, Adam(), Constant(5e-3), xla="off"),
        150,
        (0,),
        MaskSearch(2, 0.5),
        (2,),
    ),
    rewind_steps=(0, 20),
    copies=(0, 1, 2, 3),
    functions=("stability_to_data_order", "stability_to_pruning"),
)
BOTH = pytest.mark.parametrize("to", ["data_order", "pruning"])


@pytest.fixture(scope="module")
def found(store):
    """Every request, with its row."""
    constants = {"experiment": "instability", "configuration": EXPERIMENT.key}
    pairs = list(zip(EXPERIMENT.requests(), rows(EXPERIMENT, store, constants), strict=True))
    for _, row in pairs:
        validate(row)
    return pairs


def of(found, **labels):
    return [(request, row) for request, row in found if labels.items() <= row.items()]


def kernels(store, weights, mask):
    """The masked kernels of a trained network as one vector, float64."""
    state, kept = store.state(weights), store.mask(mask)
    return np.concatenate([(state.weights[n].astype(float) * kept[n]).ravel() for n in kept])


def ends(store, request):
    measured = request.measurement
    return (kernels(store, end, request.mask) for end in (measured.first, measured.second))


@BOTH
def test_distance_and_angle_are_those_of_the_masked_kernels(store, found, to):
    for request, row in of(found, stability_to=to):
        one, other = ends(store, request)
        assert row["l2_distance"] == pytest.approx(np.sqrt(((one - other) ** 2).sum()), rel=1e-9)
        cosine = one @ other / np.sqrt((one @ one) * (other @ other))
        assert row["angle"] == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-6)
        # The law of cosines.
        square = one @ one + other @ other - 2 * np.sqrt((one @ one) * (other @ other)) * cosine
        assert row["l2_distance"] ** 2 == pytest.approx(square, rel=1e-9)


def test_pruning_moves_the_rest_by_what_the_masked_distance_leaves(store, found):
    """Pythagoras: the sparse network is zero where the mask is, so that the rest is the dense's."""
    for request, row in of(found, stability_to="pruning"):
        mask = store.mask(request.mask)
        dense, sparse = (
            store.state(w).weights for w in (request.measurement.first, request.measurement.second)
        )
        apart = sum(((dense[n].astype(float) - sparse[n]) ** 2).sum() for n in mask)
        off = sum((dense[n].astype(float)[mask[n] == 0] ** 2).sum() for n in mask)
        assert off > 0 and row["l2_distance"] ** 2 + off == pytest.approx(apart, rel=1e-9)


@pytest.mark.parametrize("measure", ["l2_distance", "angle"])
def test_no_side_of_a_triangle_is_longer_than_the_other_two(found, measure):
    networks = {(row["network"], row["rewind_step"]) for _, row in found}
    for network, k in networks:
        pairs = of(found, network=network, rewind_step=k, stability_to="data_order")
        sides = {tuple(row["noise"]): row[measure] for _, row in pairs}
        assert list(sides) == list(combinations(EXPERIMENT.copies, 2))
        for a, b, c in combinations(EXPERIMENT.copies, 3):
            lengths = sides[a, b], sides[b, c], sides[a, c]
            assert 2 * max(lengths) <= sum(lengths) * (1 + 1e-12)


def test_pruning_compares_the_searchs_own_run_under_the_noise_of_the_first_copy(found):
    pairs = of(found, stability_to="pruning")
    # Neither the dense network nor one with new initial weights has a whole network to arrive at.
    assert [(row["network"], row["rewind_step"]) for _, row in pairs] == [
        *(("imp", 0), ("random_pruning", 0)),
        *(("imp", 20), ("random_pruning", 20)),
    ]
    for request, row in pairs:
        whole, sparse = request.measurement.first, request.measurement.second
        assert row["noise"] == [0] and whole.run.noise == sparse.run.noise == 0
        assert (whole.run.start, whole.run.first_step) == (sparse.run.start, sparse.run.first_step)
        assert (whole.run.mask, sparse.run.mask) == (Ones(MODEL), request.mask)
        ticket = request.mask.mask if row["network"] == "random_pruning" else request.mask
        assert isinstance(ticket, Prune) and ticket.mask.weights == whole


def test_data_order_compares_copies_of_one_network_under_two_noises(found):
    for request, row in of(found, stability_to="data_order"):
        one, other = request.measurement.first.run, request.measurement.second.run
        assert [one.noise, other.noise] == row["noise"] and one.noise < other.noise
        assert (one.start, one.mask) == (other.start, other.mask) == (one.start, request.mask)
    masks = {r.mask for r, _ in of(found, network="random_pruning", rewind_step=0)}
    assert len(masks) == 1 and isinstance(masks.pop(), Shuffle)


@pytest.mark.parametrize(("copies", "more"), [((0, 1), 0), ((1, 2), 1)])
def test_pruning_costs_a_run_only_where_its_noise_is_not_the_searchs(tmp_path, copies, more):
    runs = []
    for functions in (("stability_to_data_order",), EXPERIMENT.functions):
        asked = dataclasses.replace(
            EXPERIMENT, networks=("imp",), rewind_steps=(0,), copies=copies, functions=functions
        )
        runs.append(plan([asked], Layout(tmp_path)).runs)
    assert runs[1] - runs[0] == more and runs[0] == 2 + 2  # levels 0 and 1, the two copies


def test_one_copy_is_enough_where_nothing_is_compared_with_another():
    for functions in (("error",), ("stability_to_pruning",), ("error", "stability_to_pruning")):
        alone = dataclasses.replace(EXPERIMENT, copies=(0,), functions=functions)
        assert {r.labels["noise"][0] for r in alone.requests()} == {0}
    for function in ("barrier", "state", "stability_to_data_order", "behavior_against_dense"):
        with pytest.raises(RecipeError, match="copies is .0,.; it must be two seeds or more"):
            dataclasses.replace(EXPERIMENT, copies=(0,), functions=("error", function))
    with pytest.raises(RecipeError, match="copies is .*; it must be one seed or more"):
        dataclasses.replace(EXPERIMENT, copies=(), functions=("error",))


def test_what_differs_otherwise_is_refused():
    start, setting = Init(MODEL, 0), (TASK, EXPERIMENT.hparams)
    dense = At(train(start, Ones(MODEL), *setting, noise=0), 150)
    mask = Prune(dense, Ones(MODEL), 0.5, EXPERIMENT.search.score, "global", ())
    sparse, other = (At(train(start, mask, *setting, noise=u), 150) for u in (0, 1))

    def request(first, second, to):
        return Request(Stability(first, second, mask), mask, second, {"stability_to": to})

    request(dense, sparse, "pruning")
    request(sparse, other, "data_order")
    with pytest.raises(RecipeError, match="stability to pruning compares .* under the same SGD"):
        request(dense, other, "pruning")
    with pytest.raises(RecipeError, match="are of the same SGD noise, 0, from the same state"):
        request(sparse, sparse, "data_order")


def test_equal_noise_and_a_mask_of_ones_are_exactly_zero_apart(store, found):
    end = found[0][0].measurement.first
    numbers = store.measure(Stability(end, end, Ones(MODEL)))
    assert numbers["l2_distance"] == numbers["angle"] == 0


def test_batch_norm_and_biases_have_no_part_in_it(store):
    model = Resnet(depth=8, width=2, image_shape=(8, 8, 1), norm_scale="uniform")
    hparams = Hparams(60, Adam(), Constant(1e-2), xla="off")
    first, second = (At(train(Init(model, 0), Ones(model), TASK, hparams, u), 3) for u in (0, 1))
    numbers = store.measure(Stability(first, second, Ones(model)))
    one, other = (store.state(end).weights for end in (first, second))
    assert any(np.any(one[n] != other[n]) for n in one if n.endswith("gamma"))
    vectors = [kernels(store, end, Ones(model)) for end in (first, second)]
    assert numbers["l2_distance"] == pytest.approx(np.linalg.norm(vectors[0] - vectors[1]))
    assert numbers["l2_distance"] < l2_distance(one, other)
    assert numbers["angle"] > angle(one, other)


@pytest.mark.parametrize("degrees", [1e-6, 1e-3, 30.0, 89.9, 90.0, 179.999])
def test_an_angle_is_exact_however_small(degrees):
    turned = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    assert angle({"w": np.array([2.0, 0])}, {"w": 3 * turned}) == pytest.approx(degrees, rel=1e-9)


def test_a_network_without_a_weight_has_no_angle():
    assert np.isnan(angle({"w": np.zeros(2)}, {"w": np.ones(2)}))
