"""Reads files for gin; an include is looked for beside the file that it stands in, too."""

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import gin

_INCLUDE = re.compile(r"""^(\s*include\s+)(['"])(.+?)\2""", re.MULTILINE)


class _Named(io.StringIO):
    """A text with the name of its file, which gin prints."""

    name = ""


@contextlib.contextmanager
def reading() -> Iterator[dict[Path, str]]:
    """Gives the texts of files, by their paths, that gin reads meanwhile, by no way but this.

    gin's own ways include packages: it logs an error for each file that is not in one, and fails
    at a folder that happens to be importable, such as 'models' in PYTHONPATH.
    """
    texts: dict[Path, str] = {}

    def opened(name: str) -> io.StringIO:
        path = Path(name)
        texts[path] = path.read_text()
        file = _Named(_INCLUDE.sub(lambda include: _beside(path, include), texts[path]))
        file.name = name
        return file

    readers = gin.config._FILE_READERS[:]
    gin.config._FILE_READERS[:] = [(opened, lambda name: Path(name).is_file())]
    try:
        yield texts
    finally:
        gin.config._FILE_READERS[:] = readers


def _beside(file: Path, include: re.Match[str]) -> str:
    """Returns an include statement, with the path of the file beside its own if there is one."""
    path = file.absolute().parent / include[3]
    return f"{include[1]}{str(path)!r}" if path.is_file() else include[0]


def located(statement: str, texts: dict[Path, str]) -> str:
    """Returns an include statement of an axis, whose file may lie beside any that was read."""
    name = _INCLUDE.sub(r"\3", statement)
    if any((Path(prefix) / name).is_file() for prefix in gin.config._LOCATION_PREFIXES):
        return statement
    places = (path.absolute().parent / name for path in texts)
    return next((f"include {str(path)!r}" for path in places if path.is_file()), statement)
