"""Reads files for gin; an include is looked for beside the file that it stands in, too."""

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import gin

_INCLUDE = re.compile(r"""^(\s*include\s+)(['"])(.+?)\2""", re.MULTILINE)


class _Named(io.StringIO):
    """A text with the name of its file, which gin shows."""

    name = ""


class Files:
    """The files that gin reads for one configuration.

    Attributes:
      texts: those read so far, by their paths.
    """

    def __init__(self) -> None:
        self.texts: dict[Path, str] = {}

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Lets gin read files through this object meanwhile, and by no other way.

        gin's own ways include packages: it logs an error for each file that is not in one, and
        fails at a folder that happens to be importable, such as 'models' in PYTHONPATH.
        """
        readers = gin.config._FILE_READERS[:]
        gin.config._FILE_READERS[:] = [(self._open, lambda path: Path(path).is_file())]
        try:
            yield
        finally:
            gin.config._FILE_READERS[:] = readers

    def _open(self, path: str) -> io.StringIO:
        text = self.texts[Path(path)] = Path(path).read_text()
        named = _Named(_INCLUDE.sub(lambda include: _beside(Path(path), include), text))
        named.name = path
        return named

    def located(self, statement: str) -> str:
        """Returns an include statement of an axis, whose file may lie beside any that was read."""
        name = _INCLUDE.sub(r"\3", statement)
        prefixes = map(Path, gin.config._LOCATION_PREFIXES)
        if any((prefix / name).is_file() for prefix in prefixes):
            return statement
        places = (path.absolute().parent / name for path in self.texts)
        return next((f"include {str(p)!r}" for p in places if p.is_file()), statement)


def _beside(file: Path, include: re.Match[str]) -> str:
    """Returns an include statement, with the path of what lies beside its file if that is there."""
    path = file.absolute().parent / include[3]
    return f"{include[1]}{str(path)!r}" if path.is_file() else include[0]
