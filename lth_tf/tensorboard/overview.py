"""The overview in TensorBoard: pictures, a few curves, configurations; and a table of networks.

It is made anew of the whole log, so that there is nothing in it twice.
"""

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lth_tf.analysis.estimate import over_rows, percent
from lth_tf.analysis.points import once, split, value
from lth_tf.analysis.selections import at_the_end
from lth_tf.analysis.table import varying
from lth_tf.analysis.variants import variants
from lth_tf.log.schema import Row
from lth_tf.tensorboard.board import Board

_METRICS = ("train_error", "test_error", "test_loss")
_LABELS = ("network", "model", "dataset", "initialization", "rewind_step", "level", "density")
_MOST_RUNS = 30  # TensorBoard shows none of more than 40 unless they are asked for
# Number, and the field that is its step.
_CURVES = (
    ("test_error", "step"),
    ("test_error", "level"),
    ("test_error", "rewind_step"),
    ("test_instability", "rewind_step"),
)


def write(rows: Iterable[Row], pictures: Iterable[Path], workdir: Path) -> None:
    """Writes the logdirs WORKDIR/tensorboard/overview and WORKDIR/tensorboard/hparams.

    Args:
      rows: the whole log.
      pictures: its figures.
      workdir: has the configurations.

    Raises:
      OSError: something cannot be written.
    """
    done = [row for row in once(rows) if row["status"] == "done"]
    for part in ("overview", "hparams"):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(workdir / "tensorboard" / part)
    with Board(workdir, "overview") as board:
        for path in pictures:
            board.image(f"figures/{path.stem}", path)
        for path in sorted((workdir / "configurations").glob("*.gin")):
            text = path.read_text(errors="replace")
            board.text("figures", path.stem, "    " + text.replace("\n", "\n    "))
        for run, tag, step, mean in _curves(done):
            board.curve(run, tag, step, mean)
    with Board(workdir, "hparams") as board:
        for run, values, metrics in _networks(done):
            board.hparams(run, values, metrics)
            board.end_run(run)


def add(pictures: Iterable[Path], workdir: Path, group: str) -> None:
    """Adds pictures to the overview."""
    with Board(workdir, "overview") as board:
        for path in pictures:
            board.image(f"{group}/{path.stem}", path)


def _curves(rows: list[Row]) -> Iterator[tuple[str, str, int, float]]:
    """Yields (run, tag, step, mean), a run for each kind of network and setting."""
    runs = set[str]()
    for (model, dataset), group in split(rows, "model", "dataset").items():
        for variant in variants(group):
            for (network,), members in split(variant.rows, "network").items():
                own = {value(row, n) is not None and n for row in members for n in variant.values}
                named = [f"{n} {variant.values[n]}" for n in variant.values if n in own]
                run = _safe(", ".join([network, f"{model} on {dataset}", *named]))
                runs.add(run)
                if len(runs) <= _MOST_RUNS:
                    yield from ((run, *point) for point in _points(members))


def _points(rows: list[Row]) -> Iterator[tuple[str, int, float]]:
    """Yields (tag, step, mean) of the means over replicates."""
    for name, field in _CURVES:
        measured = [row for row in rows if value(row, name) is not None]
        chosen = measured if field == "step" else at_the_end(measured)
        fixed = [n for n in ("rewind_step", "level") if n != field]
        for place, group in split(chosen, *fixed).items():
            by_step = split(group, field)
            if len(by_step) < 2:
                continue
            words = {"rewind_step": "k = {}", "level": percent(group[0]["density"])}
            at = ", ".join(words[n].format(each) for n, each in zip(fixed, place, strict=True))
            for (step,), members in by_step.items():
                tag = f"{name} against {'k' if field == 'rewind_step' else field}/{at}"
                yield tag, step, over_rows(members, name).mean


def _networks(rows: list[Row]) -> Iterator[tuple[str, dict[str, Any], dict[str, float]]]:
    """Yields every network at its end, with its distinguishing settings and its errors."""
    ends = at_the_end([row for row in rows if row["kind"] == "evaluation"])
    swept = varying(ends)
    for row in ends:
        noise = "-".join(map(str, row["noise"]))
        values: dict[str, Any] = {name: row[name] for name in _LABELS} | {"noise": noise}
        found = {name: value(row, name) for name in swept}
        values |= {name: each for name, each in found.items() if each is not None}
        run = f"{row['network']}-level{row['level']:02}-from{row['rewind_step']}"
        metrics = {f"eval/{name}": row[name] for name in _METRICS}
        yield (
            _safe(f"{run}-init{row['initialization']}-noise{noise}-{row['key'][:8]}"),
            values,
            metrics,
        )


def _safe(name: str) -> str:
    """Returns a name that a folder may have, and is one."""
    return "".join(c if c not in '/\\:*?"<>|\0' and c.isprintable() else "_" for c in name)[:200]
