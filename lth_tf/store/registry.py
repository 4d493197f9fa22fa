"""The registry: every experiment leaves a list of the recipes that it uses in the store."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lth_tf import untrusted
from lth_tf.recipes import Recipe, dag
from lth_tf.store import files
from lth_tf.store.layout import Layout

_FIELDS = {"experiment", "configuration", "workdir", "measurements", "recipes"}


def register(
    layout: Layout, experiment: Recipe, workdir: Path, measurements: Iterable[Recipe]
) -> None:
    """Registers that an experiment uses some measurements and everything they are made from."""
    measurements = list(measurements)
    document: dict[str, Any] = {
        "experiment": type(experiment).__name__,
        "configuration": experiment.key,
        "workdir": str(workdir.resolve()),
        "measurements": [m.key for m in measurements],
        "recipes": {
            key: {"text": recipe.describe(), "children": [child.key for child in recipe.children]}
            for key, recipe in dag(*measurements).items()
        },
    }
    document["checksum"] = _checksum(document)
    path = layout.experiments / f"{experiment.key}.json"
    files.replace(path, [json.dumps(document, indent=1).encode()])


def registered(layout: Layout) -> list[dict[str, Any]]:
    """Returns the documents of all experiments that use the store, in the order of their files.

    Raises:
      StoreError: one of them is damaged, so that the users of artifacts are not known.
    """
    return [_read(path) for path in sorted(layout.experiments.glob("*.json"))]


def _read(path: Path) -> dict[str, Any]:
    try:
        document = untrusted.json_value(untrusted.read_bytes(path))
        # Documents of earlier versions have no checksum.
        checksum = document.pop("checksum", None)
        sound = set(document) == _FIELDS and checksum in (None, _checksum(document))
        if sound and _has_right_types(document):
            return document
    except (ValueError, TypeError, KeyError, AttributeError, untrusted.NotRegular):
        pass
    raise files.StoreError(
        f"{path} is damaged, so it cannot be told who uses what: run its experiment once more, "
        "which writes it anew, or remove it"
    )


def _has_right_types(document: dict[str, Any]) -> bool:
    """Returns whether the fields of a document have the types that `register` gives them."""
    recipes = document["recipes"].values()
    lists = [document["measurements"], *(recipe["children"] for recipe in recipes)]
    texts = [document[name] for name in ("experiment", "configuration", "workdir")]
    texts += [recipe["text"] for recipe in recipes]
    texts += [key for keys in lists for key in keys]
    return all(isinstance(t, str) for t in texts) and all(isinstance(keys, list) for keys in lists)


def _checksum(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
