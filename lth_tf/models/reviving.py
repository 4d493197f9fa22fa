"""Layers and classes of a user's own, from their configurations; Keras' errors in one line."""

import contextlib
import functools
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from lth_tf.models.lazy import keras


def transformed(value: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    """Returns a JSON value with `change` applied to every object in it, innermost first."""
    if isinstance(value, list):
        return [transformed(v, change) for v in value]
    if not isinstance(value, dict):
        return value
    return change({k: transformed(v, change) for k, v in value.items()})


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yields every object in a JSON value, outermost first."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from objects(child)


def own_classes(config: Any) -> "contextlib.AbstractContextManager[None]":
    """Registers the user's own classes in a configuration with Keras while it is read.

    Raises:
      ValueError: a class is not at the top of a module that can be imported.
    """
    return keras.saving.custom_object_scope(dict(_own_classes(config)))


def revived(kind: type, config: dict[str, Any]) -> "keras.Layer":
    """Returns a layer made from its configuration, even if its __init__ takes no name.

    Raises:
      TypeError, ValueError, NotImplementedError: the class does not take its configuration.
    """
    parameters = inspect.signature(kind.__init__).parameters  # type: ignore[misc]
    refused = {"name", "trainable", "dtype"} - set(parameters)
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        refused = set()
    layer = kind.from_config({k: v for k, v in config.items() if k not in refused})  # type: ignore[attr-defined]
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


def _own_classes(config: Any) -> Iterator[tuple[str, Any]]:
    """Yields the registered name of every class in a configuration that is not Keras' own."""
    for value in objects(config):
        if _is_own(value):
            kind = _class_of(value["module"], value["class_name"])
            is_layer = "dtype" in value["config"] or "trainable" in value["config"]
            name = value.get("registered_name") or value["class_name"]
            # Of a layer's class, Keras calls nothing else.
            reviver = SimpleNamespace(from_config=functools.partial(revived, kind))
            yield name, reviver if is_layer else kind


def _is_own(value: dict[str, Any]) -> bool:
    """Returns whether a JSON object describes an object of a class of a user's own."""
    module = value.get("module")
    is_object = isinstance(value.get("config"), dict) and isinstance(value.get("class_name"), str)
    others = ("keras", "builtins", "lth_tf")
    return is_object and isinstance(module, str) and module.split(".")[0] not in others


def _class_of(module: str, name: str) -> type:
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
