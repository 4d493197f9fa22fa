"""The figures of a workdir, as files that a notebook shows."""

from dataclasses import dataclass
from pathlib import Path

from lth_tf import papers
from lth_tf.figures import draw, render, style
from lth_tf.figures.chart import NamedChart
from lth_tf.log.schema import Row
from lth_tf.report import report
from lth_tf.report.commands import PaperFiles


@dataclass(frozen=True)
class Picture:
    """A figure, a PNG file, which a notebook shows."""

    path: Path

    def __fspath__(self) -> str:
        return str(self.path)

    def _repr_png_(self) -> bytes:
        """Returns what a notebook shows."""
        return self.path.read_bytes()


def charts(rows: list[Row], key: str) -> list[NamedChart]:
    """Returns the charts that there are rows for: of a paper, or, of 'none', the standard ones.

    Raises:
      LogError: there is no such paper.
    """
    paper = papers.load(key)
    if paper is None:
        return list(draw.standard(rows))
    return list(report.make(rows, paper, PaperFiles(paper.key)).pictures)


def folder(workdir: Path, key: str) -> Path:
    """Returns where the figures of a paper lie, or, of 'none', the standard ones."""
    return workdir / "figures" / ("" if key == "none" else key)


def write(chart: NamedChart, where: Path) -> Picture:
    """Writes one chart; the folder's other files stay."""
    return Picture(style.write(where / f"{chart.name}.png", render.png(chart.chart)))
