"""lth_tf: lottery tickets and linear mode connectivity, reproducibly, in TensorFlow."""

import importlib
import os
from typing import Any

__version__ = "0.1.0"

# TensorFlow looks when it is loaded. Left to itself, it turns oneDNN on only where it sees
# AVX-512: without, convolutions take 1.6 to 1.8 times as long, and round otherwise.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

# Packages and names that `import lth_tf` gives; each is loaded on its first use.
_PARTS = ("data", "experiments", "measurements", "models", "recipes", "training")
_NAMES = {"Lab": "lth_tf.lab", "register": "lth_tf.config", "from_keras": "lth_tf.models"}
__all__ = ["__version__", *_NAMES, *_PARTS]


def __getattr__(name: str) -> Any:
    """Returns a part or a name of the package, which is loaded now."""
    if name in _PARTS:
        return importlib.import_module(f"lth_tf.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'lth_tf' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Returns the package's names, for completion, without the modules that it imports itself."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
