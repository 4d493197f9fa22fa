"""Logs that the tests of the log write."""

from pathlib import Path

from synthetic import evaluation

from lth_tf.log.log import ResultsLog


def rows(count: int) -> list[dict]:
    return [evaluation(noise=i) for i in range(count)]


def files(workdir: Path) -> list[Path]:
    return sorted((workdir / "results").iterdir())


def write(workdir: Path, items: list[dict]) -> Path:
    before = set(files(workdir)) if (workdir / "results").is_dir() else set()
    with ResultsLog(workdir) as writer:
        for row in items:
            writer.write(row)
    (new,) = set(files(workdir)) - before
    return new
