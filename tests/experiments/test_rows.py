"""Rows against NumPy: instabilities from the trained weights, and runs that diverge."""

import dataclasses

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf import pruning
from lth_tf.data import Task, load
from lth_tf.experiments import Instability, MaskSearch, Request
from lth_tf.experiments.rows import RowBuilder
from lth_tf.log.fields import RowKind, measured
from lth_tf.log.validation import validate
from lth_tf.measurements import Compare, Evaluate, Interpolate, Measurement, Predict
from lth_tf.models import Lenet
from lth_tf.recipes import Init, Ones, RecipeError, Weights, at, train
from lth_tf.store import checks
from lth_tf.training import Constant, Hparams, Momentum

TASK = Task("digits", mean=(0.3,), std=(0.4,))
POINTS = 5
EXPERIMENT = Instability(
    model=Lenet(widths=(6,), image_shape=(8, 8, 1)),
    task=TASK,
    hparams=Hparams(60, Momentum(), Constant(0.1), xla="off"),
    steps=25,
    initializations=(0,),
    search=MaskSearch(1, 0.5),
    levels=(1,),
    copies=(0, 1),
    alphas=POINTS,
)
HUGE = dataclasses.replace(EXPERIMENT, hparams=Hparams(60, Momentum(), Constant(1e30), xla="off"))
SPLITS = ("train", "test")


@pytest.fixture(scope="module")
def found(store):
    """Every request, with its row."""
    constants = {"experiment": "instability"}
    return list(zip(EXPERIMENT.requests(), rows(EXPERIMENT, store, constants), strict=True))


def interpolated(store, digits_folder, line):
    """Per split: errors at evenly spaced alphas, by the formula; and the two ends as vectors."""
    first, second = (store.state(end).weights for end in (line.first, line.second))
    examples = load(TASK, digits_folder)
    curves: dict[str, list] = {split: [] for split in SPLITS}
    for alpha in np.linspace(0, 1, POINTS):
        mixed = {n: alpha * first[n].astype(float) + (1 - alpha) * second[n] for n in first}
        for split in SPLITS:
            images = (getattr(examples, f"{split}_images") / 255 - 0.3) / 0.4
            labels = getattr(examples, f"{split}_labels")
            curves[split].append(numpy_training.error_and_loss(mixed, images, labels)[0])
    ends = [np.concatenate([w[n].ravel() for n in first]).astype(float) for w in (first, second)]
    return curves, ends


def test_instabilities_are_those_of_the_trained_weights(store, digits_folder, found):
    lines = [(r, row) for r, row in found if isinstance(r.measurement, Interpolate)]
    assert len(lines) == 4  # dense, imp, random pruning, random reinitialization
    for request, row in lines:
        curves, (one, other) = interpolated(store, digits_folder, request.measurement)
        assert (row["kind"], row["status"], row["noise"]) == ("instability", "done", [0, 1])
        assert row["alphas"] == [0, 0.25, 0.5, 0.75, 1]
        for split in SPLITS:
            errors = np.array(curves[split])
            np.testing.assert_allclose(row[f"{split}_errors"], errors, atol=1e-12)
            instability = errors.max() - (errors[0] + errors[-1]) / 2
            assert row[f"{split}_instability"] == pytest.approx(instability, abs=1e-12)
        assert row["l2_distance"] == pytest.approx(np.linalg.norm(one - other))
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        assert row["cosine_distance"] == pytest.approx(1 - cosine)


def test_the_ends_of_a_line_are_its_copies(found):
    copies = {(row["network"], *row["noise"]): row for _, row in found}
    for (network, *noise), row in copies.items():
        if len(noise) == 2:
            for split in SPLITS:
                ends = row[f"{split}_errors"][-1], row[f"{split}_errors"][0]
                assert ends == tuple(copies[network, n][f"{split}_error"] for n in noise)


def test_densities_of_the_networks(store, found):
    densities = {row["network"]: row["density"] for _, row in found}
    assert densities == {
        "dense": 1.0,
        "imp": 0.5,
        "random_pruning": 0.5,
        "random_reinitialization": 0.5,
    }
    for request, row in found:
        assert row["layer_density"] == pruning.layer_density(store.mask(request.mask))


