"""The page on a workdir's log, as a file that a notebook links to."""

from dataclasses import dataclass
from pathlib import Path

from lth_tf.log.schema import Row
from lth_tf.papers import PAPERS, load
from lth_tf.papers.costs import COSTS
from lth_tf.report import index, page, report, tables
from lth_tf.report.commands import Commands, PaperFiles
from lth_tf.report.paper import Paper
from lth_tf.tensorboard import overview


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


def write(
    rows: list[Row], paper: Paper | None, workdir: Path, store: Path, data_dir: str | None
) -> ReportPage:
    """Writes a page on rows into WORKDIR/report and adds its pictures to the overview; returns it.

    Args:
      paper: whose data stand beside them; None for the rows alone, and a page, index.html, on how
        much of each paper they are.
      store: the folder of a store, whose artifacts cost nothing.
    """
    made = report.make(rows, paper, PaperFiles(paper.key)) if paper else report.make_own(rows)
    folder, commands = workdir / "report", Commands(str(workdir), store, data_dir)
    path, *pictures = page.write(made, folder, commands)
    overview.add(pictures, workdir, f"report_{path.stem}")
    of_all = None
    if not paper:
        papers = filter(None, map(load, PAPERS))
        reports = (report.make(rows, each, PaperFiles(each.key)) for each in papers)
        of_all = index.write(reports, folder, commands, COSTS)
    return ReportPage(path, path.with_suffix(""), tuple(tables.in_short(made)), of_all)
