"""The record of a run: joined from whatever segments there are, damage noticed."""

import logging
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lth_tf.store import artifacts, records
from lth_tf.training.batches import Outcomes

KEY, STEPS, BATCH = "0123", 60, 5
_DRAW = np.random.default_rng(0)
WHOLE = Outcomes(
    _DRAW.standard_normal(STEPS).astype(np.float32), _DRAW.integers(2, size=(STEPS, BATCH)) > 0
)


def part(first, last, of=WHOLE):
    return Outcomes(of.losses[first:last], of.correct[first:last])


def write(folder, *pieces, of=WHOLE):
    for first, last in pieces:
        records.write(folder, first, [part(first, last, of)])


def read(folder, first=0, last=STEPS):
    return records.read(folder, first, last, folder.parent)


def check(record, steps):
    """It holds exactly these steps, as they were."""
    np.testing.assert_array_equal(record.steps, steps)
    np.testing.assert_array_equal(
        record.losses.view(np.uint32), WHOLE.losses.view(np.uint32)[steps]
    )
    np.testing.assert_array_equal(record.correct, WHOLE.correct[steps])
    assert record.losses.dtype == np.float32 and record.correct.dtype == bool


@st.composite
def ranges(draw):
    first = draw(st.integers(0, STEPS - 1))
    return first, draw(st.integers(first + 1, STEPS))


@settings(max_examples=30)  # each writes files that are flushed to disk
@given(pieces=st.lists(ranges(), max_size=8), asked=ranges())
def test_segments_that_overlap_or_leave_gaps_give_what_they_hold(tmp_path_factory, pieces, asked):
    folder = tmp_path_factory.mktemp("store") / KEY
    write(folder, *pieces)
    there = {step for first, last in pieces for step in range(first, last)}
    steps = [step for step in range(*asked) if step in there]
    record = read(folder, *asked)
    assert record.complete == (len(steps) == asked[1] - asked[0])
    assert (records.recorded_until(folder, asked[0]) >= asked[1]) == record.complete
    assert records.recorded_until(folder, asked[0]) == next(
        step for step in range(asked[0], STEPS + 1) if step not in there
    )
    if steps:
        check(record, steps)
    else:
        assert record.losses.shape == (0,) and len(record.correct) == 0


@settings(max_examples=30)
@given(cuts=st.sets(st.integers(1, STEPS - 1)), kept=st.integers(0, STEPS), data=st.data())
def test_a_run_that_is_killed_and_goes_on_has_the_record_of_one_left_in_peace(
    tmp_path_factory, cuts, kept, data
):
    """It dies after some segments, one of them perhaps without its state, and goes on from one."""
    folder = tmp_path_factory.mktemp("store") / KEY
    stops = [0, *sorted(cuts), STEPS]
    before = [(a, b) for a, b in zip(stops, stops[1:], strict=False) if b <= kept]
    write(folder, *before)
    reached = data.draw(st.sampled_from([0, *(b for _, b in before)]))
    again = sorted({reached, STEPS} | data.draw(st.sets(st.integers(reached, STEPS))))
    write(folder, *zip(again, again[1:], strict=False))
    check(read(folder), list(range(STEPS)))
    assert read(folder).complete


def test_special_losses_are_kept_bit_for_bit(tmp_path):
    losses = np.array([np.nan, np.inf, -0.0, 1e-45, 3.4e38], np.float32)
    losses[0:1].view(np.uint32)[0] = 0x7FC12345  # a NaN with something in it
    records.write(tmp_path / KEY, 7, [Outcomes(losses, np.ones((5, 3), bool))])
    found = read(tmp_path / KEY, 7, 12)
    assert found.losses.tobytes() == losses.tobytes() and found.correct.all()


def test_of_a_run_that_diverged_the_last_step_is_the_first_that_is_not_finite(tmp_path):
    for last in (25, 40):
        folder = tmp_path / str(last) / KEY
        records.write(folder, 10, [part(10, 20), part(20, last)], diverged_at=23)
        check(read(folder), list(range(10, 24)))


