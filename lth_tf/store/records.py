"""The record of a run: every step's loss, and which of its batch's examples were right.

It lies beside the run's states in segments, record-<first>-<last>.record, each of the steps from
first to before last. A segment is an artifact whose arrays are two zlib streams: the losses' bytes,
all first bytes, then all second ones and so on, which compresses better; and a bit an example, of
all steps end to end. After a crash segments may overlap: they are the same there.
"""

import logging
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lth_tf.store import artifacts, checks, files
from lth_tf.training.batches import Outcomes

_NAME = re.compile(r"record-(\d{9,})-(\d{9,})\.record")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """The record of some steps of a run, as far as it is known.

    lth_tf.data.order.batches_at returns the example that each bit belongs to.

    Attributes:
      first_step, last_step: the requested range of steps, the last not included.
      steps: int64 [steps], the known steps among them, rising.
      losses: float32 [steps], of the batch before the update, nats.
      correct: bool [steps, batch], whether each example was classified correctly before the update.
    """

    first_step: int
    last_step: int
    steps: np.ndarray
    losses: np.ndarray
    correct: np.ndarray

    @property
    def complete(self) -> bool:
        """Whether every requested step is known."""
        return len(self.steps) == self.last_step - self.first_step


def write(
    folder: Path, first_step: int, outcomes: Sequence[Outcomes], diverged_at: int | None = None
) -> None:
    """Writes a segment of a run's folder: outcomes of steps in order, from the first step on.

    The step at which the run diverged, the first whose loss is not finite, is the last one.

    Raises:
      StoreError: it could not be written.
    """
    end = None if diverged_at is None else diverged_at + 1 - first_step
    losses = np.concatenate([part.losses for part in outcomes])[:end].astype("<f4")
    correct = np.concatenate([part.correct for part in outcomes])[:end]
    last_step = first_step + len(losses)
    header = {
        "key": folder.name,
        "kind": "record",
        "first_step": first_step,
        "last_step": last_step,
        "batch_size": correct.shape[1],
    }
    arrays = {
        "losses": _compressed(losses.view(np.uint8).reshape(-1, 4).T),
        "correct": _compressed(np.packbits(correct)),
    }
    artifacts.write(folder / checks.record_name(first_step, last_step), header, arrays)


def segments(folder: Path) -> list[tuple[int, int, Path]]:
    """Returns the segments in a run's folder: first step, one beyond the last, and the file."""
    matches = ((_NAME.fullmatch(path.name), path) for path in files.entries(folder))
    return sorted((int(match[1]), int(match[2]), path) for match, path in matches if match)


def recorded_until(folder: Path, first_step: int) -> int:
    """Returns the first step from `first_step` on that no segment has, by the files' names."""
    reached = first_step
    for first, last, _ in segments(folder):
        if first <= reached:
            reached = max(reached, last)
    return reached


def read(folder: Path, first_step: int, last_step: int, root: Path) -> Record:
    """Returns the record of the steps from the first to before the last, as far as it is known.

    A damaged segment is set aside and reported; its steps are not known any more. Segments that
    differ where they overlap, as those of a run that went on with other settings may, are reported;
    the one that begins later counts.

    Raises:
      StoreError: a segment cannot be read.
    """
    parts = list(_sound_segments(folder, first_step, last_step, root))
    steps = np.concatenate([np.empty(0, np.int64), *(steps for steps, _ in parts)])
    losses = np.concatenate([np.empty(0, np.float32), *(part.losses for _, part in parts)])
    batch = parts[0][1].correct.shape[1] if parts else 0
    correct = np.concatenate([np.empty((0, batch), bool), *(part.correct for _, part in parts)])
    order = np.argsort(steps, kind="stable")
    steps, losses, correct = steps[order], losses[order], correct[order]
    repeated = steps[1:] == steps[:-1]
    differ = losses.view(np.uint32)[1:] != losses.view(np.uint32)[:-1]
    differ |= (correct[1:] != correct[:-1]).any(1)
    if (repeated & differ).any():
        step = steps[int(np.argmax(repeated & differ))]
        log.warning("%s: two segments of the record differ at step %d", folder, step)
    last = np.append(~repeated, np.ones(min(1, len(steps)), bool))
    return Record(first_step, last_step, steps[last], losses[last], correct[last])


def read_all(folder: Path, root: Path) -> Record:
    """Returns the record of all steps between the first and the last of the segments' names.

    Raises:
      StoreError: there are none, or one cannot be read.
    """
    ranges = [(first, last) for first, last, _ in segments(folder)]
    if ranges:
        record = read(folder, ranges[0][0], max(last for _, last in ranges), root)
        if len(record.steps):
            return record
    raise files.StoreError(
        f"run {folder.name[:10]} has no record of its steps: it was trained before there were "
        "records, or it is damaged"
    )


def _sound_segments(
    folder: Path, first_step: int, last_step: int, root: Path
) -> Iterator[tuple[np.ndarray, Outcomes]]:
    """Yields the requested steps of each sound segment, and their outcomes."""
    batch = None
    for first, last, path in segments(folder):
        if first < last_step and last > first_step:
            try:
                outcomes = _read_segment(path, last - first, batch)
            except FileNotFoundError:
                continue
            except artifacts.Damaged as error:
                moved = files.set_aside(path, root)
                log.warning("%s; set aside as %s: that part of the record is gone", error, moved)
                continue
            batch = outcomes.correct.shape[1]
            part = slice(max(first_step - first, 0), last_step - first)
            own = Outcomes(outcomes.losses[part], outcomes.correct[part])
            yield np.arange(first, last)[part], own


def _read_segment(path: Path, steps: int, batch: int | None) -> Outcomes:
    """Returns the outcomes in a segment; artifacts.Damaged if it is of another run or steps.

    Args:
      batch: examples a step, if that is known already.
    """
    header, arrays = checks.read(path)
    size = header.get("batch_size")
    if type(size) is not int or size < 1 or batch not in (None, size):
        raise artifacts.Damaged(path, f"its batches are of {size!r} examples")
    if sorted(arrays) != ["correct", "losses"]:
        raise artifacts.Damaged(path, "it does not hold losses and which examples were right")
    losses = _decompressed(path, arrays["losses"], 4 * steps).reshape(4, steps).T
    correct = _decompressed(path, arrays["correct"], -(-steps * size // 8))
    bits = np.unpackbits(correct, count=steps * size).reshape(steps, size)
    return Outcomes(np.ascontiguousarray(losses).view("<f4")[:, 0], bits.view(bool))


def _compressed(data: np.ndarray) -> np.ndarray:
    return np.frombuffer(zlib.compress(data.tobytes()), np.uint8)


def _decompressed(path: Path, data: np.ndarray, size: int) -> np.ndarray:
    """Returns the bytes of a zlib stream; artifacts.Damaged unless there are exactly `size`."""
    stream = zlib.decompressobj()
    try:
        # One more than there should be, so as to see that there are more.
        content = stream.decompress(data.tobytes(), size + 1)
    except (zlib.error, OverflowError) as error:
        raise artifacts.Damaged(path, f"it cannot be decompressed: {error}") from error
    if len(content) != size or not stream.eof:
        raise artifacts.Damaged(path, "it holds more or fewer steps than its name says")
    return np.frombuffer(content, np.uint8)
