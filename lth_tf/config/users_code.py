"""Finds the line of a user's own module, imported by a gin file, that an error comes from."""

import functools
import re
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import lth_tf

# The lines that gin appends to a message.
_OF_GIN = re.compile(
    r"\n\s*(In call to configurable |In file |In bindings string |No values supplied by Gin ).*",
    re.S,
)
_INSTALLED = {"site-packages", "dist-packages"}
_ADDRESS = re.compile(r"( at)? 0x[0-9a-fA-F]{6,}")


def users_place(error: BaseException) -> str | None:
    """Returns the innermost line of a user's code that an error went through, as 'net.py, line 7'.

    None if it went through none.
    """
    if isinstance(error, SyntaxError) and str(error.filename).endswith(".py"):
        return _place(str(error.filename), error.lineno) if _is_users(error.filename) else None
    frames = _users_frames(error)
    return _place(frames[-1].filename, frames[-1].lineno) if frames else None


def raised_in_words(error: BaseException) -> str:
    """Returns an error's type and message in one line, the same from run to run."""
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        return f"{kind}: {error.msg}"
    message = "; ".join(line.strip() for line in plain(str(error)).splitlines() if line.strip())
    if not message:
        frames = _users_frames(error)
        message = frames[-1].line or "" if frames else ""
    return f"{kind}: {message}"


def plain(message: str) -> str:
    """Returns a message without gin's additions and without addresses of objects."""
    return _ADDRESS.sub("", _OF_GIN.sub("", message))


def users_modules() -> Iterator[ModuleType]:
    """Yields the modules of a user's own that are imported."""
    modules = list(sys.modules.values())
    yield from (module for module in modules if _is_users(getattr(module, "__file__", None)))


def know_main_by_its_name() -> None:
    """Makes the program that runs and the module that a gin file imports by its name one.

    `python my_experiment.py` is the module __main__; imported as my_experiment, too, it would
    register everything twice.
    """
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if main is None or not file or not file.endswith(".py"):
        return
    name = main.__spec__.name if main.__spec__ else Path(file).stem
    if _is_users(file):
        sys.modules.setdefault(name, main)


def _is_users(file: str | None) -> bool:
    """Returns whether a file is a user's: not Python's, not an installed package's, not ours."""
    if not file or file.startswith("<") or _INSTALLED & set(Path(file).parts):
        return False
    return not file.startswith(_not_users())


@functools.cache
def _not_users() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {Path(paths[name]) for name in ("stdlib", "platstdlib")}
    folders |= {folder.resolve() for folder in folders} | {Path(lth_tf.__file__).parent}
    return tuple(sorted(f"{folder}/" for folder in folders))


def _users_frames(error: BaseException) -> list[traceback.FrameSummary]:
    return [f for f in traceback.extract_tb(error.__traceback__) if _is_users(f.filename)]


def _place(file: str, line: int | None) -> str:
    """Returns 'file:line', with the path from the current folder if it lies below."""
    path, here = Path(file).absolute(), Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}, line {line}"
