"""The figures of a workdir, as files that a notebook shows."""

from collections.abc import Callable
from pathlib import Path

from lth_tf.figures import standard
from lth_tf.log.schema import Row


class Picture:
    """A figure, a PNG file, which a notebook shows.

    Attributes:
      path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"Picture({str(self.path)!r})"

    def _repr_png_(self) -> bytes:
        """Returns what a notebook shows."""
        return self.path.read_bytes()


def draw(rows: list[Row], workdir: Path, say: Callable[[str], None]) -> list[Path]:
    """Draws every figure that there are rows for, into WORKDIR/figures; returns their paths.

    Args:
      say: told what was left out, and why, a line each.
    """
    return standard.draw_all(rows, workdir / "figures", say)
