"""The inventory of a store: its files, their recipes and users, from names, headers and registry.

Nothing is written, and TensorFlow is not needed: it works on another user's store, while runs are
trained there, in a fraction of a second.
"""

import functools
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lth_tf import untrusted
from lth_tf.recipes import At
from lth_tf.store import checks, files, format_file, leases, registry
from lth_tf.store.layout import Layout


class Summary(NamedTuple):
    """A recipe as a file or the registry describes it: a line, and the keys of its children."""

    text: str
    children: tuple[str, ...]


class Inventory:
    """The content of a store at one moment.

    The configuration with the key `without` is left out, as if it had never been registered.

    Attributes:
      layout: the paths of its artifacts.
      documents: of every registered experiment, as lth_tf.store.registry writes them.
      registered: key -> every recipe that some experiment uses.
      paths: key of a run, mask or measurement -> its files.
      strays: files among them whose names no artifact has; they are left alone.

    Raises:
      StoreError: there is no store, it is of a newer version, or its registry is damaged.
    """

    def __init__(self, root: Path, without: str | None = None) -> None:
        _check_root(root)
        self.layout = Layout(root)
        self.documents = [
            d for d in registry.registered(self.layout) if d["configuration"] != without
        ]
        self.registered = {
            key: Summary(recipe["text"], tuple(recipe["children"]))
            for document in self.documents
            for key, recipe in document["recipes"].items()
        }
        self.paths: dict[str, list[Path]] = {}
        self.strays: list[Path] = []
        for key, path in sorted(self.layout.files()):
            if checks.is_stray(path):
                self.strays.append(path)
            else:
                self.paths.setdefault(key, []).append(path)

    @functools.cached_property
    def recipes(self) -> dict[str, Summary]:
        """Every recipe by key: the registered ones, then those that only files describe."""
        recipes = dict(self.registered)
        for key, paths in self.paths.items():
            if key not in self.registered:
                recipes[key] = Summary("not known: no file of it has a readable header", ())
                for path in paths:
                    recipes |= _summaries(path)
        return recipes

    @property
    def runs(self) -> list[str]:
        """The keys of all runs that have files: registered ones first, each after its parents."""
        keys = {key for key, paths in self.paths.items() if paths[0].parent.name == key}
        return [key for key in self.recipes if key in keys]

    def users(self, key: str) -> list[str]:
        """Returns the keys of all recipes that are directly made from one."""
        return [user for user, recipe in self.recipes.items() if key in recipe.children]

    def experiments(self, key: str) -> list[dict[str, Any]]:
        """Returns the documents of the experiments that include a recipe."""
        return [document for document in self.documents if key in document["recipes"]]

    def trainer(self, run: str) -> str | None:
        """Returns the process that is training a run, such as 'process 1234 on node7', or None."""
        return leases.living_holder(self.layout.leases, run)

    def files(self, key: str) -> list[Path]:
        """Returns the files of a run, a mask or a measurement, or the one of a state."""
        if key in self.paths:
            return self.paths[key]
        of_runs = (p for child in self.recipes[key].children for p in self.paths.get(child, ()))
        headers = ((path, checks.read_header(path)) for path in of_runs if is_state(path))
        return [path for path, header in headers if header and state_key(header) == key]

    def find(self, prefix: str) -> str:
        """Returns the only key of a recipe or an experiment with a prefix, as `unique_key`."""
        keys = dict.fromkeys([*self.recipes, *(d["configuration"] for d in self.documents)])
        return unique_key(keys, prefix, f"recipe or experiment in {self.layout.root}")


def unique_key(keys: Iterable[str], prefix: str, what: str) -> str:
    """Returns the only key that begins with a prefix; otherwise StoreError names the candidates.

    Args:
      what: a noun for the error, such as 'recipe'.
    """
    if not prefix:
        raise files.StoreError(f"an empty key names no {what}: give its beginning")
    matches = [key for key in keys if key.startswith(prefix)]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise files.StoreError(f"there is no {what} whose key begins with {prefix!r}")
    candidates = ", ".join(key[: max(10, len(prefix) + 4)] for key in matches[:5])
    more = f" and {len(matches) - 5} more" if len(matches) > 5 else ""
    raise files.StoreError(
        f"{prefix!r} is the beginning of {len(matches)} keys: {candidates}{more}"
    )


def size_bytes(paths: Iterable[Path]) -> int:
    """Returns the total size of files; those that are gone by now do not count."""
    return sum(stat.st_size for stat in map(_stat, paths) if stat)


def age_seconds(path: Path) -> float:
    """Returns the time since a file's last change; infinity if there is none."""
    stat = _stat(path)
    return time.time() - stat.st_mtime if stat else float("inf")


def is_state(path: Path) -> bool:
    """Returns whether a file is a state that a recipe may name; a recovery state is not."""
    return checks.step_of(path) is not None


def state_key(header: dict[str, Any]) -> str:
    """Returns the key of the At(run, step) of a state, from the header of its file alone."""
    return hashlib.sha256(_canonical_state(header).encode()).hexdigest()


def _canonical_state(header: dict[str, Any]) -> str:
    fields = {"run": {"key": header["key"]}, "step": header["step"]}
    document = {"recipe": "At", "numerics": At.VERSION, "fields": fields}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def _summaries(path: Path) -> dict[str, Summary]:
    """Returns the recipes that a file describes, by key; none if it is damaged or no artifact."""
    header = checks.read_header(path) if path.suffix != ".jsonl" else None
    try:
        if header is None:
            return {}
        summaries = {header["key"]: _summary(header["recipe"])}
        if is_state(path):
            summaries[state_key(header)] = _summary(_canonical_state(header))
        return summaries
    except (ValueError, TypeError, KeyError, AttributeError):  # JSON, but of no recipe
        return {}


def _summary(canonical: str) -> Summary:
    """Returns a recipe's summary from its canonical JSON, in which its children are keys."""
    document = untrusted.json_value(canonical)
    values = {
        name: value["key"][:10] if isinstance(value, dict) else repr(value)
        for name, value in document["fields"].items()
    }
    fields = ", ".join(f"{name}={value}" for name, value in values.items())
    return Summary(f"{document['recipe']}({fields})", tuple(_keys(document["fields"].values())))


def _keys(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            yield value["key"]
        elif isinstance(value, list):
            yield from _keys(value)


def _check_root(root: Path) -> None:
    if not (root / "format.json").exists():
        raise files.StoreError(f"--store={root}: there is no store of lth_tf here{_hint(root)}")
    # It tries to write, which a reader of somebody else's store may not be allowed to.
    if os.access(root, os.W_OK):
        format_file.open_root(root)


def _hint(root: Path) -> str:
    """Returns a guess at the folder that was meant, or what is wrong with this one."""
    if (root / "store" / "format.json").exists():
        return f"; there is one at {root / 'store'}"
    if (root / "runs").is_dir():
        return f"; {format_file.no_marker(root)}"
    return "" if root.is_dir() else ", as that is no folder"


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return path.lstat()  # A link that leads back to itself.
