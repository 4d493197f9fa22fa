"""Parses files and bindings into gin's configuration, of which there is one in a process."""

import importlib.resources
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import gin

from lth_tf import training
from lth_tf.config.errors import ConfigError, explained
from lth_tf.config.reading import located, reading
from lth_tf.config.users_code import know_main_by_its_name
from lth_tf.errors import shortened

BINDINGS = "gin_bindings"
LONG = 300  # characters of a binding that messages show


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
      configure: as for `load`.
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
    with reading() as texts:
        for file, path in paths.items():
            with explained(f"gin_file={file}"):
                gin.parse_config_file(str(path), print_includes_and_imports=False)
        included = [statement for statement in point if statement.startswith("include ")]
        for statement in included:
            with explained(shortened(statement, LONG)):
                gin.parse_config(located(statement, texts))
        labeled = [(f"{BINDINGS}={shortened(each, LONG)}", each) for each in bindings]
        labeled += [(shortened(each, LONG), each) for each in point if each not in included]
        for label, statement in labeled:
            with explained(label):
                gin.parse_config(statement)
    with explained():
        gin.finalize()
        if gin.config._IMPORTS:
            _configure_numerics(configure)
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


def _configure_numerics(configure: Callable[[int], object] | None) -> None:
    """Sets TensorFlow up as Hparams have it: to build a user's own Keras model starts it.

    Raises:
      ConfigError: it has started already.
    """
    from lth_tf.training import numerics

    try:
        (configure or numerics.configure)(gin.get_configurable(training.Hparams)().threads)
    except numerics.StartedAlready as error:
        raise ConfigError(
            "a module that a gin file imports builds a model while it is imported: let a "
            f"function build it, and register that ({error})"
        ) from None
