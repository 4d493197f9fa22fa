"""What a store holds, why, and for whom: from its file names, headers and registry alone.

Nothing is written, and TensorFlow is not needed: it works on somebody else's store, while that is
being trained into, and in a fraction of a second.
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
from lth_tf.store import artifacts, checks, files, format_file, leases, registry
from lth_tf.store.layout import Layout

# An owner that lives shows it every few seconds; this allows for clocks that differ.
LEASE_LIFE_SECONDS = 3600.0


class Described(NamedTuple):
    """A recipe, as far as it can be said without building it.

    Attributes:
      text: one readable line.
      children: the keys of what it is made from.
    """

    text: str
    children: tuple[str, ...]


class Inventory:
    """What a store holds at one moment.

    Args:
      root: the store's folder.
      without: the key of a configuration to leave out, as if it had never been registered.

    Attributes:
      layout: where things lie.
      documents: of every registered experiment, as lth_tf.store.registry writes them.
      registered: key -> every recipe that some experiment uses.
      paths: key of a run, mask or measurement -> its files.
      strays: files among them whose names are none of ours; they are left alone.

    Raises:
      StoreError: there is no store, it is of a newer version, or its registry is damaged.
    """

    def __init__(self, root: Path, without: str | None = None) -> None:
        _check_root(root)
        self.layout = Layout(root)
        self.documents = [
            d for d in registry.registered(self.layout) if d["configuration"] != without
        ]
        self.registered: dict[str, Described] = {}
        for document in self.documents:
            for key, recipe in document["recipes"].items():
                self.registered[key] = Described(recipe["text"], tuple(recipe["children"]))
        self.paths: dict[str, list[Path]] = {}
        self.strays: list[Path] = []
        for key, path in sorted(self.layout.files()):
            if checks.is_stray(path):
                self.strays.append(path)
            else:
                self.paths.setdefault(key, []).append(path)

    @functools.cached_property
    def recipes(self) -> dict[str, Described]:
        """Every recipe by key: those registered, then those that only a file's header tells of."""
        found = dict(self.registered)
        for key, paths in self.paths.items():
            if key not in self.registered:
                found[key] = Described("not known: no file of it has a readable header", ())
                for path in paths:
                    found |= _described(path)
        return found

    @property
    def runs(self) -> list[str]:
        """The keys of all runs that have files: registered ones first, each after its parents."""
        there = {key for key, paths in self.paths.items() if paths[0].parent.name == key}
        return [key for key in self.recipes if key in there]

    def users(self, key: str) -> list[str]:
        """The keys of all recipes that are directly made from one."""
        return [user for user, recipe in self.recipes.items() if key in recipe.children]

    def experiments(self, key: str) -> list[dict[str, Any]]:
        """The documents of the experiments that include a recipe."""
        return [document for document in self.documents if key in document["recipes"]]

    def trainer(self, run: str) -> str | None:
        """Who is training a run right now, such as 'process 1234 on node7'; None if nobody is."""
        lives = leases.lives(self.layout.leases, run)
        lease = self.layout.leases / f"{run}.lease"
        if lives is None:  # A process of another machine: clocks may differ, but not by that much.
            lives = age_seconds(lease) < LEASE_LIFE_SECONDS
        return leases.holder(self.layout.leases, run) if lives else None

    def files(self, key: str) -> list[Path]:
        """The files of a run, a mask or a measurement, or the one of a state."""
        if key in self.paths:
            return self.paths[key]
        beside = (p for child in self.recipes[key].children for p in self.paths.get(child, ()))
        headers = ((path, read_header(path)) for path in beside if is_state(path))
        return [path for path, header in headers if header and state_key(header) == key]

    def find(self, prefix: str) -> str:
        """The only key, of a recipe or of an experiment, that begins with a prefix.

        Raises:
          StoreError: there is none, or more than one.
        """
        keys = dict.fromkeys([*self.recipes, *(d["configuration"] for d in self.documents)])
        return only(keys, prefix, f"recipe or experiment in {self.layout.root}")


def only(keys: Iterable[str], prefix: str, what: str) -> str:
    """The one key that begins with a prefix; StoreError naming the candidates otherwise."""
    found = [key for key in keys if key.startswith(prefix)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise files.StoreError(f"there is no {what} whose key begins with {prefix!r}")
    candidates = ", ".join(key[: max(10, len(prefix) + 4)] for key in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    raise files.StoreError(f"{prefix!r} is the beginning of {len(found)} keys: {candidates}{more}")


def size_bytes(paths: Iterable[Path]) -> int:
    """The size of files together; what is gone by now counts nothing."""
    return sum(stat.st_size for stat in map(_stat, paths) if stat)


def age_seconds(path: Path) -> float:
    """How long ago a file was last changed; infinite if there is none."""
    stat = _stat(path)
    return time.time() - stat.st_mtime if stat else float("inf")


def read_header(path: Path) -> dict[str, Any] | None:
    """The header of an artifact; None if it is gone, damaged, in another's place or none."""
    try:
        return checks.read_header(path)
    except (FileNotFoundError, artifacts.Damaged):
        return None


def is_state(path: Path) -> bool:
    """Whether a file is the state that some recipe names; a recovery state is not."""
    return checks.step_of(path) is not None


def state_key(header: dict[str, Any]) -> str:
    """The key of At(run, step), of which only the header of its file is at hand."""
    fields = {"run": {"key": header["key"]}, "step": header["step"]}
    numerics = untrusted.json_value(header["recipe"])["numerics"]
    document = {"recipe": "At", "numerics": numerics, "fields": fields}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _state_of(header: dict[str, Any]) -> Described:
    return Described(f"At(run={header['key'][:10]}, step={header['step']})", (header["key"],))


def _described(path: Path) -> dict[str, Described]:
    """The recipes that a file tells of, by key; none if it is damaged or no artifact."""
    header = read_header(path) if path.suffix != ".jsonl" else None
    try:
        if header is None:
            return {}
        found = {header["key"]: _from_canonical(header["recipe"])}
        return found | ({state_key(header): _state_of(header)} if is_state(path) else {})
    except (ValueError, TypeError, KeyError, AttributeError):  # JSON, but of no recipe
        return {}


def _from_canonical(canonical: str) -> Described:
    """A recipe from its canonical JSON, in which its children are keys."""
    document = untrusted.json_value(canonical)
    shown = (f"{name}={_show(value)}" for name, value in document["fields"].items())
    text = f"{document['recipe']}({', '.join(shown)})"
    return Described(text, tuple(_keys(document["fields"].values())))


def _show(value: Any) -> str:
    return value["key"][:10] if isinstance(value, dict) else repr(value)


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
    """What may have been meant by a folder that is no store."""
    if (root / "store" / "format.json").exists():
        return f"; there is one at {root / 'store'}"
    if (root / "runs").is_dir():
        return f"; {format_file.missing(root)}"
    return "" if root.is_dir() else ", as that is no folder"


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return path.lstat()  # A link that leads back to itself.
