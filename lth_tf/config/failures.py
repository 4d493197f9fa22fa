"""What gin raises about what a user wrote, as an error of one line."""

import contextlib
import tokenize
from collections.abc import Iterator

import gin
from gin.resource_reader import system_path_reader

from lth_tf.config.registry import REGISTERED
from lth_tf.errors import UserError
from lth_tf.explanations import explain
from lth_tf.recipes import RecipeError

_GIN_ERRORS = (
    *(ValueError, TypeError, SyntaxError, ImportError, OSError, RuntimeError),
    tokenize.TokenError,
)


class ConfigError(UserError):
    """A gin file or binding that cannot be used: one line naming it, and what is allowed."""


@contextlib.contextmanager
def explained(where: str) -> Iterator[None]:
    """Turns what gin raises about what a user wrote into an error of one line."""
    try:
        with _plain_files():
            yield
    except UserError as error:
        # gin adds lines of its own to the message, and makes the type a new one.
        kind = RecipeError if isinstance(error, RecipeError) else ConfigError
        raise kind(str(error).strip().splitlines()[0]) from None
    except _GIN_ERRORS as error:
        raise ConfigError(where + explain(error, REGISTERED)) from None


@contextlib.contextmanager
def _plain_files() -> Iterator[None]:
    """Keeps gin from looking for files in packages meanwhile: it logs an error for each that is
    not there, and fails at a folder that happens to be importable, such as 'models' in PYTHONPATH.
    """
    readers = gin.config._FILE_READERS[:]
    gin.config._FILE_READERS[:] = [r for r in readers if r[0] is not system_path_reader]
    try:
        yield
    finally:
        gin.config._FILE_READERS[:] = readers
