"""The base of errors in a user's input or environment; commands print them as one line, exit 2."""

LONGEST = 2000


class UserError(Exception):
    """Bad input or environment: one line naming what is wrong, where, and what is allowed.

    A message about an argument that is also a flag begins with its name, such as
    'workdir=runs/x: ' or 'gin_file is missing'; commands put -- before it.

    A message of more than `LONGEST` characters, which quotes a value too long to be read, is
    shortened in the middle: its beginning says what is wrong, its end what is allowed.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened(message))


def shortened(text: str, longest: int = LONGEST) -> str:
    """Returns a text of at most `longest` characters or so, shortened in the middle."""
    if len(text) <= longest:
        return text
    half = longest // 4
    return f"{text[:half]} ... ({len(text) - 2 * half:,} more characters) ... {text[-half:]}"
