"""What wants the record of a run: it is there, or its steps are taken again, as the plan says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from lth_tf.data import Task
from lth_tf.log import RowKind
from lth_tf.measurements import Evaluate, Measurement
from lth_tf.models import Lenet
from lth_tf.recipes import At, Diverged, Init, Ones, Recorded, train
from lth_tf.store import artifacts
from lth_tf.store.observer import SilentObserver
from lth_tf.store.plan import make_plan
from lth_tf.store.remaining import missing_recipes
from lth_tf.store.store import Store
from lth_tf.training import Constant, Hparams, Momentum

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
RUN = train(
    Init(MODEL, 0), Ones(MODEL), TASK, Hparams(60, Momentum(), Constant(0.02), xla="off"), noise=0
)


@dataclass(frozen=True, eq=False, repr=False)
class MeanLoss(Measurement):
    """The mean training loss over a run, for these tests."""

    ROW: ClassVar[RowKind | None] = None
    recorded: Recorded

    def make(self, maker) -> Mapping[str, Any]:
        return {"mean": np.asarray(maker.record(self.recorded).losses.mean())}


WANTED = MeanLoss(Recorded(RUN, 12))


@pytest.fixture
def store(engine, tmp_path):
    return Store(tmp_path / "store", lambda: engine, SilentObserver())


def forget(store, steps):
    """Removes the segments of the record that begin at some step or later."""
    for path in store.layout.run(RUN).glob("record-*"):
        if int(path.name.split("-")[1]) >= steps:
            path.unlink()


def test_the_record_of_a_run_comes_with_its_training(store):
    assert make_plan([WANTED], store.layout).steps_left == 12
    numbers = store.measure(WANTED)
    assert make_plan([WANTED], store.layout).steps_left == 0
    record = store.record(WANTED.recorded)
    assert record.complete and record.losses.shape == (12,) and record.correct.shape == (12, 60)
    assert numbers["mean"] == record.losses.mean()


@pytest.mark.parametrize("known, again", [(0, 12), (6, 6)])
def test_a_run_without_a_record_is_trained_again_from_where_it_lacks_steps(store, known, again):
    store.state(At(RUN, 6))
    store.state(At(RUN, 12))
    before = store.record(Recorded(RUN, 12))
    files = {path: path.read_bytes() for path in store.layout.run(RUN).glob("at-*")}
    forget(store, known)
    plan = make_plan([WANTED], store.layout)
    assert plan.steps_left == again and plan.runs - plan.present == 1
    assert make_plan([Evaluate(At(RUN, 12), TASK)], store.layout).steps_left == 0
    after = store.record(Recorded(RUN, 12))
    assert make_plan([WANTED], store.layout).steps_left == 0
    np.testing.assert_array_equal(after.losses, before.losses)
    np.testing.assert_array_equal(after.correct, before.correct)
    assert {path: path.read_bytes() for path in files} == files


def test_a_state_that_is_there_stays_when_its_record_is_made_again(store):
    """It may have been trained under other settings, and what was measured of it is kept."""
    store.state(At(RUN, 12))
    path = store.layout.artifact(At(RUN, 12))
    header, arrays = artifacts.read(path)
    artifacts.write(path, header, {name: np.nextafter(a, 9) for name, a in arrays.items()})
    before = path.read_bytes()
    forget(store, 0)
    assert store.record(Recorded(RUN, 12)).complete
    assert path.read_bytes() == before


def test_a_damaged_part_of_the_record_is_made_again(store, caplog):
    before = store.record(Recorded(RUN, 12))
    (path,) = store.layout.run(RUN).glob("record-*")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    after = store.record(Recorded(RUN, 12))
    assert "that part of the record is gone" in caplog.text
    np.testing.assert_array_equal(after.losses, before.losses)
    assert artifacts.read(path)


def test_a_run_that_diverged_at_the_last_step_has_no_record_up_to_it(store):
    hparams = Hparams(60, Momentum(), Constant(0.01), weight_decay=1e5, xla="off")
    huge = train(Init(MODEL, 0), Ones(MODEL), TASK, hparams, noise=0)
    with pytest.raises(Diverged) as caught:
        store.state(At(huge, 50))
    before, at_last = (Recorded(huge, caught.value.step + more) for more in (0, 1))
    assert store.layout.holds(before) and store.record(before).complete
    # Its loss is recorded, as that of the step that diverged.
    assert store.layout.recorded_until(huge) == at_last.step
    with pytest.raises(Diverged):
        store.measure(MeanLoss(at_last))
    assert MeanLoss(before) in missing_recipes([MeanLoss(before)], store.layout)
    assert MeanLoss(at_last) not in missing_recipes([MeanLoss(at_last)], store.layout)
