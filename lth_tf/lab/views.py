"""Views of a workdir: figures, a report, the overview for TensorBoard, descriptions."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lth_tf import papers
from lth_tf.experiments.study import Study
from lth_tf.lab.studies import LabError, Studies
from lth_tf.log.schema import Row

if TYPE_CHECKING:  # To read rows takes no Matplotlib.
    from lth_tf.figures.chart import NamedChart
    from lth_tf.report.paper import Paper
    from lth_tf.report.report import Report


@dataclass(frozen=True)
class Picture:
    """A figure, a PNG file, which a notebook shows."""

    path: Path

    def __fspath__(self) -> str:
        return str(self.path)

    def _repr_png_(self) -> bytes:
        """Returns what a notebook shows."""
        return self.path.read_bytes()


@dataclass(frozen=True, repr=False)
class ReportPage:
    """A page that was written; printed, it is its path and a line for each network.

    Attributes:
      path: of the page, which needs nothing from outside.
      folder: of the pictures and tables behind it.
      completeness: a line for each network, which says how much of the paper is there.
      index: of the page on all papers, where none was chosen.
    """

    path: Path
    folder: Path
    completeness: tuple[str, ...]
    index: Path | None = None

    def __str__(self) -> str:
        where = [f"report  {self.path}", f"behind  {self.folder}"]
        where += [f"papers  {self.index}"] if self.index else []
        return "\n".join([*where, *self.completeness])

    __repr__ = __str__


class Views(Studies):
    """A folder of results, and the ways to look at it."""

    def figures(self, *filters: str, paper: str = "none") -> list[Picture]:
        """Draws every figure that the log has rows for, and returns them.

        They are in WORKDIR/figures; a paper's are in a folder of its name there. Earlier pictures
        that are not among them are removed.

        Args:
          filters: which rows are drawn, as for `rows`.
          paper: whose figures, such as 'lmc'; 'none' for those that suit any network.

        Raises:
          LabError: the log has no such rows.
          LogError: there is no such paper.
        """
        from lth_tf.figures import render, standard

        rows = self._some_rows("draw", *filters)
        standard.notes(rows, logging.getLogger(__name__).warning)
        return [Picture(path) for path in render.save(charts(rows, paper), self._folder_of(paper))]

    def figure(self, name: str, *filters: str, paper: str = "none") -> Picture:
        """Draws a figure, such as 'accuracy_against_density', and returns it.

        The other pictures of its folder stay.

        Args:
          name: how the name of its file begins.
          filters, paper: as for `figures`.

        Raises:
          LabError: there are no rows for it.
          LogError: there is no such paper.
        """
        from lth_tf.figures import render, style

        named = charts(self.rows(*filters), paper)
        for each in named:
            if each.name.startswith(name):
                path = self._folder_of(paper) / f"{each.name}.png"
                return Picture(style.write(path, render.png(each.chart)))
        names = ", ".join(each.name for each in named) or "none"
        raise LabError(f"there are no rows for a figure {name!r}; there are rows for: {names}")

    def _folder_of(self, paper: str) -> Path:
        return self.workdir / "figures" / ("" if paper == "none" else paper)

    def overview(self, *studies: Study) -> None:
        """Draws the standard figures of studies and writes the overview for TensorBoard.

        Rows of other studies are drawn with theirs where they are of the same settings.
        """
        from lth_tf.figures import render, standard
        from lth_tf.tensorboard import overview

        keys, rows = {study.experiment.key for study in studies}, self.rows()
        own = [row for row in rows if row["configuration"] in keys]
        shown = standard.named_charts(standard.of_same_settings(rows, own))
        overview.write(rows, render.save(shown, self._folder_of("none")), self.workdir)

    def report(self, paper: str = "none") -> ReportPage:
        """Writes a page on the log into WORKDIR/report, and returns where it is.

        Without a paper there is another page, index.html, on how much of each paper the log is. The
        pictures are in the overview for TensorBoard, too. Nothing is trained.

        Args:
          paper: the paper whose data stand beside the log, such as 'lmc'; 'none' for the log alone.

        Raises:
          LabError: the log has no rows.
          LogError: there is no such paper.
        """
        from lth_tf.papers.costs import COSTS
        from lth_tf.report import index, page, report, tables
        from lth_tf.report.commands import Commands
        from lth_tf.tensorboard import overview

        chosen, rows = papers.load(paper), self._some_rows("report")
        made = _beside(chosen, rows) if chosen else report.make_own(rows)
        folder = self.workdir / "report"
        commands = Commands(str(self.workdir), self.layout.root, self._data_dir)
        path, *pictures = page.write(made, folder, commands)
        overview.add(pictures, self.workdir, f"report_{path.stem}")
        of_all = None
        if not chosen:
            reports = (
                _beside(each, rows) for each in filter(None, map(papers.load, papers.PAPERS))
            )
            of_all = index.write(reports, folder, commands, COSTS)
        return ReportPage(path, path.with_suffix(""), tuple(tables.in_short(made)), of_all)

    def describe(
        self,
        *gin_files: str | os.PathLike[str],
        bindings: Sequence[str] = (),
        over: Sequence[str] = (),
        measure: bool = False,
    ) -> str:
        """Returns the meaning of gin files in tables: network, data, hyperparameters, cost.

        Artifacts in the store cost nothing, and steps take as long as they took there.

        Args:
          gin_files, bindings, over: as for `sweep`.
          measure: whether to measure here how long a training step takes.

        Raises:
          UserError: as `sweep`; or measuring would need several numbers of threads.
        """
        from lth_tf.description import describe

        files, store = [os.fspath(file) for file in gin_files], self.layout.root
        return describe(files, bindings, over, self._data_dir, store, measure)

    def _some_rows(self, purpose: str, *filters: str) -> list[Row]:
        """Returns rows; raises LabError, which names their use, if there are none."""
        if rows := self.rows(*filters):
            return rows
        raise LabError(f"workdir={self.workdir}: its results log has no rows to {purpose}")


def charts(rows: list[Row], key: str) -> "list[NamedChart]":
    """Returns the charts that there are rows for: of a paper, or, of 'none', the standard ones.

    Raises:
      LogError: there is no such paper.
    """
    from lth_tf.figures import standard

    paper = papers.load(key)
    return _beside(paper, rows).pictures if paper else list(standard.named_charts(rows))


def _beside(paper: "Paper", rows: list[Row]) -> "Report":
    from lth_tf.report import report
    from lth_tf.report.commands import PaperFiles

    return report.make(rows, paper, PaperFiles(paper.key))
