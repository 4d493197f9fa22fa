"""Perturbed subnetworks through the whole package against early_phase section 5 in NumPy."""

import dataclasses

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf import noise as addressed
from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import (
    GaussianNoise,
    MaskSearch,
    Perturbation,
    Perturbed,
    ShuffledWeights,
    study,
)
from lth_tf.experiments.perturbed import FOURTEEN, SHIPPED
from lth_tf.experiments.planning import plan
from lth_tf.experiments.search import reinitialization_seed
from lth_tf.log.validation import validate
from lth_tf.models import Lenet, Resnet
from lth_tf.models.network import network
from lth_tf.perturbation import PermutationError
from lth_tf.recipes import At, Init, Ones, RecipeError, Recombine, train
from lth_tf.store.layout import Layout
from lth_tf.training import Adam, Constant, Hparams

MODEL = Lenet(widths=(6,), image_shape=(8, 8, 1))
TASK = Task("digits", mean=(0.3,), std=(0.4,))
BATCH, RATE, STEPS, K, LEVEL = 60, 0.02, 30, 10, 2
SEARCH = MaskSearch(LEVEL, 0.3, noise=7)
ON_LENET = tuple(SHIPPED[n] for n in SHIPPED if "filters" not in n)
EXPERIMENT = Perturbed(
    *(
        MODEL,
        TASK,
        Hparams(BATCH, Adam(), Constant(RATE), xla="off"),
        STEPS,
        (3,),
        SEARCH,
    ),
    levels=(LEVEL,),
    kinds=ON_LENET,
    rewind_steps=(K,),
    trunk_noise=4,
)
KERNELS = ("dense_1/kernel", "logits/kernel")
SIGMA = {"dense_1/kernel": np.sqrt(2 / (64 + 6)), "logits/kernel": np.sqrt(2 / (6 + 10))}


def a(weights, mask, noise, s, t, examples):
    """A^{s->t}(mask * weights, noise)."""
    images = (examples.train_images / 255 - 0.3) / 0.4
    order = batches(noise, s, t - s, len(images), BATCH, "drop")
    seen = [(images[chosen], examples.train_labels[chosen]) for chosen in order]
    return numpy_training.adam(weights, mask, seen, RATE)[0]


def search_noise(level):
    return 7 if level == 0 else int(addressed.generator("mask search", 7, level).integers(2**31))


@pytest.fixture(scope="module")
def examples(digits_folder):
    return load(TASK, digits_folder)


@pytest.fixture(scope="module")
def states(examples):
    """W_0, W_k, W'_0 and m of the level, from algorithm 2."""
    w0 = network(MODEL).initial_weights(3)
    fresh = network(MODEL).initial_weights(reinitialization_seed(3))
    ones = {name: np.ones(w0[name].shape) for name in KERNELS}
    wk = a(w0, ones, 4, 0, K, examples)
    mask = ones
    for level in range(LEVEL):
        end = a(wk, mask, search_noise(level), K, STEPS, examples)
        kept = np.concatenate([np.abs(end[n][mask[n] == 1]) for n in KERNELS])
        cut = np.sort(kept)[round(0.3 * kept.size) - 1]
        mask = {n: mask[n] * (np.abs(end[n]) > cut) for n in KERNELS}
    return w0, wk, fresh, mask


@pytest.fixture(scope="module")
def found(store):
    constants = {"experiment": "perturbed", "configuration": "0" * 64}
    requests = list(EXPERIMENT.requests())
    return list(zip(requests, rows(EXPERIMENT, store, constants), strict=True))


def of(found, network, kind="evaluation"):
    (one,) = [(q, r) for q, r in found if (r["network"], r["kind"]) == (network, kind)]
    return one


def test_masks_are_imps_exactly(store, states, found):
    for request, _ in found:
        mask = store.mask(request.mask)
        for name in KERNELS:
            np.testing.assert_array_equal(mask[name], states[3][name])


@pytest.mark.parametrize(
    "name, signs, magnitudes",
    [
        ("signs_k_magnitudes_initial", 1, 0),
        ("signs_k_magnitudes_fresh", 1, 2),
        ("signs_initial_magnitudes_k", 0, 1),
        ("signs_initial_magnitudes_initial", 0, 0),
    ],
)
def test_mixes_of_signs_and_magnitudes_are_trained_as_the_paper_says(
    store, states, found, examples, name, signs, magnitudes
):
    request, row = of(found, name)
    mask, start = states[3], dict(states[1])
    for kernel in KERNELS:
        start[kernel] = np.where(np.signbit(states[signs][kernel]), -1, 1) * np.abs(
            states[magnitudes][kernel]
        )
    wanted = a(start, mask, search_noise(LEVEL), K, STEPS, examples)
    state = store.state(request.end)
    assert (state.step, state.updates) == (STEPS, STEPS - K)
    for array in wanted:
        np.testing.assert_allclose(state.weights[array], wanted[array], atol=5e-6)
    images = (examples.test_images / 255 - 0.3) / 0.4
    error, _ = numpy_training.error_and_loss(wanted, images, examples.test_labels)
    assert row["test_error"] == pytest.approx(error)
    _, moved = of(found, name, "difference")
    delta = np.concatenate([(start[n] - states[1][n])[mask[n] == 1] for n in KERNELS])
    assert moved["effective_deviation"] == pytest.approx(
        np.sqrt(np.mean((delta - delta.mean()) ** 2))
    )
    assert moved["mean_difference"] == pytest.approx(delta.mean(), abs=1e-6)
    assert moved["weights_left"] == delta.size


