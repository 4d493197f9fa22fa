"""IMP through the whole package against lmc's algorithm 2, written from the paper in NumPy."""

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf import noise as addressed
from lth_tf import pruning
from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import Imp, MaskSearch
from lth_tf.models import Lenet
from lth_tf.models.network import network
from lth_tf.training import Adam, Constant, Hparams

MODEL = Lenet(widths=(6,), image_shape=(8, 8, 1))
TASK = Task("digits", mean=(0.3,), std=(0.4,))
BATCH, RATE, STEPS, LEVELS, FRACTION = 60, 0.02, 30, 3, 0.3
TRUNK_NOISE, SEARCH_NOISE = 4, 7
EXPERIMENT = Imp(
    *(MODEL, TASK, Hparams(BATCH, Adam(), Constant(RATE)), STEPS, (0, 3)),
    MaskSearch(LEVELS, FRACTION, noise=SEARCH_NOISE),
    rewind_steps=(0, 10),
    trunk_noise=TRUNK_NOISE,
)


@pytest.fixture(scope="module")
def examples(digits_folder):
    return load(TASK, digits_folder)


def a(weights, mask, noise, s, t, examples):
    """A^{s->t}(mask * weights, noise), with adam's moments at zero to begin with."""
    images = (examples.train_images / 255 - 0.3) / 0.4
    order = batches(noise, s, t - s, len(images), BATCH, "drop")
    seen = [(images[chosen], examples.train_labels[chosen]) for chosen in order]
    return numpy_training.adam(weights, mask, seen, RATE)[0]


def search_noise(level):
    """u' of a level: anew at each, under the address of its level."""
    if level == 0:
        return SEARCH_NOISE
    return int(addressed.generator("mask search", SEARCH_NOISE, level).integers(2**31))


def algorithm_2(initial, k, examples):
    """Yields m and W_T of every iteration, the dense network's first."""
    kernels = [name for name in initial if name.endswith("kernel")]
    mask = {name: np.ones(initial[name].shape) for name in kernels}
    rewound = a(initial, mask, TRUNK_NOISE, 0, k, examples)
    for level in range(LEVELS + 1):
        trained = a(rewound, mask, search_noise(level), k, STEPS, examples)
        yield {name: array.copy() for name, array in mask.items()}, trained
        remaining = [
            (abs(trained[name][index]), name, index)
            for name in kernels
            for index in map(tuple, np.argwhere(mask[name] == 1))
        ]
        remaining.sort(key=lambda entry: entry[0])
        for _, name, index in remaining[: round(FRACTION * len(remaining))]:
            mask[name][index] = 0


@pytest.fixture(scope="module")
def expected(examples):
    """By initialization, rewinding step and level: mask, weights and (error, loss) per split."""
    found = {}
    for seed in EXPERIMENT.initializations:
        for k in EXPERIMENT.rewind_steps:
            initial = network(MODEL).initial_weights(seed)
            for level, (mask, trained) in enumerate(algorithm_2(initial, k, examples)):
                scores = [
                    numpy_training.error_and_loss(trained, (images / 255 - 0.3) / 0.4, labels)
                    for images, labels in (
                        (examples.train_images, examples.train_labels),
                        (examples.test_images, examples.test_labels),
                    )
                ]
                found[seed, k, level] = mask, trained, scores
    return found


def requests():
    for request in EXPERIMENT.requests():
        where = (request.labels[name] for name in ("initialization", "rewind_step", "level"))
        yield request, tuple(where)


def test_every_level_is_there(expected):
    assert [where for _, where in requests()] == list(expected)


def test_masks_are_the_papers_exactly(store, expected):
    counts = set()
    for request, where in requests():
        mask = store.mask(request.mask)
        for name, array in expected[where][0].items():
            np.testing.assert_array_equal(mask[name], array, err_msg=f"{where} {name}")
        counts.add(sum(int(array.sum()) for array in mask.values()))
    # 8 * 8 * 6 + 6 * 10 = 444, of which 133, 93, 65 go.
    assert counts == {444, 311, 218, 153}


def test_weights_are_the_papers_up_to_rounding(store, expected):
    for request, where in requests():
        state = store.state(request.end)
        assert state.step == STEPS
        for name, array in expected[where][1].items():
            np.testing.assert_allclose(state.weights[name], array, atol=5e-6, err_msg=str(where))
        for name, mask in store.mask(request.mask).items():
            assert np.all(state.weights[name][mask == 0] == 0)


def test_errors_are_the_papers_exactly(store, expected):
    for request, where in requests():
        numbers = store.measure(request.measurement)
        for split, (error, loss) in zip(("train", "test"), expected[where][2], strict=True):
            assert numbers[f"{split}_errors"].tolist() == pytest.approx([error], rel=1e-12)
            assert numbers[f"{split}_losses"].tolist() == pytest.approx([loss], rel=1e-5)


def test_rows_say_the_same(store, expected):
    found = list(rows(EXPERIMENT, store, {"experiment": "imp"}))
    for row, (where, (mask, _, scores)) in zip(found, expected.items(), strict=True):
        assert (row["initialization"], row["rewind_step"], row["level"]) == where
        assert row["network"] == ("imp" if where[2] else "dense")
        assert (row["kind"], row["status"], row["step"]) == ("evaluation", "done", STEPS)
        assert row["noise"] == [search_noise(where[2])]
        assert row["density"] == pruning.density(mask)
        assert row["layer_density"] == pruning.layer_density(mask)
        assert row["train_error"] == pytest.approx(scores[0][0])
        assert row["test_error"] == pytest.approx(scores[1][0])
    assert len({row["key"] for row in found}) == len(found)
