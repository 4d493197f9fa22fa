"""A learning rate against steps, drawn in characters."""

from typing import Any

import numpy as np

_WIDTH, _HEIGHT = 52, 9
# The axis is logarithmic where the last third of training has less than this share of the highest
# rate: so it is for drops and exponentials, not for straight lines and cosines.
_LOGARITHMIC = 0.22


def breaks(schedule: Any, steps: int) -> list[int]:
    """Returns the steps between the first and the last at which a schedule changes its course."""
    fields = schedule.fields()
    changes = {fields.get("warmup_steps", 0), *fields.get("drops", ()), fields.get("end", 0)}
    return sorted(step for step in changes if 0 < step < steps)


def rates_in_words(schedule: Any, steps: int) -> str:
    """Returns the rates at the start, where the schedule changes course, and in the last step.

    Drops that lie behind the last step are named, as they never come.
    """
    points = dict.fromkeys((0, *breaks(schedule, steps), steps - 1))
    parts = [f"{_rate(schedule, step):.4g} at {step:,}" for step in points]
    late = [f"{step:,}" for step in schedule.fields().get("drops", ()) if step >= steps]
    warning = f"\nwarning: no drop at {', '.join(late)}: training ends before" if late else ""
    rates = {part.split()[0] for part in parts}
    return (f"{rates.pop()} throughout" if len(rates) == 1 else ", ".join(parts)) + warning


def plot(schedule: Any, steps: int) -> str:
    """Returns the learning rate of every step as a small plot, 62 columns wide.

    The axis of the rate is logarithmic where it falls by factors; the start of a warm-up, which
    lies below the lowest rate shown, is drawn there. Steps at which the schedule changes its course
    are marked and labeled.
    """
    columns = np.linspace(0, steps - 1, _WIDTH).round().astype(int)
    rates = schedule(columns)
    heights, labels = _scaled(rates, rates[columns >= schedule.warmup_steps])
    rows = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    before = heights[0]
    for column, height in enumerate(heights):
        low, high = sorted((before, height))
        for between in range(low + 1, high):
            rows[between][column] = "|"
        rows[height][column] = "*"
        before = height
    lines = [f"{labels.get(y, ''):>8} |{''.join(rows[y])}" for y in reversed(range(_HEIGHT))]
    marks = [0, *breaks(schedule, steps), steps]
    places = [round(mark / steps * (_WIDTH - 1)) for mark in marks]
    axis = ["+" if column in places else "-" for column in range(_WIDTH)]
    lines = [*lines, " " * 9 + "+" + "".join(axis), *_below(places, [f"{m:,}" for m in marks])]
    return "\n".join(line.rstrip() for line in lines)


def _rate(schedule: Any, step: int) -> float:
    return float(schedule(np.array([step]))[0])


def _scaled(rates: np.ndarray, settled: np.ndarray) -> tuple[list[int], dict[int, str]]:
    """Returns the row of each column, from 0 up; and the labels beside rows.

    Args:
      settled: the rates after the warm-up.
    """
    high, low = float(rates.max()), float(settled.min(initial=rates.max()))
    if low > 0 and rates[2 * _WIDTH // 3] < _LOGARITHMIC * high:
        share = np.log(np.maximum(rates, low) / low) / np.log(high / low)
    else:
        low, share = 0.0, rates / high
    heights = (share * (_HEIGHT - 1)).round().astype(int)
    labels = {0: f"{low:.3g}", _HEIGHT - 1: f"{high:.3g}"}
    # A rate that holds for a while is worth its label.
    for height in sorted(set(heights.tolist()) - set(labels)):
        values = {f"{rate:.9g}" for rate in rates[heights == height]}
        if len(values) == 1 and (heights == height).sum() > 1:
            labels[height] = f"{float(values.pop()):.3g}"
    return heights.tolist(), labels


def _below(places: list[int], labels: list[str]) -> list[str]:
    """Returns the labels below the axis, each on the first line that has room for it."""
    lines: list[str] = []
    for place, label in zip(places, labels, strict=True):
        start = max(0, min(10 + place - len(label) // 2, 10 + _WIDTH - len(label)))
        row = next((i for i, line in enumerate(lines) if len(line) < start), len(lines))
        lines[row : row + 1] = [(lines[row] if row < len(lines) else "").ljust(start) + label]
    return lines
