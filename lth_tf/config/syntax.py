"""gin files as text: statements are read without looking up what they refer to."""

from gin import config_parser


class _Text(str):
    """A reference in a gin file, shown as it was written."""

    __repr__ = str.__str__


class Names(config_parser.ParserDelegate):
    """Lets gin's parser read bindings without looking up what they refer to."""

    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> _Text:
        """Returns the text of a reference."""
        return _Text(f"@{scoped_configurable_name}" + ("()" if evaluate else ""))

    def macro(self, scoped_name: str) -> _Text:
        """Returns the text of a macro."""
        return _Text(f"%{scoped_name}")
