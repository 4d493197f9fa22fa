"""Layers and classes of a user's own, from their configurations; Keras' errors in one line."""

import contextlib
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def own_classes(config: Any) -> "contextlib.AbstractContextManager[None]":
    """Registers the user's own classes in a configuration with Keras while it is read.

    Raises:
      ValueError: a class is not at the top of a module that can be imported.
    """
    import keras

    return keras.saving.custom_object_scope(dict(_own_classes(config)))


def revived(kind: type, config: dict[str, Any]) -> "keras.Layer":
    """Returns a layer made from its configuration, even if its __init__ takes no name.

    Raises:
      TypeError, ValueError, NotImplementedError: the class does not take its configuration.
    """
    parameters = inspect.signature(kind.__init__).parameters.values()  # type: ignore[misc]
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
    accepted = {p.name for p in parameters}
    dropped = {f for f in ("name", "trainable", "dtype") if not (anything or f in accepted)}
    layer = kind.from_config({k: v for k, v in config.items() if k not in dropped})  # type: ignore[attr-defined]
    layer.name = config.get("name", layer.name)
    return layer


def one_line(error: Exception) -> str:
    """Returns the line of Keras' or TensorFlow's error message that names the problem."""
    text = str(getattr(error, "message", None) or error)
    text = re.sub(r"\x1b\[\d+m|\{\{[^}]*\}\}", "", text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    inner = [line for line in lines if line.startswith("Exception encountered: ")]
    if inner:  # What comes before is the whole configuration.
        return inner[-1].removeprefix("Exception encountered: ").rstrip(".")
    called = "Exception encountered when calling "
    if len(lines) > 1 and lines[0].startswith(called):
        return f"{lines[0].removeprefix(called)} {lines[1]}".rstrip(".")
    return lines[0].rstrip(".") if lines else type(error).__name__


class _Reviver:
    """A stand-in for a class of a user's own while Keras reads a configuration."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def from_config(self, config: dict[str, Any]) -> Any:
        return revived(self._kind, config)


def _own_classes(value: Any) -> Iterator[tuple[str, Any]]:
    """Yields the registered name of every class in a configuration that is not Keras' own."""
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict) and _is_own(value):
        kind = _found(value["module"], value["class_name"])
        named = value.get("registered_name") or value["class_name"]
        is_layer = "dtype" in value["config"] or "trainable" in value["config"]
        yield named, _Reviver(kind) if is_layer else kind
    if isinstance(value, (dict, list)):
        for child in children:
            yield from _own_classes(child)


def _is_own(value: dict[str, Any]) -> bool:
    module = value.get("module")
    is_object = isinstance(value.get("config"), dict) and isinstance(value.get("class_name"), str)
    kept = ("keras", "builtins", "lth_tf")
    return is_object and isinstance(module, str) and module.split(".")[0] not in kept


def _found(module: str, name: str) -> type:
    """Returns a class of a module; the module is imported if it is not yet."""
    try:
        kind = getattr(sys.modules.get(module) or importlib.import_module(module), name, None)
    except ImportError:
        kind = None
    if not isinstance(kind, type):
        raise ValueError(
            f"{name} is not found in the module {module!r}; define it at the top of a module "
            "that can be imported"
        )
    return kind
