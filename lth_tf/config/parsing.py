"""Parses files and bindings into gin's configuration, of which there is one in a process.

A file that another one includes is looked for beside that one, too.
"""

import contextlib
import importlib.resources
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import gin

from lth_tf import training
from lth_tf.config.errors import ConfigError, explained
from lth_tf.config.users_code import know_main_by_its_name
from lth_tf.errors import shortened

BINDINGS = "gin_bindings"
_LONG = 300  # characters of a binding that messages show
_INCLUDE = re.compile(r"""^(\s*include\s+)(['"])(.+?)\2""", re.MULTILINE)


class Source(NamedTuple):
    """A text that a user gave.

    Attributes:
      label: the beginning of messages about it.
      text: statements of gin.
      file: the file that it is from; '' if it is from a flag.
    """

    label: str
    text: str
    file: str = ""


class Sources(NamedTuple):
    """The texts that a configuration was parsed from.

    Attributes:
      given: the texts of the user's files and flags.
      included: the texts of files that these include.
    """

    given: list[Source]
    included: set[str]


def shipped_files() -> Path | None:
    """Returns the folder of the package's gin files; None if they are not installed."""
    package = Path(str(importlib.resources.files("lth_tf")))
    # Installed they lie inside the package; in a clone, beside it.
    places = (package / "gin", package.parent / "gin")
    return next((place for place in places if (place / "papers").is_dir()), None)


def parse(
    files: Sequence[str],
    bindings: Sequence[str],
    point: Sequence[str] = (),
    configure: Callable[[int], object] | None = None,
) -> Sources:
    """Parses files and bindings into gin's configuration anew; returns their sources.

    Args:
      point: further statements; a file that one includes stands before the bindings.
      configure: sets TensorFlow up for Hparams.threads, which to build a user's own Keras model
        starts; None where none will be built.
    """
    gin.clear_config()
    shipped = shipped_files()
    if shipped and str(shipped) not in gin.config._LOCATION_PREFIXES:
        gin.add_config_file_search_path(str(shipped))
    paths = {file: _path(file, shipped) for file in files}
    # Modules that gin files import may lie here or beside them. An installed command, unlike
    # `python FILE`, has neither place in its path.
    folders = [Path.cwd(), *(path.absolute().parent for path in paths.values())]
    sys.path += [str(folder) for folder in folders if str(folder) not in sys.path]
    know_main_by_its_name()
    with _reading() as texts:
        for file, path in paths.items():
            with explained(f"gin_file={file}"):
                gin.parse_config_file(str(path), print_includes_and_imports=False)
        included = [statement for statement in point if statement.startswith("include ")]
        for statement in included:
            with explained(shortened(statement, _LONG)):
                gin.parse_config(_located(statement, texts))
        labeled = [(f"{BINDINGS}={shortened(each, _LONG)}", each) for each in bindings]
        labeled += [(shortened(each, _LONG), each) for each in point if each not in included]
        for label, statement in labeled:
            with explained(label):
                gin.parse_config(statement)
    with explained():
        gin.finalize()
        if configure and gin.config._IMPORTS:
            _configure(configure)
    given = [Source(f"gin_file={file}", p.read_text(), file) for file, p in paths.items()]
    further = {text for path, text in texts.items() if path not in paths.values()}
    return Sources([*given, Source(BINDINGS, "\n".join(bindings))], further)


def _path(file: str, shipped: Path | None) -> Path:
    """Returns the path of a gin file, given as one from here or among the shipped ones."""
    own = Path(os.path.expanduser(file))
    for path in (own, *([shipped / file] if shipped else [])):
        if path.is_file():
            return path
    also = f" nor among the shipped files in {shipped}" if shipped else ""
    raise ConfigError(f"gin_file={file}: there is no such file here{also}")


class _Named(io.StringIO):
    """A text with the name of its file, which gin prints."""

    name = ""


@contextlib.contextmanager
def _reading() -> Iterator[dict[Path, str]]:
    """Yields the texts of the files that gin reads meanwhile, by path; it reads in no other way.

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


def _located(statement: str, texts: dict[Path, str]) -> str:
    """Returns an include statement of an axis, whose file may lie beside any that was read."""
    name = _INCLUDE.sub(r"\3", statement)
    if any((Path(prefix) / name).is_file() for prefix in gin.config._LOCATION_PREFIXES):
        return statement
    places = (path.absolute().parent / name for path in texts)
    return next((f"include {str(path)!r}" for path in places if path.is_file()), statement)


def _configure(configure: Callable[[int], object]) -> None:
    """Sets TensorFlow up as Hparams have it; ConfigError if it has started already."""
    from lth_tf.training import numerics

    try:
        configure(gin.get_configurable(training.Hparams)().threads)
    except numerics.StartedAlready as error:
        raise ConfigError(
            "a module that a gin file imports builds a model while it is imported: let a "
            f"function build it, and register that ({error})"
        ) from None


def configure_numerics(threads: int) -> None:
    """Sets TensorFlow up for Hparams.threads (lth_tf.training.numerics.configure)."""
    from lth_tf.training import numerics

    numerics.configure(threads)
