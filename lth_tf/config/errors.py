"""Errors that gin raises about files and bindings, as one line."""

import contextlib
import tokenize
from collections.abc import Iterator

from lth_tf.config.error_messages import explain
from lth_tf.config.registry import REGISTERED
from lth_tf.config.users_code import users_place, what_was_raised
from lth_tf.errors import UserError
from lth_tf.recipes import RecipeError

_GIN_ERRORS = (
    *(ValueError, TypeError, SyntaxError, ImportError, OSError, RuntimeError),
    tokenize.TokenError,
)


class ConfigError(UserError):
    """A gin file or binding that cannot be used: one line naming it, and what is allowed."""


@contextlib.contextmanager
def explained(where: str) -> Iterator[None]:
    """Turns gin's errors about a user's files and bindings into an error of one line.

    What a user's own code raises, which gin imports and calls, names its file and line.

    Args:
      where: what the line begins with.
    """
    try:
        yield
    except UserError as error:
        # gin adds lines of its own to the message, and makes the type a new one.
        kind = RecipeError if isinstance(error, RecipeError) else ConfigError
        line = str(error).strip().splitlines()[0]
        own = users_place(error)
        raise kind(f"{own}: {line}" if own else line) from None
    except (Exception, SystemExit) as error:
        if place := users_place(error):
            raise ConfigError(f"{where}{place}: {what_was_raised(error)}") from None
        if not isinstance(error, _GIN_ERRORS):
            raise
        raise ConfigError(where + explain(error, where, REGISTERED)) from None
