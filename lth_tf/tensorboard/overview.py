"""The overview in TensorBoard: pictures, a few curves, configurations; and a table of networks.

It is made anew of the whole log, so that there is nothing in it twice.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lth_tf.analysis.densities import densities_as_levels
from lth_tf.analysis.estimate import over_rows, percent
from lth_tf.analysis.points import once, split, unique, value, where
from lth_tf.analysis.selections import at_the_end
from lth_tf.analysis.table import varying
from lth_tf.analysis.variants import variants
from lth_tf.log.schema import Row
from lth_tf.tensorboard.board import Board

_METRICS = ("train_error", "test_error", "test_loss")
_LABELS = ("network", "model", "dataset", "initialization", "rewind_step", "level", "density")
_LONGEST = 200  # bytes of the name of a run; a folder may have 255
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

    They are of all rows of a log, its figures, and the configurations of the workdir.

    Raises:
      OSError: something cannot be written.
    """
    done = where(once(rows), status="done")
    for part in ("overview", "hparams"):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(workdir / "tensorboard" / part)
    with Board(workdir, "overview") as board:
        for path in pictures:
            board.image(f"figures/{path.stem}", path)
        for path in sorted((workdir / "configurations").glob("*.gin")):
            text = path.read_text(errors="replace")
            board.text(path.stem, "    " + text.replace("\n", "\n    "))
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
    for (model, dataset), members in split(rows, "model", "dataset").items():
        for variant in variants(members):
            by_network = split(densities_as_levels(variant.rows), "network")
            for (network,), own in by_network.items():
                settings = [f"{name} {setting}" for name, setting in variant.values.items()
                            if any(value(row, name) is not None for row in own)]  # fmt: skip
                run = _safe(", ".join([network, f"{model} on {dataset}", *settings]))
                # Dense networks are in all variants of what masks are searched for with.
                if run not in runs and len(runs) < _MOST_RUNS:
                    yield from ((run, *point) for point in _points(own))
                runs.add(run)


def _points(rows: list[Row]) -> Iterator[tuple[str, int, float]]:
    """Yields (tag, step, mean) of the means over replicates, on the clock that goes on."""
    for name, field in _CURVES:
        measured = [row for row in where(rows, schedule="absolute") if value(row, name) is not None]
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
    evaluations = where(rows, kind="evaluation")
    by_network = split(evaluations, "model", "dataset").values()
    by_setting = [variant.rows for members in by_network for variant in variants(members)]
    ends = unique(row for own in by_setting for row in at_the_end(own))
    swept = varying(ends)
    for row in ends:
        noise = "-".join(map(str, row["noise"]))
        values: dict[str, Any] = {name: row[name] for name in _LABELS} | {"noise": noise}
        settings = {name: value(row, name) for name in swept}
        values |= {name: setting for name, setting in settings.items() if setting is not None}
        run = f"{row['network']}-level{row['level']:02}-from{row['rewind_step']}"
        run += f"-init{row['initialization']}-noise{noise}-{row['key'][:8]}"
        yield _safe(run), values, {f"eval/{name}": row[name] for name in _METRICS}


def _safe(name: str) -> str:
    """Returns a name that a folder may have, and is one; a long one is cut, with a digest."""
    safe = "".join(c if c not in '/\\:*?"<>|\0' and c.isprintable() else "_" for c in name)
    if len(content := safe.encode()) <= _LONGEST:
        return safe
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{content[: _LONGEST - 9].decode(errors='ignore')}-{digest}"