def test_a_run_without_a_record_has_none(tmp_path):
    for folder in (tmp_path / KEY, tmp_path / "nowhere" / KEY):
        assert records.recorded_until(folder, 3) == 3
        record = read(folder)
        assert not record.complete and len(record.steps) == 0


def test_it_takes_four_bytes_and_a_bit_an_example_a_step_at_most(tmp_path):
    """Of noise, which cannot be compressed; beyond that there is a header."""
    draw, steps, batch = np.random.default_rng(0), 20_000, 60
    noise = draw.integers(2**32, size=steps, dtype=np.uint32).view(np.float32)
    outcomes = Outcomes(noise, draw.integers(2, size=(steps, batch)) > 0)
    records.write(tmp_path / KEY, 0, [outcomes])
    (path,) = (tmp_path / KEY).iterdir()
    assert path.stat().st_size < steps * (4 + batch / 8) + 1000
    outcomes.correct[:] = draw.random((steps, batch)) < 0.98
    records.write(tmp_path / KEY, 0, [outcomes])
    assert path.stat().st_size < steps * (4 + 0.3 * batch / 8)


FIRST = "record-000000000-000000020.record"


def cut(path):
    path.write_bytes(path.read_bytes()[:-70])


def flip(path):
    data = bytearray(path.read_bytes())
    data[-100] ^= 4
    path.write_bytes(bytes(data))


def rename(path):
    path.rename(path.with_name(FIRST))


def rewrite(**changes):
    """A file whose checksum is right and whose content does not fit."""

    def change(path):
        header, arrays = artifacts.read(path)
        artifacts.write(path, header | changes, arrays)

    return change


def expand(path):
    header, arrays = artifacts.read(path)
    bomb = zlib.compress(bytes(10_000_000))
    artifacts.write(path, header, arrays | {"losses": np.frombuffer(bomb, np.uint8)})


def strip(path):
    header, arrays = artifacts.read(path)
    artifacts.write(path, header, {"losses": arrays["losses"]})


DAMAGES = [
    *(cut, flip, expand, strip),
    *(rewrite(key="4567"), rewrite(kind="state"), rewrite(first_step=20.0), rewrite(last_step=41)),
    *(rewrite(batch_size=size) for size in (0, -5, 4, 5.0, "5", None, 10**30)),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_segment_is_set_aside_and_said(tmp_path, caplog, damage):
    folder = tmp_path / KEY
    write(folder, (0, 20), (20, 40), (40, STEPS))
    damage(folder / "record-000000020-000000040.record")
    with caplog.at_level(logging.WARNING):
        record = read(folder)
    check(record, [*range(20), *range(40, STEPS)])
    assert not record.complete and records.recorded_until(folder, 0) == 20
    assert "record-000000020-000000040.record is damaged" in caplog.text
    assert len(list((tmp_path / "damaged").iterdir())) == 1
    write(folder, (20, 40))
    assert read(folder).complete


def test_a_segment_of_other_steps_in_anothers_place_is_damaged(tmp_path, caplog):
    folder = tmp_path / KEY
    write(folder, (20, 40))
    rename(folder / "record-000000020-000000040.record")
    assert len(read(folder).steps) == 0 and "in the place of others" in caplog.text


def test_what_is_no_segment_is_left_alone(tmp_path):
    folder = tmp_path / KEY
    write(folder, (0, STEPS))
    for name in ("record-000000000-000000020 (copy).record", "record-a-b.record", "at-1.state"):
        (folder / name).write_bytes(b"?")
    check(read(folder), list(range(STEPS)))


def test_segments_that_differ_are_said_and_the_later_counts(tmp_path, caplog):
    folder = tmp_path / KEY
    write(folder, (0, 40))
    other = WHOLE.losses.copy()
    other[33] += 1
    write(folder, (30, STEPS), of=Outcomes(other, WHOLE.correct))
    record = read(folder)
    assert record.losses[33] == other[33] and record.complete
    assert "differ at step 33" in caplog.text
