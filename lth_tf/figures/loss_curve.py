"""The loss curve of a run, step by step: as CSV and as a picture."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from lth_tf.figures import palette, style

# Means over at most so many parts of a run are drawn; more a person does not see.
POINTS = 400


def csv_lines(steps: np.ndarray, losses: np.ndarray, errors: np.ndarray) -> Iterator[str]:
    """Yields a heading and a line a step, with digits enough to tell one float32 from the next.

    Losses of the batches are in nats, their errors fractions.
    """
    yield "step,loss,error"
    for step, loss, error in zip(steps, losses, errors, strict=True):
        yield f"{step},{loss:.9g},{error:.6g}"


def draw(steps: np.ndarray, losses: np.ndarray, errors: np.ndarray, title: str, path: Path) -> Path:
    """Writes a PNG of loss and error by step, means over consecutive ones; returns its path.

    The numbers are as for `csv_lines`.
    """
    parts = [part for part in np.array_split(np.arange(len(steps)), POINTS) if len(part)]
    middles = [steps[part].mean() for part in parts]
    with style.context():
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        panels = figure.subplots(2, sharex=True)
        names = ("loss of the batch (nats)", "error of the batch (%)")
        for panel, name, values in zip(panels, names, (losses, 100 * errors), strict=True):
            panel.plot(middles, [values[part].mean() for part in parts], color=palette.BLUE)
            panel.set_ylabel(name)
        panels[1].set_xlabel("step")
        figure.suptitle(title, fontsize=9.5, parse_math=False)
        return style.save(figure, path)
