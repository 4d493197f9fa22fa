"""Views of a workdir: figures, a report, the overview for TensorBoard, descriptions."""

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lth_tf import papers
from lth_tf.experiments.study import Study
from lth_tf.lab.studies import LabError, Studies
from lth_tf.log.schema import Row

if TYPE_CHECKING:  # To read rows takes no Matplotlib.
    from lth_tf.lab.figures import Picture
    from lth_tf.lab.reports import ReportPage


class Views(Studies):
    """A folder of results, and the ways to look at it."""

    def figures(self, *filters: str, paper: str = "none") -> "list[Picture]":
        """Draws every figure that the log has rows for, and returns them.

        They are in WORKDIR/figures; a paper's are in a folder of its name there. Earlier pictures
        that are not among them are removed.

        Args:
          filters: which rows are drawn, as for `rows`.
          paper: whose figures, such as 'lmc'; 'none' for those that suit any network.

        Raises:
          LabError: the log has no such rows.
        """
        from lth_tf.figures import draw
        from lth_tf.lab import figures

        rows = self._some_rows("draw", *filters)
        draw.notes(rows, logging.getLogger(__name__).warning)
        where = figures.folder(self.workdir, paper)
        return [figures.Picture(path) for path in draw.draw(figures.charts(rows, paper), where)]

    def figure(self, name: str, *filters: str, paper: str = "none") -> "Picture":
        """Draws a figure, such as 'accuracy_against_density', and returns it.

        Args:
          name: how the name of its file begins.
          filters, paper: as for `figures`.

        Raises:
          LabError: there are no rows for it.
        """
        from lth_tf.lab import figures

        charts = figures.charts(self.rows(*filters), paper)
        for chart in charts:
            if chart.name.startswith(name):
                return figures.write(chart, figures.folder(self.workdir, paper))
        names = ", ".join(chart.name for chart in charts) or "none"
        raise LabError(f"there are no rows for a figure {name!r}; there are rows for: {names}")

    def overview(self, *studies: Study) -> None:
        """Draws the standard figures of studies and writes the overview for TensorBoard.

        Rows of other studies are drawn with theirs where they are of the same settings.
        """
        from lth_tf.figures import draw
        from lth_tf.tensorboard import overview

        keys, rows = {study.experiment.key for study in studies}, self.rows()
        own = [row for row in rows if row["configuration"] in keys]
        shown = draw.standard(draw.of_same_settings(rows, own))
        pictures = draw.draw(shown, self.workdir / "figures")
        overview.write(rows, pictures, self.workdir)

    def report(self, paper: str = "none") -> "ReportPage":
        """Writes a page on the log into WORKDIR/report, and returns where it is.

        The pictures are in the overview for TensorBoard, too. Nothing is trained.

        Args:
          paper: the paper whose data stand beside the log, such as 'lmc'; 'none' for the log alone.

        Raises:
          LabError: the log has no rows.
          LogError: there is no such paper.
        """
        from lth_tf.lab import reports

        chosen, rows = papers.load(paper), self._some_rows("report")
        return reports.write(rows, chosen, self.workdir, self.layout.root, self._data_dir)

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
