"""Who asked for what: every experiment leaves a list of its recipes in the store."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lth_tf.recipes import Recipe, Train, dag
from lth_tf.store import files
from lth_tf.store.layout import Layout
from lth_tf.store.runs import describe


def register(
    layout: Layout, experiment: Recipe, workdir: Path, measurements: Iterable[Recipe]
) -> None:
    """Writes down that an experiment uses these measurements and all that they are made from."""
    measurements = list(measurements)
    recipes = dag(*measurements)
    document = {
        "experiment": type(experiment).__name__,
        "configuration": experiment.key,
        "workdir": str(workdir.resolve()),
        "measurements": [m.key for m in measurements],
        "recipes": {key: _document(recipe) for key, recipe in recipes.items()},
    }
    path = layout.experiments / f"{experiment.key}.json"
    files.replace(path, [json.dumps(document, indent=1).encode()])


def registered(layout: Layout) -> list[dict[str, Any]]:
    """The documents of all experiments that use the store, in the order of their files."""
    paths = sorted(layout.experiments.glob("*.json"))
    return [json.loads(path.read_text()) for path in paths]


def _document(recipe: Recipe) -> dict[str, Any]:
    text = describe(recipe) if isinstance(recipe, Train) else str(recipe)
    return {"text": text, "children": [child.key for child in recipe.children()]}
