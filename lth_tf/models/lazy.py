"""Keras, imported when something of it is first used: recipes are planned without it."""

import importlib
from typing import TYPE_CHECKING, Any


class _Keras:
    """A stand-in for the module keras."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("keras"), name)


if TYPE_CHECKING:
    import keras as keras
else:
    keras = _Keras()
