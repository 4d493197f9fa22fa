"""From files and bindings to gin's configuration, of which there is one in a process."""

import importlib.resources
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import gin

from lth_tf import training
from lth_tf.config.failures import ConfigError, explained

BINDINGS = "--gin_bindings: "


def shipped_files() -> Path | None:
    """The folder of the gin files that come with the package; None if they are not installed."""
    package = Path(str(importlib.resources.files("lth_tf")))
    # Installed they lie inside the package; in a clone, beside it.
    places = (package / "gin", package.parent / "gin")
    return next((place for place in places if (place / "papers").is_dir()), None)


def parse(
    files: Sequence[str],
    bindings: Sequence[str],
    point: Sequence[str] = (),
    configure: Callable[[int], object] | None = None,
) -> dict[str, str]:
    """Makes gin's configuration anew; returns the texts by what they are, {} for a line's number.

    Args:
      point: further statements; a file that one includes stands before the bindings.
      configure: as for `load`.
    """
    gin.clear_config()
    shipped = shipped_files()
    if shipped and str(shipped) not in gin.config._LOCATION_PREFIXES:
        gin.add_config_file_search_path(str(shipped))
    texts = {f"--gin_file={file}": _find(file, shipped) for file in files}
    _import_from([Path.cwd(), *(path.absolute().parent for path in texts.values())])
    for flag, path in texts.items():
        with explained(f"{flag}: "):
            gin.parse_config_file(str(path), print_includes_and_imports=False)
    included = [statement for statement in point if statement.startswith("include ")]
    _parse_statements(included)
    with explained(BINDINGS):
        gin.parse_config(list(bindings))
    _parse_statements([statement for statement in point if statement not in included])
    with explained(""):
        gin.finalize()
        if gin.config._IMPORTS:
            _configure_numerics(configure)
    read = {f"{flag}, line {{}}: ": path.read_text() for flag, path in texts.items()}
    return read | {BINDINGS: "\n".join(bindings)}


def _import_from(folders: Sequence[Path]) -> None:
    """Lets gin files import modules that lie here or beside them, after what is installed.

    An installed command, unlike `python FILE`, has neither place in its path.
    """
    sys.path += [str(folder) for folder in folders if str(folder) not in sys.path]


def _parse_statements(statements: Sequence[str]) -> None:
    for statement in statements:
        with explained(f"{statement}: "):
            gin.parse_config(statement)


def _find(file: str, shipped: Path | None) -> Path:
    """The path of a gin file, given by a user as one from here or among the shipped ones."""
    for path in (Path(file), *([shipped / file] if shipped else [])):
        if path.is_file():
            return path
    also = f" nor among the shipped files in {shipped}" if shipped else ""
    raise ConfigError(f"--gin_file={file}: there is no such file here{also}")


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
