"""Reports about a store for people: tables of its content, and why an artifact is there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lth_tf import provenance
from lth_tf.store import checks, journal
from lth_tf.store.inspect import Inventory, is_state, size_bytes
from lth_tf.store.plan import duration

# Lines of one kind that are shown.
_LONGEST_LIST = 20


def runs(inventory: Inventory) -> list[list[str]]:
    """Returns a table of the runs, heading first: description, states, size, time and users."""
    heading = ["run", "what it is", "states", "size", "trained", "experiments"]
    return [heading, *(_run(inventory, key) for key in inventory.runs)]


def _run(inventory: Inventory, key: str) -> list[str]:
    paths = inventory.paths[key]
    what = inventory.recipes[key].text.removeprefix(f"run {key[:10]} ")
    entries = _journal(paths)
    if any(path.name == "diverged.state" for path in paths):
        what += ", diverged"
    if len(provenance.kinds(entries)) > 1:
        what += ", under several settings"
    seconds = sum(entry["seconds"] for entry in entries)
    users = str(len(inventory.experiments(key)))
    return [key[:10], what, _steps(paths), size(size_bytes(paths)), duration(seconds), users]


def _steps(paths: Sequence[Path]) -> str:
    """Returns the steps whose states are kept: '0 and 600', or '0 to 600 (26)' if many."""
    states = map(checks.step_of, paths)
    steps = [f"{step:,}" for step in states if step is not None]
    if len(steps) > 3:
        return f"{steps[0]} to {steps[-1]} ({len(steps)})"
    return " and ".join(steps) or "none"


def _journal(paths: Sequence[Path]) -> list[dict[str, Any]]:
    return [entry for path in paths if path.suffix == ".jsonl" for entry in journal.read(path)]


def totals(inventory: Inventory) -> list[list[str]]:
    """Returns a table of the number and size of the files of every kind."""
    files = [path for paths in inventory.paths.values() for path in paths]
    damaged = list(inventory.layout.root.glob("damaged/*"))
    kinds = {
        "states": [path for path in files if is_state(path)],
        "recovery states": [path for path in files if path.name == "recovery.state"],
        "records": [path for path in files if path.suffix == ".record"],
        "masks": [path for path in files if path.suffix == ".mask"],
        "measurements": [path for path in files if path.suffix == ".numbers"],
        "damaged, set aside": damaged,
        "all": files + damaged,
    }
    lines = [[name, str(len(paths)), size(size_bytes(paths))] for name, paths in kinds.items()]
    registered = [["experiments", str(len(inventory.documents)), ""]]
    return [["kind", "files", "size"], *lines, *registered]


def notes(inventory: Inventory) -> list[str]:
    """Returns notes, a line each, about stray files and training on several kinds of machine."""
    lines = [f"left alone, as no file here is named so: {path}" for path in inventory.strays]
    entries = [entry for paths in inventory.paths.values() for entry in _journal(paths)]
    mixture = provenance.mixture(entries, "stretches of training")
    return lines + ([mixture] if mixture else [])


def explanation(inventory: Inventory, prefix: str) -> str:
    """Returns the parts, users, files and journal of the recipe whose key begins with a prefix.

    Raises:
      StoreError: no key begins like that, or several do.
    """
    key = inventory.find(prefix)
    for document in inventory.documents:
        if document["configuration"] == key:
            return _experiment(inventory, document)
    recipe, recipes = inventory.recipes[key], inventory.recipes
    paths = inventory.files(key)
    trainer = inventory.trainer(key)
    blocks = {
        "made from": [_line(recipes, child) for child in recipe.children],
        "used directly by": [_line(recipes, user) for user in inventory.users(key)],
        "part of the experiments": [
            f"{d['experiment']}  {d['configuration'][:10]}  {d['workdir']}"
            for d in inventory.experiments(key)
        ],
        "files": [f"{size(size_bytes([path])):>9}  {path}" for path in paths],
        "trained": [_entry(entry) for entry in _journal(paths)],
        "being trained now by": [trainer] if trainer else [],
    }
    return _report(f"{recipe.text}\nkey {key}", blocks)


def _experiment(inventory: Inventory, document: dict[str, Any]) -> str:
    measured = [_line(inventory.recipes, key) for key in document["measurements"]]
    title = f"experiment {document['experiment']}\nkey {document['configuration']}"
    blocks = {"workdir": [document["workdir"]], "measurements": measured}
    return _report(title, blocks)


def _line(recipes: dict, key: str) -> str:
    """Returns a recipe's key and text; the text of a run begins with its key already."""
    text = recipes[key].text if key in recipes else "not known"
    return f"{key[:10]}  {text.removeprefix(f'run {key[:10]} ')}"


def _report(title: str, lists: dict[str, list[str]]) -> str:
    blocks = [title]
    for name, lines in lists.items():
        if lines or name in ("part of the experiments", "files"):
            items = lines[:_LONGEST_LIST] or ["none"]
            if len(lines) > _LONGEST_LIST:
                items.append(f"and {len(lines) - _LONGEST_LIST:,} more")
            blocks.append("\n  ".join([name, *items]))
    return "\n\n".join(blocks)


def _entry(entry: dict[str, Any]) -> str:
    steps = f"steps {entry['first_step']:,} to {entry['last_step']:,}"
    settings = provenance.values(entry)
    device = settings.pop("device", "an unknown device")
    where = ", ".join([device, *(f"{name} {value}" for name, value in settings.items())])
    return f"{entry['utc']}  {steps} in {entry['seconds']:.1f} s on {where}"


def size(count: float) -> str:
    """Returns a number of bytes for people: '312 B', '4.1 kB', '20.0 MB'."""
    if count < 1000:
        return f"{count} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 999.95:  # from there on it would be rounded to 1000.0
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} TB"