def test_the_other_barrier_is_another_number_of_the_same_measurements(store, found):
    other = dataclasses.replace(EXPERIMENT, barrier="from_line_between_ends")
    for (_, row), again in zip(found, rows(other, store, {}), strict=True):
        assert row["key"] == again["key"]
        if row["kind"] == "instability":
            assert again["barrier"] == "from_line_between_ends"
            errors, alphas = np.array(row["test_errors"]), np.array(row["alphas"])
            straight = alphas * errors[-1] + (1 - alphas) * errors[0]
            assert again["test_instability"] == pytest.approx(np.max(errors - straight))


def test_what_diverges_is_a_row_that_says_so(store):
    found = list(rows(HUGE, store, {}))
    assert len(found) == 12
    for row in found:
        assert row["status"] == "diverged" and row["diverged_at"] >= 1
        measured = "test_error" if row["kind"] == "evaluation" else "test_instability"
        assert row[measured] is None
        # Dense networks have a density; the masks of a search that diverged do not exist.
        assert row["density"] == (1.0 if row["network"] == "dense" else None)


class OverflowingStore:
    """A store in which every test loss is infinite."""

    def mask(self, mask):
        return {"k": np.ones(2, np.uint8)}

    def journal(self, run):
        return []

    def measure(self, measurement):
        shapes = {name: () if name.endswith("distance") else 1 for name in measurement.schema}
        return {n: np.full(s, np.inf if "test_loss" in n else 0) for n, s in shapes.items()}


@pytest.mark.parametrize("steps", [0, 25])
def test_a_test_loss_that_is_not_finite_is_a_row_of_a_network_that_diverged(steps):
    w0, ones = Init(EXPERIMENT.model, 0), Ones(EXPERIMENT.model)
    first, second = (at(train(w0, ones, TASK, EXPERIMENT.hparams, u), steps) for u in (0, 1))
    measured = [(Evaluate(first, TASK), {"noise": [0]})]
    if steps:
        pair = Compare(Predict(first, TASK), Predict(second, TASK))
        measured.append((pair, {"noise": [0, 1], "against": "dense"}))
    for measurement, labels in measured:
        labels |= {"network": "dense", "initialization": 0, "rewind_step": 0, "level": 0}
        request = Request(measurement, ones, first, labels)
        constants = {"experiment": "instability", "configuration": "0" * 64}
        row = RowBuilder(OverflowingStore()).row(EXPERIMENT, request, constants)
        validate(row)
        assert (row["status"], row["diverged_at"]) == ("diverged", steps)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Confusion(Measurement):
    """A measurement of a user's own, whose numbers are named as its fields are."""

    ROW = RowKind(
        "confusion",
        "How often a class is taken for another.",
        values=measured(
            ("confused", "rows of fractions", "of 1", "Share of each class taken for each."),
            ("examples_by_class", "list of integers", "examples", "Examples of each class."),
        ),
    )

    weights: Weights

    def make(self, maker):
        return {"confused": np.full((3, 3), 1 / 3), "examples_by_class": np.array([4, 5, 6])}


def test_numbers_of_rows_and_of_lists_are_as_their_fields_say():
    measurement = Confusion(Init(EXPERIMENT.model, 0))
    numbers = measurement.make(None)
    checks.check_numbers(numbers, measurement.schema)
    row = measurement.row(numbers, {})
    assert row == {"confused": [[1 / 3] * 3] * 3, "examples_by_class": [4, 5, 6]}
    assert type(row["examples_by_class"][0]) is int


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Spread(Measurement):
    """A measurement of a user's own, whose numbers are as NumPy happens to give them."""

    ROW = RowKind(
        "spread",
        "How far weights spread.",
        values=measured(
            ("deviation", "number", "weight", "Standard deviation of all weights."),
            ("largest", "list of numbers or null", "weight", "The largest weights."),
            ("smallest", "number", "weight", "The smallest weight, in whole numbers."),
        ),
    )

    weights: Weights
    count: int = 2
    fails: bool = False

    def make(self, maker):
        weights = maker.state(self.weights).weights["logits/kernel"].ravel()
        deviation = weights[:3] if self.fails else weights.std()
        return {"deviation": deviation, "largest": np.sort(weights)[-self.count :], "smallest": 0}


def test_numbers_of_other_dtypes_are_made_once(store, caplog):
    spread = Spread(Init(EXPERIMENT.model, 0))
    first, again = store.measure(spread), store.measure(spread)
    assert not caplog.records
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])
        assert array.dtype == again[name].dtype == np.float64
    with pytest.raises(
        RecipeError, match=r"Spread.make .* 'deviation' is of shape \[3\], not \[\]"
    ):
        store.measure(dataclasses.replace(spread, fails=True))
