"""The loss curve of a run, from its record: as CSV and as a picture."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from lth_tf.figures import style
from lth_tf.store.records import Record

# Means over at most so many parts of a run are drawn; more a person does not see.
POINTS = 400


def csv_lines(record: Record) -> Iterator[str]:
    """Yields a heading and a line a step: step, loss of the batch (nats), fraction that was wrong.

    The loss has as many digits as tell one float32 from the next.
    """
    yield "step,loss,error"
    errors = 1 - record.correct.mean(1)
    for step, loss, error in zip(record.steps, record.losses, errors, strict=True):
        yield f"{step},{loss:.9g},{error:.6g}"


def draw(record: Record, title: str, path: Path) -> Path:
    """Writes a PNG of loss and error of the training batches by step; returns its path.

    Means over consecutive steps where there are many.
    """
    errors = 100 * (1 - record.correct.mean(1))
    parts = [p for p in np.array_split(np.arange(len(errors)), POINTS) if len(p)]
    steps = [record.steps[part].mean() for part in parts]
    with style.context():
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        panels = figure.subplots(2, sharex=True)
        for panel, values, name in zip(
            panels, (record.losses, errors), ("loss (nats)", "error (%)"), strict=True
        ):
            panel.plot(steps, [values[part].mean() for part in parts], color=style.BLUE)
            panel.set_ylabel(f"batch {name}")
        panels[1].set_xlabel("step")
        figure.suptitle(title, fontsize=9.5, parse_math=False)
        return style.save(figure, path)
