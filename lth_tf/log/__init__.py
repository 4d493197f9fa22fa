"""The log: fields of rows, and files of rows."""

from lth_tf.log.fields import (
    Axis,
    Field,
    NetworkKind,
    RowKind,
    measured,
    register_kind,
    register_network,
)

__all__ = [
    "Axis", "Field", "NetworkKind", "RowKind", "measured", "register_kind", "register_network",
]  # fmt: skip