def test_initial_signs_with_shuffled_magnitudes(store, states, found):
    """Brown of fig. 6: the signs of W_0, in each layer the magnitudes of W_k in some order."""
    request, _ = of(found, "signs_initial_magnitudes_shuffled")
    start, mask = store.state(request.end.run.start).weights, states[3]
    for name in KERNELS:
        kept = mask[name] == 1
        np.testing.assert_array_equal(
            np.signbit(start[name])[kept], np.signbit(states[0][name])[kept]
        )
        np.testing.assert_allclose(
            np.sort(np.abs(start[name][kept])), np.sort(np.abs(states[1][name][kept])), atol=5e-6
        )


def test_noise_is_of_the_scale_of_each_layers_initialization(store, states, found):
    mask = states[3]
    drawn = []
    for scale in (0.5, 1, 2, 3):
        request, _ = of(found, f"noise_{scale:g}")
        start = store.state(request.end.run.start).weights
        for name in KERNELS:
            kept = mask[name] == 1
            drawn.append((start[name] - states[1][name])[kept] / (scale * SIGMA[name]))
            np.testing.assert_allclose(start[name][~kept], states[1][name][~kept], atol=5e-6)
        for name in ("dense_1/bias", "logits/bias"):
            np.testing.assert_allclose(start[name], states[1][name], atol=5e-6)
        _, moved = of(found, f"noise_{scale:g}", "difference")
        left = {n: mask[n].sum() for n in KERNELS}
        wanted = scale * np.sqrt(sum(left[n] * SIGMA[n] ** 2 for n in KERNELS) / sum(left.values()))
        assert moved["effective_deviation"] == pytest.approx(wanted, rel=0.15)  # 218 draws
    every = np.concatenate(drawn)
    assert abs(every.mean()) < 5 / np.sqrt(every.size)
    assert abs(every.std() - 1) < 5 / np.sqrt(2 * every.size)


def test_rows_of_perturbed_networks_are_of_the_tickets_setting_and_of_a_kind_of_their_own(found):
    for _, row in found:
        validate(row)
    _, ticket = of(found, "imp")
    assert {row["network"] for _, row in found} == {"imp", *(kind.name for kind in ON_LENET)}
    assert all(row["settings"] == ticket["settings"] for _, row in found)
    assert {row["noise"][0] for _, row in found} == {search_noise(LEVEL)}
    assert {(r["kind"], r["step"]) for _, r in found} == {("evaluation", STEPS), ("difference", K)}
    assert len({row["key"] for _, row in found}) == len(found)


def test_how_far_weights_were_moved_takes_the_search_alone(found, tmp_path):
    alone = dataclasses.replace(EXPERIMENT, functions=("difference",))
    moved = [q.measurement for q, row in found if row["kind"] == "difference"]
    assert [request.measurement for request in alone.requests()] == moved
    # To step k, and the levels before the one whose mask it is.
    assert plan([alone], Layout(tmp_path / "store")).runs == 1 + LEVEL


def test_unperturbed_a_network_trains_to_the_ticket(store):
    """Signs and magnitudes of W_k are W_k: the same weights under another key."""
    rewound = At(train(Init(MODEL, 3), Ones(MODEL), TASK, EXPERIMENT.hparams, 4), K)
    same = store.state(Recombine(rewound, rewound, rewound))
    for name, array in store.state(rewound).weights.items():
        np.testing.assert_array_equal(same.weights[name], array)


def test_there_are_fourteen_points_in_figure_8():
    assert len(FOURTEEN) == 14 and len(set(FOURTEEN)) == 14


def test_filters_are_refused_where_they_change_nothing_before_anything_is_trained(digits_folder):
    wrong = dataclasses.replace(EXPERIMENT, kinds=(ShuffledWeights("filters"),))
    with pytest.raises(PermutationError, match="no kernel has several weights"):
        study.bind(wrong, "", digits_folder)
    resnet = Resnet(depth=8, width=2, image_shape=(8, 8, 1))
    study.bind(dataclasses.replace(wrong, model=resnet), "", digits_folder)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Halved(Perturbation):
    """One of a user's own."""

    scale: float = 0.5

    def perturb(self, states):
        return states.rewound


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"kinds": ("noise",)},
            "Perturbed.kinds: 'noise' is no perturbation; allowed: signs_k_magnitudes_",
        ),
        (
            {"kinds": ("noise_1", GaussianNoise(1.0))},
            "Perturbed.kinds is (GaussianNoise(scale=1.0)",
        ),
        ({"levels": (3,)}, "Perturbed.levels is (3,); it must be levels from 0 to 2"),
        ({"functions": ()}, "Perturbed.functions is (); it must be different functions, one or"),
    ],
)
def test_wrong_fields_are_named(changes, message):
    with pytest.raises(RecipeError) as error:
        dataclasses.replace(EXPERIMENT, **changes)
    assert str(error.value).startswith(message)


def test_kinds_go_by_name_or_are_classes_of_ones_own():
    kinds = dataclasses.replace(EXPERIMENT, kinds=("noise_1", Halved(0.25))).kinds
    assert [kind.name for kind in kinds] == ["noise_1", "halved_0.25"]
