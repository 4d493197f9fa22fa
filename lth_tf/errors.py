"""The base of every error that is a user's to mend; binaries print it as one line, exit code 2."""


class UserError(Exception):
    """Bad input or surroundings: one line naming what is wrong, where, and what is allowed."""
