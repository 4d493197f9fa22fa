"""Rows of a log as a table for Python: a list of dicts, or a pandas DataFrame."""

import html
from typing import Any

from lth_tf.analysis import where as selection
from lth_tf.analysis.table import as_table
from lth_tf.errors import UserError
from lth_tf.log.schema import Row


class RowTable(list[Row]):
    """Rows of a results log, each a dict (docs/results.md lists the fields)."""

    def where(self, *filters: str) -> "RowTable":
        """Returns the rows for which every filter holds, such as 'network=imp'.

        Raises:
          LogError: there is no such field, or it cannot have that value.
        """
        return RowTable(selection.where(self, filters))

    def flat(self) -> list[dict[str, Any]]:
        """Returns the rows as dicts of one level: each axis and each setting is a column."""
        return [_flat(row) for row in self]

    def to_pandas(self) -> Any:
        """Returns the rows as a pandas.DataFrame with the columns of `flat`.

        Raises:
          UserError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            problem = "pandas is not installed; flat() returns the same rows as dicts"
            raise UserError(f"to_pandas: {problem}") from None
        return pandas.DataFrame(self.flat())

    def __str__(self) -> str:
        return as_table(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Returns what a notebook shows."""
        return f"<pre>{html.escape(str(self))}</pre>"


def _flat(row: Row) -> dict[str, Any]:
    """Returns a row whose axes and settings stand beside its other fields."""
    nested = ("axes", "settings")
    own = {name: value for name, value in row.items() if name not in nested}
    return own | {k: v for name in nested for k, v in row.get(name, {}).items() if k not in own}
