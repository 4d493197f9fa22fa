"""Rows of a sweep, one of every request: of networks that diverged, and of equal ones."""

import numpy as np
import pytest
import tensorflow as tf

from lth_tf.data import Task
from lth_tf.experiments import Imp, MaskSearch, Perturbed, Telemetry
from lth_tf.experiments.choices import Choice, Ended
from lth_tf.experiments.study import Study
from lth_tf.log import log
from lth_tf.models import Lenet
from lth_tf.store import artifacts, format_file
from lth_tf.store.layout import Layout
from lth_tf.sweep.collect import Collector
from lth_tf.sweep.in_process_pool import InProcessPool
from lth_tf.sweep.run import plan, run
from lth_tf.training import Constant, Hparams, Momentum
from lth_tf.training.engine import Engine

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")


@pytest.fixture(scope="module")
def engine(digits_folder):
    return Engine(digits_folder, tf.distribute.get_strategy())


@pytest.fixture
def swept(engine, tmp_path):
    """Runs an experiment, again as well; returns the rows of its log."""

    def sweep(experiment):
        layout, work = Layout(tmp_path / "store"), tmp_path / "work"
        own = [Study(experiment, "", 1437)]
        pool = (layout.root, work, lambda threads: engine, 60.0)
        for _ in range(2):
            failed = run(own, work, layout, (0, 1), lambda report: InProcessPool(report, *pool))
            assert failed is None
        assert plan(own, layout, (0, 1)).steps_left == 0
        return log.read(work)[0]

    return sweep


def by_place(rows):
    return {(row["kind"], row["step"], row["level"]): row for row in rows}


def hparams(rate, decay):
    return Hparams(60, Momentum(), Constant(rate), weight_decay=decay, xla="off")


def test_what_compares_a_state_with_one_that_was_never_reached_diverged(swept):
    setting = (MODEL, TASK, hparams(0.01, 1e5), 100, (0,), MaskSearch(1))
    telemetry = Telemetry(*setting, levels=(0,), at=(1,), differences=(0, 1, 50))
    rows = by_place(swept(telemetry))
    done = {place for place, row in rows.items() if row["status"] == "done"}
    assert done == {(kind, 1, 0) for kind in ("evaluation", "gradient", "difference")}
    diverged = {place: row["diverged_at"] for place, row in rows.items() if place not in done}
    assert set(diverged) == {("weight", 1, 0), ("difference", 50, 0)}
    assert len({*diverged.values()}) == 1 and 1 < diverged["weight", 1, 0] < 50


def test_what_starts_from_new_weights_diverged_where_its_mask_did(swept):
    setting = (MODEL, TASK, hparams(0.01, 1e5), 100, (0,), MaskSearch(1))
    rows = by_place(swept(Imp(*setting, functions=("error", "perturbation"))))
    kinds = {("evaluation", 100, 0), ("evaluation", 100, 1), ("connectivity", 100, 0)}
    assert set(rows) == kinds and {row["status"] for row in rows.values()} == {"diverged"}


def test_a_network_whose_last_update_diverged_has_no_next_level(swept):
    rows = by_place(swept(Imp(MODEL, TASK, hparams(3e38, 30.0), 1, (0,), MaskSearch(1))))
    assert {place: row["diverged_at"] for place, row in rows.items()} == {
        ("evaluation", 1, level): 1 for level in (0, 1)
    }


def test_kinds_of_network_that_are_one_and_the_same_have_a_row_each(swept):
    # At k = 0 signs and magnitudes of W_k are those of W_0.
    kinds = ("signs_k_magnitudes_initial", "signs_initial_magnitudes_k")
    setting = (MODEL, TASK, hparams(0.01, 0.0), 5, (0,), MaskSearch(1))
    perturbed = Perturbed(*setting, levels=(1,), kinds=kinds, functions=("error",))
    first, second = (row for row in swept(perturbed) if row["network"] != "imp")
    assert [first["network"], second["network"]] == [*kinds]
    assert first["key"] == second["key"] and first["test_error"] == second["test_error"]


def test_damaged_numbers_of_a_run_that_diverged_decide_nothing_and_end_a_chain(tmp_path):
    (first, *_) = Imp(MODEL, TASK, hparams(0.01, 0.0), 5, (0,), MaskSearch(1)).requests()
    layout, run = Layout(tmp_path / "store"), first.end.run
    format_file.open_root(layout.root)
    own = {"key": first.measurement.key, "recipe": first.measurement.canonical}
    place = layout.artifact(first.measurement)
    artifacts.write(place, own, {"test_errors": np.zeros(1)})
    place.write_bytes(place.read_bytes()[:-1] + b"?")
    header = {"key": run.key, "recipe": run.canonical, "step": 4}
    artifacts.write(layout.diverged(run), header, {})
    choice = Choice("x", (first.measurement,), (1,), lambda numbers: 1, 1)
    with Collector(tmp_path / "work", layout) as collector, pytest.raises(Ended):
        collector.decide(choice)
