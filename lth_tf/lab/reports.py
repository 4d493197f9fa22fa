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
    """A page that was written; printed, it says where it is and what is on it.

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
    """Writes a page on rows and adds its pictures to the overview; returns where it is.

    Args:
      paper: what is shown beside them; None for the rows alone, and a page, index.html, on how much
        of each paper they are.
      workdir: where the page lies, in `report`.
      store: what is in it costs nothing.
      data_dir: folder of the TFDS datasets; None for TFDS's own.
    """
    made = report.make(rows, paper, PaperFiles(paper.key)) if paper else report.make_own(rows)
    commands = Commands(str(workdir), store, data_dir)
    written, *pictures = page.write(made, workdir / "report", commands)
    overview.add(pictures, workdir, f"report_{written.stem}")
    of_all = None
    if not paper:
        every = (report.make(rows, one, PaperFiles(one.key)) for one in map(load, PAPERS) if one)
        of_all = index.write(every, workdir / "report", commands, COSTS)
    return ReportPage(written, written.with_suffix(""), tuple(tables.in_short(made)), of_all)
